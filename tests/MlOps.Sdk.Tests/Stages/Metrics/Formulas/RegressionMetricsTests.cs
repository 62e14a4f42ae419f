using MlOps.Sdk.Metrics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

/// <summary>Values of the formulas are compared with those of scikit-learn in the tests of conformance.</summary>
public sealed class RegressionMetricsTests
{
    [Test]
    public void Functions_BadInput_Throw()
    {
        Assert.That(() => RegressionMetrics.Rmse([1], [double.NaN]), Throws.ArgumentException);
        Assert.That(() => RegressionMetrics.Mae([1, 2], [1]), Throws.ArgumentException);
    }

    [Test]
    public void Functions_KnownErrors_HaveTheirValues()
    {
        double[] labels = [1, 2, 3, 6];
        double[] predicted = [1, 4, 2, 7];

        Assert.Multiple(() =>
        {
            Assert.That(RegressionMetrics.Mae(labels, predicted), Is.EqualTo(1));
            Assert.That(RegressionMetrics.Rmse(labels, predicted), Is.EqualTo(Math.Sqrt(1.5)).Within(1e-15));
            Assert.That(RegressionMetrics.MedianAbsoluteError(labels, predicted), Is.EqualTo(1));
            Assert.That(RegressionMetrics.Mape(labels, predicted), Is.EqualTo((1 + 1 / 3.0 + 1 / 6.0) / 4).Within(1e-15));
            Assert.That(RegressionMetrics.R2(labels, predicted), Is.EqualTo(1 - 6 / 14.0).Within(1e-15));
        });
    }

    [Test]
    public void R2_ConstantLabels_IsUndefined() => Assert.That(RegressionMetrics.R2([2, 2, 2], [1, 2, 3]), Is.NaN);
}
