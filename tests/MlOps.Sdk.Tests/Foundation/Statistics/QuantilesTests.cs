using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class QuantilesTests
{
    [Test]
    public void Median_HalfOfTheWeightOnEitherSide_IsBetweenTheValues()
    {
        Assert.That(Quantiles.Median([4, 1, 2], [1, 1, 2]), Is.EqualTo(2));
        Assert.That(Quantiles.Median([4, 1, 2], [2, 1, 1]), Is.EqualTo(3));
        Assert.That(Quantiles.Median([5], [0.3]), Is.EqualTo(5));
    }

    [Test]
    public void Median_WeightsWithoutAnExactSum_AreHalvedAllTheSame()
    {
        double[] values = [.. Enumerable.Range(1, 10).Select(i => (double)i)];
        Assert.That(Quantiles.Median(values, [.. Enumerable.Repeat(0.1, 10)]), Is.EqualTo(5.5));
    }
}
