using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class CalendarGridTests
{
    [TestCase(CalendarPeriod.Day, "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z")]
    [TestCase(CalendarPeriod.Day, "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z")]
    [TestCase(CalendarPeriod.Day, "2026-10-25T22:59:59Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z")]
    [TestCase(CalendarPeriod.Hour, "2026-10-25T00:30Z", "2026-10-25T00:00Z", "2026-10-25T01:00Z")]
    [TestCase(CalendarPeriod.Hour, "2026-10-25T01:30Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z")]
    [TestCase(CalendarPeriod.Week, "2026-03-30T06:00Z", "2026-03-29T22:00Z", "2026-04-05T22:00Z")]
    [TestCase(CalendarPeriod.Week, "2026-03-29T21:59Z", "2026-03-22T23:00Z", "2026-03-29T22:00Z")]
    [TestCase(CalendarPeriod.Month, "2026-03-31T21:59Z", "2026-02-28T23:00Z", "2026-03-31T22:00Z")]
    public void StartOf_Berlin_IsThatOfTheLocalPeriod(CalendarPeriod period, string at, string from, string to)
    {
        var grid = new CalendarGrid(period, TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin"));

        var start = grid.StartOf(TicksOf(at));

        Assert.That((start, grid.EndOf(start)), Is.EqualTo((TicksOf(from), TicksOf(to))));
    }

    [Test]
    public void StartOf_ClocksSkipMidnight_IsTheMomentAtWhichTheyDo()
    {
        // In Chile, 00:00 of that Sunday does not exist.
        var grid = new CalendarGrid(CalendarPeriod.Day, TimeZoneInfo.FindSystemTimeZoneById("America/Santiago"));

        var sunday = grid.StartOf(TicksOf("2026-09-06T12:00Z"));

        Assert.That((sunday, grid.EndOf(sunday)), Is.EqualTo((TicksOf("2026-09-06T04:00Z"), TicksOf("2026-09-07T03:00Z"))));
        Assert.That(grid.EndOf(grid.StartOf(sunday - 1)), Is.EqualTo(sunday));
    }

    [Test]
    public void StartOf_EveryTimeOfAYear_LiesInOnePeriodThatTheNextFollows(
        [Values] CalendarPeriod period, [Values("UTC", "Europe/Berlin", "America/Havana", "Asia/Kathmandu", "Pacific/Apia")] string zone)
    {
        var grid = new CalendarGrid(period, TimeZoneInfo.FindSystemTimeZoneById(zone));
        var until = TicksOf("2027-01-01T00:00Z");
        for (var at = TicksOf("2026-01-01T00:00Z"); at < until; at += TimeSpan.FromMinutes(47).Ticks)
        {
            var start = new CalendarGrid(period, TimeZoneInfo.FindSystemTimeZoneById(zone)).StartOf(at);
            var end = grid.EndOf(start);
            if (start <= at && at < end && grid.StartOf(at) == start && grid.StartOf(end) == end && grid.StartOf(end - 1) == start)
            {
                continue;
            }

            Assert.Fail($"{new DateTime(at):u} is not in {new DateTime(start):u} to {new DateTime(end):u}.");
        }
    }

    private static long TicksOf(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture).UtcTicks;
}
