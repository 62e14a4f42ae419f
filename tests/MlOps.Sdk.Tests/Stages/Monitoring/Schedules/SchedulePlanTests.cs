using System.Globalization;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class SchedulePlanTests
{
    private static readonly RetrainingRule Rule = new(Signal.Custom, RetrainingData.Original, TimeSpan.Zero, false, 50);

    // Berlin: summer time from 2026-03-29 02:00 (then 03:00) to 2026-10-25 03:00 (then 02:00).
    [TestCase("0 3 * * SUN", "2026-03-21T12:00Z", "2026-03-22T03:00+01:00")]
    [TestCase("0 3 * * SUN", "2026-03-22T12:00Z", "2026-03-29T03:00+02:00")]
    [TestCase("30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T03:00+02:00", Description = "half past two does not exist on that day")]
    [TestCase("30 2 * * *", "2026-03-29T01:00Z", "2026-03-30T02:30+02:00")]
    [TestCase("30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T02:30+02:00")]
    [TestCase("30 2 * * *", "2026-10-25T00:30Z", "2026-10-26T02:30+01:00", Description = "it exists twice, and comes once")]
    [TestCase("*/30 * * * *", "2026-10-25T00:30Z", "2026-10-25T02:00+01:00", Description = "an interval goes on")]
    [TestCase("@daily", "2026-06-01T12:00Z", "2026-06-02T00:00+02:00")]
    public void NextAfter_TimeZoneWithSummerTime_FollowsItsClocks(string expression, string after, string next)
    {
        var schedule = SchedulePlan.Parse(expression, "Europe/Berlin", MissedRuns.RunOnce, Rule);

        var found = schedule.NextAfter(Time(after))!.Value;

        Assert.That(found, Is.EqualTo(Time(next)));
        Assert.That(found.Offset, Is.EqualTo(Time(next).Offset), "it is told in the zone of the schedule");
    }

    [TestCase("2026-01-01T00:00Z", "2026-01-01T00:30Z", null)]
    [TestCase("2026-01-01T00:00Z", "2026-01-01T01:00Z", "2026-01-01T01:00Z", Description = "the end belongs to it")]
    [TestCase("2026-01-01T01:00Z", "2026-01-01T01:59Z", null, Description = "the beginning does not")]
    [TestCase("2001-01-01T00:00Z", "2026-01-01T12:34Z", "2026-01-01T12:00Z")]
    [TestCase("2026-01-01T01:00Z", "2026-01-01T01:00Z", null)]
    public void LastWithin_HourlySchedule_IsTheLastTime(string after, string until, string? last)
    {
        var schedule = SchedulePlan.Parse("0 * * * *", "UTC", MissedRuns.RunOnce, Rule);

        Assert.That(schedule.LastWithin(Time(after), Time(until)), Is.EqualTo(last is null ? null : (DateTimeOffset?)Time(last)));
    }

    [Test]
    public void LastWithin_RareSchedule_IsFoundOverYears()
    {
        var schedule = SchedulePlan.Parse("0 0 29 2 *", "UTC", MissedRuns.RunOnce, Rule);

        Assert.That(schedule.LastWithin(Time("2001-01-01T00:00Z"), Time("2027-12-31T00:00Z")), Is.EqualTo(Time("2024-02-29T00:00Z")));
    }

    [TestCase("0 3 * *", "UTC", "is no cron expression", "five fields")]
    [TestCase("61 3 * * *", "UTC", "is no cron expression", "five fields")]
    [TestCase("0 0 3 * * *", "UTC", "is no cron expression", "five fields", Description = "seconds are not for retrainings")]
    [TestCase("0 0 30 2 *", "UTC", "never comes", "Correct the day")]
    [TestCase("0 3 * * *", "Europe/Berln", "'Europe/Berln', which this machine does not know", "Did you mean 'Europe/Berlin'?")]
    public void Parse_Mistake_SaysWhatIsWrong(string expression, string zone, string problem, string remedy)
    {
        var thrown = Assert.Throws<MlOpsException>(() => SchedulePlan.Parse(expression, zone, MissedRuns.RunOnce, Rule));

        Assert.That(thrown!.Message, Does.Contain($"RetrainAt(\"{expression}\", …)").And.Contain(problem).And.Contain(remedy));
    }

    // The parser calls itself for each part of a list: this would end the process.
    [Test]
    public void Parse_ListThatIsVeryLong_SaysSo()
    {
        var thrown = Assert.Throws<MlOpsException>(() => SchedulePlan.Parse(
            string.Concat(System.Linq.Enumerable.Repeat("1,", 200_000)) + "1 3 * * *", "UTC", MissedRuns.RunOnce, Rule));

        Assert.That(thrown!.Message, Does.Contain("has 400,009 characters").And.Contain("up to 200 characters"));
        Assert.That(thrown.Message, Has.Length.LessThan(300));
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
