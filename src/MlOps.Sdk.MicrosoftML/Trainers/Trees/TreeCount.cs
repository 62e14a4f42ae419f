using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// After how many trees the loss on rows that were not learned from is lowest: the logarithmic loss for two classes, the squared error for
/// regression. The library itself counts errors of classification, which says little of probabilities and jumps with few rows.
/// </summary>
internal static class TreeCount
{
    /// <summary>The best number of trees, 1 at least.</summary>
    /// <param name="score">The boosted trees of the library.</param>
    /// <param name="validation">Rows that were not learned from.</param>
    public static int Best(TreesScore score, TrainingView validation)
    {
        var labels = validation.Labels.Span;
        var weights = validation.Weights.Span;
        float[][] rows = [.. Enumerable.Range(0, labels.Length).Select(validation.Row)];
        var sums = new double[labels.Length];
        var (best, lowest) = (1, double.PositiveInfinity);
        for (var t = 0; t < score.Trees.Count; t++)
        {
            var loss = 0.0;
            for (var row = 0; row < sums.Length; row++)
            {
                sums[row] += Value(score.Trees[t], rows[row]);
                var ofRow = validation.Task == TaskKind.Regression
                    ? (sums[row] - labels[row]) * (sums[row] - labels[row])
                    : LogLoss(score.Calibration!.Probability(sums[row]), labels[row]);
                loss += (weights.IsEmpty ? 1 : weights[row]) * ofRow;
            }

            if (loss < lowest) (best, lowest) = (t + 1, loss);
        }

        return best;
    }

    private static double LogLoss(double probability, double label) =>
        -Math.Log(Math.Max(label > 0 ? probability : 1 - probability, double.Epsilon));

    private static double Value(DecisionTree tree, ReadOnlySpan<float> row)
    {
        var at = tree.Splits.Count > 0 ? 0 : ~0;
        while (at >= 0)
        {
            var split = tree.Splits[at];
            at = GoesRight(split, row) ? split.Right : split.Left;
        }

        return tree.Leaves[~at];
    }

    private static bool GoesRight(TreeSplit split, ReadOnlySpan<float> row)
    {
        if (split.Slots is not { } slots) return row[split.Feature] >= split.Threshold;
        foreach (var slot in slots)
        {
            if (row[slot] > 0) return true;
        }

        return false;
    }
}
