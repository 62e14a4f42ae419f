using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class PlattScalingTests
{
    [Test]
    public void Fit_MarginsOfAKnownLaw_FindsIt()
    {
        var random = new Random(1);
        double[] margins = [.. Enumerable.Range(0, 50_000).Select(_ => random.NextDouble() * 8 - 4)];
        bool[] isPositive = [.. margins.Select(margin => random.NextDouble() < 1 / (1 + Math.Exp(-1.5 * margin + 0.7)))];

        var scaling = PlattScaling.Fit(margins, isPositive, []);

        Assert.That(scaling.Slope, Is.EqualTo(-1.5).Within(0.05));
        Assert.That(scaling.Intercept, Is.EqualTo(0.7).Within(0.05));
    }

    // At the minimum, the gradient of the loss is zero: the mean of the probabilities is that of the targets.
    [TestCase(1.0)]
    [TestCase(1e-9)]
    [TestCase(1e12)]
    public void Fit_AnyUnit_MeanProbabilityIsThatOfTheTargets(double unit)
    {
        var random = new Random(2);
        double[] margins = [.. Enumerable.Range(0, 500).Select(_ => unit * (random.NextDouble() * 3 - 1))];
        bool[] isPositive = [.. margins.Select(margin => margin / unit + random.NextDouble() > 1)];
        var (positive, negative) = (isPositive.Count(value => value), isPositive.Count(value => !value));

        var scaling = PlattScaling.Fit(margins, isPositive, []);

        var target = (positive * (positive + 1.0) / (positive + 2) + negative / (negative + 2.0)) / 500;
        Assert.That(margins.Average(scaling.Probability), Is.EqualTo(target).Within(1e-6));
        Assert.That(scaling.Slope, Is.Negative);
    }

    [Test]
    public void Fit_WeightOfTwo_CountsAsTwoRows()
    {
        double[] margins = [-1, -0.5, 0.2, 0.4, 1.5, -0.3];
        bool[] isPositive = [false, true, false, true, true, false];
        double[] weights = [2, 1, 1, 3, 1, 1];
        var repeated = margins.Zip(weights).SelectMany(row => Enumerable.Repeat(row.First, (int)row.Second)).ToArray();
        var repeatedClasses = isPositive.Zip(weights).SelectMany(row => Enumerable.Repeat(row.First, (int)row.Second)).ToArray();

        var weighted = PlattScaling.Fit(margins, isPositive, weights);

        var expected = PlattScaling.Fit(repeated, repeatedClasses, []);
        Assert.That(weighted.Slope, Is.EqualTo(expected.Slope).Within(1e-7));
        Assert.That(weighted.Intercept, Is.EqualTo(expected.Intercept).Within(1e-7));
    }

    [TestCase(new double[] { 1, 1, 1, 1 })]
    [TestCase(new double[] { 0, 0, 0, 0 })]
    [TestCase(new double[] { -1e6, -1e6, 1e6, 1e6 })]
    public void Fit_DegenerateMargins_IsFinite(double[] margins)
    {
        var scaling = PlattScaling.Fit(margins, [false, false, true, true], []);

        Assert.That(scaling.IsFinite());
        Assert.That(margins.Select(scaling.Probability), Is.All.InRange(0.0, 1.0));
    }

    [Test]
    public void Probability_HugeMargins_IsZeroOrOne()
    {
        var scaling = new PlattScaling(-1, 0);

        Assert.That(scaling.Probability(1e6), Is.EqualTo(1));
        Assert.That(scaling.Probability(-1e6), Is.Zero);
        Assert.That(scaling.Probability(double.NaN), Is.NaN);
    }
}
