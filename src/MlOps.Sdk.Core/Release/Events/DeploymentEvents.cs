using System.Runtime.CompilerServices;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// What happens to the models of a workspace, in all processes: read from the audit log, so that every event is there once, in its order,
/// also those of a time when nobody listened. Thread-safe.
/// </summary>
public sealed class DeploymentEvents
{
    private readonly RelationalStore _store;
    private readonly AuditLog _audit;

    internal DeploymentEvents(RelationalStore store, AuditLog audit) => (_store, _audit) = (store, audit);

    /// <summary>The position of the newest entry of the log: events after it are new. 0 for an empty log.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<long> PositionAsync(CancellationToken cancellationToken = default) =>
        (await _store.ReadAsync(AuditTable.Head, cancellationToken).ConfigureAwait(false))?.Sequence ?? 0;

    /// <summary>Streams the events until now, in their order.</summary>
    /// <param name="after">Only events after this <see cref="DeploymentEvent.Position"/>. Default: all.</param>
    /// <param name="model">Only events of this model. Default: of all models.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async IAsyncEnumerable<DeploymentEvent> ReadAsync(
        long after = 0, string? model = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        await foreach (var entry in _audit.ReadAsync(after, cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            if (DeploymentEventReader.Read(entry) is { } found && (model is null || found.Model == model)) yield return found;
        }
    }

    /// <summary>
    /// Streams events as they happen, without end: those of other processes too. The log is looked at at an interval. Keep the position of
    /// the last event that was handled, and begin after it the next time: then none is missed.
    /// </summary>
    /// <param name="after">
    /// Only events after this <see cref="DeploymentEvent.Position"/>. Default: <see langword="null"/>, those that happen from now on.
    /// </param>
    /// <param name="model">Only events of this model. Default: of all models.</param>
    /// <param name="interval">How often the log is looked at: 10 milliseconds to a day. Default: a second.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    /// <exception cref="OperationCanceledException">The stream was ended.</exception>
    public async IAsyncEnumerable<DeploymentEvent> WatchAsync(
        long? after = null,
        string? model = null,
        TimeSpan? interval = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var pause = interval ?? TimeSpan.FromSeconds(1);
        ArgumentOutOfRangeException.ThrowIfLessThan(pause, TimeSpan.FromMilliseconds(10), nameof(interval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pause, TimeSpan.FromDays(1), nameof(interval));
        if (after is { } from) ArgumentOutOfRangeException.ThrowIfNegative(from, nameof(after));
        var position = after ?? await PositionAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            await foreach (var entry in _audit.ReadAsync(position, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                position = entry.Sequence;
                if (DeploymentEventReader.Read(entry) is { } found && (model is null || found.Model == model)) yield return found;
            }

            await Task.Delay(pause, _store.Clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
