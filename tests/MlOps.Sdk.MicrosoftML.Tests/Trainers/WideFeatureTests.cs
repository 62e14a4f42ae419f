using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Every trainer learns from as many features as texts have words, few of them in a row. Alone, as memory is counted.</summary>
[TestFixture]
[NonParallelizable]
public sealed class WideFeatureTests
{
    [TestCase("fast-tree")]
    [TestCase("fast-forest")]
    [TestCase("gam")]
    [TestCase("sdca")]
    [TestCase("lbfgs-logistic-regression")]
    [TestCase("averaged-perceptron")]
    [TestCase("linear-svm")]
    public async Task TrainAsync_MoreFeaturesThanRows_LearnsWithoutAnArrayOfAllValues(string name)
    {
        var (features, labels) = WideRows.Create(seed: 1);
        var (fresh, truth) = WideRows.Create(seed: 2);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        using var model = await Catalog.Small(name).TrainAsync(TrainingRows.Context(TaskKind.BinaryClassification, features, labels));
        var allocated = GC.GetTotalAllocatedBytes(precise: true) - before;

        Assert.That(WideRows.Auc(TrainingRows.Predict(model, fresh), truth), Is.GreaterThan(0.8));
        Assert.That(allocated, Is.LessThan(WideRows.BytesOfAllValues / 2));
    }
}
