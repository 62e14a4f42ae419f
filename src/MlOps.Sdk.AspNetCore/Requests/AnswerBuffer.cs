using System.Buffers;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// Gathers an answer in pieces, and gives the memory of each back once it is written. What fits into the first piece is not counted: the
/// server copies it into the buffer of the connection at once. Not thread-safe.
/// </summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>
{
    /// <summary>The bytes of an answer that need no room.</summary>
    public const int FirstBytes = 16 * 1024;

    private const int PieceBytes = 64 * 1024;

    // Used between two awaits, by one thread at a time.
    [ThreadStatic]
    private static AnswerBuffer? s_kept;

    private readonly byte[] _first = new byte[FirstBytes];
    private readonly List<(byte[] Bytes, int Length)> _full = [];
    private byte[] _last;
    private int _length;
    private long _counted;
    private AnswerRoom? _room;

    private AnswerBuffer() => _last = _first;

    /// <summary>The bytes that are there.</summary>
    public long WrittenCount { get; private set; }

    /// <summary>
    /// Whether one piece has all of it. A writer takes the next piece where its own estimate does not fit any more, so that the number of
    /// bytes does not tell.
    /// </summary>
    public bool IsOnePiece => _full.Count == 0;

    /// <summary>Writes an answer.</summary>
    /// <exception cref="Rejection">It does not fit into the memory that is left.</exception>
    public static AnswerBuffer Of<T>(AnswerRoom room, T state, Action<IBufferWriter<byte>, T> write)
    {
        var buffer = s_kept ?? new AnswerBuffer();
        s_kept = null;
        buffer._room = room;
        try
        {
            write(buffer, state);
        }
        catch
        {
            buffer.Return();
            throw;
        }

        room.ShrinkTo(buffer._counted);
        return buffer;
    }

    public void Advance(int count)
    {
        _length += count;
        WrittenCount += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_last.Length - _length < Math.Max(1, sizeHint)) Grow(sizeHint);
        return _last.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <summary>Writes the next piece, and gives its memory back.</summary>
    /// <returns>Whether there are more.</returns>
    public bool WriteNext(IBufferWriter<byte> to)
    {
        if (_full.Count == 0)
        {
            to.Write(_last.AsSpan(0, _length));
            Return();
            return false;
        }
        var (bytes, length) = _full[0];
        to.Write(bytes.AsSpan(0, length));
        _full.RemoveAt(0);
        WrittenCount -= length;
        Free(bytes);
        return true;
    }

    /// <summary>Gives all memory back. The buffer must not be used afterwards.</summary>
    public void Return()
    {
        foreach (var (bytes, _) in _full) Free(bytes);
        _full.Clear();
        Free(_last);
        (_last, _length, WrittenCount, _room) = (_first, 0, 0, null);
        s_kept = this;
    }

    private void Grow(int sizeHint)
    {
        var size = Math.Max(PieceBytes, sizeHint);
        _room!.Reserve(_counted + size);
        var piece = ArrayPool<byte>.Shared.Rent(size);
        _full.Add((_last, _length));
        (_last, _length) = (piece, 0);
        _counted += piece.Length;
        _room.Reserve(_counted);
    }

    private void Free(byte[] bytes)
    {
        if (bytes == _first) return;
        ArrayPool<byte>.Shared.Return(bytes);
        _counted -= bytes.Length;
        _room!.ShrinkTo(_counted);
    }
}
