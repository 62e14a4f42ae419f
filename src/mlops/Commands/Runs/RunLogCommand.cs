using System.CommandLine;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Shows the log of a run.</summary>
internal sealed class RunLogCommand : WorkspaceCommand
{
    private readonly Argument<string> _run;

    private readonly Option<LogLevel> _level = new("--level")
    {
        Description = "Only messages of at least this level.",
        DefaultValueFactory = _ => LogLevel.Trace,
    };

    private readonly Option<LifecycleStage?> _stage = new("--stage") { Description = "Only messages of this stage." };

    private readonly Option<long> _after = new("--after")
    {
        Description = "Only messages behind this number.",
        HelpName = "number",
        DefaultValueFactory = _ => 0,
    };

    public RunLogCommand(Completions completions)
        : base("log", "Show what the library and its plug-ins logged during a run, in whatever process.")
    {
        _after.Allow(number => number >= 0, "0 or more");
        Add(_run = RunReference.NewArgument(completions));
        Add(_level);
        Add(_stage);
        Add(_after);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops runs log 4f2a9c1e", "mlops runs log 4f2a9c1e --level Warning --stage Training --json"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var id = await RunReference.ResolveAsync(workspace, invocation.Get(_run), cancellationToken).ConfigureAwait(false);
        List<RunLogEntry> entries = [];
        var query = new RunLogQuery
        {
            MinimumLevel = invocation.Get(_level),
            Stage = invocation.Get(_stage),
            After = invocation.Get(_after),
            Limit = RunLogQuery.LargestLimit,
        };
        RunLogPage page;
        do
        {
            page = await workspace.Runs.LogAsync(id, query, cancellationToken).ConfigureAwait(false);
            entries.AddRange(page.Entries);
            query = query with { After = page.Next ?? 0 };
        }
        while (page.Next is not null);
        invocation.Show(
            new RunMessages(id, entries, page.Dropped), ToolJson.Default.RunMessages, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private static void Show(Terminal terminal, RunMessages log)
    {
        if (log.Entries.Count == 0) terminal.Line("No messages were found.");
        else terminal.Table(TableOf(log));
        if (log.Dropped > 0) terminal.Line($"Dropped, because the log of a run is bounded: {Prose.Count(log.Dropped, "message")}");
    }

    private static TextTable TableOf(RunMessages log)
    {
        var table = new TextTable("no#", "at (UTC)", "level", "stage", "message");
        foreach (var entry in log.Entries)
        {
            table.Add(
                entry.Level >= LogLevel.Error,
                Shown.Number(entry.No),
                Shown.Moment(entry.At),
                entry.Level.ToString(),
                entry.Stage?.ToString(),
                entry.ExceptionType is { } type ? $"{entry.Message} {type}: {entry.Exception}" : entry.Message);
        }

        return table;
    }
}
