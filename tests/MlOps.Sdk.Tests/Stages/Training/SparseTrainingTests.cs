using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Sparse features teach what the same features teach when they are dense, and are never made dense.</summary>
[TestFixture]
public sealed class SparseTrainingTests
{
    private const int Dense = 3;
    private const int Width = 40;

    private static IEnumerable<object[]> Cases => TrainingData.TrainersAndTasks();

    [TestCaseSource(nameof(Cases))]
    public async Task TrainAsync_Sparse_PredictsAsWithDenseFeatures(string name, TaskKind task)
    {
        var trainer = TrainingData.Trainer(name);
        var (dense, sparse, labels) = Make(task, rows: 1500);
        using var ofDense = await trainer.TrainAsync(Context(task, dense, labels));
        using var ofSparse = await trainer.TrainAsync(Context(task, sparse, labels));

        var expected = TrainingData.Predict(ofDense, dense);
        var found = TrainingData.Predict(ofSparse, sparse);

        Assert.That(ofSparse.Signature, Is.EqualTo(ofDense.Signature));
        Assert.That(found, Is.EqualTo(expected).Within(name == "gradient-boosting" ? 0 : 1e-5));
        Assert.That(TrainingData.Predict(ofDense, sparse), Is.EqualTo(expected).Within(1e-12));
        Assert.That(TrainingData.Predict(ofSparse, dense), Is.EqualTo(found).Within(1e-12));
    }

    [TestCaseSource(nameof(Cases))]
    public async Task TrainAsync_SparseWithThreadsAndAfterReading_SameBytesAndBits(string name, TaskKind task)
    {
        var trainer = TrainingData.Trainer(name);
        var (_, sparse, labels) = Make(task, rows: 3000);
        using var one = await trainer.TrainAsync(Context(task, sparse, labels));
        using var four = await trainer.TrainAsync(Context(task, sparse, labels, threads: 4));
        using var read = TrainingData.Load(one.FormatId, TrainingData.Save(one));

        Assert.That(TrainingData.Save(four), Is.EqualTo(TrainingData.Save(one)));
        Assert.That(TrainingData.Predict(read, sparse), Is.EqualTo(TrainingData.Predict(one, sparse)));
    }

    [Test]
    public async Task TrainAsync_BoostingWithDrawsMissingValuesAndValidationRows_PredictsAsWithDenseFeatures()
    {
        var trainer = Trainers.GradientBoosting(options =>
        {
            options.RowFraction = 0.6;
            options.FeatureFraction = 0.5;
            options.Trees = 60;
            options.Patience = 3;
        });
        var task = TaskKind.BinaryClassification;
        var (dense, sparse, labels) = Make(task, rows: 2000, missing: true);
        var (otherDense, otherSparse, others) = Make(task, rows: 500, missing: true, seed: 9);

        using var ofDense = await trainer.TrainAsync(Context(task, dense, labels, validation: new(otherDense, others, default)));
        using var ofSparse = await trainer.TrainAsync(Context(task, sparse, labels, validation: new(otherSparse, others, default)));

        Assert.That(TrainingData.Save(ofSparse), Is.EqualTo(TrainingData.Save(ofDense)));
        Assert.That(TrainingData.Predict(ofSparse, otherSparse), Is.EqualTo(TrainingData.Predict(ofDense, otherDense)));
    }

    [TestCase("logistic-regression")]
    [TestCase("gradient-boosting")]
    [NonParallelizable] // It counts what the whole process allocates.
    public async Task TrainAsync_AHundredThousandTerms_StaysSparse(string name)
    {
        const int rows = 400, width = 100_000;
        var random = new Random(4);
        var builder = new SparseFeaturesBuilder();
        var labels = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            labels[row] = row % 2;
            var writer = new FeatureWriter(builder);
            // Term 17 tells the class; most others occur once.
            if (row % 2 == 1) writer.Set(row, 17, 1);
            foreach (var slot in Enumerable.Range(0, 50).Select(_ => random.Next(100, width)).Distinct().Order()) writer.Set(row, slot, 1);
        }

        var features = new FeatureMatrix(
            [.. Enumerable.Range(0, width).Select(i => new FeatureSlot($"t{i}", "text", SlotKind.Text, "text"))],
            rows,
            [],
            builder.Build(rows));
        var trainer = TrainingData.Trainer(name);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        using var model = await trainer.TrainAsync(Context(TaskKind.BinaryClassification, features, labels));
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        var predicted = TrainingData.Predict(model, features);
        Assert.That(predicted.Select((p, row) => p >= 0.5 == (labels[row] == 1)), Is.All.True);
        // As floats the features would take 160 MB, and as bins with their histograms more.
        if (name == "gradient-boosting") Assert.That(allocated, Is.LessThan(40L << 20));
    }

    [Test]
    public async Task Predict_SparseRows_AllocatesNothing()
    {
        foreach (var name in new[] { "logistic-regression", "gradient-boosting" })
        {
            var (_, sparse, labels) = Make(TaskKind.BinaryClassification, rows: 500);
            using var model = await TrainingData.Trainer(name).TrainAsync(Context(TaskKind.BinaryClassification, sparse, labels));
            using var scratch = new PredictScratch();
            var buffer = new float[Dense];
            var output = new double[1];
            model.Predict(sparse.Block(0, 1, buffer), output, scratch);
            var least = long.MaxValue;
            for (var attempt = 0; attempt < 5 && least > 0; attempt++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                for (var row = 0; row < 50; row++) model.Predict(sparse.Block(row, 1, buffer), output, scratch);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.That(least, Is.Zero, name);
        }
    }

    private static TrainingContext Context(
        TaskKind task, FeatureMatrix features, double[] labels, int threads = 1, ValidationRows? validation = null) => new()
    {
        Task = task,
        Features = features,
        Labels = labels,
        ClassCount = task switch { TaskKind.Regression => 1, TaskKind.BinaryClassification => 2, _ => 3 },
        Seed = 3,
        Threads = threads,
        Validation = validation,
    };

    // Counts of terms: few different values, so that bins are the same whether 0 is there or not.
    private static (FeatureMatrix Dense, FeatureMatrix Sparse, double[] Labels) Make(
        TaskKind task, int rows, bool missing = false, int seed = 1)
    {
        var random = new Random(seed);
        var columns = new float[Width][];
        for (var slot = 0; slot < Width; slot++)
        {
            columns[slot] = [.. Enumerable.Range(0, rows).Select(_ => slot < Dense
                ? random.Next(0, 20) / 4f
                : random.NextDouble() < 0.15 ? random.Next(1, 4) * (slot % 2 == 0 ? 1 : -1) : 0f)];
            if (missing && slot % 5 == 0) for (var row = 0; row < rows; row += 13) columns[slot][row] = float.NaN;
        }

        var labels = new double[rows];
        for (var row = 0; row < rows; row++)
        {
            double At(int slot) => float.IsNaN(columns[slot][row]) ? 0 : columns[slot][row];
            var raw = At(3) * 1.5 + At(6) - At(11) + At(0) / 3 + random.NextDouble() - 1.2;
            labels[row] = task switch
            {
                TaskKind.Regression => raw,
                TaskKind.BinaryClassification => raw > 0 ? 1 : 0,
                _ => Math.Clamp(Math.Floor(raw + 1), 0, 2),
            };
        }

        var builder = new SparseFeaturesBuilder();
        for (var row = 0; row < rows; row++)
        {
            var writer = new FeatureWriter(builder);
            for (var slot = Dense; slot < Width; slot++) writer.Set(row, slot, columns[slot][row]);
        }

        FeatureSlot[] slots = [.. Enumerable.Range(0, Width).Select(i => new FeatureSlot($"f{i}", $"c{i}"))];
        return (
            TrainingData.Matrix(columns),
            new FeatureMatrix(slots, rows, [.. columns[..Dense].SelectMany(column => column)], builder.Build(rows)),
            labels);
    }
}
