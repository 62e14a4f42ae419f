using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Made-up rows, and what tests do with trainers again and again.</summary>
internal static class TrainingData
{
    public static FeatureMatrix Matrix(params float[][] columns) =>
        new([.. columns.Select((_, i) => new FeatureSlot($"f{i}", $"c{i}"))], columns[0].Length, [.. columns.SelectMany(column => column)]);

    /// <summary>Rows whose label depends on the features; every tenth value of the last feature is missing where asked for.</summary>
    public static TrainingContext Make(
        ITrainer trainer,
        TaskKind task,
        int rows,
        int width = 6,
        int seed = 1,
        int threads = 1,
        bool missing = false,
        bool weighted = false,
        int classes = 3,
        params (string Name, HyperparameterValue Value)[] parameters)
    {
        var random = new Random(seed);
        var columns = new float[width][];
        for (var j = 0; j < width; j++) columns[j] = [.. Enumerable.Range(0, rows).Select(_ => (float)(random.NextDouble() * 4 - 2))];
        var labels = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            var raw = columns[0][i] * columns[1][i] + Math.Sin(columns[2 % width][i]) + random.NextDouble() - 0.5;
            labels[i] = task switch
            {
                TaskKind.Regression => raw,
                TaskKind.BinaryClassification => raw > 0 ? 1 : 0,
                _ => Math.Clamp(Math.Floor(raw + classes / 2.0), 0, classes - 1),
            };
            if (missing && i % 10 == 0) columns[width - 1][i] = float.NaN;
        }

        return Context(
            trainer,
            task,
            Matrix(columns),
            labels,
            task == TaskKind.MulticlassClassification ? classes : 2,
            threads,
            weighted ? [.. Enumerable.Range(0, rows).Select(_ => 0.5 + random.NextDouble())] : [],
            parameters);
    }

    public static TrainingContext Context(
        ITrainer trainer,
        TaskKind task,
        FeatureMatrix features,
        double[] labels,
        int classes = 2,
        int threads = 1,
        double[]? weights = null,
        params (string Name, HyperparameterValue Value)[] parameters)
    {
        var all = trainer.Hyperparameters.ToDictionary(hyperparameter => hyperparameter.Name, hyperparameter => hyperparameter.Default);
        foreach (var (name, value) in parameters) all[name] = value;
        return new TrainingContext
        {
            Task = task,
            Features = features,
            Labels = labels,
            Weights = weights ?? [],
            ClassCount = task == TaskKind.Regression ? 1 : classes,
            Parameters = all,
            Seed = 3,
            Threads = threads
        };
    }

    public static double[] Predict(IModel model, FeatureMatrix features) =>
        new TrainedModel(model, null).Predict(
        new LearningRows(features, null, new double[features.RowCount], default, []), CancellationToken.None);

    public static byte[] Save(IModel model)
    {
        var buffer = new ArrayBufferWriter<byte>();
        model.Save(buffer);
        return buffer.WrittenSpan.ToArray();
    }

    public static IModel Load(string formatId, byte[] bytes)
    {
        var readers = new FormatReaders();
        BuiltInModels.AddTo(readers);
        return readers.Read<IModel>(formatId, bytes);
    }

    /// <summary>Every built-in trainer with every task that it solves.</summary>
    public static IEnumerable<object[]> TrainersAndTasks() =>
        from trainer in new[]
        {
            Trainers.Baseline(),
            Trainers.LinearRegression(),
            Trainers.LogisticRegression(),
            Trainers.GradientBoosting()
        }
        from task in trainer.Capabilities.Tasks
        select new object[] { trainer.Name, task };

    public static ITrainer Trainer(string name) => name switch
    {
        "baseline" => Trainers.Baseline(),
        "linear-regression" => Trainers.LinearRegression(),
        "logistic-regression" => Trainers.LogisticRegression(),
        _ => Trainers.GradientBoosting(),
    };
}
