using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class OutliersTests
{
    [Test]
    public void RobustZ_MostlyOneValue_HasNoUnit() => Assert.That(Outliers.RobustZ([0, 0, 0, 5, 7]), Is.All.NaN);

    [Test]
    public void RobustZ_NotFiniteOrEmpty_Throws()
    {
        Assert.That(() => Outliers.RobustZ([1, double.PositiveInfinity]), Throws.ArgumentException);
        Assert.That(() => Outliers.RobustZ([]), Throws.ArgumentException);
    }

    [TestCase(new[] { 1.0, 2, 2, 4, 3, 6 }, 2, TestName = "Mahalanobis_OneColumnFollowsFromTheOther_IsNaN")]
    [TestCase(new[] { 1.0, 5, 2, 5, 3, 5 }, 2, TestName = "Mahalanobis_ConstantColumn_IsNaN")]
    [TestCase(new[] { 1.0, 2, 3, 4 }, 2, TestName = "Mahalanobis_NotMoreRowsThanColumns_IsNaN")]
    [TestCase(new[] { 1.0, 2 }, 2, TestName = "Mahalanobis_OneRow_IsNaN")]
    public void Mahalanobis_SingularCovariance_IsNaN(double[] rows, int columns) =>
        Assert.That(Outliers.Mahalanobis(rows, columns, rows), Is.All.NaN);

    [Test]
    public void Mahalanobis_HalfARow_Throws() =>
        Assert.That(() => Outliers.Mahalanobis([1, 2, 3], 2, [1, 2]), Throws.ArgumentException.With.Message.Contains("multiple of 2"));

    [Test]
    public void CramersVCorrected_SingleLevelOrEveryRowItsOwn_IsNaN()
    {
        Assert.That(Correlations.CramersVCorrected(new long[,] { { 3, 4 } }), Is.NaN);
        Assert.That(Correlations.CramersVCorrected(new long[,] { { 1, 0 }, { 0, 1 } }), Is.NaN);
        Assert.That(Correlations.CramersVCorrected(new long[,] { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } }), Is.NaN);
    }
}
