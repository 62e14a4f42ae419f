namespace MlOps.Sdk.Training;

/// <summary>
/// Adds up the time that the trainings of one setting take, side by side or one after the other, and ends them when it is more than they
/// may take. Thread-safe.
/// </summary>
internal sealed class TrialClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ends;
    private TimeSpan _left;
    private long _from;
    private int _running;
    private bool _disposed;

    public TrialClock(TimeSpan budget, TimeProvider time)
    {
        _time = time;
        _left = budget;
        _from = time.GetTimestamp();
        _ends = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        Token = _ends.Token;
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token { get; }

    /// <summary>A training begins, or goes on.</summary>
    public void Begin() => Change(1);

    /// <summary>A training ends, or waits for others.</summary>
    public void End() => Change(-1);

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _ends.Dispose();
        }
    }

    private void Change(int trainings)
    {
        lock (_lock)
        {
            if (_disposed) return;
            _left -= _time.GetElapsedTime(_from) * _running;
            _from = _time.GetTimestamp();
            _running += trainings;

            // Time that is over already stays over.
            if (_left > TimeSpan.Zero) _ends.CancelAfter(_running == 0 ? Timeout.InfiniteTimeSpan : Rounded(_left / _running));
            else _ends.CancelAfter(TimeSpan.Zero);
        }
    }

    // Timers count whole milliseconds, and reject what is longer than they can count.
    private static TimeSpan Rounded(TimeSpan time) =>
        TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, uint.MaxValue - 1));
}
