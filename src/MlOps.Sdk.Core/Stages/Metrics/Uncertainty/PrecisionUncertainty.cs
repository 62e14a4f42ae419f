using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Of the average precision of two classes: the jackknife's variance, on the logit scale, as the ROC area's. Quantiles are Student's with
/// one degree of freedom less than there are positive rows, over which the average is taken.
/// </summary>
internal sealed class PrecisionUncertainty : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (evaluation.Task != TaskKind.BinaryClassification || evaluation.HasUnequalWeights) return null;
        var (precision, without, positives) = Jackknife(evaluation);
        if (precision == 1) return OfPerfectOrder(positives, evaluation.RowCount - positives, plan.Level);
        var logit = Math.Log(precision / (1 - precision));
        var half = Quantile(positives, plan.Level) * Error(without, positives) / (precision * (1 - precision));
        return new ConfidenceInterval(1 / (1 + Math.Exp(half - logit)), 1 / (1 + Math.Exp(-half - logit)), plan.Level);
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        if (champion.Task != TaskKind.BinaryClassification || champion.HasUnequalWeights) return null;
        var (first, withoutFirst, positives) = Jackknife(champion);
        var (second, withoutSecond, _) = Jackknife(challenger);
        for (var row = 0; row < withoutSecond.Length; row++) withoutSecond[row] -= withoutFirst[row];
        double difference = second - first, error = Error(withoutSecond, positives);
        var half = positives < 2 ? double.NaN : Quantile(positives, plan.Level) * error;
        var t = error == 0 && difference == 0 ? 0 : difference / error;
        return new MethodComparison("jackknife", new PairedComparison(
            difference,
            error,
            t,
            positives < 2 ? double.NaN : Distribution.StudentP(t, positives - 1, Alternative.TwoSided),
            new ConfidenceInterval(difference - half, difference + half, plan.Level)));
    }

    /// <summary>The average precision, and that without each of the rows.</summary>
    private static (double Value, double[] Without, int Positives) Jackknife(Evaluation evaluation)
    {
        var labels = evaluation.Labels.Span;
        var order = Ranks.Order(evaluation.Scores.Span, out var sorted);
        var without = new double[order.Length];

        // From the best score down: of the positive rows seen so far, the sum of their precision.
        double rows = 0, positives = 0, sum = 0;
        for (int end = order.Length - 1, start; end >= 0; end = start)
        {
            double here = 0;
            for (start = end; start >= 0 && sorted[start] == sorted[end]; start--) here += labels[order[start]];
            rows += end - start;
            positives += here;
            sum += here * positives / rows;
        }

        // From the worst score up: what the precision of the positive rows that score no better becomes without a negative, or a positive.
        double withoutNegative = 0, withoutPositive = 0, above = sum, n = rows, found = positives;
        for (int start = 0, end; start < order.Length; start = end)
        {
            double here = 0;
            for (end = start; end < order.Length && sorted[end] == sorted[start]; end++) here += labels[order[end]];
            above -= here * found / n;
            var others = n > 1 ? 1 / (n - 1) : 0;
            for (var i = start; i < end; i++)
            {
                without[order[i]] = labels[order[i]] == 1
                    ? (above + withoutPositive + (here - 1) * (found - 1) * others) / (positives - 1)
                    : (above + withoutNegative + here * found * others) / positives;
            }

            withoutNegative += here * found * others;
            withoutPositive += here * (found - 1) * others;
            n -= end - start;
            found -= here;
        }

        return (Math.Min(1, sum / positives), without, (int)positives);
    }

    private static double Error(double[] without, int positives) =>
        Math.Sqrt(
            Samples.SquaredDeviations(without, Samples.Mean(without)) * (without.Length - 1) / without.Length
                * positives / (positives - 1.0));

    private static double Quantile(int positives, double level) =>
        positives < 2 ? double.NaN : Distribution.StudentQuantile(0.5 + level / 2, positives - 1);

    /// <summary>
    /// The bound of an order without a fault, in which the jackknife sees no variance. With 1 − α/2 each, of the scores above the lowest
    /// positive row are at least a share t of all positive rows, t^P = α/2, and at most a share f of all negative ones, (1 − f)^N = α/2.
    /// Then the precision at a recall of r ≤ t is at least r/(r + c) with c = f · N/P, and its average t − c · ln(1 + t/c).
    /// </summary>
    private static ConfidenceInterval OfPerfectOrder(int positives, int negatives, double level)
    {
        if (negatives == 0) return new ConfidenceInterval(double.NaN, double.NaN, level);
        var tail = (1 - level) / 4;
        double found = Math.Pow(tail, 1.0 / positives), alarms = 1 - Math.Pow(tail, 1.0 / negatives);
        var ratio = alarms * negatives / positives;
        return new ConfidenceInterval(found - ratio * Math.Log(1 + found / ratio), 1, level);
    }
}
