using System.Globalization;
using Cronos;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>When a lifecycle retrains by the clock, and on what. Immutable and thread-safe.</summary>
internal sealed class SchedulePlan
{
    /// <summary>By how much a time may be found late before it counts as missed.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    // The parser calls itself for each part of a list.
    private const int LongestExpression = 200;

    private static readonly TimeSpan s_firstStep = TimeSpan.FromHours(1);

    private readonly CronExpression _cron;
    private readonly TimeZoneInfo _zone;

    private SchedulePlan(string expression, CronExpression cron, TimeZoneInfo zone, MissedRuns missed, RetrainingRule rule)
    {
        (Expression, _cron, _zone, Missed, Rule) = (expression, cron, zone, missed, rule);
        Name = $"Schedule '{expression}' ({zone.Id})";
    }

    /// <summary>The expression, with one space between its fields.</summary>
    public string Expression { get; }

    public string TimeZone => _zone.Id;

    public MissedRuns Missed { get; }

    /// <summary>How the retraining is done.</summary>
    public RetrainingRule Rule { get; }

    /// <summary>Identifies the schedule of a lifecycle: another expression or zone is another schedule.</summary>
    public string Name { get; }

    /// <summary>Reads an expression of five fields, or a macro such as <c>@daily</c>.</summary>
    /// <exception cref="MlOpsException">The expression or the time zone is not valid, or no time ever matches.</exception>
    public static SchedulePlan Parse(string expression, string timeZone, MissedRuns missed, RetrainingRule rule)
    {
        var call = $"RetrainAt(\"{PrintableText.Shorten(expression)}\", …)";
        if (expression.Length > LongestExpression)
        {
            throw new MlOpsException(
                $"{call} has {Prose.Count(expression.Length)} characters.",
                $"Give a cron expression of up to {LongestExpression} characters, such as \"0 3 * * SUN\".");
        }

        var fields = string.Join(' ', expression.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        CronExpression cron;
        try
        {
            cron = CronExpression.Parse(fields, CronFormat.Standard);
        }
        catch (CronFormatException e)
        {
            throw new MlOpsException(
                $"{call} is no cron expression: {e.Message.TrimEnd('.')}.",
                "Give five fields: minute, hour, day of month, month, day of week, such as \"0 3 * * SUN\".",
                e);
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(timeZone, out var zone))
        {
            var known = TimeZoneInfo.GetSystemTimeZones().Select(each => each.Id);
            throw new MlOpsException(
                $"{call} names the time zone '{PrintableText.Shorten(timeZone)}', which this machine does not know.",
                NearestName.Find(timeZone, known) is { } near ? $"Did you mean '{near}'?"
                    : "Give a name of the IANA database, such as \"Europe/Berlin\" or \"UTC\"; on Linux, install the package tzdata.");
        }

        var plan = new SchedulePlan(fields, cron, zone, missed, rule);
        return plan.NextAfter(DateTimeOffset.UnixEpoch) is null
            ? throw new MlOpsException($"{call} never comes: no day matches it.", "Correct the day of month or the month.")
            : plan;
    }

    /// <summary>
    /// The first time after another one, in the zone of the schedule. Where clocks are put forward, a time that does not exist comes at the
    /// first moment after it; where they are put back, a fixed time comes once, and an interval continues.
    /// </summary>
    public DateTimeOffset? NextAfter(DateTimeOffset time) => _cron.GetNextOccurrence(time, _zone);

    /// <summary>The last time up to a moment that comes after another one; <see langword="null"/> when there is none.</summary>
    public DateTimeOffset? LastWithin(DateTimeOffset after, DateTimeOffset until)
    {
        // From the end on, so that a long pause of a schedule that comes every minute costs little.
        for (var step = s_firstStep; ; step *= 2)
        {
            var from = until - after > step ? until - step : after;
            if (from >= until) return null;
            DateTimeOffset? last = null;
            for (var next = NextAfter(from); next <= until; next = NextAfter(next.Value)) last = next;
            if (last is not null || from == after) return last;
        }
    }

    /// <summary>A time as a clock of the zone shows it.</summary>
    public DateTimeOffset Local(DateTimeOffset time) => TimeZoneInfo.ConvertTime(time, _zone);

    /// <summary>A time of the schedule, for people.</summary>
    public string Write(DateTimeOffset time) =>
        Local(time).ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);
}
