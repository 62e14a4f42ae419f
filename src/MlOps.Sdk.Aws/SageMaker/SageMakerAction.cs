using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>What a deployment does to a SageMaker endpoint.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SageMakerAction>))]
public enum SageMakerAction
{
    /// <summary>It is created, and its machines with it.</summary>
    Create,

    /// <summary>It is brought to another configuration; the old one serves meanwhile.</summary>
    Update,

    /// <summary>It is deleted, because it failed and serves nothing, and created again.</summary>
    Replace,

    /// <summary>It serves the version already; only its answers are verified.</summary>
    Verify,
}
