using System.CommandLine;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Tool;

/// <summary>Shows the metric series of a run.</summary>
internal sealed class RunMetricsCommand : WorkspaceCommand
{
    private readonly Argument<string> _run;

    private readonly Option<string?> _name = new("--name") { Description = "Only this metric.", HelpName = "metric" };

    public RunMetricsCommand(Completions completions)
        : base("metrics", "Show the metrics of a run by step.")
    {
        Add(_run = RunReference.NewArgument(completions));
        Add(_name);
    }

    public override IReadOnlyList<string> Examples => ["mlops runs metrics 4f2a9c1e --name loss", "mlops runs metrics 4f2a9c1e --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var typed = invocation.Get(_run);
        var id = await RunReference.ResolveAsync(workspace, typed, cancellationToken).ConfigureAwait(false);
        var run = await workspace.Runs.GetAsync(id, cancellationToken).ConfigureAwait(false);
        var name = invocation.Get(_name);
        var values = await workspace.Runs.MetricsAsync(run.Id, name, cancellationToken).ConfigureAwait(false);
        if (name is not null && values.Count == 0)
        {
            var all = await workspace.Runs.MetricsAsync(run.Id, null, cancellationToken).ConfigureAwait(false);
            var near = NearestName.Find(name, all.Select(value => value.Name).Distinct());
            throw new MlOpsException(
                $"Run {run.Id} has no metric '{name}'.",
                $"{(near is null ? "" : $"Did you mean '{near}'? ")}See: mlops runs metrics {run.Id}");
        }
        invocation.Show(new MetricSeries(run.Id, values), ToolJson.Default.MetricSeries, series => Show(invocation.Terminal, series));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, MetricSeries series)
    {
        if (series.Metrics.Count == 0)
        {
            terminal.Line("No metrics were found.");
            return;
        }
        var table = new TextTable("metric", "step#", "value#", "at (UTC)");
        foreach (var metric in series.Metrics)
        {
            table.Add(metric.Name, Shown.Number(metric.Step), Shown.Number(metric.Value), Shown.Moment(metric.At));
        }
        terminal.Table(table);
    }
}
