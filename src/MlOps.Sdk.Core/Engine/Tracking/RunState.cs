using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>What has become of a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunState>))]
public enum RunState
{
    /// <summary>A living process works on it.</summary>
    Running,

    /// <summary>Every stage ended well.</summary>
    Succeeded,

    /// <summary>A stage failed; the run can be resumed.</summary>
    Failed,

    /// <summary>Somebody cancelled it; the run can be resumed.</summary>
    Cancelled,

    /// <summary>It waits for a person; the run is resumed by the approval.</summary>
    AwaitingApproval,

    /// <summary>No source had new rows, so there was nothing to do; what the last run that succeeded found stands.</summary>
    NothingNew,

    /// <summary>Its process ended, or was not heard of for too long, before the run did; the run can be resumed.</summary>
    Interrupted,
}
