using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>
/// The library computes in single precision, and leaves rows out whose label or weight is infinite there without an error: they are
/// rejected.
/// </summary>
internal static class SinglePrecision
{
    /// <summary>Rejects labels and weights that single precision cannot hold.</summary>
    public static void Check(TrainingContext context)
    {
        if (context.Task == TaskKind.Regression) CheckLabels(context.Labels.Span);
        CheckWeights(context.Weights.Span);
        if (context.Validation is not { } validation) return;
        if (context.Task == TaskKind.Regression) CheckLabels(validation.Labels.Span);
        CheckWeights(validation.Weights.Span);
    }

    private static void CheckLabels(ReadOnlySpan<double> labels)
    {
        foreach (var label in labels)
        {
            if (float.IsFinite((float)label)) continue;
            throw new MlOpsException(
                FormattableString.Invariant($"The label {label} is beyond single precision, in which Microsoft.ML computes."),
                "Give the label in a larger unit, or its logarithm.");
        }
    }

    private static void CheckWeights(ReadOnlySpan<double> weights)
    {
        foreach (var weight in weights)
        {
            if (float.IsFinite((float)weight) && (float)weight > 0) continue;
            throw new MlOpsException(
                FormattableString.Invariant($"The weight {weight} is beyond single precision, in which Microsoft.ML computes."),
                "Only the ratios of weights matter: divide all by the largest, and remove rows that hardly count.");
        }
    }
}
