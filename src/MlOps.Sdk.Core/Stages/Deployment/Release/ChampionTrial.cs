using MlOps.Sdk.Metrics;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Deployment;

/// <summary>Compares a new package with the version that is live, on the same rows, which neither was trained on.</summary>
/// <param name="artifacts">Where packages are.</param>
/// <param name="readers">The readers of packages.</param>
/// <param name="seed">The seed of the resampling.</param>
/// <param name="holdout">The rows.</param>
/// <param name="runs">The runs, of which one trained the live version.</param>
/// <param name="metric">What is compared.</param>
/// <param name="margin">What the lower bound of the improvement must exceed.</param>
internal sealed class ChampionTrial(
    IArtifactStore artifacts, FormatReaders readers, int seed, IUnseenRows holdout, RunHistory runs, IMetric metric, double margin)
{
    private const string Comparison = "comparison";
    private const int MinimumRows = 50;

    /// <summary>Compares a package with the version that is live.</summary>
    /// <param name="champion">The version that is live; <see langword="null"/> when none is.</param>
    /// <param name="challenger">The new package.</param>
    /// <param name="contentHash">The content hash of the new package.</param>
    /// <param name="evaluation">What the new package answers to the holdout.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <exception cref="MlOpsException">A store cannot be read.</exception>
    public async Task<TrialOutcome> CompareAsync(
        ModelVersion? champion,
        ModelPackage challenger,
        string contentHash,
        Evaluation evaluation,
        CancellationToken cancellationToken)
    {
        if (champion is null || champion.ContentHash == contentHash) return new TrialOutcome(champion, IsSame: champion is not null);

        // A store that cannot be read fails the run. What is lost or damaged stays so: it makes the old version incomparable.
        var (package, loss) = await artifacts.TryReadAllAsync(champion.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null) return Incomparable($"its package is lost. {loss}");
        var (trained, unknown) = await ReadTrainedKeysAsync(champion, cancellationToken).ConfigureAwait(false);
        if (unknown is not null) return Incomparable($"the record of its training rows is lost. {unknown}");
        int[] rows;
        Evaluation incumbent;
        try
        {
            using var live = PackageFile.Read(package, readers);
            var labels = live.Decision.Labels;
            if (labels.Task != challenger.Decision.Labels.Task
                || live.Problem.Label != challenger.Problem.Label
                || !labels.Classes.SequenceEqual(challenger.Decision.Labels.Classes))
            {
                return Incomparable($"it predicts '{live.Problem.Label}' ({labels.Task}: {string.Join(", ", labels.Classes)})");
            }
            rows = holdout.UnseenBy(trained);
            if (rows.Length < MinimumRows)
            {
                return Incomparable(
                    $"only {Prose.Count(rows.Length)} of {Prose.Count(holdout.RowCount)} holdout rows were not in its training");
            }
            incumbent = holdout.Evaluate(live, cancellationToken);
        }
        catch (MlOpsException e)
        {
            return Incomparable(e.Message);
        }

        var units = await holdout.UnitsOfAsync(rows, cancellationToken).ConfigureAwait(false);
        if (units is { Count: < KeyedRows.FewestKeys })
        {
            return Incomparable(
                $"the {Prose.Count(rows.Length)} holdout rows that were not in its training have {units.Count} keys only, and rows of " +
                    "one key are not independent");
        }
        var purpose = $"{Comparison} of {contentHash} with {champion.ContentHash}";
        await holdout.RecordLookAsync(purpose, cancellationToken).ConfigureAwait(false);
        var level = LevelOf(await holdout.OrdinalOfAsync(Comparison, purpose, cancellationToken).ConfigureAwait(false));
        var (theirs, ours) = (incumbent.Take(rows), evaluation.Take(rows));
        var difference = await Task.Run(
            () => KeyedRows.Compare(metric, theirs, ours, units, level, seed, cancellationToken), cancellationToken).ConfigureAwait(false);
        return new TrialOutcome(champion)
        {
            Comparison = new ChampionComparison(
                champion.Version,
                metric.Name,
                difference.Champion.Value,
                difference.Challenger.Value,
                difference.Improvement,
                difference.Lower,
                difference.Upper,
                level,
                margin,
                rows.Length),
        };

        TrialOutcome Incomparable(string why) => new(champion) { Incomparable = why };
    }

    // The significance level is spent over all comparisons to come: 0.05 times 6 / (π² k²) for the k-th. The same two on the
    // same rows are the same comparison.
    private static double LevelOf(int k) => 1 - 0.05 * 6 / (Math.PI * Math.PI * k * k);

    private async Task<(RowKeySet? Keys, string? Loss)> ReadTrainedKeysAsync(ModelVersion champion, CancellationToken cancellationToken)
    {
        if (champion.RunId is null) return (null, null);
        var run = await runs.GetAsync(champion.RunId, cancellationToken).ConfigureAwait(false);
        if (run.Stages.FirstOrDefault(stage => stage.Stage == LifecycleStage.Processing)?.Outputs.TryGetValue(
            ProcessingStage.TrainKeys, out var keys) != true)
        {
            return (null, $"The run {run.Id} has no record of it.");
        }
        var (bytes, loss) = await artifacts.TryReadAllAsync(keys, cancellationToken).ConfigureAwait(false);
        return loss is null ? (RowKeySet.Read(bytes), null) : (null, loss);
    }
}
