namespace MlOps.Sdk.Training;

/// <summary>
/// Ends a training that takes longer than it may, by itself or together with the others of its trial. Time in which it waits for others is
/// not its own. Thread-safe. Once it is disposed of, pauses do nothing: a trainer may end one after its training.
/// </summary>
internal sealed class TrainingClock : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly TrialClock? _trial;
    private readonly CancellationTokenSource _ends;
    private TimeSpan? _left;
    private long _from;
    private int _pauses;
    private bool _disposed;

    /// <param name="budget">How long it may take; <see langword="null"/> for any time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="trial">Adds up the time of the trial; <see langword="null"/> where it may take any.</param>
    public TrainingClock(TimeSpan? budget, TimeProvider time, TrialClock? trial = null)
    {
        _time = time;
        _trial = trial;
        _left = budget;
        _from = time.GetTimestamp();
        _ends = new CancellationTokenSource(budget ?? Timeout.InfiniteTimeSpan, time);
        Token = _ends.Token;
        trial?.Begin();
    }

    /// <summary>Cancelled when the time of the training is over.</summary>
    public CancellationToken Token { get; }

    /// <summary>Stops the clock until what is returned is disposed of. Pauses may overlap.</summary>
    public IDisposable Pause()
    {
        lock (_lock)
        {
            if (_pauses++ == 0 && !_disposed)
            {
                _trial?.End();
                if (_left is { } left)
                {
                    _left = left -= _time.GetElapsedTime(_from);

                    // Time that is over already stays over.
                    if (left > TimeSpan.Zero) _ends.CancelAfter(Timeout.InfiniteTimeSpan);
                }
            }
        }

        return new Waiting(this);
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed && _pauses == 0) _trial?.End();
            _disposed = true;
            _ends.Dispose();
        }
    }

    private void GoOn()
    {
        lock (_lock)
        {
            if (--_pauses > 0 || _disposed) return;
            _trial?.Begin();
            _from = _time.GetTimestamp();
            if (_left is { } left) _ends.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
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
