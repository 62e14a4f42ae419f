using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What becomes of the times of a schedule at which nobody looked.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MissedRuns>))]
public enum MissedRuns
{
    /// <summary>One retraining is requested for all that were missed.</summary>
    RunOnce,

    /// <summary>What was missed by more than 5 minutes is left out; the schedule continues with its next time.</summary>
    Skip,
}
