using MlOps.Sdk.Metrics;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

/// <summary>Values of the formulas are compared with those of scikit-learn in the tests of conformance.</summary>
public sealed class ClassificationMetricsTests
{
    [Test]
    public void Functions_BadInput_Throw()
    {
        Assert.That(() => ClassificationMetrics.RocAuc([0, 1], [0.5]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.RocAuc([0, 1], [0.5, double.NaN]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.RocAuc([0, 2], [0.5, 0.5]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.LogLoss([0, 1], [0.5, 1.5]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.RocAuc([0, 1], [0.1, 0.5], [1.0]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.Accuracy([0, 1], [1, 1], [1, 0]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.F1([0, 1], [1, 1], [1, double.PositiveInfinity]), Throws.ArgumentException);
    }

    [Test]
    public void RocAuc_AnyScores_IsThatOfMidranksToTheBit([Range(0, 19)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var (labels, scores) = (new double[500], new double[500]);
        double positives = 0, sum = 0;
        for (var i = 0; i < 500; i++) (labels[i], scores[i]) = (random.Next(3) / 2, random.Next(seed % 2 == 0 ? 20 : 100000));
        var ranks = Ranks.Of(scores, out _);
        for (var i = 0; i < 500; i++)
        {
            positives += labels[i];
            sum += labels[i] * ranks[i];
        }

        Assert.That(
            ClassificationMetrics.RocAuc(labels, scores),
            Is.EqualTo((sum - positives * (positives + 1) / 2) / (positives * (500 - positives))));
    }

    [Test]
    public void Areas_PerfectOrderOfAnyWeights_AreNotAboveOne([Range(0, 19)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var (labels, scores, weights) = (new double[100], new double[100], new double[100]);
        for (var i = 0; i < 100; i++) (labels[i], scores[i], weights[i]) = (i / 50, i, Math.Exp(4 * random.NextDouble()));

        Assert.That(ClassificationMetrics.RocAuc(labels, scores, weights), Is.InRange(1 - 1e-14, 1));
        Assert.That(ClassificationMetrics.AveragePrecision(labels, scores, weights), Is.InRange(1 - 1e-14, 1));
    }

    [Test]
    public void RocAuc_TiedScores_CountAsHalfRight() =>
        Assert.That(ClassificationMetrics.RocAuc([0, 1, 0, 1], [0.2, 0.5, 0.5, 0.9]), Is.EqualTo(0.875));

    [Test]
    public void LogLoss_CertainAndWrong_IsLargeAndFinite() =>
        Assert.That(ClassificationMetrics.LogLoss([0, 1], [1, 0]), Is.GreaterThan(30).And.LessThan(double.PositiveInfinity));

    [Test]
    public void Brier_Scores_AreMeanSquaredErrors() =>
        Assert.That(ClassificationMetrics.Brier([0, 1], [0.5, 0.75]), Is.EqualTo((0.25 + 0.0625) / 2));
}
