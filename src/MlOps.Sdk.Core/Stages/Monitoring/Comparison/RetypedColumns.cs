using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Reports columns that have another type now: a change that needs no test, and keeps no other from being compared.</summary>
internal sealed class RetypedColumns(IReadOnlyList<SchemaChange> columns, double material) : IDriftMonitor
{
    public string Name => "column types";

    public MonitorNeeds Needs => MonitorNeeds.None;

    public ValueTask<IReadOnlyList<Measurement>> MeasureAsync(MonitoringWindow window, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IReadOnlyList<Measurement>>(
            [
                .. columns.Select(change => new Measurement
                {
                    Signal = Signal.DataDrift,
                    Subject = change.Column,
                    Statistic = "column type",
                    Value = 1,
                    Effect = "column type",
                    EffectSize = Math.Max(1, material),
                    Material = material,
                    ReferenceRows = window.ReferenceRows,
                    CurrentRows = window.RowCount,
                    NotMeasured = window.RowCount < window.MinimumRows
                        ? $"{Prose.Count(window.RowCount, "row")}; {Prose.Count(window.MinimumRows)} are needed."
                        : null,
                    Note = $"{change.Before!.Type} in the reference, {change.After!.Type} now; read both with one schema to compare values",
                }),
            ]);
}
