using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>What trains with LightGBM takes turns, whatever it is part of.</summary>
[TestFixture]
public sealed class LightGbmGateTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    private static IEnumerable<IEstimator<ITransformer>> Estimators()
    {
        yield return s_ml.BinaryClassification.Trainers.LightGbm();
        yield return s_ml.Transforms.CopyColumns("a", "b").Append(s_ml.Regression.Trainers.LightGbm());
        yield return s_ml.MulticlassClassification.Trainers.OneVersusAll(s_ml.BinaryClassification.Trainers.LightGbm());
    }

    [TestCaseSource(nameof(Estimators))]
    public void Of_Boosting_IsFoundHoweverDeepItIs(IEstimator<ITransformer> estimator)
    {
        var parts = EstimatorParts.Of(estimator);

        Assert.That(parts.MayTrainBehind(TrainingGate.LightGbm));
        Assert.That(parts.MayTrainBehind(TrainingGate.FastTree), Is.False);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task TrainAsync_CancelledWhileAnotherTrains_EndsWithoutWaiting(bool isBuiltIn)
    {
        var trainer = isBuiltIn
            ? MicrosoftML.LightGbm(o => o.Trees = 3)
            : MicrosoftML.Trainer("boosting", "1", (ml, settings) => ml.Transforms.NormalizeMinMax(settings.Features).Append(
                ml.Regression.Trainers.LightGbm(settings.Options<LightGbmRegressionTrainer.Options>(o => o.NumberOfIterations = 3))));
        var random = new Random(3);
        var context = new TrainingContext
        {
            Task = TaskKind.Regression,
            Features = new FeatureMatrix(
                [new FeatureSlot("f", "c")], 200, [.. Enumerable.Range(0, 200).Select(_ => random.NextSingle())]),
            Labels = Enumerable.Range(0, 200).Select(_ => random.NextDouble()).ToArray(),
            Seed = 7,
        };
        using var source = new CancellationTokenSource();
        using (await TrainingGate.LightGbm.EnterAsync(null, default))
        {
            var training = trainer.TrainAsync(context, source.Token).AsTask();
            await source.CancelAsync();

            Assert.That(async () => await training, Throws.InstanceOf<OperationCanceledException>());
        }

        using var model = await trainer.TrainAsync(context);
        Assert.That(model.Signature.Features, Is.EqualTo(1));
    }
}
