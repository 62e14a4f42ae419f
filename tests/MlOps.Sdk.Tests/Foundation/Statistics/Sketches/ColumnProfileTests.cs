using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class ColumnProfileTests
{
    [Test]
    public void Of_Numbers_CountsMissingAndInfinite()
    {
        var profile = ColumnProfile.Of(Numbers(1, 2, null, double.NaN, double.PositiveInfinity, 3));
        Assert.That((profile.Count, profile.Missing, profile.Infinite, profile.Moments!.Count), Is.EqualTo((6L, 2L, 1L, 3L)));
        Assert.That(profile.Moments.Mean, Is.EqualTo(2).Within(1e-12));
        Assert.That(profile.Quantiles!.Quantile(0.5), Is.EqualTo(2));
        Assert.That(profile.Distinct!.Estimate(), Is.EqualTo(4).Within(0.1));
    }

    [Test]
    public void Of_Texts_CountsLevelsAndLengths()
    {
        var profile = ColumnProfile.Of(Texts("a", "bbb", "a", null));
        Assert.That((profile.Count, profile.Missing), Is.EqualTo((4L, 1L)));
        Assert.That(profile.Items!.Top(1)[0], Is.EqualTo(new FrequentItem("a", 2, 2)));
        Assert.That((profile.Moments!.Minimum, profile.Moments.Maximum), Is.EqualTo((1.0, 3.0)));
    }

    [TestCase(ColumnType.Boolean)]
    [TestCase(ColumnType.Integer)]
    [TestCase(ColumnType.Timestamp)]
    [TestCase(ColumnType.Number)]
    [TestCase(ColumnType.Text)]
    [TestCase(ColumnType.Vector)]
    public void Add_RowByRowAndMerged_EqualsWhole(ColumnType type)
    {
        var column = Any(type, 60);
        var whole = ColumnProfile.Of(column);
        var (first, second) = (new ColumnProfile(type), new ColumnProfile(type));
        for (var row = 0; row < column.Length; row++) (row < 25 ? first : second).Add(column, row);
        first.Merge(second);
        Assert.That((first.Count, first.Missing), Is.EqualTo((whole.Count, whole.Missing)));
        Assert.That(first.Moments?.Mean, Is.EqualTo(whole.Moments?.Mean).Within(1e-6));
        Assert.That(first.Distinct?.Estimate(), Is.EqualTo(whole.Distinct?.Estimate()));
        Assert.That(first.Items?.Top(3), Is.EqualTo(whole.Items?.Top(3)));
        Assert.That(SketchTests.Bytes(ColumnProfile.Read(SketchTests.Bytes(first.Save)).Save), Is.EqualTo(SketchTests.Bytes(first.Save)));
    }

    [Test]
    public void ReferenceBins_Numbers_CountWindowByReferenceDeciles()
    {
        var bins = ReferenceBins.From(Numbers([.. Enumerable.Range(1, 100).Select(i => (double?)i), null]));
        Assert.That(bins.Counts.ToArray(), Is.EqualTo(new long[] { 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 1 }));
        Assert.That(bins.Count(Numbers(-5, 1000, null, double.NaN)), Is.EqualTo(new long[] { 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2 }));
        Assert.That(SketchTests.Bytes(ReferenceBins.Read(SketchTests.Bytes(bins.Save)).Save), Is.EqualTo(SketchTests.Bytes(bins.Save)));
        Assert.That((bins.Describe(0), bins.Describe(10)), Is.EqualTo(("≤ 10.9", "(missing)")));
    }

    [Test]
    public void ReferenceBins_MostlyOneValue_StillTellTheOthersApart()
    {
        double?[] flags = [.. Enumerable.Repeat((double?)1, 95), .. Enumerable.Repeat((double?)0, 5)];
        Assert.That(ReferenceBins.From(Numbers(flags)).Counts.ToArray(), Is.EqualTo(new long[] { 5, 95, 0 }));
        var constant = ReferenceBins.From(Numbers(7, 7, 7));
        Assert.That(constant.Counts.ToArray(), Is.EqualTo(new long[] { 0, 3, 0, 0 }));
        Assert.That(constant.Count(Numbers(6, 7, 8)), Is.EqualTo(new long[] { 1, 1, 1, 0 }));
    }

    [Test]
    public void ReferenceBins_Texts_PutUnknownLevelsInOther()
    {
        var bins = ReferenceBins.From(Texts("a", "b", "a", null));
        Assert.That(bins.Levels, Is.EqualTo(new[] { "a", "b" }));
        Assert.That(bins.Counts.ToArray(), Is.EqualTo(new long[] { 2, 1, 0, 1 }));
        Assert.That(bins.Count(Texts("new", "b", null)), Is.EqualTo(new long[] { 0, 1, 1, 1 }));
        Assert.That(SketchTests.Bytes(ReferenceBins.Read(SketchTests.Bytes(bins.Save)).Save), Is.EqualTo(SketchTests.Bytes(bins.Save)));
    }

    [Test]
    public void ReferenceBins_Booleans_AreLevels()
    {
        var bins = ReferenceBins.From(Any(ColumnType.Boolean, 10));
        Assert.That(bins.Levels, Is.EquivalentTo(new[] { "true", "false" }));
        Assert.That(bins.Count(Any(ColumnType.Boolean, 10)), Is.EqualTo(bins.Counts.ToArray()));
    }

    [Test]
    public void Add_OtherType_Throws() => Assert.That(() => new ColumnProfile(ColumnType.Text).Add(Numbers(1)), Throws.ArgumentException);

    private static Column Numbers(params double?[] values)
    {
        var builder = new NumberColumnBuilder();
        foreach (var value in values)
        {
            if (value is { } number) builder.Append(number);
            else builder.AppendNull();
        }

        return builder.Build();
    }

    private static Column Texts(params string?[] values)
    {
        var builder = new TextColumnBuilder();
        foreach (var value in values) builder.Append(value);
        return builder.Build();
    }

    private static Column Any(ColumnType type, int rows)
    {
        var builder = ColumnBuilder.Create(type, type == ColumnType.Vector ? 2 : 1);
        for (var i = 0; i < rows; i++)
        {
            if (i % 7 == 0) builder.AppendNull();
            else if (builder is NumberColumnBuilder numbers) numbers.Append(i * 1.5);
            else if (builder is IntegerColumnBuilder integers) integers.Append(i);
            else if (builder is BooleanColumnBuilder booleans) booleans.Append(i % 2 == 0);
            else if (builder is TextColumnBuilder texts) texts.Append($"t{i % 4}");
            else if (builder is TimestampColumnBuilder times) times.Append(new DateTime(2026, 1, 1).AddHours(i));
            else ((VectorColumnBuilder)builder).Append([i, i]);
        }

        return builder.Build();
    }
}
