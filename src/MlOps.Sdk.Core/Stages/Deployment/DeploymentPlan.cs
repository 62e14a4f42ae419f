namespace MlOps.Sdk.Deployment;

/// <summary>What stage 8 is asked to do.</summary>
internal sealed record DeploymentPlan(
    IReadOnlyList<Func<DeploymentServices, IDeploymentTarget>> Targets,
    double Margin,
    bool ReplacesIncomparable,
    Func<IServiceProvider, IReleaseReview>? Review);
