using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// Takes metrics from hot loops and hands them on in batches. Nothing is lost: when it is full the caller waits for the flush.
/// Adding allocates nothing. Thread-safe for many adders and one flusher.
/// </summary>
internal sealed class MetricBuffer(int capacity, Action wake)
{
    // A plain object, because adders wait on it.
    private readonly object _gate = new();
    private MetricPoint[] _filling = new MetricPoint[capacity];
    private MetricPoint[] _spare = new MetricPoint[capacity];
    private int _count;
    private Exception? _failure;

    /// <exception cref="MlOpsException">The buffer is full and the last flush failed.</exception>
    public void Add(string name, double value, long step)
    {
        lock (_gate)
        {
            while (_count == _filling.Length)
            {
                if (_failure is not null)
                {
                    throw new MlOpsException(
                        "Metrics cannot be stored, and no more fit into memory.", "Fix the cause and resume the run.", _failure);
                }
                wake();
                Monitor.Wait(_gate);
            }

            _filling[_count++] = new MetricPoint(name, value, step);
            if (_count == _filling.Length / 2) wake();
        }
    }

    /// <summary>Takes everything that was added; valid until the next call.</summary>
    public ReadOnlyMemory<MetricPoint> Take()
    {
        lock (_gate)
        {
            var taken = _filling.AsMemory(0, _count);
            (_filling, _spare) = (_spare, _filling);
            _count = 0;
            Monitor.PulseAll(_gate);
            return taken;
        }
    }

    /// <summary>Tells waiting adders that a flush failed; <see langword="null"/> when one succeeded again.</summary>
    public void Report(Exception? failure)
    {
        lock (_gate)
        {
            _failure = failure;
            Monitor.PulseAll(_gate);
        }
    }
}
