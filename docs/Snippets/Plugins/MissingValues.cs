// begin-snippet: custom-monitor
using MlOps.Sdk;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Statistics;

namespace Acme;

/// <summary>
/// Notices when a share of values is missing that was there in training. It measures; whether it means anything is decided
/// over all monitors. Thread-safe.
/// </summary>
public sealed class MissingValues(double material) : IDriftMonitor
{
    public string Name => "missing values";

    public MonitorNeeds Needs => MonitorNeeds.Inputs;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<Measurement>>([.. window.Inputs.Select(column => Measure(column, window.MinimumRows))]);

    private Measurement Measure(ColumnWindow column, int minimumRows)
    {
        var (then, now) = (column.Reference.Profile, column.Current);
        var test = Contingency.FisherExact(then.Count - then.Missing, then.Missing, now.Count - now.Missing, now.Missing);
        return new Measurement
        {
            Signal = Signal.Custom,
            Subject = column.Name,
            Statistic = "Fisher exact of missing values",
            Value = now.MissingShare - then.MissingShare,
            PValue = test.PValue,
            Effect = "difference of missing shares",
            EffectSize = Math.Abs(now.MissingShare - then.MissingShare),
            Material = material,
            ReferenceRows = then.Count,
            CurrentRows = now.Count,
            NotMeasured = now.Count < minimumRows ? $"{now.Count} rows; {minimumRows} are needed." : null,
        };
    }
}
// end-snippet
