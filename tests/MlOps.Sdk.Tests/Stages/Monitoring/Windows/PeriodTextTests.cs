using System.Globalization;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class PeriodTextTests
{
    [TestCase(CalendarPeriod.Hour, "2026-10-25T00:30Z", "25 October 2026, 02:00 to 03:00 (+02:00), Europe/Berlin")]
    [TestCase(CalendarPeriod.Hour, "2026-10-25T01:30Z", "25 October 2026, 02:00 to 03:00 (+01:00), Europe/Berlin")]
    [TestCase(CalendarPeriod.Day, "2026-03-31T22:00Z", "1 April 2026, Europe/Berlin")]
    [TestCase(CalendarPeriod.Week, "2026-04-01T12:00Z", "30 March to 5 April 2026, Europe/Berlin")]
    [TestCase(CalendarPeriod.Week, "2026-04-08T12:00Z", "6 to 12 April 2026, Europe/Berlin")]
    [TestCase(CalendarPeriod.Week, "2025-12-31T12:00Z", "29 December 2025 to 4 January 2026, Europe/Berlin")]
    [TestCase(CalendarPeriod.Month, "2026-03-31T22:00Z", "April 2026, Europe/Berlin")]
    public void Of_PeriodInBerlin_IsSaidAsPeopleDo(CalendarPeriod period, string at, string said)
    {
        var windows = MonitoringWindows.Calendar(period, "Europe/Berlin");
        var key = windows.NewGrid().StartOf(DateTimeOffset.Parse(at, CultureInfo.InvariantCulture).UtcTicks);
        var (from, to) = windows.BoundsOf(key)!.Value;

        Assert.That(PeriodText.Of(period, from, to, "Europe/Berlin"), Is.EqualTo(said));
    }

    [Test]
    public void Of_HourInUtc_HasNoOffset()
    {
        var from = new DateTimeOffset(2026, 4, 1, 14, 0, 0, TimeSpan.Zero);

        Assert.That(PeriodText.Of(CalendarPeriod.Hour, from, from.AddHours(1)), Is.EqualTo("1 April 2026, 14:00 to 15:00"));
    }
}
