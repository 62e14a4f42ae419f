using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Makes an earlier version the live one again.</summary>
internal sealed class RollbackCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Option<string> _reason = ModelReference.NewReason();

    private readonly Option<int?> _version = new("--to")
    {
        Description = "The version; any that is blessed. Default: the one that was live before.",
        HelpName = "version",
    };

    public RollbackCommand(Completions completions)
        : base("rollback", "Make an earlier version the live one again, once it is proved that it still loads and answers as it did. " +
            "Where people must approve it, this requests the approval, and ends with exit code 4.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
        Add(_reason);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops rollback customer-churn --reason \"complaints from the call centre\"",
        "mlops rollback customer-churn --to 2 --reason \"the last version with the old tariff\"",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var model = invocation.Get(_model);
        var change = await RequestedApproval.TellAsync(
            workspace,
            model,
            () => workspace.Models.RollbackAsync(model, invocation.Require(_reason), invocation.Get(_version), cancellationToken),
            cancellationToken).ConfigureAwait(false);
        invocation.Show(change, ToolJson.Default.AliasChange, shown => MovedAlias.Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }
}
