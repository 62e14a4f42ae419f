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
    ModelVersion Version, ApprovalKind Kind, int? LiveVersion, ApprovalPolicy Policy, string Requester, string Reason, string? Run);
