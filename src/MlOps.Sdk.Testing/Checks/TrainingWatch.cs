using System.Buffers;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Testing;

/// <summary>
/// The labels, the progress and the logger of a training, which counts what the training does with them and, at one of these events,
/// cancels it from inside. Thread-safe.
/// </summary>
/// <param name="labels">The labels.</param>
/// <param name="cancellation">What to cancel; <see langword="null"/> to count only.</param>
/// <param name="at">The event at which to cancel.</param>
/// <param name="number">At which of these events, from 1.</param>
internal sealed class TrainingWatch(
    double[] labels, CancellationTokenSource? cancellation = null, TrainingEvent at = TrainingEvent.LabelsRead, int number = 1)
    : MemoryManager<double>, IProgress<double>, ILogger
{
    private readonly int[] _counts = new int[Enum.GetValues<TrainingEvent>().Length];

    /// <summary>Whether the event was met.</summary>
    public bool IsCancelled { get; private set; }

    public int Count(TrainingEvent of) => _counts[(int)of];

    // The base would read the labels to find out how many there are.
    public override Memory<double> Memory => CreateMemory(labels.Length);

    public override Span<double> GetSpan()
    {
        Meet(TrainingEvent.LabelsRead);
        return labels;
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        Meet(TrainingEvent.LabelsRead);
        return labels.AsMemory(elementIndex).Pin();
    }

    public override void Unpin()
    {
    }

    public void Report(double value) => Meet(TrainingEvent.Progress);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Meet(TrainingEvent.Logged);

    protected override void Dispose(bool disposing)
    {
    }

    private void Meet(TrainingEvent met)
    {
        if (Interlocked.Increment(ref _counts[(int)met]) != number || met != at || cancellation is null) return;
        IsCancelled = true;
        cancellation.Cancel();
    }
}
