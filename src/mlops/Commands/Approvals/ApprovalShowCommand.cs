using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Shows a request for approval.</summary>
internal sealed class ApprovalShowCommand : WorkspaceCommand
{
    private readonly Argument<long> _id;

    public ApprovalShowCommand(Completions completions)
        : base("show", "Show a request for approval: what it is for, whom it awaits, who decided what.") =>
        Add(_id = ApprovalReference.NewArgument(completions));

    public override IReadOnlyList<string> Examples => ["mlops approvals show 7", "mlops approvals show 7 --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var approval = await workspace.Approvals.GetAsync(invocation.Get(_id), cancellationToken).ConfigureAwait(false);
        invocation.Show(approval, ToolJson.Default.Approval, shown => ApprovalText.Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }
}
