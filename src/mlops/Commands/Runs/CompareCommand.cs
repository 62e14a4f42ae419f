using System.CommandLine;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Puts runs side by side.</summary>
internal sealed class CompareCommand : WorkspaceCommand
{
    private readonly Argument<string[]> _runs = new("runs")
    {
        Description = "The runs, two or more: ids, or how they begin or end.",
        Arity = new ArgumentArity(2, 1_000),
        HelpName = "run",
    };

    private readonly Option<string?> _page = new("--html") { Description = "Write a page, too.", HelpName = "file" };

    public CompareCommand(Completions completions)
        : base("compare", "Put runs side by side: only what differs.")
    {
        _runs.CompletionSources.Add(completions.Runs);
        Add(_runs);
        Add(_page);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops compare 4f2a9c1e 77b0d3a5", "mlops compare 4f2a9c1e 77b0d3a5 --html comparison.html"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        List<string> ids = [];
        foreach (var typed in invocation.Get(_runs))
        {
            ids.Add(await RunReference.ResolveAsync(workspace, typed, cancellationToken).ConfigureAwait(false));
        }
        if (ids.Distinct(StringComparer.Ordinal).Count() < ids.Count)
        {
            throw new UsageException("A run is named twice.", "Name each run once.");
        }
        var comparison = await workspace.Runs.CompareAsync(ids, cancellationToken).ConfigureAwait(false);
        invocation.Show(comparison, ToolJson.Default.RunComparison, shown => Show(invocation.Terminal, shown));
        await invocation.WritePageAsync(invocation.Get(_page), () => comparison.ToHtml(), cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, RunComparison comparison)
    {
        var table = new TextTable(["", .. comparison.Runs.Select(run => run.Id)]);
        table.Add(["of", .. comparison.Runs.Select(run => run.Lifecycle)]);
        table.Add(["state", .. comparison.Runs.Select(run => run.State.ToString())]);
        table.Add(["started (UTC)", .. comparison.Runs.Select(run => Shown.Moment(run.StartedAt))]);
        foreach (var difference in comparison.Differences)
        {
            table.Add([
                $"{RunComparison.Word(difference.Kind)} {difference.Name}", .. difference.Values.Select(value => value ?? "–"),
            ]);
        }
        terminal.Table(table);
        if (comparison.Differences.Count == 0) terminal.Line("Nothing that was recorded differs.");
        foreach (var group in comparison.Paired.GroupBy(difference => (difference.Reference, difference.Level)))
        {
            terminal.Heading($"On the same rows of the holdout, against {group.Key.Reference}");
            var interval = $"{Prose.Number(100 * group.Key.Level, 3)} % interval";
            var paired = new TextTable("metric", "run", "rows#", "value#", "better by#", interval, "p#");
            foreach (var each in group)
            {
                paired.Add(
                    each.Metric,
                    each.Run,
                    Shown.Number(each.Rows),
                    Shown.Number(each.Value),
                    Shown.Number(each.Improvement),
                    $"{Shown.Number(each.Lower)} to {Shown.Number(each.Upper)}",
                    Shown.Number(each.PValue));
            }
            terminal.Table(paired);
        }
        foreach (var why in comparison.Unpaired) terminal.Line(why);
    }
}
