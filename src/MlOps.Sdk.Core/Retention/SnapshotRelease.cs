using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Finds the runs that need not keep their snapshots, and drops what keeps these from being collected as garbage.</summary>
internal sealed class SnapshotRelease(Workspace workspace, SnapshotRetention retention)
{
    private static readonly Dictionary<LifecycleStage, string[]> Snapshots = new()
    {
        [LifecycleStage.Collection] = [CollectionStage.Rows, CollectionStage.Malformed],
        [LifecycleStage.Processing] =
        [
            ProcessingStage.Train,
            ProcessingStage.Holdout,
            ProcessingStage.Quarantined,
            ProcessingStage.RawOf(ProcessingStage.Train),
            ProcessingStage.RawOf(ProcessingStage.Holdout)
        ],
    };

    public async Task<ReleasedSnapshots> RunAsync(bool dryRun, CancellationToken cancellationToken)
    {
        var mistakes = new List<ValidationResult>();
        if (!Validator.TryValidateObject(retention, new ValidationContext(retention), mistakes, validateAllProperties: true))
        {
            throw new MlOpsException(
                $"The retention is invalid: {string.Join(" ", mistakes.Select(mistake => mistake.ErrorMessage))}",
                "Keep at least one run, and set no negative time.");
        }
        var runs = await workspace.Runs.ListAsync(limit: int.MaxValue, cancellationToken: cancellationToken).ConfigureAwait(false);
        var kept = await FindKeptAsync(runs, cancellationToken).ConfigureAwait(false);
        var needed = runs
            .Where(run => kept.ContainsKey(run.Id))
            .SelectMany(run => run.Stages)
            .SelectMany(stage => stage.Outputs.Values)
            .ToHashSet();
        var released = new List<string>();
        var keeping = new List<KeptSnapshots>();
        var artifacts = new Dictionary<ArtifactId, ArtifactInfo>();
        foreach (var run in runs.Reverse())
        {
            var found = new List<ArtifactInfo>();
            foreach (var id in SnapshotsOf(run))
            {
                if (await workspace.Artifacts.FindAsync(id, cancellationToken).ConfigureAwait(false) is { } artifact) found.Add(artifact);
            }

            if (found.Count == 0) continue;
            var ids = found.ConvertAll(artifact => artifact.Id);
            var isHeld = await workspace.Store.ReadAsync(
                connection => ArtifactRefTable.Holds(connection, RunTracker.OwnerKind, run.Id, ids),
                cancellationToken).ConfigureAwait(false);
            if (!isHeld) continue;
            if (kept.TryGetValue(run.Id, out var reasons))
            {
                keeping.Add(new KeptSnapshots(run.Id, run.Lifecycle, reasons, found.Sum(artifact => artifact.Size)));
                continue;
            }
            released.Add(run.Id);
            foreach (var artifact in found.Where(artifact => !needed.Contains(artifact.Id))) artifacts[artifact.Id] = artifact;
            if (!dryRun) await ReleaseAsync(run.Id, ids, cancellationToken).ConfigureAwait(false);
        }

        return new ReleasedSnapshots(released, [.. artifacts.Values], dryRun) { Kept = keeping };
    }

    private static IEnumerable<ArtifactId> SnapshotsOf(RunRecord run) =>
        from stage in run.Stages
        where Snapshots.ContainsKey(stage.Stage)
        from name in Snapshots[stage.Stage]
        where stage.Outputs.ContainsKey(name)
        select stage.Outputs[name];

    private Task ReleaseAsync(string run, List<ArtifactId> artifacts, CancellationToken cancellationToken) => workspace.Store.WriteAsync(
        connection =>
        {
            ArtifactRefTable.Release(connection, RunTracker.OwnerKind, run, artifacts);
            AuditLog.Append(connection, workspace.Time, workspace.Acting.Name, "release snapshots", run, StorageJson.WriteFields(
                ("snapshots", artifacts.Count.ToString(CultureInfo.InvariantCulture)),
                ("keepRuns", retention.KeepRuns.ToString(CultureInfo.InvariantCulture)),
                ("keepFor", retention.KeepFor.ToString("c", CultureInfo.InvariantCulture))));
        },
        cancellationToken);

    private async Task<Dictionary<string, List<string>>> FindKeptAsync(
        IReadOnlyList<RunRecord> runs, CancellationToken cancellationToken)
    {
        var since = Ticks.Subtract(workspace.Time.GetUtcNow(), retention.KeepFor);
        var kept = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var atWork = await workspace.Store.ReadAsync(
            connection => RunTable.List(connection, null, [nameof(RunState.Running)])
                .Where(run => RunOwner.MayWork(run, workspace.Time.GetUtcNow()))
                .Select(run => run.Lifecycle)
                .ToHashSet(StringComparer.Ordinal),
            cancellationToken).ConfigureAwait(false);
        foreach (var lifecycle in runs.GroupBy(run => run.Lifecycle))
        {
            // A run in progress may take over what earlier ones found.
            if (atWork.Contains(lifecycle.Key) || lifecycle.Any(run => run.State == RunState.AwaitingApproval))
            {
                Keep(lifecycle, "A run of the lifecycle is in progress or waits for approval.");
            }
            Keep(lifecycle.Where(run => run.StartedAt >= since), "It began within the time that every run is kept.");
            Keep(
                lifecycle.Where(run => run.State == RunState.Succeeded).Take(retention.KeepRuns),
                "It is one of the latest runs that succeeded.");

            // The next run reads on behind it.
            if (await workspace.Runs.FindLastSucceededAsync(
                lifecycle.Key, LifecycleStage.Collection, null, cancellationToken).ConfigureAwait(false) is { } last)
            {
                Keep([last], "The next run collects on behind it.");
            }
        }

        var parents = runs.ToDictionary(run => run.Id, run => run.ParentRun, StringComparer.Ordinal);
        foreach (var live in await workspace.Models.RunsOfAliasesAsync(cancellationToken).ConfigureAwait(false))
        {
            var why = "A version that an alias points to came of it.";
            for (string? run = live; run is not null; run = parents.GetValueOrDefault(run))
            {
                Add(run, why);
                why = "A version that an alias points to was retrained from it.";
            }
        }

        return kept;

        void Keep(IEnumerable<RunRecord> which, string why)
        {
            foreach (var run in which) Add(run.Id, why);
        }

        void Add(string run, string why)
        {
            if (!kept.TryGetValue(run, out var reasons)) kept[run] = reasons = [];
            if (!reasons.Contains(why)) reasons.Add(why);
        }
    }
}
