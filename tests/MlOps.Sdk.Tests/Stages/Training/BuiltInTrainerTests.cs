using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>What every built-in trainer promises beyond the contract of all trainers.</summary>
[TestFixtureSource(typeof(TrainingData), nameof(TrainingData.TrainersAndTasks))]
public class BuiltInTrainerTests(string name, TaskKind task)
{
    private readonly ITrainer _trainer = TrainingData.Trainer(name);

    [Test]
    public async Task TrainAsync_OneAndSeveralThreads_SameBytes()
    {
        var bytes = new List<byte[]>();
        foreach (var threads in new[] { 1, 2, 3 })
        {
            using var model = await _trainer.TrainAsync(TrainingData.Make(
                _trainer,
                task,
                rows: 6000,
                width: 9,
                threads: threads,
                missing: _trainer.Capabilities.HandlesMissing,
                weighted: true,
                parameters: name == "gradient-boosting" ? [("trees", 12)] : []));
            bytes.Add(TrainingData.Save(model));
        }

        Assert.That(bytes[1], Is.EqualTo(bytes[0]));
        Assert.That(bytes[2], Is.EqualTo(bytes[0]));
    }

    [Test]
    public async Task Predict_MissingFeature_GivesANumberOnlyWhereTheTrainerUnderstandsIt()
    {
        var understands = _trainer.Capabilities.HandlesMissing;
        using var model = await _trainer.TrainAsync(TrainingData.Make(
            _trainer, task, rows: 300, missing: understands, parameters: name == "gradient-boosting" ? [("trees", 3)] : []));
        for (var feature = 0; feature < 6; feature++)
        {
            float[][] row = [[0.5f], [0.5f], [0.5f], [0.5f], [0.5f], [0.5f]];
            row[feature][0] = float.NaN;
            var scores = TrainingData.Predict(model, TrainingData.Matrix(row));
            Assert.That(scores.All(double.IsFinite), Is.EqualTo(understands), $"feature {feature}: {string.Join(", ", scores)}");
        }

        if (understands) return;
        Assert.That(
            async () => (await _trainer.TrainAsync(TrainingData.Make(_trainer, task, rows: 300, missing: true))).Dispose(),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'f5' of training row 0 is missing"));
    }

    [Test]
    public async Task Read_DamagedBytes_FailsWithRemedyOrGivesAModel()
    {
        var context = TrainingData.Make(_trainer, task, rows: 300, parameters: name == "gradient-boosting" ? [("trees", 3)] : []);
        using var model = await _trainer.TrainAsync(context);
        var good = TrainingData.Save(model);
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 1_000; i++)
        {
            var bytes = (byte[])good.Clone();
            switch (random.Next(4))
            {
                case 0: bytes = bytes[..random.Next(bytes.Length)]; break;
                case 1: bytes = [.. bytes, (byte)random.Next(256)]; break;
                case 2:
                    BitConverter.TryWriteBytes(
                        bytes.AsSpan(random.Next(bytes.Length - 3)),
                        random.Next(3) == 0 ? int.MaxValue : random.Next(-2, 1 << random.Next(31)));
                    break;
                default: bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); break;
            }

            try
            {
                using var read = TrainingData.Load(model.FormatId, bytes);
                if (read.Signature.Features < 10_000)
                {
                    TrainingData.Predict(read, new FeatureMatrix(
                        [.. Enumerable.Range(0, read.Signature.Features).Select(j => new FeatureSlot($"{j}", ""))],
                        3,
                        new float[read.Signature.Features * 3]));
                }
            }
            catch (MlOpsException e)
            {
                Assert.That(e.Remedy, Is.Not.Empty);
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(500));
    }

    [Test]
    public async Task TrainAsync_ConstantFeatures_LearnsTheRest()
    {
        var made = TrainingData.Make(_trainer, task, rows: 300, width: 3);
        var columns = Enumerable.Range(0, 3)
            .Select(j => made.Features.Column(j).ToArray())
            .Append([.. Enumerable.Repeat(1e6f, 300)])
            .Append(new float[300])
            .ToArray();
        var context = TrainingData.Context(
            _trainer, task, TrainingData.Matrix(columns), made.Labels.ToArray(), 3 - (task == TaskKind.BinaryClassification ? 1 : 0));

        using var with = await _trainer.TrainAsync(context);
        using var without = await _trainer.TrainAsync(made);

        Assert.That(TrainingData.Predict(with, context.Features), Is.EqualTo(TrainingData.Predict(without, made.Features)).Within(1e-6));
    }

    [Test]
    public async Task TrainAsync_WeightTwo_LikeTheRowTwice()
    {
        var once = TrainingData.Make(_trainer, task, rows: 200);
        var weights = Enumerable.Range(0, 200).Select(i => i % 3 == 0 ? 2.0 : 1.0).ToArray();
        var rows = Enumerable.Range(0, 200).SelectMany(i => Enumerable.Repeat(i, (int)weights[i])).ToArray();
        var labels = once.Labels.ToArray();
        (string, HyperparameterValue)[] parameters = name == "gradient-boosting" ? [("minLeafRows", 1), ("trees", 5), ("leaves", 4)] : [];
        var weighted = TrainingData.Context(
            _trainer, task, once.Features, labels, once.ClassCount, weights: weights, parameters: parameters);
        var twice = TrainingData.Context(
            _trainer, task, once.Features.Take(rows), [.. rows.Select(i => labels[i])], once.ClassCount, parameters: parameters);

        using var a = await _trainer.TrainAsync(weighted);
        using var b = await _trainer.TrainAsync(twice);

        Assert.That(TrainingData.Predict(a, once.Features), Is.EqualTo(TrainingData.Predict(b, once.Features)).Within(1e-5));
    }

    [Test]
    public async Task TrainAsync_MissingValues_AreUnderstoodOrRefusedByName()
    {
        var context = TrainingData.Make(_trainer, task, rows: 300, missing: true);
        if (_trainer.Capabilities.HandlesMissing)
        {
            using var model = await _trainer.TrainAsync(context);
            Assert.That(TrainingData.Predict(model, context.Features), Is.All.Matches<double>(double.IsFinite));
            return;
        }

        Assert.That(
            async () => await _trainer.TrainAsync(context),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("'f5'")
                .And.Property("Column")
                .EqualTo("c5")
                .And.Property("Remedy")
                .Contains("GradientBoosting"));
    }

    [Test]
    public void TrainAsync_LabelNotAllowed_FailsNamingTheRow()
    {
        var context = TrainingData.Context(
            _trainer, task, TrainingData.Matrix([1, 2, 3]), [0, task == TaskKind.Regression ? double.NaN : 7, 1], 3);

        Assert.That(async () => await _trainer.TrainAsync(context), Throws.TypeOf<MlOpsException>().With.Message.Contains("row 1"));
    }

    [Test]
    public async Task TrainAsync_SingleRow_FailsForClassesOrPredictsIt()
    {
        var context = TrainingData.Context(_trainer, task, TrainingData.Matrix([1], [2]), [1], 3);
        if (task != TaskKind.Regression && name != "baseline")
        {
            Assert.That(async () => await _trainer.TrainAsync(context), Throws.TypeOf<MlOpsException>().With.Message.Contains("one class"));
            return;
        }

        using var model = await _trainer.TrainAsync(context);
        Assert.That(
            TrainingData.Predict(model, context.Features)[task == TaskKind.MulticlassClassification ? 1 : 0],
            Is.EqualTo(1).Within(1e-12));
    }
}
