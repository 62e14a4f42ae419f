using System.IO.Compression;
using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>A file of text, compressed or not, in whatever encoding, which is opened as UTF-8. Thread-safe.</summary>
/// <param name="Content">Its bytes.</param>
/// <param name="Name">What it is called in messages.</param>
internal sealed record TextFile(IFileContent Content, string Name)
{
    /// <summary>The largest text that a compressed file may hold, in bytes. Default: without limit.</summary>
    public long MaxUnpackedBytes { get; init; } = long.MaxValue;

    private const int Beginning = 64 * 1024;

    /// <summary>
    /// Opens the file; the caller closes it. UTF-8 that is not compressed is read directly, without a layer in between.
    /// </summary>
    /// <exception cref="MlOpsException">There is no such file, or it may not be read.</exception>
    public Stream Open(Encoding? encoding, CancellationToken cancellationToken)
    {
        var file = Content.Open(Name, cancellationToken);
        try
        {
            (file as IRangedFile)?.Expect(0, Beginning);
            Span<byte> start = stackalloc byte[4];
            var bytes = Start(file, start);
            Stream text = file;
            var isCompressed = bytes is [0x1F, 0x8B, ..];
            if (isCompressed)
            {
                using (var peek = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true))
                {
                    bytes = start[..peek.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
                }
                file.Position = 0;
                text = new GunzipStream(file, MaxUnpackedBytes, Name);
            }

            return EncodingOf(bytes, encoding) is { CodePage: not 65001 } other ? new DecodingStream(text, other) : text;
        }
        catch (InvalidDataException e)
        {
            file.Dispose();
            throw Damaged(e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads on a thread that may wait: one of its own where the bytes come from far, because those of the pool are few.</summary>
    public Task<T> RunAsync<T>(Func<T> read, CancellationToken cancellationToken) => Content.IsRemote
        ? Task.Factory.StartNew(
            read, cancellationToken, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default)
        : Task.Run(read, cancellationToken);

    public MlOpsException Damaged(InvalidDataException e) =>
        new("The compressed file is damaged or cut off.", "Write or download it again.", e) { DataSource = Name };

    private static ReadOnlySpan<byte> Start(Stream file, Span<byte> start)
    {
        var count = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start[..count];
    }

    // A byte order mark is what the file says of itself, so it goes before what was said of the file.
    private static Encoding? EncodingOf(ReadOnlySpan<byte> start, Encoding? given) => start switch
    {
        [0xEF, 0xBB, 0xBF, ..] => null,
        [0xFF, 0xFE, 0, 0] => Encoding.UTF32,
        [0, 0, 0xFE, 0xFF] => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => given,
    };
}
