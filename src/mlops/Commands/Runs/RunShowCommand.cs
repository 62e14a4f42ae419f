using System.CommandLine;
using MlOps.Sdk.Tracking;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Shows what is recorded of a run.</summary>
internal sealed class RunShowCommand : WorkspaceCommand
{
    private readonly Argument<string> _run;

    public RunShowCommand(Completions completions)
        : base("show", "Show a run: stages, parameters, metrics, tags, notes, artifacts, datasets, environment.") =>
        Add(_run = RunReference.NewArgument(completions));

    public override IReadOnlyList<string> Examples => ["mlops runs show 20260131T083000123-4f2a9c1e", "mlops runs show 4f2a9c1e --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var id = await RunReference.ResolveAsync(workspace, invocation.Get(_run), cancellationToken).ConfigureAwait(false);
        var details = await workspace.Runs.DetailsAsync(id, cancellationToken).ConfigureAwait(false);
        invocation.Show(details, ToolJson.Default.RunDetails, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, RunDetails details)
    {
        var run = details.Run;
        terminal.Line($"{run.Lifecycle}: run {run.Id}");
        terminal.Line($"{run.Kind}, {run.State}, began {Shown.Moment(run.StartedAt)} UTC" +
            $"{(Shown.Duration(run.StartedAt, run.EndedAt) is { } took ? $", took {took}" : "")}, cause: {run.Cause}");
        if (run.ParentRun is { } parent) terminal.Line($"Belongs to run {parent}");
        if (run.ResultsFrom is { } source) terminal.Line($"Takes the results before stage {run.FromStage} from run {source}");
        if (run.State == RunState.AwaitingApproval) terminal.Line("What it waits for: mlops approvals list --state Pending");
        if (run.Error is { } error) terminal.Line($"Error: {error}", new Style(Color.Red));
        Section(terminal, "Stages", ["stage", "state", "took#", "why"], run.Stages.Select(stage => (string?[])
        [
            stage.Stage.ToString(),
            stage.State.ToString(),
            stage.Elapsed is { } time ? Shown.Duration(time) : null,
            stage.Error is null ? stage.Reason : $"{stage.Reason}: {stage.Error}",
        ]));
        Section(terminal, "Parameters", ["name", "value"], details.Parameters.Select(each => (string?[])[each.Key, each.Value]));
        Section(terminal, "Metrics", ["name", "value#"], details.Metrics.Select(each => (string?[])[each.Key, Shown.Number(each.Value)]));
        Section(terminal, "Tags", ["name", "value"], details.Tags.Select(each => (string?[])[each.Key, each.Value]));
        Section(terminal, "Datasets", ["name", "role", "rows#", "hash"], details.Datasets.Select(each => (string?[])
            [each.Name, each.Role, Shown.Number(each.Rows), each.Hash]));
        Section(terminal, "Artifacts", ["name", "size#", "at (UTC)", "id"], details.Artifacts.Select(each => (string?[])
            [each.Name, Shown.Size(each.Length), Shown.Moment(each.At), each.Id.Hex]));
        if (details.Notes.Count > 0) terminal.Heading("Notes");
        foreach (var note in details.Notes) terminal.Line($"{Shown.Moment(note.At)} {note.Actor}: {note.Text}");
        if (details.Children.Count > 0)
        {
            terminal.Line();
            terminal.Line($"Runs that belong to it ({details.Children.Count}): mlops search \"parent = {run.Id}\"");
        }
        if (details.Environment is not { } place) return;
        Section(terminal, "Environment", ["what", "value"],
        [
            ["machine", $"{place.Machine}, {place.OperatingSystem}, {place.Architecture}, {place.Processors} processors"],
            ["runtime", place.Framework],
            ["command", place.Command],
            ["commit", place.GitCommit is null ? null : $"{place.GitCommit}{(place.GitBranch is { } branch ? $" ({branch})" : "")}"],
        ]);
    }

    private static void Section(Terminal terminal, string title, IReadOnlyList<string> headers, IEnumerable<string?[]> rows)
    {
        var table = new TextTable(headers);
        foreach (var row in rows) table.Add(row);
        if (table.Rows == 0) return;
        terminal.Heading(title);
        terminal.Table(table);
    }
}
