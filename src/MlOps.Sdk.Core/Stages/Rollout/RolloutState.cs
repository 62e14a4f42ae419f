using System.Text.Json.Serialization;

namespace MlOps.Sdk.Rollout;

/// <summary>How a rollout stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RolloutState>))]
public enum RolloutState
{
    /// <summary>The candidate answers a share of the calls, and is watched.</summary>
    Running,

    /// <summary>The candidate went live.</summary>
    Completed,

    /// <summary>The candidate was taken off, because a guard was violated or the strategy decided so.</summary>
    RolledBack,

    /// <summary>It was ended from outside: by a call, another version that went live, or another division of the calls.</summary>
    Cancelled,
}
