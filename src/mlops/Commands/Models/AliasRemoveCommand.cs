using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Removes an alias.</summary>
internal sealed class AliasRemoveCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<string> _alias = new("alias") { Description = "The alias." };
    private readonly Option<string> _reason = ModelReference.NewReason();

    private readonly Option<int?> _expected = new("--expected")
    {
        Description = "What the alias must point to now, else nothing changes.",
        HelpName = "version",
    };

    public AliasRemoveCommand(Completions completions)
        : base("remove", "Remove an alias. Its history stays.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_alias);
        Add(_reason);
        Add(_expected);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops models alias remove customer-churn candidate --reason \"the review is over\""];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var change = await workspace.Models.RemoveAliasAsync(
            invocation.Get(_model),
            invocation.Get(_alias),
            invocation.Require(_reason),
            invocation.Get(_expected),
            cancellationToken).ConfigureAwait(false);
        invocation.Show(change, ToolJson.Default.AliasChange, shown => invocation.Terminal.Line(
            $"'{shown.Alias}' is removed. It pointed to version {Shown.Number(shown.Version)} of {shown.Model}."));
        return ExitCode.Done;
    }
}
