using System.CommandLine;
using MlOps.Sdk.Evidence;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tool;

/// <summary>Puts two versions of a model side by side.</summary>
internal sealed class ModelCompareCommand : WorkspaceCommand
{
    private readonly Argument<string> _model;
    private readonly Argument<int> _first = new("first") { Description = "The version to compare with.", HelpName = "version" };
    private readonly Argument<int> _second = new("second") { Description = "The version to judge.", HelpName = "version" };
    private readonly Option<string?> _page = new("--html") { Description = "Write a page, too.", HelpName = "file" };

    public ModelCompareCommand(Completions completions)
        : base("compare", "Put two versions side by side: only what differs in metrics, gates, training, rows, code and answers.")
    {
        Add(_model = ModelReference.NewArgument(completions));
        Add(_first);
        Add(_second);
        Add(_page);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops models compare customer-churn 2 3", "mlops models compare customer-churn 2 3 --html versions.html"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (first, second) = (invocation.Get(_first), invocation.Get(_second));
        if (first == second) throw new UsageException("The versions are the same.", "Name two of them.");
        var comparison = await workspace.Models.CompareAsync(
            invocation.Get(_model), first, second, cancellationToken).ConfigureAwait(false);
        invocation.Show(comparison, ToolJson.Default.ModelComparison, shown => Show(invocation.Terminal, shown));
        await invocation.WritePageAsync(invocation.Get(_page), () => comparison.ToHtml(), cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, ModelComparison comparison)
    {
        var table = new TextTable(
            "", $"version {Shown.Number(comparison.First.Version)}", $"version {Shown.Number(comparison.Second.Version)}");
        foreach (var difference in comparison.Differences)
        {
            table.Add(
                $"{Prose.Words(difference.Kind.ToString())} {difference.Name}", difference.First ?? "–", difference.Second ?? "–");
        }
        if (table.Rows > 0) terminal.Table(table);
        else terminal.Line("Nothing that is recorded differs.");
        if (comparison.Drift.Count > 0)
        {
            var drift = new TextTable("column", "distance#", "then", "now");
            foreach (var column in comparison.Drift) drift.Add(column.Column, Shown.Number(column.Distance), column.First, column.Second);
            terminal.Heading("How far apart the training rows are");
            terminal.Table(drift);
        }
        if (comparison.Answers is { } answers)
        {
            terminal.Line();
            terminal.Line($"{answers}.");
        }
        foreach (var note in comparison.Notes) terminal.Line(note);
    }
}
