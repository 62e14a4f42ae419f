using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>
/// What a start of a lifecycle does while a run of the same lifecycle is in progress in the same workspace, in whatever thread or process.
/// A run whose process was killed is not in progress: on the same machine at once, on another one after 30 seconds. A run whose process
/// lives on the same machine is, also when that machine slept.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<RunConcurrency>))]
public enum RunConcurrency
{
    /// <summary>It begins. Which version goes live is decided one after the other all the same.</summary>
    Allow,

    /// <summary>It waits for its turn, in the order in which the starts came. Waiting can be cancelled.</summary>
    Wait,

    /// <summary>It is rejected with a <see cref="Tracking.RunInProgressException"/>.</summary>
    Reject,
}
