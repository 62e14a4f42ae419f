using System.Buffers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The bytes of a body in memory that is given back at the end. Not thread-safe.</summary>
internal sealed class BodyBytes(byte[] bytes, int length) : IDisposable
{
    private byte[]? _bytes = bytes;
    private bool _isLeft;

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, length);

    /// <summary>Leaves the memory to whoever may still read it: nobody else is given it.</summary>
    public void Leave() => _isLeft = true;

    public void Dispose()
    {
        if (_isLeft || _bytes is not { } bytes) return;
        _bytes = null;
        ArrayPool<byte>.Shared.Return(bytes);
    }
}
