using MlOps.Sdk.Data;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Compares a metric of the labelled predictions of each group of an attribute with that of all other groups. Thread-safe.
/// </summary>
internal sealed class GroupPerformanceMonitor(
    IMetric metric, string attribute, double atMostWorse, TimeSpan over, int minimumLabels) : ISignalling
{
    /// <summary>How many groups are judged, the largest; each asks for two intervals.</summary>
    private const int MostGroups = 20;

    private const int LongestGroup = 100;

    public string Name => $"performance by {metric.Name} and {attribute}";

    public Signal Signal => Signal.Performance;

    public string Attribute => attribute;

    public IMetric Metric => metric;

    public MonitorNeeds Needs => MonitorNeeds.Labels | MonitorNeeds.Groups;

    public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
        MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var measurement = new Measurement
        {
            Signal = Signal.Performance,
            Subject = $"{metric.Name} ({attribute})",
            Statistic = PerformanceLabels.Statistic,
            Value = double.NaN,
            Effect = "worse than for all others",
            EffectSize = 0,
            Material = atMostWorse,
        };
        if (!window.Records.Exist) return [measurement with { NotMeasured = PerformanceLabels.NothingRecorded }];
        var labelled = await PerformanceLabels.ReadAsync(window, over, metric, attribute, cancellationToken).ConfigureAwait(false);
        var groups = labelled.Evaluation.Groups[attribute];
        int[] known = [.. Enumerable.Range(0, groups.Count).Where(row => groups[row] is not null)];
        var found = known.GroupBy(row => groups[row]!, StringComparer.Ordinal)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal)
            .ToArray();
        if (found.Length < 2)
        {
            return
            [
                measurement with
                {
                    CurrentRows = known.Length,
                    NotMeasured = $"Fewer than two groups have a label. {PerformanceLabels.TooFew(labelled, minimumLabels)}",
                },
            ];
        }

        var measured = new List<Measurement>();
        foreach (var group in found.Take(MostGroups))
        {
            cancellationToken.ThrowIfCancellationRequested();
            measured.Add(Compare(
                measurement with { Subject = $"{metric.Name} ({attribute}={PrintableText.ShortenTo(group.Key, LongestGroup)})" },
                labelled.Evaluation,
                [.. group],
                [.. known.Where(row => groups[row] != group.Key)]));
        }

        return measured;
    }

    private Measurement Compare(Measurement measurement, Evaluation all, int[] rows, int[] others)
    {
        measurement = measurement with { CurrentRows = rows.Length, ReferenceRows = others.Length };
        if (Math.Min(rows.Length, others.Length) < minimumLabels)
        {
            return measurement with
            {
                NotMeasured = $"{Prose.Count(rows.Length, "usable label")}, {Prose.Count(others.Length)} of all other groups; " +
                    $"{Prose.Count(minimumLabels)} of each are needed.",
            };
        }
        var own = MetricIntervals.Compute(metric, all.Take(rows), Worsening.Level);
        var rest = MetricIntervals.Compute(metric, all.Take(others), Worsening.Level);
        if (!own.IsDefined || !own.HasInterval || !rest.IsDefined || !rest.HasInterval)
        {
            return measurement with { NotMeasured = own.Undefined ?? rest.Undefined ?? $"'{metric.Name}' has no interval on these rows." };
        }
        var worsening = Worsening.Between(metric.Direction, rest, own);
        return measurement with
        {
            Value = worsening.Z,
            PValue = worsening.PValue,
            EffectSize = Math.Max(0, worsening.Difference),
            EffectLower = Math.Max(0, worsening.Lower),
            Note = $"{PerformanceLabels.Say(own)} on {Prose.Count(rows.Length, "label")}, " +
                $"{PerformanceLabels.Say(rest)} on {Prose.Count(others.Length)} of all other groups",
        };
    }
}
