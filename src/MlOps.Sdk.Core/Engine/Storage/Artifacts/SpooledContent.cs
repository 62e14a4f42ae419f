using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MlOps.Sdk.Storage;

/// <summary>What was read from a stream: its name is known only once everything is read. Not thread-safe.</summary>
internal sealed class SpooledContent : IAsyncDisposable
{
    private const int BufferSize = 128 * 1024;

    private readonly bool _isOwn;

    private SpooledContent(Stream content, ReadOnlyMemory<byte> hash, bool isOwn)
    {
        (Content, Hash, Size, _isOwn) = (content, hash, content.Length, isOwn);
        content.Position = 0;
    }

    /// <summary>The bytes, which can be read from any position.</summary>
    public Stream Content { get; }

    /// <summary>The SHA-256 of the bytes.</summary>
    public ReadOnlyMemory<byte> Hash { get; }

    public ArtifactId Id => ArtifactId.FromHash(Hash.Span);

    /// <summary>The number of bytes.</summary>
    public long Size { get; }

    /// <summary>Reads what is left of a stream into a temporary file.</summary>
    /// <exception cref="MlOpsException">The temporary file cannot be written.</exception>
    public static async Task<SpooledContent> ReadAsync(Stream content, CancellationToken cancellationToken)
    {
        // Nobody else can change it: it need not be copied again.
        if (content is TemporaryFile { Position: 0 } own)
        {
            return new SpooledContent(own, await SHA256.HashDataAsync(own, cancellationToken).ConfigureAwait(false), isOwn: false);
        }
        var file = TemporaryFile.Create();
        try
        {
            return new SpooledContent(file, await CopyAsync(content, file, cancellationToken).ConfigureAwait(false), isOwn: true);
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Bytes that are in memory already.</summary>
    public static SpooledContent Of(ReadOnlyMemory<byte> content) => new(
        MemoryMarshal.TryGetArray(content, out var array)
            ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
            : new MemoryStream(content.ToArray(), writable: false),
        SHA256.HashData(content.Span),
        isOwn: true);

    public ValueTask DisposeAsync() => _isOwn ? Content.DisposeAsync() : ValueTask.CompletedTask;

    private static async Task<ReadOnlyMemory<byte>> CopyAsync(Stream content, Stream to, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return hash.GetHashAndReset();
    }
}
