using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Rejects a request, or takes it back.</summary>
internal sealed class RejectCommand(Completions completions) : DecisionCommand(
    completions,
    "reject",
    "Reject a request. One rejection is enough. Whoever requested it takes it back so, and needs no role.")
{
    public override IReadOnlyList<string> Examples =>
        ["mlops reject 7 --role model-owner --reason \"the group under 25 is too small to judge\" --actor bob"];

    protected override Task<Approval> DecideAsync(
        ModelApprovals approvals, long id, string reason, CancellationToken cancellationToken) =>
        approvals.RejectAsync(id, reason, cancellationToken);

    protected override void Show(Terminal terminal, Approval approval, string? before) => terminal.Line(
        $"Approval {Shown.Number(approval.Id)} is rejected. " +
        $"Version {Shown.Number(approval.Version)} of {approval.Model} does not go live.");
}
