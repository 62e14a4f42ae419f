using Microsoft.Extensions.Logging;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Deployment;

/// <summary>What stage 8 works with besides the run.</summary>
internal sealed record DeploymentServices(
    ModelRegistry Models,
    RunHistory Runs,
    HoldoutLedger Ledger,
    PredictionTable Predictions,
    InProcessTarget Process,
    HostContractTable Hosts,
    CurrentActor Acting,
    IRolloutStart Rollouts,
    Func<string, CancellationToken, Task<DesiredDeployment>> ReadPromoted,
    TimeProvider Time,
    ILogger Logger,
    IServiceProvider Services)
{
    /// <summary>Where what happened is entered.</summary>
    public required RelationalStore Store { get; init; }

    /// <summary>What one process does at a time.</summary>
    public required LeaseTable Leases { get; init; }

    /// <summary>Whose what targets make elsewhere is.</summary>
    public required TargetOwner Owner { get; init; }

    /// <summary>What targets elsewhere are asked.</summary>
    public required GoldenCalls Golden { get; init; }

    /// <summary>Who signs packages; <see langword="null"/> for nobody.</summary>
    public PackageSigner? Signer { get; init; }

    /// <summary>What leaves the workspace.</summary>
    public required OutgoingReleases Releases { get; init; }

    /// <summary>What people must approve.</summary>
    public required ApprovalRegistry Approvals { get; init; }

    /// <summary>Who acts at this moment.</summary>
    public string Actor => Acting.Name;
}
