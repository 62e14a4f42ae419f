using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Testing;

/// <summary>Features and labels of each task, always the same.</summary>
/// <param name="rows">How many rows.</param>
/// <param name="width">How many features, at least 3.</param>
internal sealed class TaskFeatures(int rows, int width)
{
    /// <summary>How many classes a multiclass task has.</summary>
    public const int Classes = 3;

    public static int ClassCount(TaskKind task) => task switch
    {
        TaskKind.Regression => 1,
        TaskKind.BinaryClassification => 2,
        _ => Classes,
    };

    /// <summary>Labels that depend on the features, with noise.</summary>
    /// <param name="task">The task.</param>
    /// <param name="regressionLabel">Makes the label of a regression.</param>
    /// <param name="missing">Whether some of the features are missing.</param>
    public (FeatureMatrix Features, double[] Labels) Create(TaskKind task, Func<double, double> regressionLabel, bool missing)
    {
        var random = new Random(11);
        var values = Values(random);
        var labels = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            var raw = values[row] * values[rows + row] + Math.Sin(values[2 * rows + row]) + random.NextDouble() - 0.5;
            labels[row] = task switch
            {
                TaskKind.Regression => regressionLabel(raw),
                TaskKind.BinaryClassification => raw > 0 ? 1 : 0,
                _ => Math.Clamp(Math.Floor(raw + Classes / 2.0), 0, Classes - 1),
            };
            if (missing && row % 10 == 0) values[(width - 1) * rows + row] = float.NaN;
        }

        return (Matrix(values), labels);
    }

    /// <summary>
    /// Each class has a feature that is greatest in its rows, so that whoever learns anything tells the classes apart; they first occur in
    /// another order than that of the problem.
    /// </summary>
    /// <param name="task">The task, a classification.</param>
    /// <param name="isKept">Which labels occur.</param>
    public (FeatureMatrix Features, double[] Labels) CreateClearClasses(TaskKind task, Func<double, bool> isKept)
    {
        var values = Values(new Random(12));
        var classes = ClassCount(task);
        var labels = new double[rows];
        for (var row = 0; row < labels.Length; row++)
        {
            for (var k = 1; k < classes; k++)
            {
                if (values[k * rows + row] > values[(int)labels[row] * rows + row]) labels[row] = k;
            }
        }

        int[] kept = [.. TrainingChecks.InAnotherOrderOfClasses(labels, classes).Where(row => isKept(labels[row]))];
        return (Matrix(values).Take(kept), Array.ConvertAll(kept, row => labels[row]));
    }

    private float[] Values(Random random)
    {
        var values = new float[rows * width];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() * 4 - 2);
        return values;
    }

    private FeatureMatrix Matrix(float[] values) =>
        new([.. Enumerable.Range(0, width).Select(i => new FeatureSlot($"f{i}", $"c{i}"))], rows, values);
}
