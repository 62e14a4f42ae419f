using System.Text.Json.Serialization;

namespace MlOps.Sdk;

/// <summary>What happened to a model.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeploymentEventKind>))]
public enum DeploymentEventKind
{
    /// <summary>A version was registered.</summary>
    Registered,

    /// <summary>A version passed its gates.</summary>
    Blessed,

    /// <summary>A version did not pass its gates.</summary>
    Refused,

    /// <summary>A version went live.</summary>
    Promoted,

    /// <summary>An earlier version is live again.</summary>
    RolledBack,

    /// <summary>The calls were divided over versions otherwise.</summary>
    Routed,

    /// <summary>No version answers any more.</summary>
    Stopped,

    /// <summary>The live version answers again.</summary>
    Resumed,

    /// <summary>What answers in place of a version that fails was changed.</summary>
    FallbackChanged,

    /// <summary>A version began to take the place of the live one step by step.</summary>
    RolloutStarted,

    /// <summary>A rollout gave its version another share.</summary>
    RolloutAdvanced,

    /// <summary>A rollout ended, and its version is live.</summary>
    RolloutCompleted,

    /// <summary>A rollout ended because a guard was violated.</summary>
    RolloutRolledBack,

    /// <summary>A rollout was ended by somebody, or by another version.</summary>
    RolloutCancelled,

    /// <summary>A target that served another version than the live one was brought to it.</summary>
    Redelivered,

    /// <summary>Nothing happened: a test of a delivery.</summary>
    Test,

    /// <summary>The approval of a version was requested.</summary>
    ApprovalRequested,

    /// <summary>Somebody approved a version; others may have to.</summary>
    ApprovalGiven,

    /// <summary>Somebody rejected a version.</summary>
    ApprovalRejected,

    /// <summary>Too few people approved a version in time.</summary>
    ApprovalExpired,

    /// <summary>Something newer took the place of a request for approval.</summary>
    ApprovalSuperseded,

    /// <summary>Other people must approve what goes live, or nobody any more.</summary>
    ApprovalRuleChanged,
}
