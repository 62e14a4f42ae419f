using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class ColumnHistogramTests
{
    [TestCase(76561198000000000d)]
    [TestCase(double.MaxValue)]
    [TestCase(-double.MaxValue)]
    public void Of_OneLargeValue_HasABinThatHoldsIt(double value)
    {
        var histogram = Numbers(value, value)!;
        Assert.That(histogram.Edges, Is.Ordered.Ascending.And.Unique);
        Assert.That(histogram.Counts.Sum() + histogram.Below + histogram.Above, Is.EqualTo(2));
    }

    [Test]
    public void Of_NoFiniteValue_IsNull() => Assert.That(Numbers(double.NaN, double.PositiveInfinity), Is.Null);

    [Test]
    public void Of_Text_IsNull()
    {
        var builder = new TextColumnBuilder();
        builder.Append("a");
        Assert.That(ColumnHistogram.Of(ColumnProfile.Of(builder.Build())), Is.Null);
    }

    [Test]
    public void Of_FewIntegers_HasABinForEach()
    {
        var histogram = Integers(3, 1, 3, 5)!;
        Assert.That(histogram.Edges, Is.EqualTo(new[] { 0.5, 1.5, 2.5, 3.5, 4.5, 5.5 }));
        Assert.That(histogram.Counts, Is.EqualTo(new long[] { 1, 0, 2, 0, 1 }));
        Assert.That((histogram.Below, histogram.Above), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void Of_ShortColumn_CountsExactly()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(i => Math.Sqrt(i))];
        var histogram = Numbers(values)!;
        Assert.That(histogram.Counts, Has.Count.EqualTo(32));
        for (var i = 0; i < 32; i++)
        {
            Assert.That(
                histogram.Counts[i],
                Is.EqualTo(values.Count(value => (i == 0 || value > histogram.Edges[i]) && value <= histogram.Edges[i + 1])),
                $"bin {i}");
        }
    }

    [Test]
    public void Of_LongTail_IsCutAndCounted()
    {
        var histogram = Numbers([.. Enumerable.Range(0, 400).Select(i => i / 400.0), 1e9, -1e9])!;
        Assert.That(
            (histogram.Below, histogram.Above),
            Is.EqualTo((2L, 2L)).Or.EqualTo((1L, 1L)).Or.EqualTo((2L, 1L)).Or.EqualTo((1L, 2L)));
        Assert.That(histogram.Counts.Count(count => count > 0), Is.EqualTo(32));
    }

    [TestCase(0.1, 0.1)]
    [TestCase(1e300, 1e300)]
    [TestCase(-double.MaxValue, double.MaxValue)]
    [TestCase(0, double.Epsilon)]
    [TestCase(1, 1.0000000000000002)]
    public void Of_ExtremeValues_KeepsEveryValueBetweenFiniteEdges(double low, double high)
    {
        var histogram = Numbers(low, high, high)!;
        Assert.That(histogram.Edges, Has.All.Matches<double>(double.IsFinite));
        Assert.That(histogram.Edges, Is.Ordered);
        Assert.That(histogram.Counts.Sum() + histogram.Below + histogram.Above, Is.EqualTo(3));
        Assert.That(histogram.Counts, Has.All.GreaterThanOrEqualTo(0));
    }

    [Test]
    public void Of_LargestIntegers_KeepsEveryValue()
    {
        var histogram = Integers(long.MaxValue, long.MaxValue - 1, long.MinValue)!;
        Assert.That(histogram.Counts.Sum() + histogram.Below + histogram.Above, Is.EqualTo(3));
        Assert.That(Integers(long.MaxValue)!.Counts.Sum(), Is.EqualTo(1));
    }

    private static ColumnHistogram? Numbers(params double[] values)
    {
        var builder = new NumberColumnBuilder();
        foreach (var value in values) builder.Append(value);
        return ColumnHistogram.Of(ColumnProfile.Of(builder.Build()));
    }

    private static ColumnHistogram? Integers(params long[] values)
    {
        var builder = new IntegerColumnBuilder();
        foreach (var value in values) builder.Append(value);
        return ColumnHistogram.Of(ColumnProfile.Of(builder.Build()));
    }
}
