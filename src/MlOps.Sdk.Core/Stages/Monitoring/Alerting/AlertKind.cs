using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>What an alert says.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertKind>))]
public enum AlertKind
{
    /// <summary>Something changed.</summary>
    Raised,

    /// <summary>What an earlier alert, of the same id, was about is over.</summary>
    Resolved,
}
