using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Points an alias to a version.</summary>
internal sealed class AliasSetCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<string> _alias = new("alias") { Description = "The alias, such as candidate." };
    private readonly Argument<int> _version = ModelReference.NewVersion();
    private readonly Option<string> _reason = ModelReference.NewReason();

    private readonly Option<int?> _expected = new("--expected")
    {
        Description = "What the alias must point to now, else nothing changes; 0 when it must not exist.",
        HelpName = "version",
    };

    public AliasSetCommand(Completions completions)
        : base("set", "Point an alias to a version. It serves nothing: promote and rollback change what is live.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_alias);
        Add(_version);
        Add(_reason);
        Add(_expected);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops models alias set customer-churn candidate 4 --reason \"to be reviewed\"",
        "mlops models alias set customer-churn candidate 5 --expected 4 --reason \"better on young customers\"",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var change = await workspace.Models.SetAliasAsync(
            invocation.Get(_model),
            invocation.Get(_alias),
            invocation.Get(_version),
            invocation.Require(_reason),
            invocation.Get(_expected),
            cancellationToken).ConfigureAwait(false);
        invocation.Show(change, ToolJson.Default.AliasChange, shown => invocation.Terminal.Line(
            $"'{shown.Alias}' points to version {Shown.Number(shown.Version)} of {shown.Model}" +
            $"{(shown.Previous is { } previous ? $" instead of version {Shown.Number(previous)}" : "")}."));
        return ExitCode.Done;
    }
}
