using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class TwoSampleTests
{
    private static readonly double[] Some = [1, 2, 3, 4, 5, 6];

    public static IEnumerable<TestCaseData> All()
    {
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.KolmogorovSmirnov(
            a,
            b))).SetArgDisplayNames("ks");
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.MannWhitney(a, b))).SetArgDisplayNames(
            "mw");
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.WelchT(a, b))).SetArgDisplayNames("welch");
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.StudentT(a, b))).SetArgDisplayNames(
            "student");
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.CramerVonMises(a, b))).SetArgDisplayNames(
            "cvm");
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.AndersonDarling(a, b))).SetArgDisplayNames(
            "ad");
        yield return new TestCaseData((Func<double[], double[], TestResult>)((a, b) => TwoSample.EppsSingleton(a, b))).SetArgDisplayNames(
            "es");
    }

    [TestCaseSource(nameof(All))]
    public void Test_EmptyOrNaN_Throws(Func<double[], double[], TestResult> test)
    {
        Assert.That(() => test([], Some), Throws.ArgumentException.With.Message.Contains("empty"));
        Assert.That(() => test(Some, []), Throws.ArgumentException.With.Message.Contains("empty"));
        Assert.That(() => test([1, double.NaN], Some), Throws.ArgumentException.With.Message.Contains("NaN"));
    }

    [TestCaseSource(nameof(All))]
    public void Test_SingleValues_GiveAPValueOrAReason(Func<double[], double[], TestResult> test)
    {
        var result = test([1], [2]);
        Assert.That(double.IsNaN(result.PValue), Is.EqualTo(result.Note is not null), result.ToString());
    }

    [TestCaseSource(nameof(All))]
    public void Test_ConstantEqualSamples_SaySoOrHaveNoEvidence(Func<double[], double[], TestResult> test)
    {
        var result = test([3, 3, 3, 3, 3], [3, 3, 3, 3, 3, 3]);
        Assert.That(double.IsNaN(result.PValue) ? result.Note is not null : result.PValue > 0.05, Is.True, result.ToString());
    }

    // The sum of 999 times 0.1, divided by 999, is not 0.1.
    [Test]
    public void StudentAndWelch_ConstantEqualSamplesOfAnyLength_SaySo(
        [Values(3, 6, 10, 1_000)] int first, [Values(7, 11, 999)] int second, [Values(0.1, 0.7, 1e200)] double value)
    {
        double[] a = [.. Enumerable.Repeat(value, first)], b = [.. Enumerable.Repeat(value, second)];
        foreach (var result in new[] { TwoSample.WelchT(a, b), TwoSample.StudentT(a, b) })
        {
            Assert.That(result.PValue, Is.NaN, result.ToString());
            Assert.That(result.Note, Is.EqualTo("Both samples are constant and equal."));
        }
    }

    [Test]
    public void KolmogorovSmirnov_InfiniteValues_AreRanked()
    {
        var result = TwoSample.KolmogorovSmirnov([double.NegativeInfinity, 1, 2], [1, 2, double.PositiveInfinity]);
        Assert.That(result.Statistic, Is.EqualTo(1.0 / 3).Within(1e-12));
    }

    [Test]
    public void KolmogorovSmirnov_LargestExactSizes_AgreeWithTheLimit()
    {
        // 10,000 against 9,999 is exact, 10,001 is not: the two must nearly meet.
        var random = new SeededRandom(5);
        var a = Enumerable.Range(0, 10_001).Select(_ => random.NextDouble()).ToArray();
        var b = Enumerable.Range(0, 9_999).Select(_ => random.NextDouble() + 0.015).ToArray();
        var exact = TwoSample.KolmogorovSmirnov(a.AsSpan(0, 10_000), b).PValue;
        var limit = TwoSample.KolmogorovSmirnov(a, b).PValue;
        Assert.That(exact, Is.EqualTo(limit).Within(5).Percent);
        Assert.That(exact, Is.InRange(1e-6, 0.5));
    }

    [Test]
    public void WelchT_ConstantSamplesApart_AreInfinitelySignificant()
    {
        var result = TwoSample.WelchT([1, 1, 1], [2, 2, 2]);
        Assert.That(result.Statistic, Is.EqualTo(double.NegativeInfinity));
        Assert.That(result.PValue, Is.Zero);
    }

    [Test]
    public void TwoProportions_FarOut_DoesNotUnderflowToZero() =>
        Assert.That(Contingency.TwoProportions(9_000, 20_000, 6_500, 20_000).PValue, Is.GreaterThan(0).And.LessThan(1e-100));

    [Test]
    public void ChiSquare_RareLevels_ArePooledAndSaidSo()
    {
        var result = Contingency.ChiSquare([500, 400, 2, 1, 1], [480, 430, 0, 2, 3]);
        Assert.That(result.Note, Does.Contain("pooled"));
        Assert.That(
            result.PValue,
            Is.EqualTo(Contingency.ChiSquare(new long[,] { { 500, 404 }, { 480, 435 } }).PValue)
                .Within(1e-12)
                .Or.EqualTo(Contingency.ChiSquare(new long[,] { { 500, 400, 4 }, { 480, 430, 5 } }).PValue)
                .Within(1e-12));
    }

    [Test]
    public void GTest_CountsOfTwoSamples_IsThatOfTheTableWithRareLevelsPooled()
    {
        Assert.That(
            Contingency.GTest([2000, 3100, 50], [1900, 3200, 80]) with { Note = null },
            Is.EqualTo(Contingency.GTest(new long[,] { { 50, 2000, 3100 }, { 80, 1900, 3200 } }) with { Note = null }));
        var pooled = Contingency.GTest([500, 300, 1, 2], [480, 330, 2, 8]);
        Assert.That(pooled.Statistic, Is.EqualTo(Contingency.GTest(new long[,] { { 3, 300, 500 }, { 10, 330, 480 } }).Statistic));
        Assert.That(pooled.Note, Does.Contain("pooled"));
    }

    [Test]
    public void ChiSquare_TooFewRows_IsExact()
    {
        var result = Contingency.ChiSquare([5_000, 0], [150, 100]);

        Assert.That(result.PValue, Is.EqualTo(Contingency.FisherExact(5_000, 0, 150, 100).PValue).Within(1e-9).Percent);
        Assert.That((result.Test, result.Note), Is.EqualTo(("Fisher exact", result.Note)));
        Assert.That(result.Note, Does.Contain("Too few"));
    }

    [Test]
    public void Correlations_ConstantVariable_IsUndefined() => Assert.That(Correlations.Pearson([1, 1, 1], [1, 2, 3]).PValue, Is.NaN);

    [Test]
    public void Pearson_VeryLargeAndVerySmallValues_IsThatOfTheirMultiples(
        [Values(1e-200, 1e200)] double scaleX,
        [Values(1e-200, 1, 1e200)] double scaleY)
    {
        double[] x = [1, 2, 3, 4, 6], y = [2, 1, 4, 3, 7];
        var expected = Correlations.Pearson(x, y);
        var scaled = Correlations.Pearson([.. x.Select(value => value * scaleX)], [.. y.Select(value => value * scaleY)]);
        Assert.That(scaled.Statistic, Is.EqualTo(expected.Statistic).Within(1e-12));
        Assert.That(scaled.PValue, Is.EqualTo(expected.PValue).Within(1e-12));
    }

    [Test]
    public void Adjust_UndefinedPValues_DoNotCount() =>
        Assert.That(MultipleTesting.Adjust([0.01, double.NaN, 0.02], Correction.Bonferroni), Is.EqualTo(new[] { 0.02, double.NaN, 0.04 }));

    [Test]
    public void Sorted_ManyValues_EqualsComparisonSort()
    {
        var random = new SeededRandom(1);
        var values = Enumerable.Range(0, 5_000)
            .Select(i => i % 7 == 0 ? double.PositiveInfinity : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(300)))
            .Append(-0.0)
            .Append(0.0)
            .ToArray();
        var expected = values.Order().ToArray();
        Assert.That(Sorting.Sorted(values), Is.EqualTo(expected));
    }

    [Test]
    public void AndersonDarling_TwoOfAList_IsTheTwoSampleFormAndMoreHaveTheSizeOfAll()
    {
        double[] a = [1, 2, 2, 5, 9], b = [3, 3, 4, 8], c = [double.NegativeInfinity, 7, 7];
        Assert.That(TwoSample.AndersonDarling([a, b]), Is.EqualTo(TwoSample.AndersonDarling(a, b)));
        var three = TwoSample.AndersonDarling([a, b, c]);
        Assert.That((three.N1, three.N2), Is.EqualTo((12L, 0L)));
        Assert.That(TwoSample.AndersonDarling([c, a, b]).Statistic, Is.EqualTo(three.Statistic).Within(1e-12));
        Assert.That(TwoSample.AndersonDarling([[1], [1], [1, 1]]), Has.Property("PValue").NaN.And.Property("Note").Contains("equal"));
        Assert.That(TwoSample.AndersonDarling([[1], [2], [3]]), Has.Property("PValue").NaN.And.Property("Note").Contains("four"));
        Assert.That(() => TwoSample.AndersonDarling([a]), Throws.ArgumentException.With.Message.Contains("two samples"));
        Assert.That(() => TwoSample.AndersonDarling([a, []]), Throws.ArgumentException);
        Assert.That(() => TwoSample.AndersonDarling([a, b, [double.NaN]]), Throws.ArgumentException);
    }

    [Test]
    public void CramerVonMises_FartherApart_NeverGetsMoreProbable()
    {
        double[] a = [.. Enumerable.Range(0, 400).Select(i => (double)i)];
        var before = 1.0;
        for (var shift = 60; shift <= 400; shift++)
        {
            var p = TwoSample.CramerVonMises(a, Array.ConvertAll(a, value => value + shift)).PValue;
            Assert.That(p, Is.GreaterThan(0).And.LessThan(before), $"{shift}");
            before = p;
        }
    }
}
