using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>How the delivery of an alert stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertDelivery>))]
public enum AlertDelivery
{
    /// <summary>It is being sent, or the process ended meanwhile.</summary>
    Pending,

    /// <summary>Every sink took it; also when there is no sink.</summary>
    Sent,

    /// <summary>A sink could not send it.</summary>
    Failed,
}
