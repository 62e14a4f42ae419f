using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Computes metrics of the labelled predictions of a model, a period of a version at a time, so that memory holds no more rows than one
/// evaluation has. Thread-safe.
/// </summary>
internal sealed class PerformanceHistory(string model, MonitoringServices services)
{
    /// <summary>How many periods a series may have.</summary>
    public const int MostPeriods = 1_000;

    private const int MostGroups = 20;

    public async Task<PerformanceSeries> ReadAsync(
        IReadOnlyList<IMetric> metrics,
        IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> periods,
        string? by,
        CancellationToken cancellationToken)
    {
        var points = new List<PerformancePoint>();
        var holdout = new List<HoldoutValue>();
        var unread = new List<int>();
        foreach (var version in await services.Outcomes.VersionsAsync(
            model, periods[0].From, periods[^1].To, cancellationToken).ConfigureAwait(false))
        {
            if (await services.FindModel(model, version, cancellationToken).ConfigureAwait(false) is not { } known)
            {
                unread.Add(version);
                continue;
            }
            WindowRecords.RequireComparable(known);
            string[] attributes =
            [
                .. metrics.OfType<BuiltInMetric>().Select(metric => metric.Attribute).OfType<string>().Union(by is null ? [] : [by]),
            ];
            var records = new StoredRecords(known, services);
            var released = await records.ReleasedAsync(cancellationToken).ConfigureAwait(false);
            foreach (var metric in metrics)
            {
                if (released.Metrics.TryGetValue(metric.Name, out var value)) holdout.Add(new HoldoutValue(version, metric.Name, value));
            }
            foreach (var (start, end) in periods)
            {
                var labelled = await records.LabelledAsync(
                    start, end.AddTicks(-1), attributes, cancellationToken).ConfigureAwait(false);
                if (labelled.Predictions > 0) points.AddRange(Measure(labelled, start, end, metrics, by, cancellationToken));
            }
        }

        var order = metrics.Select((metric, place) => (metric.Name, place)).ToDictionary();
        return new PerformanceSeries(
            model,
            by,
            [
                .. points.OrderBy(point => point.Version)
                    .ThenBy(point => order[point.Metric])
                    .ThenBy(point => point.Group is not null)
                    .ThenBy(point => point.Group, StringComparer.Ordinal)
                    .ThenBy(point => point.From),
            ],
            unread) { Holdout = holdout };
    }

    /// <summary>Times of one length, the last of which may be shorter.</summary>
    public static List<(DateTimeOffset From, DateTimeOffset To)> Divide(TimeSpan period, DateTimeOffset from, DateTimeOffset to)
    {
        var periods = new List<(DateTimeOffset, DateTimeOffset)>();
        for (var start = from; start < to; start = Ticks.Add(start, period))
        {
            periods.Add((start, Ticks.Add(start, period) < to ? Ticks.Add(start, period) : to));
        }

        return periods;
    }

    /// <summary>The periods of the calendar in which a time lies, whole; <see langword="null"/> where there are too many.</summary>
    public static List<(DateTimeOffset From, DateTimeOffset To)>? Divide(CalendarGrid grid, DateTimeOffset from, DateTimeOffset to)
    {
        var periods = new List<(DateTimeOffset, DateTimeOffset)>();
        for (var start = grid.StartOf(from.UtcTicks); start < to.UtcTicks; start = grid.EndOf(start))
        {
            if (periods.Count == MostPeriods) return null;
            periods.Add((grid.ToTime(start), grid.ToTime(grid.EndOf(start))));
        }

        return periods;
    }

    private static IEnumerable<PerformancePoint> Measure(
        LabelledPredictions labelled,
        DateTimeOffset from,
        DateTimeOffset to,
        IReadOnlyList<IMetric> metrics,
        string? by,
        CancellationToken cancellationToken)
    {
        var all = labelled.Evaluation;
        foreach (var metric in metrics)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return new PerformancePoint(
                labelled.Version, metric.Name, null, from, to, Compute(metric, all), all.RowCount, labelled.Labelled, labelled.Predictions);
        }

        if (by is null) yield break;
        var groups = all.Groups[by];
        foreach (var group in Enumerable.Range(0, groups.Count).Where(row => groups[row] is not null)
            .GroupBy(row => groups[row]!, StringComparer.Ordinal).OrderByDescending(group => group.Count()).Take(MostGroups))
        {
            var rows = all.Take([.. group]);
            foreach (var metric in metrics)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return new PerformancePoint(
                    labelled.Version, metric.Name, group.Key, from, to, Compute(metric, rows), rows.RowCount, null, null);
            }
        }
    }

    private static MetricValue Compute(IMetric metric, Evaluation evaluation)
    {
        if (evaluation.RowCount == 0) return MetricValue.NotDefined("There are no usable labels.");
        using var call = PluginCalls.Enter("metric", metric.Name);
        return MetricIntervals.Compute(metric, evaluation, Worsening.Level);
    }
}
