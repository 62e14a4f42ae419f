using System.Text.Json.Serialization;

namespace MlOps.Sdk.Monitoring;

/// <summary>What a monitor reads of a window.</summary>
[Flags]
[JsonConverter(typeof(JsonStringEnumConverter<MonitorNeeds>))]
public enum MonitorNeeds
{
    /// <summary>Nothing but its size.</summary>
    None = 0,

    /// <summary>The profiles of the inputs.</summary>
    Inputs = 1,

    /// <summary>The profile of the scores.</summary>
    Scores = 2,

    /// <summary>Decisions by group of the observed and protected columns.</summary>
    Groups = 4,
}
