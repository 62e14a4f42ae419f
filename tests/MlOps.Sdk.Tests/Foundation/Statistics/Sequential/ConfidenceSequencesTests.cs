using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics.Sequential;

/// <summary>That intervals hold at every look at once, by simulation. Their numbers are compared with SciPy's in ReferenceTests.</summary>
public sealed class ConfidenceSequencesTests
{
    private const int Streams = 400;
    private const int Rows = 4_000;

    [TestCase(0.002)]
    [TestCase(0.05)]
    [TestCase(0.5)]
    public void OfProportion_LookedAtAllTheTime_MissesTheTruthRarely(double truth)
    {
        const double level = 0.9;
        var missed = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var random = new Random(stream);
            var successes = 0;
            for (var rows = 1; rows <= Rows; rows++)
            {
                if (random.NextDouble() < truth) successes++;
                if (rows % 25 != 0 || ConfidenceSequences.OfProportion(successes, rows, level).Contains(truth)) continue;
                missed++;
                break;
            }
        }

        Assert.That(missed, Is.LessThanOrEqualTo(AtMost(1 - level)));
    }

    [Test]
    public void OfProportion_IntervalOfOneLook_MissesFarTooOften()
    {
        // What the sequence is needed for: a plain interval that is looked at all the time does not keep its level.
        var missed = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var random = new Random(stream);
            var successes = 0;
            for (var rows = 1; rows <= Rows; rows++)
            {
                if (random.NextDouble() < 0.05) successes++;
                if (rows % 25 != 0 || Intervals.Wilson(successes, rows, 0.9).Contains(0.05)) continue;
                missed++;
                break;
            }
        }

        Assert.That(missed, Is.GreaterThan(Streams / 3));
    }

    [TestCase(0.5)]
    [TestCase(0.95)]
    public void OfQuantile_LookedAtAllTheTime_MissesTheTruthRarely(double quantile)
    {
        const double level = 0.9;
        double[] edges = [.. Enumerable.Range(1, 200).Select(i => 0.05 * i)];
        var truth = -Math.Log(1 - quantile);
        var missed = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var random = new Random(stream);
            var counts = new long[edges.Length];
            for (var rows = 1; rows <= Rows; rows++)
            {
                counts[Math.Min(edges.Length - 1, (int)(-Math.Log(1 - random.NextDouble()) / 0.05))]++;
                if (rows % 100 != 0 || ConfidenceSequences.OfQuantile(counts, edges, quantile, level).Contains(truth)) continue;
                missed++;
                break;
            }
        }

        Assert.That(missed, Is.LessThanOrEqualTo(AtMost(1 - level)));
    }

    [Test]
    public void OfMean_SkewedRowsLookedAtAllTheTime_MissesTheTruthRarely()
    {
        const double level = 0.9;
        var missed = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var random = new Random(stream);
            var moments = new Moments();
            for (var rows = 1; rows <= Rows; rows++)
            {
                moments.Add(-Math.Log(1 - random.NextDouble()));
                if (rows < 200 || rows % 25 != 0) continue;
                if (ConfidenceSequences.OfMean(moments.Mean, moments.Variance, rows, level).Contains(1)) continue;
                missed++;
                break;
            }
        }

        Assert.That(missed, Is.LessThanOrEqualTo(AtMost(1 - level)));
    }

    [TestCase(1, 1)]
    [TestCase(0.3, 1)]
    [TestCase(0.01, 1)]
    [TestCase(0.001, 0)]
    public void OfBoundedMean_RareLargeRowsLookedAtAllTheTime_MissesTheTruthRarely(double rate, double others)
    {
        // At first, a rare row is not there, and the variance of the others tells nothing of it.
        const double level = 0.9;
        const double most = 100;
        var truth = (rate * most) + ((1 - rate) * others / 2);
        var missed = 0;
        for (var stream = 0; stream < Streams; stream++)
        {
            var random = new Random(stream);
            var moments = new Moments();
            for (var rows = 1; rows <= Rows; rows++)
            {
                moments.Add(random.NextDouble() < rate ? most : others * random.NextDouble());
                if (rows > 20 && rows % 25 != 0) continue;
                if (ConfidenceSequences.OfBoundedMean(moments.Mean, moments.Variance, rows, 0, most, level).Contains(truth)) continue;
                missed++;
                break;
            }
        }

        Assert.That(missed, Is.LessThanOrEqualTo(AtMost(1 - level)));
    }

    [Test]
    public void OfBoundedMean_RowsThatVaryLittle_IsNarrow()
    {
        // A mean of 1 between 0 and 10, with a standard deviation of 1: as wide as of a normal mean, not as of one row in ten.
        var interval = ConfidenceSequences.OfBoundedMean(1, 1, 10_000, 0, 10, 0.99);
        var ofSum = ConfidenceSequences.OfSum(1_000, 10_000, 0.99);

        Assert.That((interval.Lower, interval.Upper), Is.EqualTo((0.95, 1.05)).Using<double>((a, b) => Math.Abs(a - b) < 0.01));
        Assert.That(interval.Upper - interval.Lower, Is.LessThan(0.7 * 10 * (ofSum.Upper - ofSum.Lower)));
    }

    [Test]
    public void OfBoundedMean_FewRows_StaysWithinTheBounds() => Assert.Multiple(() =>
    {
        Assert.That(ConfidenceSequences.OfBoundedMean(double.NaN, double.NaN, 0, -5, 20), Is.EqualTo(new ConfidenceInterval(-5, 20, 0.95)));
        Assert.That(ConfidenceSequences.OfBoundedMean(3, double.NaN, 1, -5, 20), Is.EqualTo(new ConfidenceInterval(-5, 20, 0.95)));
        Assert.That(ConfidenceSequences.OfBoundedMean(20.000001, 0, 2_000, -5, 20).Upper, Is.EqualTo(20), "a sum that was rounded");
    });

    [Test]
    public void OfQuantile_NoRows_KnowsNothing() => Assert.That(
        ConfidenceSequences.OfQuantile([0, 0], [1, 2], 0.5),
        Is.EqualTo(new ConfidenceInterval(double.NegativeInfinity, double.PositiveInfinity, 0.95)));

    [Test]
    public void OfProportion_NoRows_IsAnything() =>
        Assert.That(ConfidenceSequences.OfProportion(0, 0), Is.EqualTo(new ConfidenceInterval(0, 1, 0.95)));

    [Test]
    public void Sequences_MistakesOfTheCaller_AreRefused() => Assert.Multiple(() =>
    {
        Assert.That(() => ConfidenceSequences.OfProportion(2, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfProportion(-1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfProportion(0, 1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfQuantile([1], [1, 2], 0.5), Throws.ArgumentException);
        Assert.That(() => ConfidenceSequences.OfQuantile([-1], [1], 0.5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfQuantile([1], [1], 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfMean(double.NaN, 1, 5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfMean(0, -1, 5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfMean(0, 1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfMean(0, 1, 5, narrowestAt: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfBoundedMean(1, 1, 5, 1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => ConfidenceSequences.OfBoundedMean(1, 1, 5, double.NegativeInfinity, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => ConfidenceSequences.OfBoundedMean(1, 1, 5, 0, double.PositiveInfinity), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfBoundedMean(1.1, 1, 5, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfBoundedMean(double.NaN, 1, 5, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfBoundedMean(1, double.NaN, 5, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfBoundedMean(1, 1, -1, 0, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConfidenceSequences.OfBoundedMean(1, 1, 5, 0, 1, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    });

    // Four standard errors above the share that is allowed.
    private static double AtMost(double share) => Streams * share + 4 * Math.Sqrt(Streams * share * (1 - share));
}
