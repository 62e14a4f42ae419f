using System.Collections.Concurrent;
using MlOps.Sdk.Monitoring;

namespace MlOps.Sdk.Testing;

/// <summary>Keeps the alerts that were sent, for a test to look at. Thread-safe.</summary>
public sealed class CollectingAlertSink : IAlertSink
{
    private readonly ConcurrentQueue<Alert> _alerts = new();

    /// <summary>The alerts so far, in the order of their arrival.</summary>
    public IReadOnlyList<Alert> Alerts => [.. _alerts];

    /// <summary>Whether alerts that are over are collected, too. Default: no.</summary>
    public bool WantsResolved { get; init; }

    /// <inheritdoc/>
    public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alert);
        cancellationToken.ThrowIfCancellationRequested();
        _alerts.Enqueue(alert);
        return ValueTask.CompletedTask;
    }
}
