using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

[TestFixtureSource(nameof(Names))]
public sealed class BuiltInDriftMonitorContract(string name) : DriftMonitorContract
{
    private static readonly Dictionary<string, Func<IDriftMonitor>> Monitors = new()
    {
        ["data drift"] = () => new DistributionMonitor("data drift", Signal.DataDrift, 0.1),
        ["prediction drift"] = () => new DistributionMonitor("prediction drift", Signal.PredictionDrift, 0.1),
        ["column types"] = () => new RetypedColumns(
            [new SchemaChange("plan", new Field("plan", ColumnType.Text), new Field("plan", ColumnType.Integer))], 0.1),
        ["bias"] = () => new BiasMonitor("plan", 0.1, 2),
        ["performance"] = () => new PerformanceMonitor(Metric.RocAuc, Signal.Performance, 0.05, TimeSpan.FromDays(30), 100),
        ["performance by group"] = () => new GroupPerformanceMonitor(Metric.RocAuc, "plan", 0.05, TimeSpan.FromDays(30), 100),
        ["latency"] = () => new LatencyMonitor(0.95, TimeSpan.FromMilliseconds(20)),
        ["errors"] = () => new ErrorMonitor(0.01),
        ["volume"] = () => new VolumeMonitor(TimeSpan.FromDays(1), TimeSpan.FromDays(7), 2),
    };

    public static IEnumerable<string> Names => Monitors.Keys;

    protected override IDriftMonitor Create() => Monitors[name]();
}
