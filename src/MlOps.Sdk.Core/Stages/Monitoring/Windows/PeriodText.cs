using System.Globalization;

namespace MlOps.Sdk.Monitoring;

/// <summary>A period of the calendar as people say it.</summary>
internal static class PeriodText
{
    /// <summary>The period alone: <c>1 April 2026</c>, <c>30 March to 5 April 2026</c>, <c>April 2026</c>.</summary>
    /// <param name="period">How long it is.</param>
    /// <param name="from">Its beginning, with the offset of its time zone.</param>
    /// <param name="to">Its end, which does not belong to it.</param>
    public static string Of(CalendarPeriod period, DateTimeOffset from, DateTimeOffset to) => period switch
    {
        CalendarPeriod.Hour => $"{Day(from)}, {Time(from)} to {Time(to.ToOffset(from.Offset))}{Offset(from)}",
        CalendarPeriod.Day => Day(from),
        CalendarPeriod.Week => Days(from, to),
        _ => from.ToString("MMMM yyyy", Culture),
    };

    /// <summary>The period and its time zone: <c>1 April 2026, Europe/Berlin</c>.</summary>
    public static string Of(CalendarPeriod period, DateTimeOffset from, DateTimeOffset to, string timeZone) =>
        $"{Of(period, from, to)}, {timeZone}";

    /// <summary>The days of a time: <c>30 March to 5 April 2026</c>.</summary>
    /// <param name="from">Its beginning, with the offset of its time zone.</param>
    /// <param name="to">Its end, which does not belong to it.</param>
    public static string Days(DateTimeOffset from, DateTimeOffset to)
    {
        // What both ends have in common is said once.
        var last = to.AddTicks(-1);
        var first = from.Year != last.Year ? "d MMMM yyyy" : from.Month != last.Month ? "d MMMM" : "%d";
        return from.Date == last.Date ? Day(last) : $"{from.ToString(first, Culture)} to {Day(last)}";
    }

    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    private static string Day(DateTimeOffset at) => at.ToString("d MMMM yyyy", Culture);

    private static string Time(DateTimeOffset at) => at.ToString("HH:mm", Culture);

    // Where clocks are put back, an hour comes twice: only the offset says which it is.
    private static string Offset(DateTimeOffset at) => at.Offset == TimeSpan.Zero ? "" : at.ToString(" (zzz)", Culture);
}
