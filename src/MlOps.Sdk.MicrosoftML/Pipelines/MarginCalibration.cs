using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet;

/// <summary>Fits the scalings of a pipeline's margins.</summary>
internal static class MarginCalibration
{
    /// <summary>Fits the scalings: one for two classes, one for each of several.</summary>
    /// <param name="margins">The raw values of each row, see <see cref="PipelineOutput.Finish"/>.</param>
    /// <param name="context">The labels and weights of the rows.</param>
    /// <exception cref="MlOpsException">A margin is not finite.</exception>
    public static IReadOnlyList<PlattScaling> Fit(double[][] margins, TrainingRequest context)
    {
        if (context.Task == TaskKind.BinaryClassification)
        {
            return [Fit(Array.ConvertAll(margins, raw => raw.Length == 1 ? raw[0] : raw[1] - raw[0]), 1, context)];
        }
        return [.. Enumerable.Range(0, context.ClassCount)
            .Select(index => Fit(Array.ConvertAll(margins, raw => raw[index]), index, context))];
    }

    private static PlattScaling Fit(double[] margins, int index, TrainingRequest context)
    {
        var labels = context.Labels;
        var weights = context.Weights;

        // A class that the pipeline of a fold does not know has no margin there.
        int[] known = [.. Enumerable.Range(0, margins.Length).Where(row => !double.IsNaN(margins[row]))];
        if (known.Any(row => double.IsInfinity(margins[row])) || (known.Length < margins.Length && context.ClassCount == 2))
        {
            throw new MlOpsException("The trainer gave a score that is not finite.", "Replace missing values in the pipeline.");
        }
        return PlattScaling.Fit(
            Array.ConvertAll(known, row => margins[row]),
            Array.ConvertAll(known, row => labels.Span[row] == index),
            weights.IsEmpty ? [] : Array.ConvertAll(known, row => weights.Span[row]));
    }
}
