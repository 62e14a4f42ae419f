using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class EstimatorPartsTests
{
    private static readonly MLContext s_ml = new(seed: 1);

    private static IEnumerable<TestCaseData> WithTrees()
    {
        var trees = s_ml.BinaryClassification.Trainers;
        yield return new TestCaseData(trees.FastTree(), 0).SetArgDisplayNames("alone");
        yield return new TestCaseData(s_ml.Transforms.CopyColumns("a", "b").Append(trees.FastForest()), 0).SetArgDisplayNames("in a chain");
        yield return new TestCaseData(
            s_ml.Transforms.CopyColumns("a", "b").Append(s_ml.Transforms.NormalizeMinMax("a").Append(
                s_ml.MulticlassClassification.Trainers.OneVersusAll(trees.Gam()))).AppendCacheCheckpoint(s_ml),
            1).SetArgDisplayNames("in a meta-trainer of a chain of a chain");
        yield return new TestCaseData(
            s_ml.MulticlassClassification.Trainers.PairwiseCoupling(trees.FastTree()), 0).SetArgDisplayNames("in pairs");
        yield return new TestCaseData(
            s_ml.Transforms.FeaturizeByFastTreeRegression(new FastTreeRegressionFeaturizationEstimator.Options
            {
                InputColumnName = "Features",
                TreesColumnName = "trees",
                TrainerOptions = new FastTreeRegressionTrainer.Options(),
            }),
            0).SetArgDisplayNames("as features");
        yield return new TestCaseData(s_ml.Regression.Trainers.Gam(), 1).SetArgDisplayNames("additive");
    }

    [TestCaseSource(nameof(WithTrees))]
    public void Of_Trees_AreFoundHoweverDeepTheyAre(IEstimator<ITransformer> estimator, int additive)
    {
        var parts = EstimatorParts.Of(estimator);

        Assert.That(parts.MayTrainBehind(TrainingGate.FastTree));
        Assert.That(parts.MayTrainBehind(TrainingGate.LightGbm), Is.False);
        Assert.That(parts.Additive, Has.Count.EqualTo(additive));
    }

    [Test]
    public void Of_PartsWithoutTrees_HinderNobody()
    {
        foreach (var estimator in new IEstimator<ITransformer>[]
        {
            s_ml.Transforms.Text.FeaturizeText("Features", "review").Append(s_ml.BinaryClassification.Trainers.SdcaLogisticRegression()),
            s_ml.Transforms.NormalizeMinMax("a").Append(
                s_ml.MulticlassClassification.Trainers.OneVersusAll(s_ml.BinaryClassification.Trainers.AveragedPerceptron())),
            s_ml.Transforms.CustomMapping<Visits, Often>((from, to) => to.IsOften = from.Count, null),
            s_ml.Clustering.Trainers.KMeans(),
        })
        {
            var parts = EstimatorParts.Of(estimator);

            Assert.That(parts.MayTrainBehind(TrainingGate.FastTree), Is.False, estimator.GetType().Name);
            Assert.That(parts.MayTrainBehind(TrainingGate.LightGbm), Is.False, estimator.GetType().Name);
        }
    }

    [Test]
    public void Of_EstimatorOfUnknownCode_MayTrainWithAnything()
    {
        var parts = EstimatorParts.Of(s_ml.Transforms.CopyColumns("a", "b").Append(new NestedTraining(s_ml, "sdca")));

        Assert.That(parts.MayTrainBehind(TrainingGate.FastTree));
        Assert.That(parts.MayTrainBehind(TrainingGate.LightGbm));
    }
}
