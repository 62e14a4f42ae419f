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

    /// <summary>Predictions with their labels, from all processes: <see cref="MonitoringWindow.Records"/>.</summary>
    Labels = 8,

    /// <summary>Counts of calls, from all processes: <see cref="MonitoringWindow.Records"/>.</summary>
    Calls = 16,
}
