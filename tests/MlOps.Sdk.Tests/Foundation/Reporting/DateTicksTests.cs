using System.Globalization;
using MlOps.Sdk.Reporting;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Reporting;

[TestFixture]
public sealed class DateTicksTests
{
    [TestCase("2026-03-31T22:00Z", "2026-04-01T01:00Z", "1 Apr, 01:00, 02:00, 03:00")]
    [TestCase("2026-10-25T00:00Z", "2026-10-25T03:00Z", "25 Oct 02:00, 02:00, 03:00, 04:00")]
    [TestCase("2026-03-28T23:00Z", "2026-04-01T22:00Z", "29 Mar, 30 Mar, 31 Mar, 1 Apr, 2 Apr")]
    [TestCase("2026-03-29T22:00Z", "2026-04-26T22:00Z", "30 Mar, 6 Apr, 13 Apr, 20 Apr, 27 Apr")]
    [TestCase("2025-12-31T23:00Z", "2026-07-31T22:00Z", "Jan 2026, Mar 2026, May 2026, Jul 2026")]
    [TestCase("2026-03-31T22:00Z", "2026-03-31T22:00Z", "1 Apr")]
    [TestCase("2026-03-31T22:00Z", "2026-04-01T22:00Z", "1 Apr, 2 Apr", true)]
    [TestCase("2026-03-29T10:00Z", "2026-04-01T15:00Z", "30 Mar, 31 Mar, 1 Apr")]
    [TestCase("2026-03-29T10:00Z", "2026-04-03T09:00Z", "30 Mar, 31 Mar, 1 Apr, 2 Apr, 3 Apr")]
    [TestCase("2026-03-29T10:00Z", "2026-04-26T09:00Z", "5 Apr, 12 Apr, 19 Apr, 26 Apr")]
    [TestCase("2026-03-29T10:00Z", "2026-03-29T15:00Z", "29 Mar", true)]
    [TestCase("2026-01-15T10:00Z", "2026-07-15T15:00Z", "Mar 2026, May 2026, Jul 2026")]
    public void Of_TimeInBerlin_AreRoundAndFew(string first, string last, string labels, bool byDay = false)
    {
        var (from, to) = (Parse(first), Parse(last));

        var ticks = DateTicks.Of(from, to, byDay, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        Assert.That(string.Join(", ", ticks.Select(tick => tick.Text)), Is.EqualTo(labels));
        Assert.That(ticks.Select(tick => tick.At), Is.Ordered.And.All.InRange(from, to));
    }

    private static DateTimeOffset Parse(string time) => DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
}
