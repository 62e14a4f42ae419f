using System.CommandLine;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Tool;

/// <summary>Shows which versions were live.</summary>
internal sealed class ModelHistoryCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;

    private readonly Option<string> _alias = new("--alias")
    {
        Description = "Another alias than the one of the live version.",
        HelpName = "alias",
        DefaultValueFactory = _ => ModelRegistry.Champion,
    };

    public ModelHistoryCommand(Completions completions)
        : base("history", "Show which versions of a model were live, the newest move first.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_alias);
    }

    public override IReadOnlyList<string> Examples => ["mlops models history customer-churn"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (model, alias) = (invocation.Get(_model), invocation.Require(_alias));
        await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        var changes = await workspace.Models.AliasHistoryAsync(model, alias, cancellationToken).ConfigureAwait(false);
        invocation.Show(
            new AliasHistory(model, alias, changes), ToolJson.Default.AliasHistory, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, AliasHistory history)
    {
        if (history.Changes.Count == 0)
        {
            terminal.Line($"'{history.Alias}' never pointed to a version of {history.Model}.");
            return;
        }
        var table = new TextTable("at (UTC)", "version#", "before#", "by", "why");
        foreach (var change in history.Changes)
        {
            table.Add(
                Shown.Moment(change.At),
                change.IsRemoval ? "removed" : Shown.Number(change.Version),
                change.Previous is { } previous ? Shown.Number(previous) : null,
                change.Actor,
                change.Reason);
        }
        terminal.Table(table);
    }
}
