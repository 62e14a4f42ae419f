namespace MlOps.Sdk.Training;

/// <summary>
/// Ends a training that takes longer than it may. Time in which it waits for others is not its own. Thread-safe. Once it is disposed of,
/// pauses do nothing: a trainer may end one after its training.
/// </summary>
internal sealed class TrainingClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ends;
    private TimeSpan _left;
    private long _from;
    private int _pauses;
    private bool _disposed;

    public TrainingClock(TimeSpan budget, TimeProvider time)
    {
        _time = time;
        _left = budget;
        _from = time.GetTimestamp();
        _ends = new CancellationTokenSource(budget, time);
        Token = _ends.Token;
    }

    /// <summary>Cancelled when the time is over.</summary>
    public CancellationToken Token { get; }

    /// <summary>Stops the clock until what is returned is disposed of. Pauses may overlap.</summary>
    public IDisposable Pause()
    {
        lock (_lock)
        {
            if (_pauses++ == 0 && !_disposed)
            {
                _left -= _time.GetElapsedTime(_from);

                // Time that is over already stays over.
                if (_left > TimeSpan.Zero) _ends.CancelAfter(Timeout.InfiniteTimeSpan);
            }
        }

        return new Waiting(this);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _ends.Dispose();
        }
    }

    private void GoOn()
    {
        lock (_lock)
        {
            if (--_pauses > 0 || _disposed) return;
            _from = _time.GetTimestamp();
            _ends.CancelAfter(_left > TimeSpan.Zero ? _left : TimeSpan.Zero);
        }
    }

    private sealed class Waiting(TrainingClock clock) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0) clock.GoOn();
        }
    }
}
