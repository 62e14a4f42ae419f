using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Limits a quantile of the time that calls with one row take. Thread-safe.</summary>
internal sealed class LatencyMonitor(double quantile, TimeSpan atMost) : ISignalling
{
    private readonly string _quantile = string.Create(CultureInfo.InvariantCulture, $"p{quantile * 100:0.###}");

    public string Name => $"latency {_quantile}";

    public Signal Signal => Signal.Latency;

    public MonitorNeeds Needs => MonitorNeeds.Calls;

    public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
        MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var measurement = new Measurement
        {
            Signal = Signal.Latency,
            Subject = _quantile,
            Statistic = "binomial exact",
            Value = double.NaN,
            Effect = "milliseconds",
            EffectSize = 0,
            Material = atMost.TotalMilliseconds,
        };
        if (!window.Records.Exist) return [measurement with { NotMeasured = CallLimits.NothingCounted }];
        var calls = await window.Records.CallsAsync(window.From, window.To, cancellationToken).ConfigureAwait(false);
        measurement = measurement with { CurrentRows = calls.Timed };
        if (calls.Timed < window.MinimumRows)
        {
            return
            [
                measurement with { NotMeasured = $"{CallLimits.TooFew(calls.Timed, window.MinimumRows)} Rows of batches are not timed." },
            ];
        }
        var (seconds, interval) = calls.LatencyQuantile(quantile);
        var slow = calls.SlowerThan(atMost.TotalSeconds);
        return
        [
            measurement with
            {
                Value = slow,
                PValue = CallLimits.TailOf(slow, calls.Timed, 1 - quantile),
                EffectSize = seconds * 1000,
                EffectLower = interval.Lower * 1000,
                Note = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Prose.Count(slow)} of {Prose.Count(calls.Timed)} calls took longer than {atMost.TotalMilliseconds:0.####} ms"),
            },
        ];
    }
}
