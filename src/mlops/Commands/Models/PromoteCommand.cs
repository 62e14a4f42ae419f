using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Makes a blessed version the live one.</summary>
internal sealed class PromoteCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int> _version = ModelReference.NewVersion();
    private readonly Option<string> _reason = ModelReference.NewReason();

    public PromoteCommand(Completions completions)
        : base("promote", "Make a version the live one. Its newest attestation must bless it, and it must load and answer as it did. " +
            "Where people must approve it, this requests the approval, and ends with exit code 4.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
        Add(_reason);
    }

    public override IReadOnlyList<string> Examples => ["mlops promote customer-churn 3 --reason \"approved by the risk team\""];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, version) = (invocation.Get(_model), invocation.Get(_version));
        var change = await RequestedApproval.TellAsync(
            workspace,
            model,
            () => workspace.Models.PromoteAsync(model, version, invocation.Require(_reason), cancellationToken),
            cancellationToken).ConfigureAwait(false);
        invocation.Show(change, ToolJson.Default.AliasChange, shown => MovedAlias.Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }
}
