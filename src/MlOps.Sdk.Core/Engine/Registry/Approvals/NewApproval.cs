using MlOps.Sdk.Audit;

namespace MlOps.Sdk.Registry;

/// <summary>What is to be approved.</summary>
/// <param name="Version">The version that is to go live.</param>
/// <param name="Kind">What it lets happen.</param>
/// <param name="LiveVersion">The version that is live; <see langword="null"/> when none is.</param>
/// <param name="Policy">Who must approve it.</param>
/// <param name="Requester">Who requests it.</param>
/// <param name="Reason">Why the version is to go live.</param>
/// <param name="Run">The run that waits for it; <see langword="null"/> for none.</param>
internal sealed record NewApproval(
    ModelVersion Version, ApprovalKind Kind, int? LiveVersion, ApprovalPolicy Policy, ActingPerson Requester, string Reason, string? Run)
{
    /// <summary>Who must approve what goes live afterwards; <see langword="null"/> where that stays as it is.</summary>
    public ApprovalPolicy? Afterwards { get; init; }

    /// <summary>The release of another workspace that it is about; <see langword="null"/> for none.</summary>
    public ApprovedRelease? Release { get; init; }
}
