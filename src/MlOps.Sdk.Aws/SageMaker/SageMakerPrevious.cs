using System.Text.Json.Serialization;

namespace MlOps.Sdk.Deployment;

/// <summary>What becomes of the version that a SageMaker endpoint served before.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SageMakerPrevious>))]
public enum SageMakerPrevious
{
    /// <summary>It is not called any more; its model and configuration stay for a rollback.</summary>
    Removed,

    /// <summary>
    /// It answers a share of the calls as a second production variant, so that the effect of the new version can be measured against it.
    /// </summary>
    Holdback,

    /// <summary>It gets copies of a share of the calls as a shadow variant; its answers reach no caller.</summary>
    Shadow,
}
