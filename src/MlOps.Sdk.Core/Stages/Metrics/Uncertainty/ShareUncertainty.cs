using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Of metrics that are shares of rows, or follow from one: Wilson's interval.</summary>
/// <param name="outcome">
/// Whether a row with a truth and a decision is a success; <see langword="null"/> where it does not count.
/// </param>
/// <param name="ofAnyTask">Whether the metric is such a share for several classes too.</param>
/// <param name="ofShare">The metric as a function of the share, ascending. Default: the share itself.</param>
internal sealed class ShareUncertainty(
    Func<double, int, bool?> outcome, bool ofAnyTask = false, Func<double, double>? ofShare = null) : IUncertainty
{
    /// <summary>Of right decisions among all rows.</summary>
    public static readonly ShareUncertainty Accuracy = new((truth, decision) => truth == decision, ofAnyTask: true);

    /// <summary>Of right decisions among the positive ones.</summary>
    public static readonly ShareUncertainty Precision = new((truth, decision) => decision == 1 ? truth == 1 : null);

    /// <summary>Of right decisions among the positive rows.</summary>
    public static readonly ShareUncertainty Recall = new((truth, decision) => truth == 1 ? decision == 1 : null);

    /// <summary>
    /// Of rows that are positive and decided so, among those that are either: J. F1 is 2J/(1 + J), so the bounds of one are those of the
    /// other.
    /// </summary>
    public static readonly ShareUncertainty F1 = new(
        (truth, decision) => truth == 1 || decision == 1 ? truth == decision : null, ofShare: share => 2 * share / (1 + share));

    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        if (!ofAnyTask && evaluation.Task != TaskKind.BinaryClassification) return null;
        var labels = evaluation.Labels;
        var interval = Outcomes.Share(evaluation, row => outcome(labels.Span[row], evaluation.Decision(row))) is { } share
            ? Intervals.Wilson(share.Value, share.Rows, plan.Level)
            : new ConfidenceInterval(double.NaN, double.NaN, plan.Level);
        return ofShare is null ? interval : interval with { Lower = ofShare(interval.Lower), Upper = ofShare(interval.Upper) };
    }

    /// <summary>
    /// Of accuracy: Agresti and Min's interval (2005), Wald's with half a row added to each of the four cells of the two models' right and
    /// wrong decisions.
    /// </summary>
    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan)
    {
        if (this != Accuracy || champion.HasUnequalWeights) return null;
        bool[] first = Right(champion), second = Right(challenger);
        int gained = 0, lost = 0;
        for (var row = 0; row < first.Length; row++)
        {
            if (second[row] && !first[row]) gained++;
            if (first[row] && !second[row]) lost++;
        }

        double rows = first.Length + 2, middle = (gained - lost) / rows;
        var error = Math.Sqrt(((gained + lost + 1) / rows - middle * middle) / rows);
        var half = Distribution.NormalQuantile(0.5 + plan.Level / 2) * error;
        var test = McNemar.Test(first, second);
        return new MethodComparison("McNemar, interval of Agresti and Min", new PairedComparison(
            (double)(gained - lost) / first.Length,
            error,
            middle / error,
            test.PValue,
            new ConfidenceInterval(Math.Max(-1, middle - half), Math.Min(1, middle + half), plan.Level)));
    }

    private static bool[] Right(Evaluation evaluation)
    {
        var right = new bool[evaluation.RowCount];
        for (var row = 0; row < right.Length; row++) right[row] = evaluation.Decision(row) == evaluation.Labels.Span[row];
        return right;
    }
}
