using MlOps.Sdk.Data;
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
            var rowsId = OutputOf(run, LifecycleStage.Processing, ProcessingStage.Holdout);
            var set = RowKeySet.Read(keys);
            var isDeclared = await IsDeclaredAsync(run, set, cancellationToken).ConfigureAwait(false);
            var judged = new Judged(run, keysId, rowsId, set, isDeclared, HoldoutScores.Read(scores));
            return judged.Keys.Keys.Length == judged.Scores.Evaluation.RowCount
                ? (judged, null)
                : (null, "the record of its holdout has other rows than its scores.");
        }
        catch (MlOpsException e)
        {
            return (null, e.Message);
        }
    }

    // What is not known is taken as declared: the interval is the wider one.
    private async Task<bool> IsDeclaredAsync(RunRecord run, RowKeySet keys, CancellationToken cancellationToken)
    {
        if (OutputOf(run, LifecycleStage.Processing, ProcessingStage.ServedColumns) is not { } id) return true;
        var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(id, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return true;
        var reader = await ArrowReader.OpenAsync(new MemoryStream(bytes), ProcessingStage.ServedColumns, cancellationToken)
            .ConfigureAwait(false);
        return KeyedRows.AreDeclared(keys.Columns, reader.Schema.Count);
    }

    private async Task<IReadOnlyList<PairedDifference>> CompareAsync(
        Judged reference, Judged run, List<string> unpaired, CancellationToken cancellationToken)
    {
        if (Match(reference, run, out var match) is { } lack)
        {
            unpaired.Add($"The run {run.Run.Id} is not compared with {reference.Run.Id} on the same rows: {lack}");
            return [];
        }

        if (match.LeftOut > 0)
        {
            unpaired.Add(
                $"The run {run.Run.Id} is compared with {reference.Run.Id} on {Prose.Count(match.Run.Length)} rows. {LeftOut(match)}");
        }
        await RecordLookAsync(reference, run, match.Run.Length, cancellationToken).ConfigureAwait(false);
        var (first, second) = (reference.Scores.Evaluation.Take(match.Reference), run.Scores.Evaluation.Take(match.Run));
        var units = run.IsDeclared ? match.Keys : null;
        if (units is { Count: < KeyedRows.FewestKeys })
        {
            unpaired.Add(
                $"The differences of the run {run.Run.Id} from {reference.Run.Id} have no interval: " +
                $"their {Prose.Count(match.Run.Length)} rows have {units.Count} keys only, and rows of one key are not independent.");
        }
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

            var found = await Task.Run(() => Compare(metric, first, second, units, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            differences.Add(new PairedDifference(
                name, i == 0, reference.Run.Id, run.Run.Id, found.Champion.Value, found.Challenger.Value, found.Improvement, found.Lower,
                found.Upper, Level, found.PValue, match.Run.Length, found.Method));
        }

        return differences;
    }

    /// <summary>Finds the rows that both kept sealed.</summary>
    /// <returns>Why they cannot be compared; <see langword="null"/> when they can.</returns>
    private static string? Match(Judged reference, Judged run, out HoldoutMatch match)
    {
        match = new HoldoutMatch([], [], null, 0);
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

        var areSame = reference.KeysId == run.KeysId && reference.RowsId is not null && reference.RowsId == run.RowsId;
        match = HoldoutMatch.Of(reference.Keys.Keys, run.Keys.Keys, areSame, theirs, ours);
        var most = Math.Max(reference.Keys.Keys.Length, run.Keys.Keys.Length);
        if (match.Run.Length < Math.Min(FewestRows, most))
        {
            var repeated = match.LeftOut > 0 ? $" {LeftOut(match)}" : "";
            return $"of the {Prose.Count(run.Keys.Keys.Length)} rows of its holdout, {Prose.Count(match.Run.Length)} " +
                $"were recognized in the holdout of both.{repeated}";
        }
        var pairs = match.Reference.Zip(match.Run, (theirRow, ourRow) => (Theirs: theirRow, Ours: ourRow)).ToArray();
        if (Array.Exists(pairs, pair => theirs.Labels.Span[pair.Theirs] != ours.Labels.Span[pair.Ours]))
        {
            return "rows have different labels.";
        }
        return !theirs.Weights.IsEmpty
            && Array.Exists(pairs, pair => theirs.Weights.Span[pair.Theirs] != ours.Weights.Span[pair.Ours])
                ? "rows have different weights."
                : null;
    }

    private static string LeftOut(HoldoutMatch match) =>
        $"{Prose.Count(match.LeftOut)} rows are left out, because their keys repeat and nothing tells which of them is which.";

    private static MetricDifference Compare(
        IMetric metric, Evaluation first, Evaluation second, IReadOnlyList<int[]>? keys, CancellationToken cancellationToken) =>
        keys is { Count: < KeyedRows.FewestKeys }
            ? MetricComparison.Compare(metric, first, second, Level) with
            {
                Lower = double.NaN, Upper = double.NaN, PValue = double.NaN, Method = $"none: {keys.Count} keys",
            }
            : KeyedRows.Compare(metric, first, second, keys, Level, seed: 0, cancellationToken);

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

    private sealed record Judged(
        RunRecord Run, ArtifactId KeysId, ArtifactId? RowsId, RowKeySet Keys, bool IsDeclared, HoldoutScores Scores);
}
