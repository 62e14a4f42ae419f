using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MlOps.Sdk;

/// <summary>Writes values as lines of JSON, and computes the SHA-256 of them all. Not thread-safe.</summary>
internal sealed class ArchiveLines(Stream to) : IDisposable
{
    private static readonly byte[] s_end = [(byte)'\n'];

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    public async Task AddAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(value, type);
        await WriteAsync(line, cancellationToken).ConfigureAwait(false);
        await WriteAsync(s_end, cancellationToken).ConfigureAwait(false);
    }

    public string Hash() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();

    private async Task WriteAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await to.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        _hash.AppendData(bytes);
        Length += bytes.Length;
    }
}
