using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Makes a blessed version the live one.</summary>
internal sealed class PromoteCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int> _version = ModelReference.NewVersion();
    private readonly Option<string> _reason = ModelReference.NewReason();

    public PromoteCommand(Completions completions)
        : base("promote", "Make a version the live one. Its newest attestation must bless it, and it must load and answer as it did.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
        Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["mlops promote customer-churn 3 --reason \"approved by the risk team\""];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version) = (invocation.Get(_model), invocation.Get(_version));
        AliasChange change;
        try
        {
            change = await workspace.Models.PromoteAsync(
                model, version, invocation.Require(_reason), cancellationToken).ConfigureAwait(false);
        }
        catch (MlOpsException e) when (e is not ApprovalRequiredException)
        {
            // A version that waits is not blessed yet: its attestation lacks the approval, and nothing else.
            var pending = await workspace.Approvals.ListAsync(
                model, ApprovalState.Pending, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (pending.FirstOrDefault(approval => approval.Version == version) is not { } approval) throw;
            throw new ApprovalRequiredException(
                e.Problem,
                $"Approval {Shown.Number(approval.Id)} awaits {ApprovalText.Awaited(approval)}. " +
                    $"See: mlops approvals show {Shown.Number(approval.Id)}",
                approval);
        }
        invocation.Show(change, ToolJson.Default.AliasChange, shown => MovedAlias.Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }
}
