using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Predictions of one version that are judged together, of all processes that share the workspace.</summary>
public sealed record PredictionWindow
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<VersionRows> _versions = [];
    private readonly IReadOnlyList<ArmRows> _arms = [];

    /// <summary>The version that predicted.</summary>
    public required int Version { get; init; }

    /// <summary>What decides which predictions belong to the window.</summary>
    public required WindowKind Kind { get; init; }

    /// <summary>
    /// The beginning: by the calendar that of the period, of predictions or of event times, with the offset of the time zone that the
    /// windows declare; otherwise the end of the version's window before that is complete, or since the last check of what was judged
    /// without predictions after it, in UTC: a prediction that another process stored later may be a little earlier. Where there was
    /// none, the time of the first prediction.
    /// </summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>
    /// The end, which does not belong to the window: by the calendar that of the period, with the offset of the time zone, also where
    /// it is still to come; since the last check the time of the check, or of the last prediction so far; by count a tick after the last
    /// prediction, and not before the beginning.
    /// </summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>The length by the calendar; <see langword="null"/> for other windows, and in reports of earlier versions.</summary>
    public CalendarPeriod? Period { get; init; }

    /// <summary>
    /// The time zone of the calendar, by its name in the IANA database; <see langword="null"/> where <see cref="Period"/> is.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>The number of predictions.</summary>
    public required long Rows { get; init; }

    /// <summary>How many of the predictions have a label: by now, or when the report was made.</summary>
    public long Labelled { get; init; }

    /// <summary>
    /// Predictions, of any version, that came for windows that were closed, since the report before: they are recorded, but not judged.
    /// </summary>
    public long LateRows { get; init; }

    /// <summary>
    /// Predictions, of any version, whose event time was missing, or later than the clock by more than the lateness, since the report
    /// before: they are recorded, but not judged.
    /// </summary>
    public long UntimedRows { get; init; }

    /// <summary>Predictions of the version whose profiles were damaged, and are left out.</summary>
    public long UnreadableRows { get; init; }

    /// <summary>Whether the window has ended; one that is still open continues.</summary>
    public bool IsComplete { get; init; }

    /// <summary>
    /// As which arms the version answered, those with most predictions first; empty for a model that is served elsewhere.
    /// </summary>
    public IReadOnlyList<ArmRows> Arms
    {
        get => _arms;
        init => _arms = value ?? [];
    }

    /// <summary>All versions with predictions in the window, this one among them.</summary>
    public IReadOnlyList<VersionRows> Versions
    {
        get => _versions;
        init => _versions = value ?? [];
    }

    /// <summary>The share of the predictions that have a label; NaN without predictions.</summary>
    [JsonIgnore]
    public double Coverage => (double)Labelled / Rows;

    /// <summary>The period as people say it, where it is one of the calendar.</summary>
    internal string? Calendar => Period is { } period && TimeZone is { } zone ? PeriodText.Of(period, From, To, zone) : null;

    /// <summary>The window in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"version {Version}, {Calendar ?? FormattableString.Invariant($"{From:u} to {To:u}")}{(IsComplete ? "" : ", open")}: " +
            $"{Prose.Count(Rows, "prediction")}, {Labelled:N0} labelled" +
            $"{(LateRows > 0 ? FormattableString.Invariant($", {LateRows:N0} late") : "")}" +
            $"{(UntimedRows > 0 ? FormattableString.Invariant($", {UntimedRows:N0} without a usable time") : "")}" +
            $"{(UnreadableRows > 0 ? FormattableString.Invariant($", {UnreadableRows:N0} damaged") : "")}");
}
