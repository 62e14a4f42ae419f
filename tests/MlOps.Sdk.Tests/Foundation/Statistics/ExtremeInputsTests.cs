using System.Buffers;
using System.Numerics;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

/// <summary>What is easily wrong at the ends of the numbers, of the counts, and of what bytes may say.</summary>
public sealed class ExtremeInputsTests
{
    private static readonly double[] Largest = [1.7e308, 1.6e308, -1.1e308, 1.2e308];
    private static readonly double[] LargestToo = [-1.7e308, 1.1e308, -1.1e308, -1.2e308];

    [Test]
    public void Tests_LargestNumbers_EqualThoseOfTheScaledValues()
    {
        double[] a = Array.ConvertAll(Largest, v => Math.ScaleB(v, -1020)), b = Array.ConvertAll(LargestToo, v => Math.ScaleB(v, -1020));
        Assert.Multiple(() =>
        {
            Assert.That(TwoSample.StudentT(Largest, LargestToo), Is.EqualTo(TwoSample.StudentT(a, b)));
            Assert.That(TwoSample.WelchT(Largest, LargestToo), Is.EqualTo(TwoSample.WelchT(a, b)));
            Assert.That(
                Correlations.Pearson(Largest, LargestToo).Statistic,
                Is.EqualTo(Correlations.Pearson(a, b).Statistic).Within(1e-12));
            Assert.That(
                Distances.Wasserstein(Largest, LargestToo),
                Is.EqualTo(Math.ScaleB(Distances.Wasserstein(a, b), 1020)).Within(1e-12).Percent);
        });
    }

    [Test]
    public void Tests_Denormals_EqualThoseOfTheScaledValues()
    {
        double[] x = [3, 8, -2, 11, 5, 7, -9], y = [1, 4, -3, 17, 2, 30, -8];
        double[] a = Array.ConvertAll(x, v => Math.ScaleB(v, -1074)), b = Array.ConvertAll(y, v => Math.ScaleB(v, -1074));
        Assert.Multiple(() =>
        {
            Assert.That(TwoSample.WelchT(a, b).PValue, Is.EqualTo(TwoSample.WelchT(x, y).PValue).Within(1e-12));
            Assert.That(TwoSample.EppsSingleton(a, b).PValue, Is.EqualTo(TwoSample.EppsSingleton(x, y).PValue).Within(1e-12));
            Assert.That(Correlations.Pearson(a, b).Statistic, Is.EqualTo(Correlations.Pearson(x, y).Statistic).Within(1e-12));
            Assert.That(Distances.Energy(a, b), Is.EqualTo(Math.ScaleB(Distances.Energy(x, y), -537)).Within(1e-9).Percent);
        });
    }

    [Test]
    public void StudentT_LargeMeanAndSmallSpread_KeepsItsDigits()
    {
        double[] x = [0.25, 1.5, -0.75, 2, 0.5], y = [1.25, 3, 0.75, 2.5];
        double[] a = Array.ConvertAll(x, v => v + 1e12), b = Array.ConvertAll(y, v => v + 1e12);
        var (far, near) = (TwoSample.StudentT(a, b), TwoSample.StudentT(x, y));
        Assert.Multiple(() =>
        {
            Assert.That(far.Statistic, Is.EqualTo(near.Statistic).Within(1e-9));
            Assert.That(
                Correlations.Pearson(a, [1, 3, 2, 4, 9]).Statistic,
                Is.EqualTo(Correlations.Pearson(x, [1, 3, 2, 4, 9]).Statistic).Within(1e-12));
        });
    }

    [Test]
    public void Pearson_ExactLine_IsOneWithoutDoubt()
    {
        var up = Correlations.Pearson([1, 0.1, 2.3], [3.1, 1.3, 5.7]);
        var down = Correlations.Spearman([1, 0, 2], [-3, 0.1, -6]);
        Assert.Multiple(() =>
        {
            Assert.That((up.Statistic, up.PValue), Is.EqualTo((1.0, 0.0)));
            Assert.That((down.Statistic, down.PValue), Is.EqualTo((-1.0, 0.0)));
        });
    }

    [Test]
    public void Pearson_AlmostALine_HasItsOwnP()
    {
        // 1 − r² of these is 3/4 · 10⁻²⁰ within 10⁻¹⁰, and with one degree of freedom p is 2/π · √(1 − r²).
        var p = Correlations.Pearson([-1, 0, 1], [-1, 1.5e-10, 1]).PValue;
        Assert.That(p, Is.EqualTo(2 / Math.PI * Math.Sqrt(0.75e-20)).Within(1e-4).Percent);
    }

    [Test]
    public void JensenShannon_NearlyEqual_IsNotLostInRounding()
    {
        // √(Σ(p − q)² / (4(p + q))) to first order.
        Assert.That(
            Distances.JensenShannon([0.25, 0.25, 0.5], [0.25 + 1e-9, 0.25 - 1e-9, 0.5], Math.E),
            Is.EqualTo(1e-9).Within(1e-5).Percent);
    }

    [TestCase(1e308)]
    [TestCase(1e-310)]
    public void Distances_CountsOfAnyMagnitude_AreShares(double unit)
    {
        Assert.That(Distances.TotalVariation([unit, unit, unit], [1, 0, 0]), Is.EqualTo(2.0 / 3).Within(1e-12));
    }

    [Test]
    public void Distances_ImpossibleFloorOrBase_Throw()
    {
        double[] p = [1, 2], q = [2, 1];
        Assert.Multiple(() =>
        {
            Assert.That(() => Distances.Psi(p, q, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Distances.KullbackLeibler(p, q, -0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Distances.Psi(p, q, 1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Distances.JensenShannon(p, q, 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Distances.JensenShannon(p, q, double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        });
    }

    [Test]
    public void CramersV_OneColumn_IsUndefined()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Correlations.CramersV(new long[,] { { 94 }, { 4 } }), Is.NaN);
            Assert.That(Correlations.CramersVCorrected(new long[,] { { 94 }, { 4 } }), Is.NaN);
            Assert.That(Correlations.CramersV(new long[,] { { 2309 }, { 6374 }, { 9132 }, { 3461 }, { 3377 } }), Is.NaN);
        });
    }

    [Test]
    public void FisherExact_CountsOfABillion_AnswersAtOnce()
    {
        // So large a table is normal, and the correction for continuity is not seen.
        var result = Contingency.FisherExact(1_000_000_000, 1_000_070_000, 1_000_000_000, 1_000_000_000);
        Assert.That(
            result.PValue,
            Is.EqualTo(Contingency.TwoProportions(1_000_000_000, 2_000_070_000, 1_000_000_000, 2_000_000_000).PValue).Within(1e-4));
    }

    [Test]
    public void Quantiles_InfiniteNeighbours_AreThemselves()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Quantiles.OfSorted([1, 2, double.PositiveInfinity], 0.5), Is.EqualTo(2));
            Assert.That(Quantiles.OfSorted([double.NegativeInfinity, 2, 3], 0), Is.EqualTo(double.NegativeInfinity));
            Assert.That(Quantiles.OfSorted([1, double.PositiveInfinity], 0.75), Is.EqualTo(double.PositiveInfinity));
            Assert.That(Quantiles.OfSorted([-1.6e308, 1.6e308], 0.25), Is.EqualTo(-0.8e308).Within(1e-9).Percent);
            Assert.That(Quantiles.Median([1.6e308, 1.4e308]), Is.EqualTo(1.5e308).Within(1e-9).Percent);
        });
    }

    [Test]
    public void Moments_LargeMeanAndSmallSpread_KeepTheirDigits()
    {
        double[] values = [0.25, 1.5, -0.75, 2, 0.5, 3.25, 1];
        var (near, far) = (new Moments(), new Moments());
        near.Add(values);
        far.Add(Array.ConvertAll(values, v => v + 1e12));
        Assert.Multiple(() =>
        {
            Assert.That(far.Variance, Is.EqualTo(near.Variance).Within(1e-9));
            Assert.That(far.Skewness, Is.EqualTo(near.Skewness).Within(1e-9));
            Assert.That(far.ExcessKurtosis, Is.EqualTo(near.ExcessKurtosis).Within(1e-9));
        });
    }

    [Test]
    public void CramerVonMises_ManyTies_HasAllDigits()
    {
        // The definition, in whole numbers without a bound.
        const int n = 400_000;
        var a = Enumerable.Range(0, n).Select(i => (double)(i % 5)).ToArray();
        var b = Enumerable.Range(0, n).Select(i => (double)(i * 7L % 2003 % 5)).ToArray();
        BigInteger sum = 0;
        foreach (var (own, other) in new[] { (a, b), (b, a) })
        {
            long below = 0, belowOther = 0;
            for (var value = 0; value < 5; value++)
            {
                long count = own.Count(v => v == value), countOther = other.Count(v => v == value);
                var twiceRank = 2 * (below + belowOther) + count + countOther + 1;
                for (var i = 1; i <= count; i++) sum += BigInteger.Pow(twiceRank - 2 * (below + i), 2);
                below += count;
                belowOther += countOther;
            }
        }

        var pairs = (BigInteger)n * n;
        var expected = (double)(6 * n * sum - 4 * pairs * (4 * pairs - 1)) / (24.0 * n * n * 2 * n);
        Assert.That(TwoSample.CramerVonMises(a, b).Statistic, Is.EqualTo(expected).Within(1e-12 * Math.Abs(expected)));
    }

    [Test]
    public void EppsSingleton_SamplesRepeated_GrowsInProportion()
    {
        const int times = 8000; // five values in four dimensions: the inverse of the covariance enlarges every rounding error
        var a = Enumerable.Range(0, 40).Select(i => (double)(i * i % 11 % 5)).ToArray();
        var b = Enumerable.Range(0, 50).Select(i => (double)(i * i % 13 % 5)).ToArray();
        var once = TwoSample.EppsSingleton(a, b).Statistic;
        var repeated = TwoSample.EppsSingleton([.. Enumerable.Repeat(a, times).SelectMany(v => v)], [
            .. Enumerable.Repeat(b, times).SelectMany(v => v)
        ]).Statistic;
        Assert.That(repeated / times, Is.EqualTo(once).Within(1e-7 * once));
    }

    [Test]
    public void Moments_LargestNumbers_HaveTheirMean()
    {
        var moments = new Moments();
        moments.Add([1.7e308, 1.6e308, 1.5e308]);
        Assert.That(moments.Mean, Is.EqualTo(1.6e308).Within(1e-9).Percent);
    }

    [Test]
    public void Moments_PowersBelowTheSmallestNumber_AreUndefinedNotGuessed()
    {
        var moments = new Moments();
        moments.Add([1e-80, 3e-80, 2.5e-80, 9e-80]);
        Assert.Multiple(() =>
        {
            Assert.That(moments.ExcessKurtosis, Is.NaN);
            Assert.That(moments.Skewness, Is.Not.NaN);
        });
    }

    [Test]
    public void QuantileSketch_MinusZeroAtOnceAndOneByOne_IsTheSame()
    {
        double[] values = [0.0, -0.0, 0.0];
        var (atOnce, oneByOne) = (new QuantileSketch(), new QuantileSketch());
        atOnce.Add(values);
        foreach (var value in values) oneByOne.Add(value);
        Assert.That(Bytes(oneByOne.Save), Is.EqualTo(Bytes(atOnce.Save)));
    }

    [Test]
    public void FrequentItems_HalfACharacter_SurvivesSaving()
    {
        var items = new FrequentItems();
        items.Add("\ud800");
        items.Add("\udc00");
        items.Add("\ufffd");
        Assert.That(Bytes(FrequentItems.Read(Bytes(items.Save)).Save), Is.EqualTo(Bytes(items.Save)));
    }

    [Test]
    public void QuantileSketchRead_MoreValuesThanItsSizeHolds_IsDamaged()
    {
        // The first level of a sketch of k = 8, said to be of two values, holds a thousand.
        var sketch = new QuantileSketch(1024);
        sketch.Add(new double[200]);
        var bytes = Bytes(sketch.Save);
        bytes[1] = 8;
        bytes[2] = 0;
        Assert.That(() => QuantileSketch.Read(bytes), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void QuantileSketchRead_MinimumAboveMaximum_IsDamaged()
    {
        var sketch = new QuantileSketch();
        sketch.Add([1, 2, 3]);
        var bytes = Bytes(sketch.Save);
        BitConverter.TryWriteBytes(bytes.AsSpan(1 + 4 + 8 + 8), 5.0);
        Assert.That(() => QuantileSketch.Read(bytes), Throws.InstanceOf<MlOpsException>());
    }

    [TestCase(9, double.NaN)]
    [TestCase(17, -1.0)]
    [TestCase(41, 100.0)]
    public void MomentsRead_ImpossibleState_IsDamaged(int at, double value)
    {
        var moments = new Moments();
        moments.Add([1, 2, 4]);
        var bytes = Bytes(moments.Save);
        BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
        Assert.That(() => Moments.Read(bytes), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void FrequentItemsRead_CountsAboveTheTotal_IsDamaged()
    {
        var items = new FrequentItems();
        items.Add("a", 3);
        var bytes = Bytes(items.Save);
        bytes[5] = 2;
        Assert.That(() => FrequentItems.Read(bytes), Throws.InstanceOf<MlOpsException>());
    }

    private static byte[] Bytes(Action<IBufferWriter<byte>> save)
    {
        var buffer = new ArrayBufferWriter<byte>();
        save(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
