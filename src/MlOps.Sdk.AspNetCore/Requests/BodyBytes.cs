using System.Buffers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>The bytes of a body in memory that is given back at the end. Not thread-safe.</summary>
internal sealed class BodyBytes(byte[] bytes, int length, BodyMemory memory) : IDisposable
{
    private byte[]? _bytes = bytes;
    private bool _isLeft;

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, length);

    /// <summary>Leaves the memory to whoever may still read it: nobody else is given it, and it counts until they have ended.</summary>
    public void LeaveTo(Task reader)
    {
        _isLeft = true;
        var taken = _bytes!.Length;
        reader.ContinueWith(
            _ => memory.Give(taken), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public void Dispose()
    {
        if (_isLeft || _bytes is not { } rented) return;
        _bytes = null;
        memory.Give(rented.Length);
        ArrayPool<byte>.Shared.Return(rented);
    }
}
