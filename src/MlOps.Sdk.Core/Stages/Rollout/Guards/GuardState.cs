using System.Text.Json.Serialization;

namespace MlOps.Sdk.Rollout;

/// <summary>What a guard can tell until now.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GuardState>))]
public enum GuardState
{
    /// <summary>There is not enough evidence either way.</summary>
    Open,

    /// <summary>The limit is kept: the whole confidence interval is within it.</summary>
    Kept,

    /// <summary>The limit is violated: the whole confidence interval is beyond it.</summary>
    Violated,

    /// <summary>The guard threw, or returned nothing: the rollout waits, and the other guards watch it.</summary>
    Failed,
}
