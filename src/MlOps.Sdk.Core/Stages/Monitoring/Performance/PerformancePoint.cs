using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>A metric of one version on the predictions of a time whose labels have arrived.</summary>
/// <param name="Version">The version that predicted.</param>
/// <param name="Metric">The name of the metric.</param>
/// <param name="Group">The group; <see langword="null"/> for the predictions of all groups.</param>
/// <param name="From">From when on predictions count: in UTC, or by the calendar with the offset of its time zone.</param>
/// <param name="To">Until when they count, not included.</param>
/// <param name="Value">The value with its 95 % interval, or why it is undefined.</param>
/// <param name="Labels">How many labelled predictions it was computed from.</param>
/// <param name="Labelled">
/// How many predictions of that time have a label: more than <paramref name="Labels"/> where some are not usable, or there are more than
/// <see cref="LabelledPredictions.MostRows"/>. <see langword="null"/> for a group.
/// </param>
/// <param name="Predictions">The predictions of that time, with or without a label; <see langword="null"/> for a group.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record PerformancePoint(
    int Version,
    string Metric,
    string? Group,
    DateTimeOffset From,
    DateTimeOffset To,
    MetricValue Value,
    long Labels,
    long? Labelled,
    long? Predictions)
{
    /// <summary>The share of the predictions that have a label, 0 to 1; <see langword="null"/> for a group.</summary>
    [JsonIgnore]
    public double? Coverage => Predictions is > 0 && Labelled is { } labelled ? (double)labelled / Predictions : null;

    /// <summary>The point in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{From:u} version {Version}{(Group is null ? "" : $" ({Data.PrintableText.Shorten(Group)})")}: {Metric} {Value}, " +
            $"{Prose.Count(Labels, "label")}{(Predictions is { } predictions ? $" of {Prose.Count(predictions, "prediction")}" : "")}");
}
