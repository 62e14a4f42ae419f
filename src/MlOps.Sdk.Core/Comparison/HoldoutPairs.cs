using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>Compares the models of runs on the rows that all of them kept sealed, by the scores that stage 8 kept. Thread-safe.</summary>
internal sealed class HoldoutPairs(Workspace workspace)
{
    private const int MostRuns = 20;
    private const int FewestRows = 50;
    private const double Level = 0.95;

    // Metrics with a spread that the rows tell directly. What was optimized is compared in any case.
    private static readonly HashSet<string> OfRows = new(
        ((IMetric[])
        [
            Metric.RocAuc, Metric.PrAuc, Metric.LogLoss, Metric.Brier, Metric.Accuracy, Metric.Rmse, Metric.Mae, Metric.Mape, Metric.R2,
        ]).Select(metric => metric.Name),
        StringComparer.Ordinal);

    public async Task<RunPairing> CompareAsync(IReadOnlyList<FoundRun> runs, CancellationToken cancellationToken)
    {
        if (!runs.Any(run => run.Kind == RunKind.Lifecycle)) return RunPairing.None;
        if (runs.Count > MostRuns)
        {
            return new RunPairing([], [$"Of more than {MostRuns} runs, no differences on the same rows are computed: name fewer."]);
        }

        var (differences, unpaired) = (new List<PairedDifference>(), new List<string>());
        Judged? reference = null;
        foreach (var run in runs)
        {
            var (judged, lack) = await ReadAsync(run, cancellationToken).ConfigureAwait(false);
            if (judged is null) unpaired.Add($"The run {run.Id} is not compared on the same rows: {lack}");
            else if (reference is null) reference = judged;
            else
            {
                differences.AddRange(await CompareAsync(reference, judged, unpaired, cancellationToken).ConfigureAwait(false));
            }
        }

        return new RunPairing(differences, unpaired);
    }

    private async Task<(Judged? Run, string? Lack)> ReadAsync(FoundRun found, CancellationToken cancellationToken)
    {
        if (found.Kind != RunKind.Lifecycle) return (null, "it is not of a lifecycle, and has no holdout.");
        var run = await workspace.Runs.GetAsync(found.Id, cancellationToken).ConfigureAwait(false);
        if (OutputOf(run, LifecycleStage.Deployment, DeploymentStage.Report) is null
            || OutputOf(run, LifecycleStage.Processing, ProcessingStage.HoldoutKeys) is not { } keysId)
        {
            return (null, "its model was not evaluated on a holdout.");
        }
        if (OutputOf(run, LifecycleStage.Deployment, HoldoutScores.Name) is not { } scoresId)
        {
            return (null, "the scores of its holdout were not kept, because they are too many, or by an earlier version of the library.");
        }

        var (scores, loss) = await workspace.Artifacts.TryReadAllAsync(scoresId, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return (null, $"the scores of its holdout are lost. {loss}");
        (var keys, loss) = await workspace.Artifacts.TryReadAllAsync(keysId, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return (null, $"the keys of its holdout are lost. {loss}");
        try
        {
            var judged = new Judged(run, keysId, RowKeySet.Read(keys), HoldoutScores.Read(scores));
            return judged.Keys.Keys.Length == judged.Scores.Evaluation.RowCount
                ? (judged, null)
                : (null, "the record of its holdout has other rows than its scores.");
        }
        catch (MlOpsException e)
        {
            return (null, e.Message);
        }
    }

    private async Task<IReadOnlyList<PairedDifference>> CompareAsync(
        Judged reference, Judged run, List<string> unpaired, CancellationToken cancellationToken)
    {
        if (Match(reference, run, out var ofReference, out var ofRun) is { } lack)
        {
            unpaired.Add($"The run {run.Run.Id} is not compared with {reference.Run.Id} on the same rows: {lack}");
            return [];
        }

        await RecordLookAsync(reference, run, ofRun.Length, cancellationToken).ConfigureAwait(false);
        var (first, second) = (reference.Scores.Evaluation.Take(ofReference), run.Scores.Evaluation.Take(ofRun));
        var differences = new List<PairedDifference>();
        foreach (var (name, i) in run.Scores.Metrics.Select((name, i) => (name, i)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (i > 0 && !OfRows.Contains(name)) continue;
            if (Metric.Find(name) is not { } metric)
            {
                unpaired.Add(
                    $"The run {run.Run.Id} optimized '{name}', which is not a metric of the library: its record does not tell how the " +
                    "metric is computed.");
                continue;
            }

            var found = await Task.Run(() => MetricComparison.Compare(metric, first, second, Level), cancellationToken)
                .ConfigureAwait(false);
            differences.Add(new PairedDifference(
                name, i == 0, reference.Run.Id, run.Run.Id, found.Champion.Value, found.Challenger.Value, found.Improvement, found.Lower,
                found.Upper, Level, found.PValue, ofRun.Length, found.Method));
        }

        return differences;
    }

    /// <summary>Finds the rows that both kept sealed.</summary>
    /// <returns>Why they cannot be compared; <see langword="null"/> when they can.</returns>
    private static string? Match(Judged reference, Judged run, out int[] ofReference, out int[] ofRun)
    {
        (ofReference, ofRun) = ([], []);
        if (reference.Run.Lifecycle != run.Run.Lifecycle)
        {
            return $"they are of '{reference.Run.Lifecycle}' and '{run.Run.Lifecycle}', whose rows have keys of their own.";
        }
        var (theirs, ours) = (reference.Scores.Evaluation, run.Scores.Evaluation);
        if (theirs.Task != ours.Task || !theirs.Classes.SequenceEqual(ours.Classes)) return "their models predict different things.";
        if (theirs.Weights.IsEmpty != ours.Weights.IsEmpty) return "only one of them weighs rows.";
        if (!reference.Keys.Columns.SequenceEqual(run.Keys.Columns))
        {
            return $"the keys of their rows are of different columns: {string.Join(", ", reference.Keys.Columns)} and " +
                $"{string.Join(", ", run.Keys.Columns)}.";
        }

        // Rows of one key are taken in their order.
        var places = new Dictionary<RowKey, Queue<int>>();
        for (var row = 0; row < reference.Keys.Keys.Length; row++)
        {
            if (!places.TryGetValue(reference.Keys.Keys[row], out var rows)) places.Add(reference.Keys.Keys[row], rows = []);
            rows.Enqueue(row);
        }

        var pairs = new List<(int Reference, int Run)>();
        for (var row = 0; row < run.Keys.Keys.Length; row++)
        {
            if (places.TryGetValue(run.Keys.Keys[row], out var rows) && rows.TryDequeue(out var place)) pairs.Add((place, row));
        }

        var most = Math.Max(reference.Keys.Keys.Length, run.Keys.Keys.Length);
        if (pairs.Count < Math.Min(FewestRows, most))
        {
            return $"of the {Prose.Count(run.Keys.Keys.Length)} rows of its holdout, {Prose.Count(pairs.Count)} " +
                "were in the holdout of both.";
        }
        if (pairs.Exists(pair => theirs.Labels.Span[pair.Reference] != ours.Labels.Span[pair.Run])) return "rows have different labels.";
        if (!theirs.Weights.IsEmpty && pairs.Exists(pair => theirs.Weights.Span[pair.Reference] != ours.Weights.Span[pair.Run]))
        {
            return "rows have different weights.";
        }

        ofReference = [.. pairs.Select(pair => pair.Reference)];
        ofRun = [.. pairs.Select(pair => pair.Run)];
        return null;
    }

    // The same two on the same rows are the same look.
    private async Task RecordLookAsync(Judged reference, Judged run, int rows, CancellationToken cancellationToken)
    {
        var purpose = $"paired difference of the runs {reference.Run.Id} and {run.Run.Id}";
        var looks = await workspace.Holdout.ListAsync(run.Run.Lifecycle, cancellationToken).ConfigureAwait(false);
        if (looks.Any(look => look.Purpose == purpose && look.RowsHash == run.KeysId.ToString())) return;
        await workspace.Holdout.RecordAsync(
            run.Run.Lifecycle, run.Run.Id, purpose, run.KeysId.ToString(), rows, workspace.Time.GetUtcNow(), cancellationToken)
            .ConfigureAwait(false);
    }

    private static ArtifactId? OutputOf(RunRecord run, LifecycleStage stage, string name) =>
        run.Stages.FirstOrDefault(each => each.Stage == stage)?.Outputs.TryGetValue(name, out var id) == true ? id : null;

    private sealed record Judged(RunRecord Run, ArtifactId KeysId, RowKeySet Keys, HoldoutScores Scores);
}
