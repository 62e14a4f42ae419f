using System.Globalization;
using MlOps.Sdk.Metrics;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Compares a metric of labelled predictions with the evaluation that the version was released with: that on its holdout. Thread-safe.
/// </summary>
internal sealed class PerformanceMonitor(
    IMetric metric, Signal signal, double atMostWorse, TimeSpan over, int minimumLabels) : ISignalling
{
    public string Name => $"{(signal == Signal.Value ? "value" : "performance")} by {metric.Name}";

    public Signal Signal => signal;

    public IMetric Metric => metric;

    public MonitorNeeds Needs => MonitorNeeds.Labels;

    public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
        MonitoringWindow window, CancellationToken cancellationToken = default) =>
        [await MeasureOneAsync(window, cancellationToken).ConfigureAwait(false)];

    private async Task<Measurement> MeasureOneAsync(MonitoringWindow window, CancellationToken cancellationToken)
    {
        var measurement = new Measurement
        {
            Signal = signal,
            Subject = metric.Name,
            Statistic = PerformanceLabels.Statistic,
            Value = double.NaN,
            Effect = "worse than on the holdout",
            EffectSize = 0,
            Material = atMostWorse,
        };
        if (!window.Records.Exist) return measurement with { NotMeasured = PerformanceLabels.NothingRecorded };
        var labelled = await PerformanceLabels.ReadAsync(window, over, metric, null, cancellationToken).ConfigureAwait(false);
        var released = await window.Records.ReleasedAsync(cancellationToken).ConfigureAwait(false);
        measurement = measurement with { CurrentRows = labelled.Evaluation.RowCount, ReferenceRows = released.Rows };
        if (labelled.Evaluation.RowCount < minimumLabels)
        {
            return measurement with { NotMeasured = PerformanceLabels.TooFew(labelled, minimumLabels) };
        }
        if (!released.Metrics.TryGetValue(metric.Name, out var before) || !before.IsDefined || !before.HasInterval)
        {
            return measurement with
            {
                NotMeasured = $"Version {window.Version.ToString(CultureInfo.InvariantCulture)} was released without a value of " +
                    $"'{metric.Name}' and its interval. Run the lifecycle again; for an imported model, report the metric with the import.",
            };
        }

        var after = MetricIntervals.Compute(metric, labelled.Evaluation, Worsening.Level);
        if (!after.IsDefined || !after.HasInterval)
        {
            return measurement with { NotMeasured = after.Undefined ?? $"'{metric.Name}' has no interval on these rows." };
        }
        var worsening = Worsening.Between(metric.Direction, before, after);
        return measurement with
        {
            Value = worsening.Z,
            PValue = worsening.PValue,
            EffectSize = Math.Max(0, worsening.Difference),
            EffectLower = Math.Max(0, worsening.Lower),
            Note = $"{PerformanceLabels.Say(after)} on {PerformanceLabels.Describe(labelled)}, " +
                $"{PerformanceLabels.Say(before)} on the holdout",
        };
    }
}
