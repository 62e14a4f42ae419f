using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Approves a request.</summary>
internal sealed class ApproveCommand(Completions completions) : DecisionCommand(
    completions,
    "approve",
    "Approve a request. Where no run waits for it, as for a rollback, the last approval makes the version live.")
{
    public override IReadOnlyList<string> Examples =>
        ["mlops approve 7 --role risk-officer --reason \"the bias report is fine, ticket R-318\" --actor ann"];

    protected override Task<Approval> DecideAsync(
        ModelApprovals approvals, long id, string reason, CancellationToken cancellationToken) =>
        approvals.ApproveAsync(id, reason, cancellationToken);

    protected override void Show(Terminal terminal, Approval approval, string? before)
    {
        var (id, version) = (Shown.Number(approval.Id), $"Version {Shown.Number(approval.Version)} of {approval.Model}");
        terminal.Line(approval.State switch
        {
            ApprovalState.Pending when before is not null =>
                $"{before} has approved it before, and counts for one role: nothing was changed. Approval {id} still awaits " +
                $"{ApprovalText.Awaited(approval)} until {Shown.Moment(approval.ExpiresAt)} UTC.",
            ApprovalState.Pending =>
                $"Approved. Approval {id} still awaits {ApprovalText.Awaited(approval)} until {Shown.Moment(approval.ExpiresAt)} UTC.",
            ApprovalState.Applied => $"Approval {id} is given by all. {version} is live.",
            _ => $"Approval {id} is given by all. {version} goes live when its run goes on.",
        });
        if (approval.State == ApprovalState.Approved)
        {
            terminal.Line("A host with the lifecycle resumes the run when it next looks, or an application calls ResumeAsync.");
        }
    }
}
