using System.Text.Json.Serialization;

namespace MlOps.Sdk.Tracking;

/// <summary>What has become of a stage of a run.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StageState>))]
public enum StageState
{
    /// <summary>It has not begun.</summary>
    Pending,

    /// <summary>It is being computed.</summary>
    Running,

    /// <summary>It was computed.</summary>
    Succeeded,

    /// <summary>The result of an earlier run was taken.</summary>
    Reused,

    /// <summary>It failed, or its process ended before it did.</summary>
    Failed,

    /// <summary>Somebody cancelled it.</summary>
    Cancelled,

    /// <summary>There was nothing to do.</summary>
    Skipped,
}
