using System.Buffers;
using System.Security.Cryptography;

namespace MlOps.Sdk;

/// <summary>Copies streams, and computes the SHA-256 of what it copies.</summary>
internal static class HashedCopy
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Copies the rest of a stream.</summary>
    /// <param name="from">Read to its end.</param>
    /// <param name="to">Written to; <see cref="Stream.Null"/> to compute the hash alone.</param>
    /// <param name="copied">Hears how many bytes were copied, again and again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many bytes there were, and their hash.</returns>
    public static async Task<(long Length, string Sha256)> CopyAsync(
        Stream from, Stream to, Action<long> copied, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var length = 0L;
            int read;
            while ((read = await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                length += read;
                copied(read);
            }

            return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Copies the rest of a stream into a new file, which is on the disk then.</summary>
    public static async Task<(long Length, string Sha256)> CopyToFileAsync(
        Stream from, Func<FileStream> create, Action<long> copied, CancellationToken cancellationToken)
    {
        var file = create();
        await using (file.ConfigureAwait(false))
        {
            var result = await CopyAsync(from, file, copied, cancellationToken).ConfigureAwait(false);
            file.Flush(flushToDisk: true);
            return result;
        }
    }
}
