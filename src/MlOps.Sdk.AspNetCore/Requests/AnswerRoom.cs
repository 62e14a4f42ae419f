namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// What an answer takes of the memory that bodies share: reserved before the prediction, held until the caller has taken the answer. It is
/// never waited for, so that the body of the same request cannot keep it from its answer for ever. Not thread-safe.
/// </summary>
internal sealed class AnswerRoom(BodyMemory memory) : IDisposable
{
    private long _held;

    /// <summary>Holds so many bytes at least.</summary>
    /// <exception cref="Rejection">There is not so much memory left, or there never is so much.</exception>
    public void Reserve(long bytes)
    {
        if (bytes <= _held) return;
        if (bytes > memory.Most) throw Rejection.AnswerTooLarge(memory.Most);
        memory.Take(bytes - _held);
        _held = bytes;
    }

    /// <summary>Holds so many bytes at most.</summary>
    public void ShrinkTo(long bytes)
    {
        if (bytes >= _held) return;
        memory.Give(_held - bytes);
        _held = bytes;
    }

    public void Dispose() => ShrinkTo(0);
}
