using MlOps.Sdk.Collection;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk;

/// <summary>The rows that runs collected, rejected, learned from and were judged on. Thread-safe.</summary>
internal sealed class RunRows(Workspace workspace)
{
    public Task<IDataSource> CollectedAsync(string runId, CancellationToken cancellationToken) => SnapshotAsync(
        runId, LifecycleStage.Collection, CollectionStage.Rows, "collected no rows", "Name a run whose stage Collection ended.",
        cancellationToken);

    public Task<IDataSource> MalformedAsync(string runId, CancellationToken cancellationToken) => SnapshotAsync(
        runId, LifecycleStage.Collection, CollectionStage.Malformed, "could read every row",
        "LifecycleRun.Collection has the number of rows that could not be read.", cancellationToken);

    public Task<IDataSource> QuarantinedAsync(string runId, CancellationToken cancellationToken) =>
        ProcessedAsync(runId, ProcessingStage.Quarantined, cancellationToken);

    public Task<IDataSource> TrainingAsync(string runId, CancellationToken cancellationToken) =>
        ProcessedAsync(runId, ProcessingStage.Train, cancellationToken);

    /// <summary>The holdout; that somebody looked at it is written in the ledger.</summary>
    public async Task<IDataSource> HoldoutAsync(string runId, CancellationToken cancellationToken)
    {
        var rows = await ProcessedAsync(runId, ProcessingStage.Holdout, cancellationToken).ConfigureAwait(false);
        var run = await workspace.LifecycleRunAsync(runId, cancellationToken).ConfigureAwait(false);
        await workspace.Holdout.RecordAsync(
            run.Record.Lifecycle,
            runId,
            $"read by {workspace.Acting.Name}",
            run.Record.OutputOf(LifecycleStage.Processing, ProcessingStage.HoldoutKeys).ToString(),
            run.Processing!.HoldoutRows,
            workspace.Time.GetUtcNow(),
            cancellationToken).ConfigureAwait(false);
        return rows;
    }

    public async Task<TableComparison> CompareAsync(string referenceRun, string currentRun, CancellationToken cancellationToken) =>
        await TableComparison.OfAsync(
            await CollectedAsync(referenceRun, cancellationToken).ConfigureAwait(false),
            await CollectedAsync(currentRun, cancellationToken).ConfigureAwait(false),
            cancellationToken: cancellationToken).ConfigureAwait(false) with
        {
            ReferenceOrigin = await LifecycleRun.OriginAsync(
                referenceRun, workspace.Runs, workspace.Artifacts, cancellationToken).ConfigureAwait(false),
            CurrentOrigin = await LifecycleRun.OriginAsync(
                currentRun, workspace.Runs, workspace.Artifacts, cancellationToken).ConfigureAwait(false),
        };

    private Task<IDataSource> ProcessedAsync(string runId, string name, CancellationToken cancellationToken) => SnapshotAsync(
        runId, LifecycleStage.Processing, name, "processed no rows", "Name a run whose stage Processing ended.", cancellationToken);

    private async Task<IDataSource> SnapshotAsync(
        string runId, LifecycleStage of, string name, string lack, string remedy, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        if (run.Stages.SingleOrDefault(stage => stage.Stage == of)?.Outputs.TryGetValue(name, out var rows) != true)
        {
            throw new MlOpsException($"The run '{runId}' {lack}.", remedy);
        }
        return await workspace.Artifacts.ExistsAsync(rows, cancellationToken).ConfigureAwait(false)
            ? new SnapshotSource($"{name} of run {runId}", rows, workspace.Artifacts)
            : throw new MlOpsException(
                $"The snapshot '{name}' of run '{runId}' is no longer stored.",
                "Name a later run, or restore the artifact from a backup; SnapshotRetention sets which runs keep their snapshots.");
    }
}
