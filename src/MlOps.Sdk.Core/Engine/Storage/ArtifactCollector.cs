using System.Data.Common;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>Removes artifacts that nothing refers to.</summary>
/// <param name="store">Where it is written who needs which artifact.</param>
/// <param name="artifacts">The artifacts.</param>
/// <param name="logger">Hears what was removed.</param>
/// <param name="isAtWork">Whether a run may still be worked on: what it has put is kept.</param>
internal sealed class ArtifactCollector(
    RelationalStore store, WorkspaceArtifacts artifacts, ILogger logger, Predicate<RunRow>? isAtWork = null)
{
    /// <summary>
    /// What no run puts is put before it is referred to; in this time the reference must have followed. What a run puts is referred to
    /// before, and needs no time.
    /// </summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(1);

    private readonly ArtifactReferences _references = new(store);

    /// <summary>
    /// Finds, and unless it is a dry run removes, unreferenced artifacts that were put longer ago than <paramref name="grace"/>.
    /// </summary>
    public async Task<GarbageReport> CollectGarbageAsync(bool dryRun, TimeSpan? grace = null, CancellationToken cancellationToken = default)
    {
        var before = Ticks.Subtract(store.Clock.GetUtcNow(), grace ?? DefaultGrace);
        if (!dryRun && await IsHeldAsync(cancellationToken).ConfigureAwait(false))
        {
            StorageLog.GarbageIsHeld(logger);
            return new GarbageReport([], dryRun);
        }
        var ended = dryRun
            ? await store.ReadAsync(EndedOwners, cancellationToken).ConfigureAwait(false)
            : await store.WriteAsync(ForgetEndedOwners, cancellationToken).ConfigureAwait(false);
        var garbage = new List<ArtifactInfo>();
        await foreach (var artifact in artifacts.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (artifact.StoredAt > before) continue;
            if (await store.ReadAsync(
                connection => ArtifactRefTable.IsReferenced(connection, artifact.Id, RunArtifacts.OwnerKind, ended),
                cancellationToken).ConfigureAwait(false))
            {
                continue;
            }
            if (dryRun || await RemoveAsync(artifact.Id, before, cancellationToken).ConfigureAwait(false)) garbage.Add(artifact);
        }

        var report = new GarbageReport(garbage, dryRun);
        if (!dryRun && garbage.Count > 0) StorageLog.CollectedGarbage(logger, garbage.Count, report.TotalSize);
        return report;
    }

    private Task<bool> IsHeldAsync(CancellationToken cancellationToken) => store.WriteAsync(
        connection =>
        {
            GarbageHold.ForgetEnded(connection, store.Clock);
            return GarbageHold.IsHeld(connection, store.Clock);
        },
        cancellationToken);

    // Runs that put something, and ended or were killed before a stage kept it.
    private string[] EndedOwners(DbConnection connection) =>
    [
        .. ArtifactRefTable.Owners(connection, RunArtifacts.OwnerKind)
            .Where(id => PassingReference.IsOver(id, store.Clock.GetUtcNow())
                ?? (RunTable.Find(connection, id) is not { State: "Running" } run || isAtWork?.Invoke(run) == false)),
    ];

    private string[] ForgetEndedOwners(DbConnection connection)
    {
        var ended = EndedOwners(connection);
        foreach (var run in ended) ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, run);
        return ended;
    }

    // It may have been put again, or referred to, since it was listed.
    private async Task<bool> RemoveAsync(ArtifactId id, DateTimeOffset before, CancellationToken cancellationToken) =>
        await _references.TryDeleteAsync(
            id,
            async end => await artifacts.FindAsync(id, end).ConfigureAwait(false) is { } current
                && current.StoredAt <= before
                && await artifacts.DeleteAnywayAsync(id, end).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false) == true;
}
