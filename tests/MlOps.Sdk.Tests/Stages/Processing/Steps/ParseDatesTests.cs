using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ParseDatesTests
{
    [TestCase("15.01.2024 12:00", "2024-01-15T11:00", TestName = "{m}(winter)")]
    [TestCase("15.07.2024 12:00", "2024-07-15T10:00", TestName = "{m}(summer)")]
    [TestCase("31.03.2024 01:59", "2024-03-31T00:59", TestName = "{m}(before the gap)")]
    [TestCase("31.03.2024 02:00", "2024-03-31T01:00", TestName = "{m}(first in the gap)")]
    [TestCase("31.03.2024 02:30", "2024-03-31T01:30", TestName = "{m}(in the gap: 03:30 summer time)")]
    [TestCase("31.03.2024 03:00", "2024-03-31T01:00", TestName = "{m}(behind the gap)")]
    [TestCase("27.10.2024 02:30", "2024-10-27T00:30", TestName = "{m}(shown twice: the earlier)")]
    [TestCase("27.10.2024 03:00", "2024-10-27T02:00", TestName = "{m}(behind what is shown twice)")]
    [TestCase("2024-07-15T12:00:00-04:00", "2024-07-15T16:00", TestName = "{m}(offset of its own)")]
    [TestCase("2024-07-15T12:00:00Z", "2024-07-15T12:00", TestName = "{m}(UTC of its own)")]
    [TestCase("15.07.2024", "2024-07-14T22:00", TestName = "{m}(a date is its midnight)")]
    public void Apply_TextInBerlin_IsThePointInTime(string text, string utc)
    {
        var result = Apply(new ParseDates("at", ["dd.MM.yyyy HH:mm", "dd.MM.yyyy", "yyyy-MM-ddTHH:mm:ssK"], "Europe/Berlin", ""), text);

        Assert.That(result, Is.EqualTo(new[] { utc + ":00.0000000Z" }));
    }

    // The standard time of Ireland is its summer time, and Lord Howe moves its clocks by half an hour.
    [TestCase("Europe/Dublin", "2024-03-31 01:30", "2024-03-31T01:30")]
    [TestCase("Europe/Dublin", "2024-10-27 01:30", "2024-10-27T00:30")]
    [TestCase("Australia/Lord_Howe", "2024-10-06 02:15", "2024-10-05T15:45")]
    [TestCase("UTC", "2024-10-06 02:15", "2024-10-06T02:15")]
    public void Apply_OtherZones_FollowTheSameRule(string zone, string text, string utc) =>
        Assert.That(Apply(new ParseDates("at", ["yyyy-MM-dd HH:mm"], zone, ""), text), Is.EqualTo(new[] { utc + ":00.0000000Z" }));

    [Test]
    public void Apply_MissingText_StaysMissing() => Assert.That(
        Apply(new ParseDates("at", ["yyyy-MM-dd"], "UTC", ""), "2024-01-01", null),
        Is.EqualTo(new[] { "2024-01-01T00:00:00.0000000Z", null }));

    [TestCase("2024-02-30")]
    [TestCase(" 2024-02-03")]
    [TestCase("0001-01-01")]
    [TestCase("")]
    public void Apply_TextOfNoFormat_NamesTheRow(string text) => Assert.That(
        () => Apply(new ParseDates("at", ["yyyy-MM-dd"], "Europe/Berlin", ""), "2024-01-01", text),
        Throws.InstanceOf<MlOpsException>()
            .With.Property("Row")
            .EqualTo(1)
            .And.Property("Column")
            .EqualTo("at")
            .And.Message.Contains("'yyyy-MM-dd'"));

    [TestCase("HH:mm")]
    [TestCase("dd.MM.")]
    [TestCase("MM.yyyy")]
    [TestCase("")]
    [TestCase("%")]
    public void Create_FormatWithoutAWholeDate_IsRefused(string format) =>
        Assert.That(
            () => new ParseDates("at", ["yyyy-MM-dd", format], "UTC", ""),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{format}' does not contain a complete date"));

    [Test]
    public void Create_UnknownZoneOrCulture_IsRefused()
    {
        Assert.That(
            () => new ParseDates("at", ["yyyy-MM-dd"], "Europe/Berlen", ""),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'Europe/Berlen'").And.Property("Remedy").Contains("IANA"));
        Assert.That(
            () => new ParseDates("at", ["yyyy-MM-dd"], "UTC", "xx-Nowhere"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'xx-Nowhere'"));
    }

    [Test]
    public void Bind_ColumnOfTimes_IsRefused() =>
        Assert.That(
            () => new ParseDates("at", ["yyyy-MM-dd"], "UTC", "").BindRows(new Schema(new Field("at", ColumnType.Timestamp))),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("at"));

    private static string?[] Apply(ParseDates step, params string?[] texts)
    {
        var builder = new TextColumnBuilder();
        foreach (var text in texts) builder.Append(text);
        var rows = new RecordBatch(new Schema(new Field("at", ColumnType.Text)), [builder.Build()]);
        var times = step.BindRows(rows.Schema).Apply(rows).Columns[0];
        return [.. Enumerable.Range(0, texts.Length).Select(times.GetText)];
    }
}
