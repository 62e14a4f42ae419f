using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Shows what people changed about a model.</summary>
internal sealed class ModelChangesCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;

    private readonly Option<int?> _version = new("--version")
    {
        Description = "Only changes of this version.",
        HelpName = "number",
    };

    public ModelChangesCommand(Completions completions)
        : base("changes", "Show the changes of descriptions, tags and aliases, and what was archived and deleted, the newest first.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_version);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops models changes customer-churn", "mlops models changes customer-churn --version 3 --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var model = invocation.Get(_model);
        await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        var changes = await workspace.Models.ChangesAsync(model, invocation.Get(_version), cancellationToken).ConfigureAwait(false);
        invocation.Show(
            new RegistryHistory(model, changes), ToolJson.Default.RegistryHistory, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, RegistryHistory history)
    {
        if (history.Changes.Count == 0)
        {
            terminal.Line("Nothing was changed.");
            return;
        }
        var table = new TextTable("at (UTC)", "version#", "what", "to", "before", "by", "why");
        foreach (var change in history.Changes)
        {
            table.Add(
                Shown.Moment(change.At),
                change.Version is { } version ? Shown.Number(version) : null,
                change.Name.Length > 0 ? $"{change.Property} {change.Name}" : change.Property,
                change.Value,
                change.Previous,
                change.Actor,
                change.Reason);
        }
        terminal.Table(table);
    }
}
