namespace MlOps.Sdk.Monitoring;

/// <summary>What an alert is about.</summary>
/// <param name="Signal">The signal that changed.</param>
/// <param name="Subject">Of what: a column, an attribute, or what a monitor names.</param>
public sealed record AlertSubject(Signal Signal, string Subject)
{
    internal static AlertSubject Of(MonitoringFinding finding) => new(finding.Measurement.Signal, finding.Measurement.Subject);
}
