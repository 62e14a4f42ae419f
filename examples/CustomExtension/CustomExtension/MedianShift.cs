using MlOps.Sdk;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Statistics;

namespace CustomExtension;

/// <summary>
/// Notices when more or fewer values than in training lie above the training median (Mood's median test). It measures; whether that
/// means anything is decided over all monitors together. Thread-safe.
/// </summary>
/// <param name="material">From which difference of shares a change matters, above 0 and at most 1.</param>
public sealed class MedianShift(double material) : IDriftMonitor
{
    public string Name => "median shift";

    public MonitorNeeds Needs => MonitorNeeds.Inputs;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<Measurement>>(
        [
            .. window.Inputs
                .Where(column => column.Reference.Profile.Quantiles is { Count: > 0 })
                .Select(column => Measure(column, window.MinimumRows)),
        ]);

    private Measurement Measure(ColumnWindow column, int minimumRows)
    {
        var (then, now) = (column.Reference.Profile.Quantiles!, column.Current.Quantiles!);
        var measurement = new Measurement
        {
            Signal = Signal.Custom,
            Subject = column.Name,
            Statistic = "median test",
            Value = 0,
            Effect = "difference of shares above the training median",
            EffectSize = 0,
            Material = material,
            ReferenceRows = then.Count,
            CurrentRows = now.Count,
        };

        // From too few values nothing is concluded, and the reason is given.
        if (now.Count < minimumRows) return measurement with { NotMeasured = $"{now.Count} values; {minimumRows} are needed." };
        var median = then.Quantile(0.5);
        var (aboveThen, aboveNow) = (Above(then, median), Above(now, median));
        var difference = (double)aboveNow / now.Count - (double)aboveThen / then.Count;
        var test = Contingency.FisherExact(aboveNow, now.Count - aboveNow, aboveThen, then.Count - aboveThen);
        return measurement with { Value = difference, PValue = test.PValue, EffectSize = Math.Abs(difference) };
    }

    private static long Above(QuantileSketch values, double median) => (long)Math.Round((1 - values.Rank(median)) * values.Count);
}
