using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Microsoft.ML.Transforms;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class EstimatorTrainerTests
{
    private static readonly NumberHyperparameter s_rate = new("rate", 0.1, 0.01, 0.5);

    [Test]
    public async Task TrainAsync_EstimatorOfNoCounterpart_GivesAModelOfTheLibrary()
    {
        var context = TrainingRows.Context(TaskKind.BinaryClassification);
        using var model = await Machine().TrainAsync(context);
        var fitted = FitByHand(context);
        var expected = fitted.Transform(View(context)).GetColumn<float>("Probability").Select(value => (double)value);

        Assert.That(model.FormatId, Is.EqualTo("mlops.microsoft-ml.model/1"));
        Assert.That(TrainingRows.Predict(model, context.Features), Is.EqualTo(expected));
    }

    [Test]
    public async Task TrainAsync_EstimatorThatTheCoreCanCompute_GivesAModelOfTheCore()
    {
        var trainer = MicrosoftML.Trainer(
            "sgd",
            "1",
            (ml, settings) => ml.BinaryClassification.Trainers.SgdCalibrated(settings.Options<SgdCalibratedTrainer.Options>(
                o => (o.NumberOfThreads, o.LearningRate) = (settings.Threads, (double)settings["rate"]))),
            s_rate);
        using var model = await trainer.TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification));

        Assert.That(model.GetType().Assembly, Is.EqualTo(typeof(IModel).Assembly));
    }

    [Test]
    public async Task TrainAsync_ChainWithATrainerOfMargins_IsCalibrated()
    {
        var trainer = MicrosoftML.Trainer("scaled", "1", (ml, settings) => ml.Transforms.NormalizeMinMax(settings.Features)
            .Append(ml.BinaryClassification.Trainers.LinearSvm(settings.Label, settings.Features, settings.Weight, 5)));
        var context = TrainingRows.Context(TaskKind.BinaryClassification, TrainingRows.Features(1500));
        using var model = await trainer.TrainAsync(context);
        var predicted = TrainingRows.Predict(model, context.Features);

        Assert.That(model.FormatId, Is.EqualTo("mlops.microsoft-ml.model/1"));
        Assert.That(predicted, Is.All.InRange(0.0, 1.0));
        Assert.That(predicted.Average(), Is.EqualTo(context.Labels.ToArray().Average()).Within(0.03));
    }

    [Test]
    public async Task TrainAsync_SeveralClasses_GivesProbabilitiesInTheProblemsOrder()
    {
        var features = TrainingRows.Features();
        var labels = Array.ConvertAll(TrainingRows.Labels(TaskKind.MulticlassClassification, features), label => 2 - label);
        foreach (var trainer in new[]
        {
            MicrosoftML.Trainer("bayes", "1", (ml, settings) =>
                ml.MulticlassClassification.Trainers.NaiveBayes(settings.Label, settings.Features)),
            MicrosoftML.Trainer("pairs", "1", (ml, settings) => ml.MulticlassClassification.Trainers.PairwiseCoupling(
                ml.BinaryClassification.Trainers.AveragedPerceptron(settings.Label, settings.Features), settings.Label)),
        })
        {
            using var model = await trainer.TrainAsync(TrainingRows.Context(TaskKind.MulticlassClassification, features, labels));
            var predicted = TrainingRows.Predict(model, features).Chunk(3).ToArray();

            Assert.That(predicted.Select(row => row.Sum()), Is.All.EqualTo(1.0).Within(1e-9), trainer.Name);
            Assert.That(predicted.SelectMany(row => row), Is.All.InRange(0.0, 1.0), trainer.Name);
            Assert.That(
                predicted.Zip(labels).Count(row => Array.IndexOf(row.First, row.First.Max()) == (int)row.Second),
                Is.GreaterThan(0.5 * labels.Length),
                trainer.Name);
        }
    }

    // The order of the first occurrence differs from fold to fold: whoever holds the first row back meets another class first.
    [Test]
    public async Task TrainAsync_EstimatorThatMakesAKeyOfItsOwn_IsCalibratedClassByClass()
    {
        var features = TrainingRows.Features(600);
        var labels = TrainingRows.Labels(TaskKind.MulticlassClassification, features);
        var first = new[] { 2, 0, 1 }.Select(index => Array.IndexOf(labels, index)).ToArray();
        int[] order = [.. first, .. Enumerable.Range(0, 600).Except(first)];
        var context = TrainingRows.Context(
            TaskKind.MulticlassClassification, features.Take(order), Array.ConvertAll(order, row => labels[row]));
        using var asItIs = await Margins("as-it-is", (_, _) => null).TrainAsync(context);
        using var ofItsOwn = await Margins("of-its-own", (ml, label) => new EstimatorChain<ITransformer>()
            .Append(ml.Transforms.Conversion.MapKeyToValue("text", label), TransformerScope.TrainTest)
            .Append(ml.Transforms.Conversion.MapValueToKey("key", "text"), TransformerScope.TrainTest)).TrainAsync(context);

        // Each class is learned by itself, so that nothing but the calibration could make a difference.
        var expected = TrainingRows.Predict(asItIs, features);
        Assert.That(TrainingRows.Predict(ofItsOwn, features), Is.EqualTo(expected).Within(1e-5));
        Assert.That(
            expected.Chunk(3).Zip(labels).Count(row => Array.IndexOf(row.First, row.First.Max()) == (int)row.Second),
            Is.GreaterThan(0.7 * labels.Length));

        static ITrainer Margins(string name, Func<MLContext, string, EstimatorChain<ValueToKeyMappingTransformer>?> key) =>
            MicrosoftML.Trainer(name, "1", (ml, settings) =>
            {
                var own = key(ml, settings.Label);
                var label = own is null ? settings.Label : "key";
                var trainer = ml.MulticlassClassification.Trainers.OneVersusAll(
                    ml.BinaryClassification.Trainers.LbfgsLogisticRegression(new LbfgsLogisticRegressionBinaryTrainer.Options
                    {
                        LabelColumnName = label,
                        FeatureColumnName = settings.Features,
                        NumberOfThreads = 1,
                    }),
                    label,
                    useProbabilities: false);
                return own is null ? trainer : own.Append(trainer);
            });
    }

    [Test]
    public async Task Predict_SparseRows_SameBitsAsDenseRows()
    {
        var context = TrainingRows.Context(TaskKind.BinaryClassification);
        using var model = await Machine().TrainAsync(context);
        var dense = TrainingRows.Predict(model, context.Features);
        var predicted = TrainingRows.Predict(model, TrainingRows.Sparse(context.Features));

        Assert.That(predicted, Is.EqualTo(dense));
    }

    [Test]
    public async Task Read_DamagedBytes_FailsWithRemedy()
    {
        using var model = await Machine().TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification));
        var bytes = TrainingRows.Save(model);
        var readers = new FormatReaders().Add<IModel>(
            TransformerModel.Format, saved => TransformerModel.Read(saved, new LoaderAllowList()));
        foreach (var at in new[] { 0, 9, 50, 60, bytes.Length / 2, bytes.Length - 1 })
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x55;

            Assert.That(
                () => readers.Read<IModel>(TransformerModel.Format, damaged),
                Throws.InstanceOf<MlOpsException>().With.Property(nameof(MlOpsException.Remedy)).Not.Null,
                $"byte {at}");
        }

        Assert.That(() => readers.Read<IModel>(TransformerModel.Format, bytes.AsMemory(0, 30)), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public async Task Predict_AfterDisposalOrOfAnotherWidth_Throws()
    {
        var model = await Machine().TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification));
        using var scratch = new PredictScratch();

        Assert.That(() => model.Predict(new FeatureBlock(new float[3], 3), new double[1], scratch), Throws.ArgumentException);
        Assert.That(() => model.Predict(new FeatureBlock(new float[10], 5), new double[1], scratch), Throws.ArgumentException);
        model.Dispose();
        Assert.That(
            () => model.Predict(new FeatureBlock(new float[5], 5), new double[1], scratch), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void TrainAsync_EstimatorThatDoesNotFit_IsRefusedWithRemedy()
    {
        var context = TrainingRows.Context(TaskKind.BinaryClassification);

        Refuses(MicrosoftML.Trainer("regression", "1", (ml, settings) => ml.Regression.Trainers.Sdca()), context, "does not fit the rows");
        Refuses(MicrosoftML.Trainer("none", "1", (_, _) => null!), context, "returned null");
        Refuses(
            MicrosoftML.Trainer("scales", "1", (ml, settings) => ml.Transforms.NormalizeMinMax(settings.Features)),
            context,
            "no column 'Score'");
        Refuses(
            MicrosoftML.Trainer("undeclared", "1", (ml, settings) => ml.Transforms.NormalizeMinMax($"{settings["rate"]}")),
            context,
            "does not declare");
        Refuses(
            MicrosoftML.Trainer("unweighted", "1", (ml, settings) => ml.BinaryClassification.Trainers.SdcaLogisticRegression()),
            TrainingRows.Context(TaskKind.BinaryClassification, weights: [.. Enumerable.Repeat(2.0, 400)]),
            "does not read them");

        static void Refuses(ITrainer trainer, TrainingContext context, string text) => Assert.That(
            async () => await trainer.TrainAsync(context),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains(text).And.Property(nameof(MlOpsException.Remedy)).Not.Null,
            trainer.Name);
    }

    [Test]
    public void Trainer_BadArguments_AreRefused()
    {
        Func<MLContext, TrainerSettings, IEstimator<ITransformer>> create = (ml, _) => ml.Regression.Trainers.Sdca();

        Assert.That(() => MicrosoftML.Trainer(" ", "1", create), Throws.ArgumentException);
        Assert.That(() => MicrosoftML.Trainer("a", "", create), Throws.ArgumentException);
        Assert.That(() => MicrosoftML.Trainer("a", "1", create, s_rate, s_rate), Throws.ArgumentException);
    }

    internal static ITrainer Machine() => MicrosoftML.Trainer(
        "factorization",
        "1",
        new TrainerCapabilities([TaskKind.BinaryClassification]) { Determinism = Determinism.OneThread, Weights = false, Sparse = true },
        (ml, settings) => ml.BinaryClassification.Trainers.FieldAwareFactorizationMachine(
            settings.Options<FieldAwareFactorizationMachineTrainer.Options>(o =>
                (o.LearningRate, o.LatentDimension, o.NumberOfIterations) = ((float)(double)settings["rate"], 4, 3))),
        s_rate);

    private static ITransformer FitByHand(TrainingContext context)
    {
        var ml = new MLContext(context.Seed);
        return ml.BinaryClassification.Trainers.FieldAwareFactorizationMachine(new FieldAwareFactorizationMachineTrainer.Options
        {
            FeatureColumnName = "Features",
            LabelColumnName = "Label",
            LearningRate = 0.1f,
            LatentDimension = 4,
            NumberOfIterations = 3,
        }).Fit(View(context));
    }

    private static TrainingView View(TrainingContext context) =>
        new(context.Features, context.Labels, default, context.Task, context.ClassCount, default);
}
