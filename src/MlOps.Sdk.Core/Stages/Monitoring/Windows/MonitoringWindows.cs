using System.Globalization;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Which predictions a check judges together; see <see cref="MonitoringBuilder.Window"/>. A window holds the predictions of all processes
/// that share the workspace. Immutable and thread-safe.
/// </summary>
public sealed class MonitoringWindows
{
    private const char Separator = '|';
    private const int MostOpen = 100;

    private static readonly TimeSpan s_longestLateness = TimeSpan.FromDays(31);

    private MonitoringWindows(WindowKind kind) => Kind = kind;

    /// <summary>
    /// The predictions since the last check. The window continues while a measurement lacks data, up to ten times the rows that a verdict
    /// needs. This is the default.
    /// </summary>
    public static MonitoringWindows SinceLastCheck { get; } = new(WindowKind.SinceLastCheck);

    /// <summary>What decides which predictions belong to a window.</summary>
    public WindowKind Kind { get; }

    /// <summary>
    /// The number of predictions of a window; <see langword="null"/> for other kinds than <see cref="WindowKind.Count"/>.
    /// </summary>
    public int? Rows { get; private init; }

    /// <summary>The length of a window by the calendar; <see langword="null"/> for kinds without one.</summary>
    public CalendarPeriod? Period { get; private init; }

    /// <summary>The time zone of the calendar; <see langword="null"/> for kinds without one.</summary>
    public string? TimeZone { get; private init; }

    /// <summary>The column with the event times; <see langword="null"/> for other kinds than <see cref="WindowKind.EventTime"/>.</summary>
    public string? Column { get; private init; }

    /// <summary>How late an event may come; <see langword="null"/> for other kinds than <see cref="WindowKind.EventTime"/>.</summary>
    public TimeSpan? Lateness { get; private init; }

    /// <summary>
    /// Windows of a fixed number of predictions of a version, in the order in which they were stored. A window is judged when it is
    /// complete.
    /// </summary>
    /// <param name="rows">The number of predictions, at least 2, and at least <see cref="MonitoringBuilder.MinimumRows"/>.</param>
    public static MonitoringWindows OfRows(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 2);
        return new MonitoringWindows(WindowKind.Count) { Rows = rows };
    }

    /// <summary>Windows by the time of the prediction. A window is judged by the first check after its end.</summary>
    /// <param name="period">The length of a window.</param>
    /// <param name="timeZone">The time zone, by its name in the IANA database. Default: UTC.</param>
    public static MonitoringWindows Calendar(CalendarPeriod period, string timeZone = "UTC")
    {
        RequirePeriod(period);
        ArgumentException.ThrowIfNullOrWhiteSpace(timeZone);
        return new MonitoringWindows(WindowKind.Calendar) { Period = period, TimeZone = timeZone };
    }

    /// <summary>
    /// Windows by a time that an input column holds. A window is closed when the watermark has passed its end: the latest event time of
    /// all processes, not later than the clock, less the lateness. Rows that come for a closed window are not judged, but counted
    /// (<see cref="PredictionWindow.LateRows"/>), as are rows whose event time is missing, or later than the clock by more than the
    /// lateness (<see cref="PredictionWindow.UntimedRows"/>).
    /// </summary>
    /// <param name="column">The column, with points in time; the model reads or observes it.</param>
    /// <param name="period">The length of a window.</param>
    /// <param name="lateness">How late an event may come: at least zero, at most 31 days and a hundred periods.</param>
    /// <param name="timeZone">The time zone of the calendar, by its name in the IANA database. Default: UTC.</param>
    public static MonitoringWindows ByEventTime(string column, CalendarPeriod period, TimeSpan lateness, string timeZone = "UTC")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(column);
        RequirePeriod(period);
        ArgumentException.ThrowIfNullOrWhiteSpace(timeZone);
        ArgumentOutOfRangeException.ThrowIfLessThan(lateness, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lateness, s_longestLateness);
        if (period == CalendarPeriod.Hour) ArgumentOutOfRangeException.ThrowIfGreaterThan(lateness, TimeSpan.FromHours(MostOpen));
        return new MonitoringWindows(WindowKind.EventTime) { Column = column, Period = period, TimeZone = timeZone, Lateness = lateness };
    }

    /// <summary>The windows in words.</summary>
    public override string ToString() => Kind switch
    {
        WindowKind.Count => string.Create(CultureInfo.InvariantCulture, $"windows of {Rows:N0} predictions"),
        WindowKind.Calendar => $"windows by {Period} ({TimeZone})",
        WindowKind.EventTime => $"windows by {Period} ({TimeZone}) of '{Column}', up to {Lateness:c} late",
        _ => "predictions since the last check",
    };

    /// <summary>How the windows are known in the workspace: the same text for the same windows.</summary>
    internal string Text => string.Join(Separator, Kind switch
    {
        WindowKind.Count => [$"{Kind}", Rows!.Value.ToString(CultureInfo.InvariantCulture)],
        WindowKind.Calendar => [$"{Kind}", $"{Period}", TimeZone!],
        WindowKind.EventTime =>
            [$"{Kind}", $"{Period}", TimeZone!, Lateness!.Value.Ticks.ToString(CultureInfo.InvariantCulture), Column!],
        _ => (string[])[$"{Kind}"],
    });

    /// <summary>Reads <see cref="Text"/>.</summary>
    /// <returns>
    /// <see langword="null"/> where this library does not know such windows, or this machine does not know their time zone.
    /// </returns>
    internal static MonitoringWindows? Parse(string text)
    {
        var parts = text.Split(Separator, 5);
        try
        {
            MonitoringWindows? windows = Enum.Parse<WindowKind>(parts[0]) switch
            {
                WindowKind.SinceLastCheck when parts.Length == 1 => SinceLastCheck,
                WindowKind.Count when parts.Length == 2 => OfRows(int.Parse(parts[1], CultureInfo.InvariantCulture)),
                WindowKind.Calendar when parts.Length == 3 => Calendar(Enum.Parse<CalendarPeriod>(parts[1]), parts[2]),
                WindowKind.EventTime when parts.Length == 5 => ByEventTime(
                    parts[4],
                    Enum.Parse<CalendarPeriod>(parts[1]),
                    new TimeSpan(long.Parse(parts[3], CultureInfo.InvariantCulture)),
                    parts[2]),
                _ => null,
            };
            windows?.RequireZone();
            return windows;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or MlOpsException)
        {
            return null;
        }
    }

    /// <summary>The periods of the calendar.</summary>
    internal CalendarGrid NewGrid() => new(Period!.Value, TimeZoneInfo.FindSystemTimeZoneById(TimeZone!));

    /// <summary>
    /// The period of a window by the calendar, with the offset of its time zone; <see langword="null"/> where predictions bound it.
    /// </summary>
    internal (DateTimeOffset From, DateTimeOffset To)? BoundsOf(long key)
    {
        if (Period is null) return null;
        var grid = NewGrid();
        return (grid.ToTime(key), grid.ToTime(grid.EndOf(key)));
    }

    /// <exception cref="MlOpsException">This machine does not know the time zone.</exception>
    internal void RequireZone(string caller = "Window(…)")
    {
        if (TimeZone is null || TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)) return;
        throw new MlOpsException(
            $"{caller} names the time zone '{PrintableText.Shorten(TimeZone)}', which this machine does not know.",
            NearestName.Find(TimeZone, TimeZoneInfo.GetSystemTimeZones().Select(zone => zone.Id)) is { } near ? $"Did you mean '{near}'?"
                : "Give a name of the IANA database, such as \"Europe/Berlin\" or \"UTC\"; on Linux, install the package tzdata.");
    }

    private static void RequirePeriod(CalendarPeriod period)
    {
        if (!Enum.IsDefined(period)) throw new ArgumentOutOfRangeException(nameof(period), period, "The period is not defined.");
    }
}
