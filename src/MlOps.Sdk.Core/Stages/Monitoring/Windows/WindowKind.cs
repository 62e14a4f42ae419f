using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>What decides which predictions belong to a window.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WindowKind>))]
public enum WindowKind
{
    /// <summary>All predictions since the last check that could judge them.</summary>
    SinceLastCheck,

    /// <summary>A fixed number of predictions.</summary>
    Count,

    /// <summary>The time of the prediction, by the calendar.</summary>
    Calendar,

    /// <summary>A time that an input column holds, by the calendar.</summary>
    EventTime,
}
