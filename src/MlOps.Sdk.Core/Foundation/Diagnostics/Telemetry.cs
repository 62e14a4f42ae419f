using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace MlOps.Sdk.Diagnostics;

/// <summary>The library's spans and metrics, all under one name.</summary>
internal static class Telemetry
{
    public const string Name = "MlOps.Sdk";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Runs = Meter.CreateCounter<long>("mlops.runs", "{run}", "Lifecycle runs that ended, by state.");

    public static readonly Histogram<double> StageDuration = Meter.CreateHistogram<double>(
        "mlops.stage.duration", "s", "Time of a stage, by stage and whether it was reused.");

    public static readonly Counter<long> RecordsDropped = Meter.CreateCounter<long>(
        "mlops.monitoring.dropped", "{prediction}", "Predictions that monitoring dropped because its queue was full.");

    public static readonly Counter<long> Predictions = Meter.CreateCounter<long>(
        "mlops.predictions", "{prediction}", "Predictions recorded by monitoring.");

    public static readonly Counter<long> InputProblems = Meter.CreateCounter<long>(
        "mlops.inputs.problems", "{value}", "Values that the input contract did not expect, by model, problem and handling.");

    public static readonly Counter<long> Fallbacks = Meter.CreateCounter<long>(
        "mlops.fallbacks", "{call}", "Calls that a fallback answered, by model and cause.");

    public static readonly Counter<long> Circuits = Meter.CreateCounter<long>(
        "mlops.circuits", "{change}", "Circuits of versions that opened or closed, by model and state.");

    public static readonly Counter<long> Shadows = Meter.CreateCounter<long>(
        "mlops.shadows", "{call}", "Calls copied to shadows, by model and outcome.");

    public static readonly Counter<long> DriftChecks = Meter.CreateCounter<long>(
        "mlops.monitoring.checks", "{check}", "Monitoring checks, by verdict.");
}
