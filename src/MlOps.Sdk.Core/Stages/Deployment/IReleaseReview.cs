using MlOps.Sdk.Execution;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>Looks at a blessed version before it takes the place of the live one.</summary>
internal interface IReleaseReview
{
    /// <summary>Adds what decides the review to the fingerprint of the stage.</summary>
    ValueTask DescribeAsync(
        FingerprintBuilder fingerprint, ModelVersion? live, DeploymentServices services, CancellationToken cancellationToken);

    /// <summary>What is missing before it can decide, in a sentence; <see langword="null"/> when nothing is.</summary>
    Task<string?> FindMissingAsync(ModelVersion live, DeploymentServices services, CancellationToken cancellationToken);

    /// <summary>Decides, and says why.</summary>
    Task<ReviewOutcome> DecideAsync(
        StageContext context,
        ModelVersion live,
        ModelVersion candidate,
        ModelPackage package,
        DeploymentServices services,
        CancellationToken cancellationToken);
}
