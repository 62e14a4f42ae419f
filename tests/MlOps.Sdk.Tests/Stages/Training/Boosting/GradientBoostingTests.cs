using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class GradientBoostingTests
{
    private readonly ITrainer _trainer = Trainers.GradientBoosting();

    [Test]
    public async Task TrainAsync_OneStump_GivesNewtonSteps()
    {
        float[] x = [1, 2, 3, 4, 5, 6];
        var context = TrainingData.Context(
            _trainer,
            TaskKind.Regression,
            TrainingData.Matrix(x),
            [1, 1, 1, 5, 5, 5],
            parameters: [("trees", 1), ("leaves", 2), ("minLeafRows", 1), ("learningRate", 0.5), ("l2", 1)]);

        using var model = await _trainer.TrainAsync(context);

        // Mean 3; each side: 0.5 · Σ residual / (rows + l2) = 0.5 · ±6 / 4.
        Assert.That(TrainingData.Predict(model, context.Features), Is.EqualTo(new[] { 2.25, 2.25, 2.25, 3.75, 3.75, 3.75 }).Within(1e-12));
    }

    [TestCase(1e-160, false)]
    [TestCase(1e-50, false)]
    [TestCase(1e-30, true)]
    [TestCase(1e30, true)]
    [TestCase(1e50, false)]
    public async Task TrainAsync_LabelsOfAnySize_AreLearnedOrRefused(double size, bool isLearned)
    {
        float[] x = [.. Enumerable.Range(0, 60)];
        double[] y = [.. x.Select(value => value < 30 ? size : 3 * size)];
        var context = TrainingData.Context(_trainer, TaskKind.Regression, TrainingData.Matrix(x), y, parameters: [("trees", 200)]);
        if (!isLearned)
        {
            Assert.That(async () => await _trainer.TrainAsync(context), Throws.InstanceOf<MlOpsException>().With.Message.Contains("Scale"));
            return;
        }

        using var model = await _trainer.TrainAsync(context);
        Assert.That(TrainingData.Predict(model, context.Features).Zip(y, (ours, label) => ours / label), Is.All.EqualTo(1).Within(0.01));
    }

    [Test]
    public async Task TrainAsync_MissingTellsTheLabel_LearnsTheSide()
    {
        foreach (var labelOfMissing in new[] { 0.0, 1.0 })
        {
            float[] x = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? float.NaN : i)];
            double[] y = [.. Enumerable.Range(0, 200).Select(i => i % 2 == 0 ? labelOfMissing : 1 - labelOfMissing)];
            var context = TrainingData.Context(
                _trainer, TaskKind.BinaryClassification, TrainingData.Matrix(x), y, parameters: [("trees", 50)]);

            using var model = await _trainer.TrainAsync(context);

            Assert.That(TrainingData.Predict(model, context.Features).Select(value => Math.Round(value)), Is.EqualTo(y));
        }
    }

    [Test]
    public async Task TrainAsync_InfiniteValues_AreValuesLikeOthers()
    {
        float[] x = [.. Enumerable.Range(0, 90).Select(i => i % 3 == 0 ? float.NegativeInfinity : i % 3 == 1 ? 0 : float.PositiveInfinity)];
        double[] y = [.. Enumerable.Range(0, 90).Select(i => (double)(i % 3))];
        var context = TrainingData.Context(_trainer, TaskKind.MulticlassClassification, TrainingData.Matrix(x), y, 3);

        using var model = await _trainer.TrainAsync(context);

        Assert.That(
            TrainingData.Predict(model, context.Features).Chunk(3).Select(row => (double)Array.IndexOf(row, row.Max())),
            Is.EqualTo(y));
    }

    [TestCase(1), TestCase(15), TestCase(40)]
    public async Task TrainAsync_ConfidentRows_NoLeafBelowMinLeafRows(int minLeafRows)
    {
        // After some rounds the hessians of clear rows are tiny, and counts estimated from them would be wrong.
        var context = TrainingData.Make(
            _trainer,
            TaskKind.BinaryClassification,
            rows: 9000,
            parameters: [("trees", 40), ("learningRate", 0.5), ("minLeafRows", minLeafRows), ("leaves", 20)]);
        using var model = (GradientBoostingModel)await _trainer.TrainAsync(context);
        var counts = new int[model.Trees.Nodes.Length];
        var row = new float[context.Features.Width];
        for (var i = 0; i < context.Features.RowCount; i++)
        {
            context.Features.CopyRows(i, 1, row);
            foreach (var root in model.Trees.Roots)
            {
                var at = root;
                for (var node = model.Trees.Nodes[at]; node.Left != at; node = model.Trees.Nodes[at])
                {
                    at = node.Left + (row[node.Slot] >= node.Threshold ? 1 : 0);
                }
                counts[at]++;
            }
        }

        var leaves = Enumerable.Range(0, counts.Length).Where(i => model.Trees.Nodes[i].Left == i).Select(i => counts[i]).ToArray();
        Assert.That(leaves.Min(), Is.GreaterThanOrEqualTo(minLeafRows));
        Assert.That(leaves, Has.Length.GreaterThan(40 * 3));
    }

    [Test]
    public async Task TrainAsync_ManyRows_SameBytesForAnyThreads()
    {
        // Enough rows for histograms and partitions to be shared out between threads.
        var bytes = new List<byte[]>();
        foreach (var threads in new[] { 1, 2, 5 })
        {
            var context = TrainingData.Make(
                _trainer,
                TaskKind.BinaryClassification,
                rows: 120_000,
                width: 11,
                threads: threads,
                missing: true,
                parameters: [("trees", 4), ("rowFraction", 0.8), ("featureFraction", 0.7)]);
            using var model = await _trainer.TrainAsync(context);
            bytes.Add(TrainingData.Save(model));
        }

        Assert.That(bytes[1], Is.EqualTo(bytes[0]));
        Assert.That(bytes[2], Is.EqualTo(bytes[0]));
    }

    [Test]
    public async Task TrainAsync_OtherSeed_OtherDraws()
    {
        (string, HyperparameterValue)[] parameters = [("trees", 3), ("rowFraction", 0.5)];
        var context = TrainingData.Make(_trainer, TaskKind.Regression, rows: 500, parameters: parameters);
        var other = new TrainingContext
        {
            Task = context.Task, Features = context.Features, Labels = context.Labels, ClassCount = 1, Parameters = context.Parameters,
            Seed = context.Seed + 1
        };

        using var a = await _trainer.TrainAsync(context);
        using var b = await _trainer.TrainAsync(other);

        Assert.That(TrainingData.Save(a), Is.Not.EqualTo(TrainingData.Save(b)));
    }

    [Test]
    public async Task TrainAsync_MaxDepthOne_GrowsStumps()
    {
        using var model = (GradientBoostingModel)await _trainer.TrainAsync(
            TrainingData.Make(_trainer, TaskKind.Regression, rows: 500, parameters: [("trees", 7), ("maxDepth", 1)]));

        Assert.That(model.Trees.Nodes.Length, Is.EqualTo(7 * 3));
    }

    [Test]
    public async Task TrainAsync_SeparableRows_RanksUnseenRowsWell()
    {
        var train = TrainingData.Make(_trainer, TaskKind.BinaryClassification, rows: 4000, seed: 1);
        var test = TrainingData.Make(_trainer, TaskKind.BinaryClassification, rows: 2000, seed: 2);
        using var model = await _trainer.TrainAsync(train);

        var predicted = TrainingData.Predict(model, test.Features);

        var right = Enumerable.Range(0, 2000).Count(i => predicted[i] >= 0.5 == (test.Labels.Span[i] == 1));
        Assert.That(right, Is.GreaterThan(1700));
    }

    [Test]
    public void TrainAsync_CancelledMidway_Stops()
    {
        using var source = new CancellationTokenSource();
        var context = TrainingData.Make(_trainer, TaskKind.Regression, rows: 2000, parameters: [("trees", 10_000)]);
        var rounds = 0;
        var watched = new TrainingContext
        {
            Task = context.Task,
            Features = context.Features,
            Labels = context.Labels,
            ClassCount = 1,
            Parameters = context.Parameters,
            Progress = new Callback(_ => { if (++rounds == 5) source.Cancel(); })
        };

        Assert.That(async () => await _trainer.TrainAsync(watched, source.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(rounds, Is.EqualTo(5));
    }

    [Test]
    public void TrainAsync_ParameterOutOfRange_FailsNamingTheBounds()
    {
        var context = TrainingData.Make(_trainer, TaskKind.Regression, rows: 50, parameters: [("leaves", 1)]);

        Assert.That(
            async () => await _trainer.TrainAsync(context),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'leaves'").And.Message.Contains("2 to 4096"));
    }

    [Test]
    public void Pack_ExtremeGradients_HalvesDoNotOverflow()
    {
        const int rows = 50_000;
        var packed = new PackedGradients(rows);
        var random = new Random(1);
        float[] gradients = [.. Enumerable.Range(0, rows).Select(i => i == 0 ? 1e30f : -(float)random.NextDouble() * 1e26f)];
        float[] hessians = [.. Enumerable.Range(0, rows).Select(i => i == 7 ? 1e20f : 0.25f)];

        packed.Pack(gradients, hessians, 0, 2, CancellationToken.None);

        var sum = packed.Values.Aggregate(0L, (total, value) => total + value);
        Assert.That(
            PackedGradients.Gradient(sum) * packed.GradientUnit,
            Is.EqualTo(gradients.Sum(g => (double)g)).Within(rows * packed.GradientUnit));
        Assert.That(
            PackedGradients.Hessian(sum) * packed.HessianUnit,
            Is.EqualTo(hessians.Sum(h => (double)h)).Within(rows * packed.HessianUnit));
    }

    [Test]
    public void Create_ManyDistinctValues_BinsHoldEquallyMany()
    {
        var random = new Random(2);
        var features = TrainingData.Matrix(
            [.. Enumerable.Range(0, 10_000).Select(_ => MathF.Exp(random.NextSingle() * 20))],
            [.. Enumerable.Range(0, 10_000).Select(i => i % 2 == 0 ? 0 : random.NextSingle())]);

        var bins = BinnedMatrix.Create(
            features, new GradientBoostingOptions { MaxBins = 64 }, seed: 1, threads: 1, CancellationToken.None);

        var counts = bins.Column(0).ToArray().GroupBy(bin => bin).Select(group => group.Count()).ToArray();
        Assert.That(counts, Has.Length.EqualTo(64));
        Assert.That(counts, Is.All.InRange(140, 175));
        Assert.That(bins.Edges(1), Has.Length.EqualTo(63), "A value that fills half of the rows leaves the other bins to the rest.");
        for (var slot = 0; slot < 2; slot++)
        {
            var column = features.Column(slot);
            for (var row = 0; row < column.Length; row++)
            {
                var value = column[row];
                Assert.That(bins.Column(slot).Span[row], Is.EqualTo(1 + bins.Edges(slot).Count(edge => value >= edge)));
            }
        }
    }

    private sealed class Callback(Action<double> action) : IProgress<double>
    {
        public void Report(double value) => action(value);
    }
}
