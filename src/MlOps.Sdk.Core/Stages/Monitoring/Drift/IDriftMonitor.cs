namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Measures how a window of predictions differs from training. It measures only; verdicts are made over all monitors together.
/// Implementations are thread-safe.
/// </summary>
public interface IDriftMonitor
{
    /// <summary>The name shown and stored.</summary>
    string Name { get; }

    /// <summary>What the monitor needs of a window.</summary>
    MonitorNeeds Needs { get; }

    /// <summary>Measures a window.</summary>
    /// <param name="window">The window and the baseline.</param>
    /// <param name="cancellationToken">Cancels the measuring.</param>
    ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default);
}
