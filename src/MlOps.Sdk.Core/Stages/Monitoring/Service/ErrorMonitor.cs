using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Monitoring;

/// <summary>Limits the share of failed and refused calls. Thread-safe.</summary>
internal sealed class ErrorMonitor(double atMost) : ISignalling
{
    public string Name => "errors";

    public Signal Signal => Signal.Errors;

    public MonitorNeeds Needs => MonitorNeeds.Calls;

    public async ValueTask<IReadOnlyList<Measurement>> MeasureAsync(
        MonitoringWindow window, CancellationToken cancellationToken = default)
    {
        var measurement = new Measurement
        {
            Signal = Signal.Errors,
            Subject = "calls",
            Statistic = "binomial exact",
            Value = double.NaN,
            Effect = "share of failed and refused calls",
            EffectSize = 0,
            Material = atMost,
        };
        if (!window.Records.Exist) return [measurement with { NotMeasured = CallLimits.NothingCounted }];
        var calls = await window.Records.CallsAsync(window.From, window.To, cancellationToken).ConfigureAwait(false);
        measurement = measurement with { CurrentRows = calls.Total };
        if (calls.Total < window.MinimumRows)
            return [measurement with { NotMeasured = CallLimits.TooFew(calls.Total, window.MinimumRows) }];
        var bad = calls.Failed + calls.Refused;
        return
        [
            measurement with
            {
                Value = bad,
                PValue = CallLimits.TailOf(bad, calls.Total, atMost),
                EffectSize = (double)bad / calls.Total,
                EffectLower = Intervals.Wilson(bad, calls.Total).Lower,
                Note = $"{Prose.Count(calls.Failed)} failed and {Prose.Count(calls.Refused)} refused of {Prose.Count(calls.Total)} calls",
            },
        ];
    }
}
