using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Requests for approval.</summary>
/// <param name="Approvals">The requests, the newest first.</param>
internal sealed record ApprovalList(IReadOnlyList<Approval> Approvals);
