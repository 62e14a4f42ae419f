using System.Data.Common;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>Results of stages by fingerprint, kept for reuse together with their artifacts. Thread-safe.</summary>
internal sealed class StageResults(RelationalStore store)
{
    public Task<StageResult?> FindStageResultAsync(
        string lifecycle, LifecycleStage stage, string fingerprint, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection => ToResult(() => StageResultTable.Find(connection, lifecycle, stage, fingerprint)), cancellationToken);

    /// <summary>Keeps a result, over one of the same fingerprint.</summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="fingerprint">What the result depends on, as a hash.</param>
    /// <param name="runId">The run that computed it.</param>
    /// <param name="outputs">What it made, by name.</param>
    /// <param name="inputs">The parts of the fingerprint, for telling a later reader which one changed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public Task SaveStageResultAsync(
        string lifecycle, LifecycleStage stage, string fingerprint, string runId, IReadOnlyDictionary<string, ArtifactId> outputs,
        IReadOnlyList<(string Name, string Value)> inputs, CancellationToken cancellationToken = default) =>
        store.WriteAsync(
            connection => Save(connection, store.Clock, lifecycle, stage, fingerprint, runId, outputs, inputs),
            cancellationToken);

    /// <summary>Reads the fingerprint parts of the newest result of a stage.</summary>
    /// <returns>The parts, or <see langword="null"/> when the stage has no result yet.</returns>
    public Task<IReadOnlyList<(string Name, string Value)>?> LatestStageInputsAsync(
        string lifecycle, LifecycleStage stage, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection => ToResult(() => StageResultTable.Newest(connection, lifecycle, stage))?.Inputs, cancellationToken);

    /// <summary>Reads the fingerprint parts that a stage had in the run before, or of its newest result where that run has none.</summary>
    /// <param name="lifecycle">The lifecycle.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="runId">The run that asks.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The parts, or <see langword="null"/> when the stage has no result yet.</returns>
    public Task<IReadOnlyList<(string Name, string Value)>?> PreviousStageInputsAsync(
        string lifecycle, LifecycleStage stage, string runId, CancellationToken cancellationToken = default) =>
        store.ReadAsync(connection =>
        {
            var before = RunStageTable.PreviousFingerprint(connection, lifecycle, stage, runId) is { } fingerprint
                ? ToResult(() => StageResultTable.Find(connection, lifecycle, stage, fingerprint))
                : null;
            return (before ?? ToResult(() => StageResultTable.Newest(connection, lifecycle, stage)))?.Inputs;
        }, cancellationToken);

    /// <summary>Keeps a result inside the caller's write.</summary>
    public static void Save(
        DbConnection connection, TimeProvider clock, string lifecycle, LifecycleStage stage, string fingerprint, string runId,
        IReadOnlyDictionary<string, ArtifactId> outputs, IReadOnlyList<(string Name, string Value)> inputs)
    {
        var row = new StageResultRow
        {
            RunId = runId,
            Outputs = StorageJson.WriteArtifacts(outputs),
            Inputs = StorageJson.WritePairs(inputs),
            SavedAt = clock.GetUtcNow().UtcTicks,
        };
        StageResultTable.Put(connection, lifecycle, stage, fingerprint, row, outputs.Values);
    }

    // What is damaged is not a result: the stage makes it again.
    private static StageResult? ToResult(Func<StageResultRow?> read)
    {
        try
        {
            return read() is { } row
                ? new StageResult(
                    row.RunId, StorageJson.ReadArtifacts(row.Outputs), StorageJson.ReadPairs(row.Inputs), Ticks.ToTime(row.SavedAt))
                : null;
        }
        catch (Exception e) when (e is MlOpsException || StoredRecord.IsDamage(e))
        {
            return null;
        }
    }
}
