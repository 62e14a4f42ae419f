using System.Runtime.InteropServices;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Compares two models by a metric on the same rows. Thread-safe.</summary>
public static class MetricComparison
{
    private const int Resamples = 500;

    /// <summary>
    /// How much better the challenger is. Binary ROC areas are compared by DeLong's paired test, binary average precisions by the
    /// jackknife of their difference; means of losses, their roots and R² by the studentized bootstrap; for accuracy the p-value is
    /// McNemar's and the interval a paired bootstrap; gaps between groups are compared with their signs, over all pairs of groups that the
    /// rows allow to be the farthest apart; calibration errors by the difference of the true ones, whose interval need not hold that of
    /// the observed ones; every other metric is compared by the paired bootstrap, over rows drawn jointly. Where fewer than ten resamples
    /// lie beyond a bound, a bootstrap interval reaches at least as far as the normal one with the bootstrap's standard error, see
    /// <see cref="PairedBootstrap.Compare"/>, or Student's where it is studentized.
    /// </summary>
    /// <remarks>
    /// Where some rows count more than others, ROC areas, average precisions and accuracies are compared by the paired bootstrap, too, in
    /// which each drawn row keeps its weight: the tests of DeLong and McNemar and the jackknife count all rows alike. Where the rows tell
    /// nothing about the spread, for example with one positive row, there is no interval.
    /// </remarks>
    /// <param name="metric">The metric.</param>
    /// <param name="champion">The incumbent's predictions.</param>
    /// <param name="challenger">The challenger's predictions of the same rows in the same order; thresholds may differ.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <param name="resamples">The number of bootstrap resamples. Default: 500.</param>
    /// <param name="seed">The seed of the bootstrap. Default: 0.</param>
    /// <exception cref="ArgumentException">Task, labels or weights differ: these are not the same rows.</exception>
    /// <exception cref="MlOpsException">There are weights, but not one per row.</exception>
    public static MetricDifference Compare(
        IMetric metric, Evaluation champion, Evaluation challenger, double level = 0.95, int resamples = Resamples, int seed = 0)
    {
        Samples.RequireProbability(level, nameof(level));
        RequireSameRows(champion, challenger);
        var (first, second) = (metric.Compute(champion), metric.Compute(challenger));
        if (!first.IsDefined || !second.IsDefined) return Undefined(metric, first, second, level);
        if ((metric as BuiltInMetric)?.Uncertainty?.Compare(champion, challenger, new ResamplingPlan(level, resamples, seed)) is { } made)
        {
            return Result(metric, first, second, level, made.Method, made.Compared);
        }
        var (ofChampion, ofChallenger) = (MetricIntervals.Needed(metric, champion), MetricIntervals.Needed(metric, challenger));
        return Result(metric, first, second, level, "paired bootstrap", PairedBootstrap.Compare(
            champion.RowCount,
            rows => Oriented(metric, metric.Compute(ofChampion.Take(rows.Span)).Value),
            rows => Oriented(metric, metric.Compute(ofChallenger.Take(rows.Span)).Value),
            level,
            resamples,
            seed));
    }

    /// <summary>
    /// How much better the challenger is, where rows belong together, for example those of one customer: units of rows are drawn jointly,
    /// each with all of its rows, because rows of one unit tell less than as many independent ones.
    /// </summary>
    /// <param name="metric">The metric.</param>
    /// <param name="champion">The incumbent's predictions.</param>
    /// <param name="challenger">The challenger's predictions of the same rows in the same order.</param>
    /// <param name="units">The rows of each unit.</param>
    /// <param name="method">The name of the method.</param>
    /// <param name="level">The confidence.</param>
    /// <param name="seed">The seed of the bootstrap.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static MetricDifference CompareUnits(
        IMetric metric,
        Evaluation champion,
        Evaluation challenger,
        IReadOnlyList<int[]> units,
        string method,
        double level,
        int seed,
        CancellationToken cancellationToken)
    {
        RequireSameRows(champion, challenger);
        var (first, second) = (metric.Compute(champion), metric.Compute(challenger));
        if (!first.IsDefined || !second.IsDefined) return Undefined(metric, first, second, level);
        var (ofChampion, ofChallenger) = (MetricIntervals.Needed(metric, champion), MetricIntervals.Needed(metric, challenger));
        return Result(metric, first, second, level, method, PairedBootstrap.Compare(
            units.Count, drawn => Over(ofChampion, drawn), drawn => Over(ofChallenger, drawn), level, Resamples, seed));

        double Over(Evaluation evaluation, ReadOnlyMemory<int> drawn)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = new List<int>(evaluation.RowCount);
            foreach (var unit in drawn.Span) rows.AddRange(units[unit]);
            return Oriented(metric, metric.Compute(evaluation.Take(CollectionsMarshal.AsSpan(rows))).Value);
        }
    }

    private static void RequireSameRows(Evaluation champion, Evaluation challenger)
    {
        if (champion.Task != challenger.Task
            || champion.ClassCount != challenger.ClassCount
            || !champion.Labels.Span.SequenceEqual(challenger.Labels.Span)
            || !champion.Weights.Span.SequenceEqual(challenger.Weights.Span))
        {
            throw new ArgumentException(
                "Champion and challenger must be evaluated on the same rows: tasks, labels or weights differ.",
                nameof(challenger));
        }
        champion.RequireWeightPerRow();
    }

    private static MetricDifference Undefined(IMetric metric, MetricValue first, MetricValue second, double level) =>
        new(metric.Name, first, second, double.NaN, double.NaN, double.NaN, level, double.NaN, "undefined");

    private static MetricDifference Result(
        IMetric metric, MetricValue first, MetricValue second, double level, string method, PairedComparison compared) =>
        new(
            metric.Name,
            first,
            second,
            compared.Difference,
            compared.Interval.Lower,
            compared.Interval.Upper,
            level,
            compared.PValue,
            method);

    private static double Oriented(IMetric metric, double value) => metric.Direction switch
    {
        Direction.Up => value,
        Direction.Down => -value,
        _ => -Math.Abs(value),
    };
}
