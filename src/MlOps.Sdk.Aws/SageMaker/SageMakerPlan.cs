using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>What a deployment would do at SageMaker.</summary>
public sealed record SageMakerPlan
{
    /// <summary>The name of the endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>What happens to the endpoint.</summary>
    public required SageMakerAction Action { get; init; }

    /// <summary>The version.</summary>
    public required int Version { get; init; }

    /// <summary>The configuration that the endpoint has now; <see langword="null"/> where there is no endpoint.</summary>
    public string? Served { get; init; }

    /// <summary>The address of the archive.</summary>
    public required string Archive { get; init; }

    /// <summary>About how large the archive is, in bytes.</summary>
    public required long ArchiveBytes { get; init; }

    /// <summary>Whether the archive is uploaded and the model created; else they are there.</summary>
    public required bool UploadsArchive { get; init; }

    /// <summary>The name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>The name of the configuration.</summary>
    public required string Configuration { get; init; }

    /// <summary>The image of the container.</summary>
    public required string Image { get; init; }

    /// <summary>The role that SageMaker takes.</summary>
    public required string RoleArn { get; init; }

    /// <summary>The type of the machines, which are paid for by the hour.</summary>
    public required string InstanceType { get; init; }

    /// <summary>How many machines each variant has. While an endpoint is updated, the old ones run beside them.</summary>
    public required int InstanceCount { get; init; }

    /// <summary>How many variants there are at most: two where the version before is kept beside the new one.</summary>
    public required int Variants { get; init; }

    /// <summary>The record in a line.</summary>
    public override string ToString() => RecordText.Of(this);
}
