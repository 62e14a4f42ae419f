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

    // Enough of the text to tell two bytes a character from one.
    private const int Sample = 256;

    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>
    /// Opens the file; the caller closes it. UTF-8 that is not compressed is read directly, without a layer in between.
    /// </summary>
    /// <exception cref="MlOpsException">
    /// There is no such file, it may not be read, or it is UTF-16 or UTF-32 that nothing marks as such.
    /// </exception>
    public Stream Open(Encoding? encoding, CancellationToken cancellationToken)
    {
        var file = Content.Open(Name, cancellationToken);
        try
        {
            (file as IRangedFile)?.Expect(0, Beginning);
            Span<byte> start = stackalloc byte[Sample];
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

            var known = EncodingOf(bytes, encoding);
            if (known is not (UnicodeEncoding or UTF32Encoding)) RequireOneByte(bytes);
            if (known is { CodePage: not 65001 }) return new DecodingStream(text, known);
            for (; bytes.StartsWith(Mark) && bytes[Mark.Length..].StartsWith(Mark); bytes = bytes[Mark.Length..])
            {
                text.ReadExactly(start[..Mark.Length]);
            }
            return text;
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

    // Text of two or four bytes a character has a zero in every other one wherever it is Latin, and other text has none.
    private void RequireOneByte(ReadOnlySpan<byte> text)
    {
        Span<int> zeros = stackalloc int[4];
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == 0) zeros[i % 4]++;
        }

        var most = text.Length / 4 * 3 / 4;
        if (most == 0 || text.Length < 8) return;
        var encoding = (zeros[0] >= most, zeros[1] >= most, zeros[2] >= most, zeros[3] >= most) switch
        {
            (false, true, false, true) => ("UTF-16", "Encoding.Unicode"),
            (true, false, true, false) => ("UTF-16 (big-endian)", "Encoding.BigEndianUnicode"),
            (false, true, true, true) => ("UTF-32", "Encoding.UTF32"),
            (true, true, true, false) => ("UTF-32 (big-endian)", "new UTF32Encoding(bigEndian: true, byteOrderMark: false)"),
            _ => default((string Name, string Property)?),
        };
        if (encoding is not var (name, property)) return;
        throw new MlOpsException(
            $"The file looks like {name} without a byte order mark.",
            $"Set the encoding in the options of the file to {property}, or save the file as UTF-8.") { DataSource = Name };
    }

    // A byte order mark is what the file says of itself, so it goes before what was said of the file.
    private static Encoding? EncodingOf(ReadOnlySpan<byte> start, Encoding? given) => start switch
    {
        [0xEF, 0xBB, 0xBF, ..] => null,
        [0xFF, 0xFE, 0, 0, ..] => Encoding.UTF32,
        [0, 0, 0xFE, 0xFF, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
        [0xFF, 0xFE, ..] => Encoding.Unicode,
        [0xFE, 0xFF, ..] => Encoding.BigEndianUnicode,
        _ => given,
    };
}
