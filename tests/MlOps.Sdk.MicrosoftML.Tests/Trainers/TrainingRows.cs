using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Rows to train on, drawn from a seed: the label depends on the first three of five features.</summary>
internal static class TrainingRows
{
    public const int Width = 5;

    public static FeatureMatrix Features(int rows = 400, int seed = 3)
    {
        var random = new Random(seed);
        var values = new float[rows * Width];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() * 4 - 2);
        return Matrix(values);
    }

    public static FeatureMatrix Matrix(float[] values) => new(
        [.. Enumerable.Range(0, Width).Select(i => new FeatureSlot($"f{i}", $"c{i}"))], values.Length / Width, values);

    public static double[] Labels(TaskKind task, FeatureMatrix features, int seed = 4)
    {
        var random = new Random(seed);
        var labels = new double[features.RowCount];
        for (var row = 0; row < labels.Length; row++)
        {
            var raw = features.Column(0)[row]
                + 0.5 * features.Column(1)[row]
                - Math.Sin(features.Column(2)[row])
                + random.NextDouble()
                - 0.5;
            labels[row] = task switch
            {
                // Not negative, as of a count.
                TaskKind.Regression => raw + 5,
                TaskKind.BinaryClassification => raw > 0 ? 1 : 0,
                _ => raw < -0.7 ? 0 : raw < 0.7 ? 1 : 2,
            };
        }

        return labels;
    }

    /// <summary>The same rows, with all but the first two slots as sparse ones.</summary>
    public static FeatureMatrix Sparse(FeatureMatrix features)
    {
        const int dense = 2;
        const int sparse = Width - dense;
        var rows = features.RowCount;
        var values = new float[dense * rows];
        for (var slot = 0; slot < dense; slot++) features.Column(slot).CopyTo(values.AsSpan(slot * rows));
        return new FeatureMatrix(features.Slots, rows, values, new SparseFeatures(
            [.. Enumerable.Range(0, rows + 1).Select(row => row * sparse)],
            [.. Enumerable.Range(0, rows * sparse).Select(i => dense + i % sparse)],
            [.. Enumerable.Range(0, rows * sparse).Select(i => features.Column(dense + i % sparse)[i / sparse])]));
    }

    public static TrainingContext Context(
        TaskKind task,
        FeatureMatrix? features = null,
        double[]? labels = null,
        double[]? weights = null,
        ValidationRows? validation = null,
        int classCount = 3,
        int threads = 1,
        IProgress<double>? progress = null,
        Microsoft.Extensions.Logging.ILogger? logger = null,
        ReadOnlyMemory<double>? labelMemory = null,
        params (string Name, HyperparameterValue Value)[] parameters)
    {
        features ??= Features();
        return new TrainingContext
        {
            Task = task,
            Features = features,
            Labels = labelMemory ?? labels ?? Labels(task, features),
            Weights = weights ?? [],
            Validation = validation,
            ClassCount = task switch { TaskKind.Regression => 1, TaskKind.BinaryClassification => 2, _ => classCount },
            Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value),
            Seed = 7,
            Threads = threads,
            Progress = progress,
            Logger = logger ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        };
    }

    public static double[] Predict(IModel model, FeatureMatrix features)
    {
        var output = new double[features.RowCount * model.Signature.Outputs];
        using var scratch = new PredictScratch();
        model.Predict(features.Block(0, features.RowCount, new float[features.RowCount * features.DenseWidth]), output, scratch);
        return output;
    }

    public static byte[] Save(IModel model)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        model.Save(bytes);
        return bytes.WrittenSpan.ToArray();
    }
}
