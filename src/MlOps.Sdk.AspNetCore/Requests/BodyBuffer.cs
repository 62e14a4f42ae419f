using System.Buffers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Gathers a body while it arrives. The memory grows with what has arrived, not with what was announced. Not thread-safe.
/// </summary>
/// <param name="memory">What all bodies share.</param>
/// <param name="limit">The largest body.</param>
internal sealed class BodyBuffer(BodyMemory memory, long limit) : IDisposable
{
    private const int FirstBytes = 4096;

    private byte[]? _bytes;
    private int _length;

    /// <summary>Room for more.</summary>
    /// <exception cref="Rejection">There is no memory left.</exception>
    public Memory<byte> Free()
    {
        if (_length == (_bytes?.Length ?? 0)) Grow(_length + FirstBytes);
        return _bytes.AsMemory(_length);
    }

    /// <summary>Says that a part of the room is filled.</summary>
    /// <exception cref="Rejection">The body is too large.</exception>
    public void Advance(int bytes)
    {
        _length += bytes;
        if (_length > limit) throw Rejection.TooLarge(limit);
    }

    /// <exception cref="Rejection">The body is too large, or there is no memory left.</exception>
    public void Append(in ReadOnlySequence<byte> bytes)
    {
        var length = _length + bytes.Length;
        if (length > limit) throw Rejection.TooLarge(limit);
        if (_bytes is null || length > _bytes.Length) Grow((int)Math.Max(1, length));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length = (int)length;
    }

    /// <summary>Gives what has arrived to who reads it.</summary>
    public BodyBytes ToBody()
    {
        if (_bytes is null) Grow(1);
        var body = new BodyBytes(_bytes!, _length, memory);
        _bytes = null;
        return body;
    }

    public void Dispose()
    {
        if (_bytes is not { } bytes) return;
        _bytes = null;
        memory.Give(bytes.Length);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private void Grow(int least)
    {
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(least, Math.Min(2L * (_bytes?.Length ?? 0), limit + 1)));
        try
        {
            memory.Take(larger.Length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(larger);
            throw;
        }

        _bytes.AsSpan(0, _length).CopyTo(larger);
        Dispose();
        _bytes = larger;
    }
}
