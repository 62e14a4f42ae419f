using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Lists requests for approval.</summary>
internal sealed class ApprovalListCommand : WorkspaceCommand
{
    private readonly Option<string?> _model;

    private readonly Option<ApprovalState?> _state = new("--state") { Description = "Only requests that stand so." };

    private readonly Option<int> _limit = new("--limit")
    {
        Description = "At most so many requests.",
        HelpName = "n",
        DefaultValueFactory = _ => 20,
    };

    public ApprovalListCommand(Completions completions)
        : base("list", "List requests for approval, the newest first.")
    {
        _limit.Allow(limit => limit >= 1, "1 or more");
        Add(_model = ModelReference.NewOption(completions, "Only requests of this model."));
        Add(_state);
        Add(_limit);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops approvals list --state Pending", "mlops approvals list --model customer-churn --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var model = invocation.Get(_model);
        if (model is not null) await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        var approvals = await workspace.Approvals.ListAsync(
            model, invocation.Get(_state), invocation.Get(_limit), cancellationToken).ConfigureAwait(false);
        invocation.Show(new ApprovalList(approvals), ToolJson.Default.ApprovalList, list => Show(invocation.Terminal, list));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, ApprovalList list)
    {
        if (list.Approvals.Count == 0)
        {
            terminal.Line("No requests were found.");
            return;
        }
        var table = new TextTable("id#", "model", "version#", "for", "state", "awaits", "requested (UTC)", "until (UTC)", "by");
        foreach (var approval in list.Approvals)
        {
            var isPending = approval.State == ApprovalState.Pending;
            table.Add(
                approval.State is ApprovalState.Rejected or ApprovalState.Expired,
                Shown.Number(approval.Id),
                approval.Model,
                Shown.Number(approval.Version),
                approval.Kind.ToString(),
                approval.State.ToString(),
                isPending ? ApprovalText.Awaited(approval) : null,
                Shown.Moment(approval.RequestedAt),
                isPending ? Shown.Moment(approval.ExpiresAt) : null,
                approval.Requester);
        }
        terminal.Table(table);
    }
}
