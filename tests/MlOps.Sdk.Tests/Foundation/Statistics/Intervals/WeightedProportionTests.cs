using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class WeightedProportionTests
{
    [Test]
    public void EffectiveSize_Weights_IsKishs()
    {
        Assert.That(WeightedProportion.EffectiveSize([1, 1, 3, 1]), Is.EqualTo(3));
        Assert.That(WeightedProportion.EffectiveSize([0.1, 0.1, 0.1]), Is.EqualTo(3).Within(1e-12));
        Assert.That(WeightedProportion.EffectiveSize([1e300, 1e300, 3e300, 1e300]), Is.EqualTo(3).Within(1e-12));
        Assert.That(WeightedProportion.EffectiveSize([]), Is.NaN);
    }

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(8)]
    public void Wilson_EqualWeights_IsWilsons(int successes)
    {
        double[] outcomes = [.. Enumerable.Range(0, 8).Select(i => i < successes ? 1.0 : 0.0)];
        var found = WeightedProportion.Wilson(outcomes, [.. Enumerable.Repeat(0.7, 8)], 0.95);
        var expected = Intervals.Wilson(successes, 8);
        Assert.That(found.Lower, Is.EqualTo(expected.Lower).Within(1e-12));
        Assert.That(found.Upper, Is.EqualTo(expected.Upper).Within(1e-12));
    }

    [Test]
    public void Wilson_WeightsOfTheOutcomes_HasTheLinearizedVariance()
    {
        // p = 0.6; V = (1·0.16 + 4·0.16 + 4·0.36)/25 = 0.0896; p(1 − p)/V = 2.678…
        var found = WeightedProportion.Wilson([1, 1, 0], [1, 2, 2], 0.95);
        var expected = Intervals.Wilson(0.6, 0.24 / 0.0896, 0.95);
        Assert.That(found.Lower, Is.EqualTo(expected.Lower).Within(1e-12));
        Assert.That(found.Upper, Is.EqualTo(expected.Upper).Within(1e-12));
    }

    [Test]
    public void Wilson_OneErrorOfHardlyAnyWeight_CountsNoMoreThanTheRows()
    {
        double[] outcomes = [0, .. Enumerable.Repeat(1.0, 19)], weights = [1e-9, .. Enumerable.Repeat(1.0, 19)];
        var found = WeightedProportion.Wilson(outcomes, weights, 0.95);
        Assert.That(found.Lower, Is.EqualTo(Intervals.Wilson(20, 20).Lower).Within(1e-6));
        Assert.That(found.Upper, Is.InRange(1 - 1e-8, 1));
    }
}
