using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class IntervalsTests
{
    [Test]
    public void Bootstrap_Mean_NearNormalInterval()
    {
        var random = new SeededRandom(3);
        var values = Enumerable.Range(0, 400).Select(_ => random.NextDouble()).ToArray();
        var interval = Intervals.Bootstrap(
            values.Length,
            rows => { var sum = 0.0; foreach (var row in rows.Span) sum += values[row]; return sum / rows.Length; },
            resamples: 2000);
        var half = 1.96 * Math.Sqrt(1.0 / 12 / 400);
        Assert.That(interval.Lower, Is.EqualTo(values.Average() - half).Within(0.006));
        Assert.That(interval.Upper, Is.EqualTo(values.Average() + half).Within(0.006));
    }

    [Test]
    public void Bootstrap_SameSeed_SameInterval()
    {
        ConfidenceInterval Run(int seed) => Intervals.Bootstrap(50, rows => rows.Span[0] + rows.Span[1], seed: seed);
        var first = Run(4);
        Assert.That(Run(4), Is.EqualTo(first));
        Assert.That(Run(4), Is.Not.EqualTo(Run(5)));
    }

    [Test]
    public void Bootstrap_MostlyUndefined_IsUndefined() => Assert.That(Intervals.Bootstrap(5, _ => double.NaN).Lower, Is.NaN);

    [Test]
    public void Wilson_NoSuccesses_StartsAtZeroExactly() => Assert.That(Intervals.Wilson(0, 12).Lower, Is.Zero);

    [Test]
    public void Wilson_ImpossibleCounts_Throws()
    {
        Assert.That(() => Intervals.Wilson(5, 4), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Intervals.Wilson(0, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void DeLong_SameScores_NoDifference()
    {
        var comparison = DeLong.Compare([1, 0, 1, 0, 1], [0.9, 0.2, 0.4, 0.5, 0.7], [9, 2, 4, 5, 7]);
        Assert.That((comparison.Difference, comparison.StandardError, comparison.PValue), Is.EqualTo((0.0, 0.0, 1.0)));
    }

    [Test]
    public void DeLong_SingleClass_IsUndefined() => Assert.That(DeLong.Auc([1, 1], [0.1, 0.2]).Auc, Is.NaN);

    [Test]
    public void PairedBootstrap_ClearDifference_IsSignificantAndOfTheRightSign()
    {
        var random = new SeededRandom(8);
        var values = Enumerable.Range(0, 200).Select(_ => random.NextDouble()).ToArray();
        double Mean(ReadOnlyMemory<int> rows, double shift)
        {
            var sum = 0.0;
            foreach (var row in rows.Span) sum += values[row] + shift;
            return sum / rows.Length;
        }
        var comparison = PairedBootstrap.Compare(values.Length, rows => Mean(rows, 0), rows => Mean(rows, 0.1));
        Assert.That(comparison.Difference, Is.EqualTo(0.1).Within(1e-9));
        Assert.That(comparison.PValue, Is.LessThan(0.01));
    }

    [TestCase(0.97)]
    [TestCase(0.9999)]
    [TestCase(0.99999999)]
    public void PairedBootstrap_TailBeyondTheResamples_ReachesAsFarAsTheNormalInterval(double level)
    {
        var comparison = Shifted(level, resamples: 500);
        var half = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, (1 + level) / 2) * comparison.StandardError;
        Assert.That(comparison.Interval.Lower, Is.LessThanOrEqualTo(comparison.Difference - half));
        Assert.That(comparison.Interval.Upper, Is.GreaterThanOrEqualTo(comparison.Difference + half));
    }

    [Test]
    public void PairedBootstrap_TailWithinTheResamples_IsThePercentileInterval()
    {
        var rows = Skewed();
        var comparison = Shifted(0.95, resamples: 500);
        var expected = Intervals.Bootstrap(rows.Length, drawn => Mean(drawn, rows), 0.95, resamples: 500);
        Assert.That((comparison.Interval.Lower, comparison.Interval.Upper), Is.EqualTo((expected.Lower, expected.Upper)));
    }

    // The difference is the mean of skewed values, whose percentile interval is not the normal one on either side.
    private static PairedComparison Shifted(double level, int resamples)
    {
        var rows = Skewed();
        return PairedBootstrap.Compare(rows.Length, _ => 0, drawn => Mean(drawn, rows), level, resamples);
    }

    private static double[] Skewed()
    {
        var random = new SeededRandom(8);
        return [.. Enumerable.Range(0, 60).Select(_ => Math.Pow(random.NextDouble(), 4))];
    }

    private static double Mean(ReadOnlyMemory<int> rows, double[] values)
    {
        var sum = 0.0;
        foreach (var row in rows.Span) sum += values[row];
        return sum / rows.Length;
    }
}
