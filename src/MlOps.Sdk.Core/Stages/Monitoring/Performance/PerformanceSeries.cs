using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Metrics of labelled predictions over time, per version and group.</summary>
/// <param name="Model">The model.</param>
/// <param name="Attribute">The attribute of the groups; <see langword="null"/> where there are none.</param>
/// <param name="Points">
/// The points by version, by metric in the order in which they were named, and by group, then by time. A period without
/// predictions of a version has none.
/// </param>
/// <param name="Unread">The versions that predicted, and whose packages cannot be read here: nothing is known of them.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record PerformanceSeries(
    string Model, string? Attribute, IReadOnlyList<PerformancePoint> Points, IReadOnlyList<int> Unread)
{
    // The serializer sets what is absent from a file to null.
    private readonly IReadOnlyList<HoldoutValue> _holdout = [];

    /// <summary>The same metrics on the holdouts that the versions were released with, where they were evaluated there.</summary>
    public IReadOnlyList<HoldoutValue> Holdout
    {
        get => _holdout;
        init => _holdout = value ?? [];
    }

    /// <summary>The length of the periods by the calendar; <see langword="null"/> where all are of one fixed length.</summary>
    public CalendarPeriod? Period { get; init; }

    /// <summary>
    /// The time zone of the calendar, by its name in the IANA database; <see langword="null"/> where <see cref="Period"/> is.
    /// </summary>
    public string? TimeZone { get; init; }

    /// <summary>The series as a page: a chart of each line with its intervals, and a table. Self-contained HTML without scripts.</summary>
    /// <param name="title">The page's title; by default the model.</param>
    public string ToHtml(string? title = null) => PerformancePage.Write(this, title);

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
