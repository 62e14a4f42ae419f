using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>How an alert stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertStatus>))]
public enum AlertStatus
{
    /// <summary>What it is about has not recovered, and nobody has acknowledged it.</summary>
    Open,

    /// <summary>Somebody knows of it: there is no further alert of the same signal and subject until it has recovered.</summary>
    Acknowledged,

    /// <summary>What it is about has recovered, or another version is watched.</summary>
    Resolved,

    /// <summary>A later alert is about the same.</summary>
    Superseded,
}
