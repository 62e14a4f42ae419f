namespace MlOps.Sdk.Monitoring;

/// <summary>The periods of the calendar in a time zone. A period is known by the UTC ticks of its start. Not thread-safe.</summary>
internal sealed class CalendarGrid(CalendarPeriod period, TimeZoneInfo zone)
{
    // A year away from both ends, so that neither a zone nor a month leads out of what a time can be.
    private static readonly long s_first = DateTime.MinValue.AddYears(1).Ticks;
    private static readonly long s_last = DateTime.MaxValue.AddYears(-1).Ticks;

    private long _from;
    private long _to;

    /// <summary>Whether a time has a period: all but those at the ends of what a time can be.</summary>
    public static bool Has(long ticks) => ticks >= s_first && ticks < s_last;

    /// <summary>A point in time, with the offset that the zone has then.</summary>
    public DateTimeOffset ToTime(long ticks) => TimeZoneInfo.ConvertTime(new DateTimeOffset(ticks, TimeSpan.Zero), zone);

    /// <summary>The start of the period that a time lies in, both in UTC ticks.</summary>
    public long StartOf(long ticks)
    {
        // Rows that follow each other mostly lie in one period.
        if (ticks >= _from && ticks < _to) return _from;
        var start = Find(ticks);
        (_from, _to) = (start, EndOf(start));
        return start;
    }

    /// <summary>The end of a period, which is the start of the next.</summary>
    /// <param name="start">The start of a period.</param>
    public long EndOf(long start)
    {
        if (period == CalendarPeriod.Hour) return start + TimeSpan.TicksPerHour;
        var local = DateOf(start);
        return ToUtc(period switch
        {
            CalendarPeriod.Day => local.AddDays(1),
            CalendarPeriod.Week => local.AddDays(7),
            _ => local.AddMonths(1),
        });
    }

    private long Find(long ticks)
    {
        var local = Local(ticks);
        if (period == CalendarPeriod.Hour) return ticks - local.Ticks % TimeSpan.TicksPerHour;
        return ToUtc(DateOf(ticks));
    }

    // The first day of the period, as a date of the zone.
    private DateTime DateOf(long ticks)
    {
        var day = Local(ticks).Date;
        return period switch
        {
            CalendarPeriod.Day => day,
            CalendarPeriod.Week => day.AddDays(-(((int)day.DayOfWeek + 6) % 7)),
            _ => day.AddDays(1 - day.Day),
        };
    }

    private DateTime Local(long ticks) => ToTime(ticks).DateTime;

    // A midnight that clocks skip is the moment at which they do; of one that comes twice, the first begins the day.
    private long ToUtc(DateTime local)
    {
        var offset = zone.IsInvalidTime(local) ? zone.GetUtcOffset(local.AddHours(-3))
            : zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max()
            : zone.GetUtcOffset(local);
        return local.Ticks - offset.Ticks;
    }
}
