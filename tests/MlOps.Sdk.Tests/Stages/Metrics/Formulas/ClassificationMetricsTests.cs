using MlOps.Sdk.Metrics;
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
