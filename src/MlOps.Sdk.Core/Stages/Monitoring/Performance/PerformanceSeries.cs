using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Metrics of labelled predictions over time, per version and group.</summary>
/// <param name="Model">The model.</param>
/// <param name="Attribute">The attribute of the groups; <see langword="null"/> where there are none.</param>
/// <param name="Points">
/// The points by version, metric and group, then by time. A period without predictions of a version has none.
/// </param>
/// <param name="Unread">The versions that predicted, and whose packages cannot be read here: nothing is known of them.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record PerformanceSeries(
    string Model, string? Attribute, IReadOnlyList<PerformancePoint> Points, IReadOnlyList<int> Unread)
{
    /// <summary>The series as a page: a chart of each line with its intervals, and a table. Self-contained HTML without scripts.</summary>
    /// <param name="title">The page's title; by default the model.</param>
    public string ToHtml(string? title = null) => PerformancePage.Write(this, title);

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
