using System.Globalization;

namespace MlOps.Sdk.Metrics;

/// <summary>How often each class was decided for rows of each true class, and the metrics that follow from it. Immutable.</summary>
/// <remarks>
/// Metrics are NaN where they are 0/0. Macro averages take all classes that occur in labels or decisions, and a class that is 0/0 for one
/// metric counts as 0 there, as in scikit-learn. With weights, metrics are computed from their sums, and counts
/// are of rows.
/// </remarks>
/// <param name="Counts">K × K counts; rows are true classes, columns decisions.</param>
public sealed record ConfusionMatrix(long[,] Counts)
{
    /// <summary>The number of classes.</summary>
    public int ClassCount => Counts.GetLength(0);

    /// <summary>K × K sums of weights, laid out as the counts; <see langword="null"/> where all rows count alike.</summary>
    public double[,]? Weights { get; private init; }

    /// <summary>The number of rows.</summary>
    public long Total { get; } = Counts.Cast<long>().Sum();

    /// <summary>The share of right decisions.</summary>
    public double Accuracy => Enumerable.Range(0, ClassCount).Sum(k => At(k, k)) / Sum;

    /// <summary>The mean recall of the classes that occur in the labels.</summary>
    public double BalancedAccuracy
    {
        get
        {
            var recalls = Enumerable.Range(0, ClassCount).Select(Recall).Where(recall => !double.IsNaN(recall)).ToList();
            return recalls.Count == 0 ? double.NaN : recalls.Average();
        }
    }

    /// <summary>The mean precision of the classes.</summary>
    public double MacroPrecision => Macro(Precision);

    /// <summary>The mean recall of the classes.</summary>
    public double MacroRecall => Macro(Recall);

    /// <summary>The mean F1 of the classes.</summary>
    public double MacroF1 => Macro(F1);

    /// <summary>
    /// Matthews's correlation coefficient, −1 to 1 (for several classes Gorodkin 2004); NaN when labels or decisions are all of one class.
    /// </summary>
    public double Mcc
    {
        get
        {
            double n = Sum, right = 0, both = 0, truths = 0, decisions = 0;
            for (var k = 0; k < ClassCount; k++)
            {
                double truth = OfTruth(k), decided = OfDecision(k);
                right += At(k, k);
                both += truth * decided;
                truths += truth * truth;
                decisions += decided * decided;
            }

            return (right * n - both) / Math.Sqrt((n * n - truths) * (n * n - decisions));
        }
    }

    /// <summary>The rows of a class that were decided so.</summary>
    /// <param name="k">The class.</param>
    public long Right(int k) => Counts[k, k];

    /// <summary>The rows of a class.</summary>
    /// <param name="k">The class.</param>
    public long Truths(int k) => Enumerable.Range(0, ClassCount).Sum(j => Counts[k, j]);

    /// <summary>The rows that were decided to be of a class.</summary>
    /// <param name="k">The class.</param>
    public long Decisions(int k) => Enumerable.Range(0, ClassCount).Sum(i => Counts[i, k]);

    /// <summary>The share of the decisions for a class that are right; NaN when it was never decided.</summary>
    /// <param name="k">The class; in binary classification 1 is the positive one.</param>
    public double Precision(int k) => At(k, k) / OfDecision(k);

    /// <summary>The share of the rows of a class that were found; NaN when there are none.</summary>
    /// <param name="k">The class; in binary classification 1 is the positive one.</param>
    public double Recall(int k) => At(k, k) / OfTruth(k);

    /// <summary>
    /// The harmonic mean of precision and recall, 2·TP/(2·TP + FP + FN); NaN when the class occurs neither in labels nor in decisions.
    /// </summary>
    /// <param name="k">The class; in binary classification 1 is the positive one.</param>
    public double F1(int k) => 2 * At(k, k) / (OfTruth(k) + OfDecision(k));

    /// <summary>Counts decisions.</summary>
    /// <param name="labels">The true class per row, 0 to <paramref name="classCount"/> − 1.</param>
    /// <param name="decisions">The decided class per row.</param>
    /// <param name="classCount">The number of classes, at least 2. Default: 2.</param>
    /// <param name="weights">How much each row counts, finite and above 0. Default: all rows count alike.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, a class is not a whole number from 0 to <paramref name="classCount"/> − 1, or a weight is not a finite number
    /// above 0.
    /// </exception>
    public static ConfusionMatrix From(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> decisions, int classCount = 2, ReadOnlySpan<double> weights = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classCount, 2);
        MetricInput.RequirePaired(labels.Length, decisions.Length, nameof(decisions));
        weights = MetricInput.Weights(labels.Length, weights);
        var counts = new long[classCount, classCount];
        var sums = weights.IsEmpty ? null : new double[classCount, classCount];
        for (var i = 0; i < labels.Length; i++)
        {
            var truth = MetricInput.Class(labels[i], classCount, nameof(labels));
            var decision = MetricInput.Class(decisions[i], classCount, nameof(decisions));
            counts[truth, decision]++;
            if (sums is not null) sums[truth, decision] += weights[i];
        }

        return new ConfusionMatrix(counts) { Weights = sums };
    }

    private double Sum => Enumerable.Range(0, ClassCount).Sum(OfTruth);

    private double At(int truth, int decision) => Weights is null ? Counts[truth, decision] : Weights[truth, decision];

    private double OfTruth(int k) => Enumerable.Range(0, ClassCount).Sum(j => At(k, j));

    private double OfDecision(int k) => Enumerable.Range(0, ClassCount).Sum(i => At(i, k));

    private double Macro(Func<int, double> metric)
    {
        var values = Enumerable.Range(0, ClassCount).Where(k => Truths(k) + Decisions(k) > 0).Select(metric).ToList();
        return values.Count == 0 ? double.NaN : values.Average(value => double.IsNaN(value) ? 0 : value);
    }

    /// <summary>The counts: a line for each true class, a column for each decision.</summary>
    public override string ToString() => string.Join(
        Environment.NewLine,
        Enumerable.Range(0, ClassCount).Select(truth => $"{truth}:" + string.Concat(Enumerable.Range(0, ClassCount).Select(
            decision => string.Create(CultureInfo.InvariantCulture, $" {Counts[truth, decision],8}")))));
}
