using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Of functions of the counts of two classes and two decisions: the jackknife, which has as many different rows to leave out as there are
/// cells. Quantiles are Student's with one degree of freedom less than the smaller class has rows.
/// </summary>
/// <param name="metric">The metric as a function of the counts; NaN where it is not defined.</param>
/// <param name="single">How sure a single value is; default: the jackknife on Fisher's scale, for values from −1 to 1.</param>
internal sealed class CellUncertainty(Func<ConfusionMatrix, double> metric, IUncertainty? single = null) : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (single is not null) return single.Interval(evaluation, plan);
        if (!IsCounted(evaluation)) return null;
        var cells = new long[4];
        for (var row = 0; row < evaluation.RowCount; row++) cells[2 * (int)evaluation.Labels.Span[row] + evaluation.Decision(row)]++;
        var value = metric(Confusion(cells, 2, 1));
        if (Math.Abs(value) >= 1) return OfNoVariance(cells, value, plan.Level);
        var half = Quantile(cells, plan.Level) * Jackknife(cells, one => metric(Confusion(one, 2, 1))) / (1 - value * value);
        return new ConfidenceInterval(Math.Tanh(Math.Atanh(value) - half), Math.Tanh(Math.Atanh(value) + half), plan.Level);
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        if (!IsCounted(champion)) return null;
        var cells = new long[8];
        for (var row = 0; row < champion.RowCount; row++)
            cells[4 * (int)champion.Labels.Span[row] + 2 * champion.Decision(row) + challenger.Decision(row)]++;
        double difference = Difference(cells), error = Jackknife(cells, Difference);
        var half = Quantile(cells, plan.Level) * error;
        var t = error == 0 && difference == 0 ? 0 : difference / error;
        return new MethodComparison("jackknife", new PairedComparison(
            difference,
            error,
            t,
            double.IsNaN(half) ? double.NaN : Distribution.StudentP(t, Degrees(cells), Alternative.TwoSided),
            new ConfidenceInterval(difference - half, difference + half, plan.Level)));

        double Difference(long[] counts) => metric(Confusion(counts, 4, 1)) - metric(Confusion(counts, 4, 2));
    }

    private static bool IsCounted(Evaluation evaluation) =>
        evaluation.Task == TaskKind.BinaryClassification && !evaluation.HasUnequalWeights;

    /// <summary>The counts by two of the bits of a cell's number.</summary>
    private static ConfusionMatrix Confusion(long[] cells, int label, int decision)
    {
        var counts = new long[2, 2];
        for (var cell = 0; cell < cells.Length; cell++)
            counts[(cell & label) == 0 ? 0 : 1, (cell & decision) == 0 ? 0 : 1] += cells[cell];
        return new ConfusionMatrix(counts);
    }

    /// <summary>The standard error: a row of each cell is left out, as often as the cell has rows.</summary>
    private static double Jackknife(long[] cells, Func<long[], double> statistic)
    {
        double rows = cells.Sum(), sum = 0, squares = 0;
        var without = new double[cells.Length];
        for (var cell = 0; cell < cells.Length; cell++)
        {
            if (cells[cell] == 0) continue;
            cells[cell]--;
            without[cell] = statistic(cells);
            cells[cell]++;
            sum += cells[cell] * without[cell];
        }

        for (var cell = 0; cell < cells.Length; cell++)
            squares += cells[cell] * (without[cell] - sum / rows) * (without[cell] - sum / rows);
        return Math.Sqrt(squares * (rows - 1) / rows);
    }

    private static long Positives(long[] cells) => cells.AsSpan(cells.Length / 2).ToArray().Sum();

    private static double Degrees(long[] cells) => Math.Min(Positives(cells), cells.Sum() - Positives(cells)) - 1;

    private static double Quantile(long[] cells, double level) =>
        Degrees(cells) < 1 ? double.NaN : Distribution.StudentQuantile(0.5 + level / 2, Degrees(cells));

    /// <summary>
    /// The bound where all decisions are right, or all wrong, and the jackknife sees no variance: the value at Clopper and Pearson's bounds
    /// of the two classes' recalls, each with 1 − α/2.
    /// </summary>
    private ConfidenceInterval OfNoVariance(long[] cells, double value, double level)
    {
        const long scale = 1_000_000_000;
        var isRight = value > 0;
        var counts = new long[2, 2];
        double rows = cells.Sum();
        for (var ofClass = 0; ofClass < 2; ofClass++)
        {
            var count = ofClass == 1 ? Positives(cells) : cells.Sum() - Positives(cells);
            var least = Math.Pow((1 - level) / 4, 1.0 / count);
            var decision = isRight ? ofClass : 1 - ofClass;
            counts[ofClass, decision] = (long)(scale * count / rows * least);
            counts[ofClass, 1 - decision] = (long)(scale * count / rows * (1 - least));
        }

        var bound = metric(new ConfusionMatrix(counts));
        return isRight ? new ConfidenceInterval(bound, value, level) : new ConfidenceInterval(value, bound, level);
    }
}
