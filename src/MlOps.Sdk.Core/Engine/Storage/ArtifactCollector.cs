using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>Removes artifacts that nothing refers to.</summary>
internal sealed class ArtifactCollector(RelationalStore store, IArtifactStore artifacts, ILogger logger)
{
    /// <summary>An artifact is put before it is referred to; in this time the reference must have followed.</summary>
    public static readonly TimeSpan DefaultGrace = TimeSpan.FromHours(1);

    /// <summary>
    /// Finds, and unless it is a dry run removes, unreferenced artifacts that were put longer ago than <paramref name="grace"/>.
    /// </summary>
    public async Task<GarbageReport> CollectGarbageAsync(bool dryRun, TimeSpan? grace = null, CancellationToken cancellationToken = default)
    {
        var before = Ticks.Subtract(store.Clock.GetUtcNow(), grace ?? DefaultGrace);
        var garbage = new List<ArtifactInfo>();
        await foreach (var artifact in artifacts.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (artifact.StoredAt > before) continue;
            if (await store.ReadAsync(
                connection => ArtifactRefTable.IsReferenced(connection, artifact.Id),
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

    private async Task<bool> RemoveAsync(ArtifactId id, DateTimeOffset before, CancellationToken cancellationToken)
    {
        // Somebody may have put the same bytes again, or referred to them, since they were listed.
        var current = await artifacts.FindAsync(id, cancellationToken).ConfigureAwait(false);
        if (current is null || current.StoredAt > before) return false;
        if (await store.ReadAsync(connection => ArtifactRefTable.IsReferenced(connection, id), cancellationToken).ConfigureAwait(false))
        {
            return false;
        }
        return await artifacts.DeleteAsync(id, cancellationToken).ConfigureAwait(false);
    }
}
