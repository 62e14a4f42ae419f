using System.Globalization;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>The labelled predictions that the monitors of performance measure, and how they are told.</summary>
internal static class PerformanceLabels
{
    public const string Statistic = "z of two intervals";

    public const string NothingRecorded = "Predictions are not recorded here by id, so that labels cannot be joined.";

    /// <summary>The labelled predictions of a time before the end of a window, with the groups that are needed.</summary>
    /// <param name="window">The window.</param>
    /// <param name="over">How long before the end of the window predictions count.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="attribute">The attribute whose groups are compared; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<LabelledPredictions> ReadAsync(
        MonitoringWindow window, TimeSpan over, IMetric metric, string? attribute, CancellationToken cancellationToken)
    {
        var from = window.To - DateTimeOffset.MinValue > over ? window.To - over : DateTimeOffset.MinValue;
        string[] attributes =
        [
            .. (metric.Needs.HasFlag(MetricNeeds.Groups) ? window.Attributes : []).Union(attribute is null ? [] : [attribute]),
        ];
        return window.Records.LabelledAsync(from, window.To, attributes, cancellationToken);
    }

    /// <summary>A value and its interval, with four digits that count.</summary>
    public static string Say(MetricValue value) => value.HasInterval
        ? $"{Prose.Number(value.Value, 4)} ({Prose.Number(value.Lower, 4)} to {Prose.Number(value.Upper, 4)})"
        : Prose.Number(value.Value, 4);

    public static string TooFew(LabelledPredictions labelled, int needed) =>
        $"{Prose.Count(labelled.Evaluation.RowCount, "usable label")}; {Prose.Count(needed)} are needed. " +
            $"{Prose.Count(labelled.Labelled)} of {Prose.Count(labelled.Predictions)} predictions have a label{LeftOut(labelled)}.";

    /// <summary>How many rows there are, of how many predictions.</summary>
    public static string Describe(LabelledPredictions labelled) =>
        (labelled.IsCut ? "the newest " : "") +
            $"{Prose.Count(labelled.Evaluation.RowCount, "label")} of {Prose.Count(labelled.Predictions, "prediction")}" +
            $"{(labelled.Predictions == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({labelled.Coverage:P1} have a label)"))}" +
            LeftOut(labelled);

    private static string LeftOut(LabelledPredictions labelled) =>
        (labelled.UnknownLabels == 0
            ? ""
            : $"; {Prose.Count(labelled.UnknownLabels, "label")} {Prose.Are(labelled.UnknownLabels)} unknown to the version") +
            (labelled.Unscored == 0 ? "" : $"; {Prose.Count(labelled.Unscored, "score")} {Prose.Are(labelled.Unscored)} not finite");
}
