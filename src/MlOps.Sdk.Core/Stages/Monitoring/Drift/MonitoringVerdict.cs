using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>What measurements mean.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MonitoringVerdict>))]
public enum MonitoringVerdict
{
    /// <summary>Nothing that is both significant and material.</summary>
    Stable,

    /// <summary>Significant after correction, and material.</summary>
    Changed,

    /// <summary>Nothing could be said, for example of too few rows; <see cref="Measurement.NotMeasured"/> says why.</summary>
    NotEnoughData,
}
