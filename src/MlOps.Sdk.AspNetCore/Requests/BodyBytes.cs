using System.Buffers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The bytes of a body in memory that is given back at the end. Not thread-safe.</summary>
internal sealed class BodyBytes(byte[] bytes, int length) : IDisposable
{
    private byte[]? _bytes = bytes;

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, length);

    public void Dispose()
    {
        if (_bytes is not { } bytes) return;
        _bytes = null;
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
