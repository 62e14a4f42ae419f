using System.Globalization;

namespace MlOps.Sdk.Reporting;

/// <summary>Where a time axis is labelled: at round steps of the clock or the calendar, from its beginning on.</summary>
internal static class DateTicks
{
    private const int Most = 5;

    private static readonly int[] s_hours = [1, 2, 3, 6, 12];
    private static readonly int[] s_days = [1, 2, 7, 14];
    private static readonly int[] s_months = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1_200, 6_000, 12_000];

    /// <param name="first">The beginning of the axis.</param>
    /// <param name="last">Its end, not before the beginning.</param>
    /// <param name="byDay">Whether what is drawn has no hours.</param>
    /// <param name="zone">In which time zone times are said.</param>
    public static IReadOnlyList<(DateTimeOffset At, string Text)> Of(
        DateTimeOffset first, DateTimeOffset last, bool byDay, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(first, zone);
        foreach (var hours in byDay ? [] : s_hours)
        {
            if ((last - first).TotalHours < Most * hours && last - first < TimeSpan.FromDays(2))
            {
                return Take(step => TimeZoneInfo.ConvertTime(first.AddHours(step * hours), zone), first, last, HourText);
            }
        }
        foreach (var days in s_days)
        {
            if ((last - first).TotalDays >= Most * days) continue;
            var ticks = Take(step => In(zone, local.Date.AddDays(step * days)), first, last, DayText);
            return ticks.Count > 0 ? ticks : [(local, DayText(local, isFirst: true))];
        }

        var month = new DateTime(local.Year, local.Month, 1);
        var between = TimeZoneInfo.ConvertTime(last, zone) is var end ? ((end.Year - month.Year) * 12) + end.Month - month.Month : 0;
        var months = s_months.FirstOrDefault(step => between < Most * step, s_months[^1]);
        return Take(step => In(zone, month.AddMonths(step * months)), first, last, MonthText);
    }

    // The day or the month of the beginning may have begun before it.
    private static List<(DateTimeOffset At, string Text)> Take(
        Func<int, DateTimeOffset> at, DateTimeOffset first, DateTimeOffset last, Func<DateTimeOffset, bool, string> text)
    {
        var ticks = new List<(DateTimeOffset, string)>();
        for (var step = 0; ticks.Count < Most && at(step) is var tick && tick <= last; step++)
        {
            if (tick >= first) ticks.Add((tick, text(tick, ticks.Count == 0)));
        }

        return ticks;
    }

    private static DateTimeOffset In(TimeZoneInfo zone, DateTime local) =>
        new(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), zone.GetUtcOffset(local));

    // The first says the day, and so does each that begins one.
    private static string HourText(DateTimeOffset at, bool isFirst) => at.ToString(
        at.TimeOfDay == TimeSpan.Zero ? "d MMM" : isFirst ? "d MMM HH:mm" : "HH:mm", CultureInfo.InvariantCulture);

    private static string DayText(DateTimeOffset at, bool isFirst) => at.ToString("d MMM", CultureInfo.InvariantCulture);

    private static string MonthText(DateTimeOffset at, bool isFirst) => at.ToString("MMM yyyy", CultureInfo.InvariantCulture);
}
