using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Metrics;

/// <summary>What the built-in metrics derive from an evaluation.</summary>
internal static class EvaluationDecisions
{
    public static double[] Decisions(this Evaluation evaluation)
    {
        var decisions = new double[evaluation.RowCount];
        for (var row = 0; row < decisions.Length; row++) decisions[row] = evaluation.Decision(row);
        return decisions;
    }

    public static ConfusionMatrix Confusion(this Evaluation evaluation) =>
        ConfusionMatrix.From(
            evaluation.Labels.Span,
            evaluation.Decisions(),
            evaluation.Task == TaskKind.BinaryClassification ? 2 : evaluation.ClassCount,
            evaluation.Weights.Span);

    /// <summary>Of several classes: whether the decided one is right, and the probability it was given.</summary>
    public static (double[] Right, double[] Confidence) Confidence(this Evaluation evaluation)
    {
        var right = new double[evaluation.RowCount];
        var confidence = new double[evaluation.RowCount];
        for (var row = 0; row < right.Length; row++)
        {
            var decision = evaluation.Decision(row);
            right[row] = decision == evaluation.Labels.Span[row] ? 1 : 0;
            confidence[row] = evaluation.Scores.Span[row * evaluation.ClassCount + decision];
        }

        return (right, confidence);
    }

    public static IReadOnlyList<string?> GroupsOf(this Evaluation evaluation, string attribute) =>
        evaluation.Groups.TryGetValue(attribute, out var groups)
            ? groups
            : throw new MlOpsException(
                $"The evaluation has no groups of the protected attribute '{attribute}'.",
                "Add the column to `Protect(…)` of the problem, or to `Observe(…)` of the features, " +
                    "so that it is recorded with the predictions.") { Column = attribute };
}
