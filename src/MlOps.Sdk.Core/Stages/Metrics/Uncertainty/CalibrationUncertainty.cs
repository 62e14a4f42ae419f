using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Of the calibration error: tests of the true error, inverted, for the observed one is too large by chance.</summary>
/// <param name="binCount">The number of bins of equal width.</param>
internal sealed class CalibrationUncertainty(int binCount) : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan) =>
        new BinnedGap(Bins(evaluation), plan.Resamples, plan.Seed).Interval(plan.Level);

    /// <summary>
    /// The difference of the true errors: distances from their medians to their bounds, added in squares (Zou and Donner 2008). Both models
    /// have the same labels, which would make it narrower where their errors rise and fall together.
    /// </summary>
    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        var z = Distribution.NormalQuantile(0.5 + plan.Level / 2);
        BinGap[] first = Bins(champion), second = Bins(challenger);
        var observed = Observed(first) - Observed(second);
        if (first.SequenceEqual(second))
        {
            return new MethodComparison(
                "calibration by inverted tests", new PairedComparison(0, 0, 0, 1, new ConfidenceInterval(0, 0, plan.Level)));
        }

        // Each model's draws are those of its own interval.
        var (a, b) = (new BinnedGap(first, plan.Resamples, plan.Seed), new BinnedGap(second, plan.Resamples, plan.Seed));
        var (ofFirst, ofSecond) = (a.Interval(plan.Level), b.Interval(plan.Level));
        double middle = a.At(0.5), other = b.At(0.5), difference = middle - other;
        var lower = difference - Hypotenuse(middle - ofFirst.Lower, ofSecond.Upper - other);
        var upper = difference + Hypotenuse(ofFirst.Upper - middle, other - ofSecond.Lower);
        var half = difference > 0 ? difference - lower : upper - difference;
        var errors = difference == 0 ? 0 : z * difference / half;
        return new MethodComparison("calibration by inverted tests", new PairedComparison(
            observed,
            (upper - lower) / (2 * z),
            errors,
            Distribution.NormalP(errors, Alternative.TwoSided),
            new ConfidenceInterval(lower, upper, plan.Level)));
    }

    private static double Hypotenuse(double x, double y) => Math.Sqrt(x * x + y * y);

    private static double Observed(BinGap[] bins) => bins.Sum(bin => bin.Share * Math.Abs(bin.Observed - bin.Expected));

    private BinGap[] Bins(Evaluation evaluation)
    {
        var (right, scores) = evaluation.Task == TaskKind.BinaryClassification
            ? (evaluation.Labels, evaluation.Scores)
            : evaluation.Confidence() is var (decided, confidence) ? (decided, confidence) : default;
        var weights = MetricInput.Weights(evaluation.RowCount, evaluation.Weights.Span);
        var (sums, squares, hits, expected) = (
            new double[binCount], new double[binCount], new double[binCount], new double[binCount]);
        for (var row = 0; row < right.Length; row++)
        {
            var bin = Math.Min(binCount - 1, (int)(scores.Span[row] * binCount));
            var weight = weights.At(row);
            sums[bin] += weight;
            squares[bin] += weight * weight;
            hits[bin] += weight * right.Span[row];
            expected[bin] += weight * scores.Span[row];
        }

        var total = sums.Sum();
        return
        [
            .. Enumerable.Range(0, binCount).Where(bin => sums[bin] > 0).Select(bin => new BinGap(
                sums[bin] / total,
                sums[bin] * sums[bin] / squares[bin],
                Math.Min(1, expected[bin] / sums[bin]),
                Math.Min(1, hits[bin] / sums[bin])))
        ];
    }
}
