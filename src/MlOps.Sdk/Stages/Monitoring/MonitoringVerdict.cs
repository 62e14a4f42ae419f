namespace MlOps.Sdk.Monitoring;

/// <summary>What measurements mean.</summary>
public enum MonitoringVerdict
{
    /// <summary>Nothing that is both significant and material.</summary>
    Stable,

    /// <summary>Significant after correction, and material.</summary>
    Changed,

    /// <summary>Too few rows to say.</summary>
    NotEnoughData,
}
