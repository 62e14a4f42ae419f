using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class LightGbmTrainerTests
{
    private const int Width = 4;

    [TestCase(LightGbmBooster.Gbdt)]
    [TestCase(LightGbmBooster.Dart)]
    [TestCase(LightGbmBooster.Goss)]
    public async Task TrainAsync_Booster_BeatsAGuessAndIsDeterministic(LightGbmBooster booster)
    {
        foreach (var task in Enum.GetValues<TaskKind>())
        {
            var context = Context(task, Features());
            var trainer = MicrosoftML.LightGbm(o => (o.Trees, o.Booster) = (30, booster));
            using var model = await trainer.TrainAsync(context);
            using var again = await trainer.TrainAsync(context);

            Assert.That(Loss(model, context), Is.LessThan(0.8 * LossOfAGuess(context)), $"{task}");
            Assert.That(Save(again), Is.EqualTo(Save(model)), $"{task}");
            Assert.That(model.GetType().Assembly, Is.EqualTo(typeof(IModel).Assembly));
        }
    }

    // ML.NET sends such missing values to the side of small numbers, whatever was learned.
    [TestCase(-0.5, 1.5)]
    [TestCase(0, 1)]
    [TestCase(-3000, 3000)]
    public async Task TrainAsync_MissingnessThatTellsTheLabel_IsLearned(double low, double high)
    {
        var random = new Random(5);
        var values = new float[1000 * Width];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(low + (high - low) * random.NextDouble());
        for (var row = 0; row < 1000; row += 4) values[row] = float.NaN;
        var features = new FeatureMatrix([.. Enumerable.Range(0, Width).Select(i => new FeatureSlot($"f{i}", $"c{i}"))], 1000, values);
        double[] labels = [.. values.Take(1000).Select(value => float.IsNaN(value) ? 1.0 : 0)];

        using var model = await MicrosoftML.LightGbm(o => o.Trees = 20).TrainAsync(new TrainingContext
        {
            Task = TaskKind.BinaryClassification, Features = features, Labels = labels, Seed = 7,
        });

        var scores = Predict(model, features);
        Assert.That(scores.Where((_, row) => labels[row] == 1), Is.All.GreaterThan(0.8));
        Assert.That(scores.Where((_, row) => labels[row] == 0), Is.All.LessThan(0.2));
    }

    [Test]
    public void TrainAsync_MissingValuesBesideNumbersBeyondSinglePrecision_AreRefused()
    {
        var random = new Random(5);
        float[] values = [.. Enumerable.Range(0, 2000).Select(row => row % 4 == 0 ? float.NaN : (float)(1e9 + 1e9 * random.NextDouble()))];
        double[] labels = [.. values.Select(value => float.IsNaN(value) || value > 1.7e9f ? 1.0 : 0)];

        Assert.That(
            async () => await MicrosoftML.LightGbm(o => o.Trees = 20).TrainAsync(new TrainingContext
            {
                Task = TaskKind.BinaryClassification,
                Features = new FeatureMatrix([new FeatureSlot("amount", "amount")], 2000, values),
                Labels = labels,
                Seed = 7,
            }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("16,777,216"));
    }

    [Test]
    [NonParallelizable]
    public async Task TrainAsync_MoreFeaturesThanRows_LearnsWithoutAnArrayOfAllValues()
    {
        var (features, labels) = WideRows.Create(seed: 1);
        var (fresh, truth) = WideRows.Create(seed: 2);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        using var model = await MicrosoftML.LightGbm(o => o.Trees = 10).TrainAsync(new TrainingContext
        {
            Task = TaskKind.BinaryClassification, Features = features, Labels = labels, Seed = 7,
        });
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.That(WideRows.Auc(Predict(model, fresh), truth), Is.GreaterThan(0.8));
        Assert.That(allocated, Is.LessThan(WideRows.BytesOfAllValues / 2));
    }

    [Test]
    public async Task TrainAsync_Booster_ChangesTheModel()
    {
        var bytes = new List<byte[]>();
        foreach (var booster in Enum.GetValues<LightGbmBooster>())
        {
            using var model = await MicrosoftML.LightGbm(o => o.Trees = 30).TrainAsync(
                Context(TaskKind.Regression, Features(), parameters: [("booster", JsonName(booster))]));
            bytes.Add(Save(model));
        }

        Assert.That(bytes, Is.Unique);
    }

    [TestCase(TaskKind.BinaryClassification)]
    [TestCase(TaskKind.MulticlassClassification)]
    [TestCase(TaskKind.Regression)]
    public async Task TrainAsync_ValidationRows_StopEarly(TaskKind task)
    {
        var held = Features(300, seed: 11);
        var features = Features(200);
        var trainer = MicrosoftML.LightGbm(o => (o.Trees, o.LearningRate, o.MinLeafRows) = (300, 0.3, 2));
        using var all = await trainer.TrainAsync(Context(task, features));
        using var stopped = await trainer.TrainAsync(
            Context(task, features, validation: new ValidationRows(held, Labels(task, held), default)));
        var judged = Context(task, Features(2000, seed: 21));

        Assert.That(Save(stopped), Has.Length.LessThan(Save(all).Length / 2));
        // Too many trees make probabilities too sure; a number they hardly change.
        if (task != TaskKind.Regression) Assert.That(Loss(stopped, judged), Is.LessThan(0.95 * Loss(all, judged)));
    }

    [Test]
    public async Task TrainAsync_ClassesWithoutRows_KeepTheProblemsOrder()
    {
        var features = Features();
        var labels = Array.ConvertAll(Labels(TaskKind.MulticlassClassification, features), label => 4 - label);
        var context = Context(TaskKind.MulticlassClassification, features, labels, classCount: 5);
        using var model = await MicrosoftML.LightGbm(o => o.Trees = 30).TrainAsync(context);
        var predicted = Predict(model, features).Chunk(5).ToArray();

        Assert.That(predicted.Select(row => row[0] + row[1]), Is.All.LessThan(0.01));
        Assert.That(
            predicted.Zip(labels).Count(row => Array.IndexOf(row.First, row.First.Max()) == (int)row.Second),
            Is.GreaterThan(0.8 * labels.Length));
    }

    [Test]
    public async Task TrainAsync_Weights_ReachTheTrainer()
    {
        foreach (var task in new[] { TaskKind.BinaryClassification, TaskKind.Regression })
        {
            var features = Features();
            var labels = Labels(task, features);
            var middle = labels.Order().ElementAt(labels.Length / 2);
            var weights = Array.ConvertAll(labels, label => label > middle || label == 1 ? 20.0 : 1);
            using var plain = await MicrosoftML.LightGbm(o => o.Trees = 10).TrainAsync(Context(task, features));
            using var weighted = await MicrosoftML.LightGbm(o => o.Trees = 10).TrainAsync(Context(task, features, weights: weights));

            Assert.That(Predict(weighted, features).Average(), Is.GreaterThan(Predict(plain, features).Average() + 0.01), $"{task}");
        }
    }

    [Test]
    public async Task TrainAsync_LevelsOfAColumn_AreSplitBySets()
    {
        const int rows = 4000;
        const int levels = 12;
        var random = new Random(5);
        var values = new float[rows * (levels + 1)];
        var labels = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            var level = random.Next(levels);
            values[row] = (float)random.NextDouble();
            values[(1 + level) * rows + row] = 1;
            labels[row] = level % 2;
        }

        FeatureSlot[] slots =
        [
            new("size", "size"),
            .. Enumerable.Range(0, levels).Select(level => new FeatureSlot($"kind={level}", "kind", SlotKind.Level, "kind")),
        ];
        var features = new FeatureMatrix(slots, rows, values);
        foreach (var (isWanted, least, most) in new[] { (true, 0.95, 1.0), (false, 0.0, 0.7) })
        {
            var trainer = MicrosoftML.LightGbm(o => (o.Trees, o.Leaves, o.LearningRate, o.CategoricalSplits) = (1, 2, 1, isWanted));
            using var model = await trainer.TrainAsync(Context(TaskKind.BinaryClassification, features, labels));
            var accuracy = Predict(model, features).Zip(labels).Average(row => row.First > 0.5 == row.Second > 0.5 ? 1.0 : 0);

            Assert.That(accuracy, Is.InRange(least, most), $"{isWanted}");
        }
    }

    [Test]
    public async Task TrainAsync_MissingFeatures_GoWhereTheyAreLearnedToGo()
    {
        var values = new float[1000 * Width];
        var labels = new double[1000];
        var random = new Random(9);
        for (var row = 0; row < labels.Length; row++)
        {
            labels[row] = random.Next(2);
            values[row] = labels[row] == 1 && random.Next(10) > 0 ? float.NaN : (float)random.NextDouble();
        }

        var features = new FeatureMatrix([.. Enumerable.Range(0, Width).Select(i => new FeatureSlot($"f{i}", $"f{i}"))], 1000, values);
        using var model = await MicrosoftML.LightGbm(o => o.Trees = 10).TrainAsync(
            Context(TaskKind.BinaryClassification, features, labels));
        var predicted = Predict(model, features);

        Assert.That(
            predicted.Where((_, row) => float.IsNaN(values[row])).Min(),
            Is.GreaterThan(predicted.Where((_, row) => !float.IsNaN(values[row])).Max()));
    }

    [TestCase(TaskKind.BinaryClassification)]
    [TestCase(TaskKind.MulticlassClassification)]
    [TestCase(TaskKind.Regression)]
    public void TrainAsync_CancelledWhileItLearns_Ends(TaskKind task)
    {
        using var cancellation = new CancellationTokenSource();
        var logger = new CancellingLogger(cancellation, "LightGBM objective");
        var training = MicrosoftML.LightGbm(o => (o.Trees, o.Leaves) = (10_000, 4096))
            .TrainAsync(Context(task, Features(20_000), logger: logger), cancellation.Token)
            .AsTask();

        Assert.That(async () => await training, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(logger.Heard, Is.True);
    }

    [Test]
    public async Task TrainAsync_OneClassOrNoLibrary_IsRefused()
    {
        Assert.That(
            async () => await MicrosoftML.LightGbm().TrainAsync(
                Context(TaskKind.BinaryClassification, Features(), labels: new double[400])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("one class"));
        Assert.That(
            LightGbmLibrary.Missing(new DllNotFoundException("lib_lightgbm")),
            Has.Property(nameof(MlOpsException.Remedy)).Contains("apt-get install -y libgomp1"));
        await Task.CompletedTask;
    }

    [Test]
    public void Capabilities_Trainer_NameTheMachinesThatItsLibraryIsFor() => Assert.That(
        MicrosoftML.LightGbm().Capabilities.RuntimeIdentifiers, Is.EqualTo(new[] { "linux-x64", "osx-x64", "win-x64" }));

    private static string JsonName(LightGbmBooster booster) => booster.ToString().ToLowerInvariant();

    private static FeatureMatrix Features(int rows = 400, int seed = 3)
    {
        var random = new Random(seed);
        var values = new float[rows * Width];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(random.NextDouble() * 4 - 2);
        return new FeatureMatrix([.. Enumerable.Range(0, Width).Select(i => new FeatureSlot($"f{i}", $"f{i}"))], rows, values);
    }

    private static double[] Labels(TaskKind task, FeatureMatrix features)
    {
        var random = new Random(features.RowCount);
        return [.. Enumerable.Range(0, features.RowCount).Select(row =>
        {
            var raw = features.Column(0)[row] + 0.5 * features.Column(1)[row] + random.NextDouble() - 0.5;
            return task switch
            {
                TaskKind.Regression => raw,
                TaskKind.BinaryClassification => raw > 0 ? 1.0 : 0,
                _ => raw < -0.7 ? 0 : raw < 0.7 ? 1 : 2,
            };
        })];
    }

    private static TrainingContext Context(
        TaskKind task,
        FeatureMatrix features,
        double[]? labels = null,
        double[]? weights = null,
        ValidationRows? validation = null,
        int classCount = 3,
        ILogger? logger = null,
        params (string Name, HyperparameterValue Value)[] parameters) => new()
        {
            Task = task,
            Features = features,
            Labels = labels ?? Labels(task, features),
            Weights = weights ?? [],
            Validation = validation,
            ClassCount = task switch { TaskKind.Regression => 1, TaskKind.BinaryClassification => 2, _ => classCount },
            Parameters = parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Value),
            Seed = 7,
            Logger = logger ?? NullLogger.Instance,
        };

    private static double[] Predict(IModel model, FeatureMatrix features)
    {
        var output = new double[features.RowCount * model.Signature.Outputs];
        using var scratch = new PredictScratch();
        model.Predict(features.Block(0, features.RowCount, new float[features.RowCount * features.DenseWidth]), output, scratch);
        return output;
    }

    private static byte[] Save(IModel model)
    {
        var bytes = new System.Buffers.ArrayBufferWriter<byte>();
        model.Save(bytes);
        return bytes.WrittenSpan.ToArray();
    }

    private static double Loss(IModel model, TrainingContext context) =>
        Loss(Predict(model, context.Features), context, model.Signature.Outputs);

    private static double LossOfAGuess(TrainingContext context)
    {
        var labels = context.Labels.ToArray();
        double[] guess = context.Task == TaskKind.MulticlassClassification
            ? [.. Enumerable.Range(0, context.ClassCount).Select(k => labels.Count(label => label == k) / (double)labels.Length)]
            : [labels.Average()];
        return Loss([.. labels.SelectMany(_ => guess)], context, guess.Length);
    }

    private static double Loss(double[] predicted, TrainingContext context, int outputs) => predicted.Chunk(outputs)
        .Zip(context.Labels.ToArray())
        .Average(row => context.Task switch
        {
            TaskKind.Regression => Math.Pow(row.First[0] - row.Second, 2),
            TaskKind.BinaryClassification => -Math.Log(Math.Max(row.Second > 0 ? row.First[0] : 1 - row.First[0], 1e-15)),
            _ => -Math.Log(Math.Max(row.First[(int)row.Second], 1e-15)),
        });

    private sealed class CancellingLogger(CancellationTokenSource cancellation, string text) : ILogger
    {
        public bool Heard { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (Heard || !formatter(state, exception).Contains(text, StringComparison.Ordinal)) return;
            Heard = true;
            cancellation.Cancel();
        }
    }
}
