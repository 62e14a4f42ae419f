using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>What all models of the factory promise.</summary>
public sealed class ModelFactoryTests
{
    private static readonly DescribedModel[] Models = [.. DescribedModel.All()];

    [TestCaseSource(nameof(Models))]
    public void Predict_RandomRows_IsWhatTheDescriptionSays(object described)
    {
        var (_, model, reference) = (DescribedModel)described;
        foreach (var row in DescribedModel.Rows(3000, model.Signature.Features, seed: 1))
        {
            var expected = reference(row);

            Assert.That(DescribedModel.Predict(model, row), Is.EqualTo(expected).Within(1e-15).Or.EqualTo(expected));
        }
    }

    [TestCaseSource(nameof(Models))]
    public void Save_ThenRead_SameBytesAndSameBits(object described)
    {
        var (_, model, _) = (DescribedModel)described;
        var bytes = TrainingData.Save(model);

        using var read = TrainingData.Load(model.FormatId, bytes);

        Assert.That(read.FormatId, Is.EqualTo(model.FormatId));
        Assert.That(read.Signature, Is.EqualTo(model.Signature));
        Assert.That(TrainingData.Save(read), Is.EqualTo(bytes));
        foreach (var row in DescribedModel.Rows(1000, model.Signature.Features, seed: 2))
        {
            Assert.That(DescribedModel.Predict(read, row), Is.EqualTo(DescribedModel.Predict(model, row)));
        }
    }

    [TestCaseSource(nameof(Models))]
    public void Read_DamagedBytes_FailsWithRemedyOrGivesAModel(object described)
    {
        var (_, model, _) = (DescribedModel)described;
        var good = TrainingData.Save(model);
        var random = new Random(5);
        var refused = 0;
        for (var i = 0; i < 1500; i++)
        {
            var bytes = (byte[])good.Clone();
            // Most damage goes to the first bytes and to one place behind them, where the structure is; most of the rest are numbers.
            var at = random.Next(3) > 0 ? random.Next(Math.Min(200, bytes.Length - 4)) : random.Next(bytes.Length - 4);
            switch (random.Next(5))
            {
                case 0: bytes = bytes[..random.Next(bytes.Length)]; break;
                case 1: bytes = [.. bytes, (byte)random.Next(256)]; break;
                case 2:
                    BitConverter.TryWriteBytes(
                        bytes.AsSpan(at),
                        random.Next(3) == 0 ? int.MaxValue : random.Next(-2, 1 << random.Next(31)));
                    break;
                case 3: bytes = [.. bytes[..at], .. bytes[(at + 1 + random.Next(3))..]]; break;
                default: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            }

            try
            {
                using var read = TrainingData.Load(model.FormatId, bytes);
                if (read.Signature.Features < 10_000) DescribedModel.Predict(read, new float[read.Signature.Features]);
            }
            catch (MlOpsException e)
            {
                Assert.That(e.Problem, Does.Contain("damaged"));
                Assert.That(e.Remedy, Does.Contain("backup"));
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(700));
    }

    [TestCaseSource(nameof(Models))]
    public void Predict_OneRowAndMany_AllocatesNothing(object described)
    {
        var (_, model, _) = (DescribedModel)described;
        var rows = DescribedModel.Rows(64, model.Signature.Features, seed: 3).SelectMany(row => row).ToArray();
        var output = new double[64 * model.Signature.Outputs];
        var scratch = new PredictScratch();
        var allocated = long.MaxValue;
        // What the runtime compiles anew in the meantime may allocate once.
        for (var attempt = 0; attempt < 5 && allocated > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 100; i++)
            {
                model.Predict(new FeatureBlock(rows, model.Signature.Features), output, scratch);
                model.Predict(new FeatureBlock(rows.AsSpan(0, model.Signature.Features), model.Signature.Features), output, scratch);
            }
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [TestCaseSource(nameof(Models))]
    public void Predict_FromManyThreads_SameBitsAsFromOne(object described)
    {
        var (_, model, _) = (DescribedModel)described;
        var rows = DescribedModel.Rows(500, model.Signature.Features, seed: 4);
        var expected = rows.Select(row => DescribedModel.Predict(model, row)).ToArray();
        var wrong = 0;
        var threads = Enumerable.Range(0, 16).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (!DescribedModel.Predict(model, rows[i]).AsSpan().SequenceEqual(expected[i])) Interlocked.Increment(ref wrong);
            }
        })).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        Assert.That(wrong, Is.Zero);
    }

    [Test]
    public void Predict_BlockOfAnotherWidth_Throws()
    {
        foreach (var (_, model, _) in Models)
        {
            Assert.That(
                () => model.Predict(new FeatureBlock(new float[3], 3), new double[9], new PredictScratch()),
                Throws.ArgumentException.With.Message.Contains("not 3"));
        }
    }

    [TestCase(TaskKind.BinaryClassification, 0, 1, "features is not positive")]
    [TestCase(TaskKind.BinaryClassification, 3, 2, "outputs does not fit")]
    [TestCase(TaskKind.MulticlassClassification, 3, 1, "outputs does not fit")]
    [TestCase((TaskKind)9, 3, 1, "task is unknown")]
    public void Factory_ImpossibleSignature_FailsWithTheReason(TaskKind task, int features, int outputs, string why)
    {
        var signature = new ModelSignature(task, features, outputs);

        Assert.That(() => ModelFactory.Trees(signature, [], [0], ScoreLink.Logistic), Refusal(why));
        Assert.That(() => ModelFactory.Linear(signature, [0], [0], ScoreLink.Logistic), Refusal(why));
        Assert.That(() => ModelFactory.Additive(signature, [], [0], ScoreLink.Logistic), Refusal(why));
    }

    [Test]
    public void Factory_NumbersThatDoNotFit_FailsWithTheReason()
    {
        var signature = new ModelSignature(TaskKind.Regression, 2, 1);
        var link = ScoreLink.Identity;

        Assert.That(() => ModelFactory.Trees(signature, [], [0, 0], link), Refusal("2 base scores, and 1 are needed"));
        Assert.That(() => ModelFactory.Trees(signature, [], [double.NaN], link), Refusal("base scores is NaN"));
        Assert.That(() => ModelFactory.Linear(signature, [1], [0], link), Refusal("1 coefficients, and 2 are needed"));
        Assert.That(() => ModelFactory.Linear(signature, [1, double.PositiveInfinity], [0], link), Refusal("Number 1 of the coefficients"));
        Assert.That(() => ModelFactory.Linear(signature, [1, 2], [], link), Refusal("0 intercepts, and 1 are needed"));
        Assert.That(() => ModelFactory.Additive(signature, [], [double.NaN], link), Refusal("intercepts is NaN"));
    }

    [Test]
    public void Linear_LinkOfTheTask_KeepsTheFormatOfTheTrainers()
    {
        var signature = new ModelSignature(TaskKind.BinaryClassification, 1, 1);

        Assert.That(ModelFactory.Linear(signature, [1], [0], ScoreLink.Logistic).FormatId, Is.EqualTo("mlops.linear/1"));
        Assert.That(
            ModelFactory.Linear(signature, [1], [0], ScoreLink.Calibrated(Calibration.Platt(-1, 0))).FormatId,
            Is.EqualTo("mlops.linear/1"));
        Assert.That(
            ModelFactory.Linear(signature, [1], [0], ScoreLink.Logistic.InSinglePrecision()).FormatId,
            Is.EqualTo("mlops.linear/2"));
    }

    [Test]
    public void Linear_CoefficientOfZero_ReadsNothing()
    {
        var signature = new ModelSignature(TaskKind.MulticlassClassification, 3, 2);
        using var model = ModelFactory.Linear(signature, [1, 0, 2, 1, 3, 2], [0, 0], ScoreLink.Calibrated(Share(), Share()));

        Assert.That(DescribedModel.Predict(model, [1, 5, 1]), Is.EqualTo(new[] { 0.25, 0.75 }).Within(1e-6));
        // The second feature is missing: the first class does not ask for it.
        Assert.That(DescribedModel.Predict(model, [1, float.NaN, 1]), Is.EqualTo(new[] { 1, double.NaN }));

        // A score from 3 on is the share 0.6, others 0.2.
        static Calibration Share() => Calibration.Binned(2.9f, 2, [0.2f, 0.6f]);
    }

    internal static NUnit.Framework.Constraints.IResolveConstraint Refusal(string why) =>
        Throws.InstanceOf<MlOpsException>().With.Property("Problem").Contains(why).And.Property("Remedy").Not.Empty;
}
