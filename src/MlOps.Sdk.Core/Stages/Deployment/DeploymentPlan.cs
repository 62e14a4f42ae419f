using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>What stage 8 is asked to do.</summary>
internal sealed record DeploymentPlan(
    IReadOnlyList<Func<DeploymentServices, IDeploymentTarget>> Targets,
    double Margin,
    bool ReplacesIncomparable,
    Func<IServiceProvider, IReleaseReview>? Review)
{
    /// <summary>Whether the version is served in this process.</summary>
    public required bool ServesInProcess { get; init; }

    /// <summary>Whether releases leave the workspace, which somebody must sign.</summary>
    public required bool Signs { get; init; }

    /// <summary>The call of the builder that asks for the review, for messages.</summary>
    public string? ReviewCall { get; init; }

    /// <summary>What the model expects of its input; <see langword="null"/> where nothing is declared.</summary>
    public InputContract? Inputs { get; init; }

    /// <summary>Who must approve a version; <see langword="null"/> where nobody must.</summary>
    public ApprovalPolicy? Approval { get; init; }

    /// <summary>The column by which the rows of the holdout weigh in the metrics; <see langword="null"/> when all weigh the same.</summary>
    public string? Weight { get; init; }
}
