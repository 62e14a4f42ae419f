using System.CommandLine;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Tool;

/// <summary>Exports a workspace, or a part of it, into a file.</summary>
internal sealed class ExportCommand : WorkspaceCommand
{
    private readonly Argument<string> _file = new("file") { Description = "The file to write; it must not exist." };

    private readonly Argument<string?> _filter = new("filter")
    {
        Description = "Runs by a filter, such as lifecycle = notebook. Default: everything, unless --model or --run is given.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string[]> _models = new("--model")
    {
        Description = "A model with all its versions, and the runs that made them. May be repeated.",
        HelpName = "model",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _runs = new("--run")
    {
        Description = "A run: its id, or how it begins or ends. May be repeated.",
        HelpName = "run",
        DefaultValueFactory = _ => [],
    };

    public ExportCommand(Completions completions)
        : base("export", "Export a workspace, or a part of it, into a file that another workspace imports. It holds rows in plain text.")
    {
        _models.CompletionSources.Add(completions.Models);
        _runs.CompletionSources.Add(completions.Runs);
        Add(_file);
        Add(_filter);
        Add(_models);
        Add(_runs);
        Add(new ExportMlflowCommand());
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops export everything.zip",
        "mlops export churn.zip --model customer-churn",
        "mlops export best.zip \"metrics.holdout.roc_auc > 0.8\"",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var file = invocation.Get(_file);
        var selection = await SelectAsync(invocation, workspace, cancellationToken).ConfigureAwait(false);
        var report = await invocation.Terminal.TransferAsync(
            "Exporting",
            progress => workspace.ExportArchiveAsync(file, selection, progress, cancellationToken)).ConfigureAwait(false);
        invocation.Show(report, ToolJson.Default.ArchiveReport, shown => Show(invocation.Terminal, shown, file));
        return ExitCode.Done;
    }

    private async Task<ArchiveSelection> SelectAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (filter, models, runs) = (invocation.Find(_filter), invocation.Get(_models)!, invocation.Get(_runs)!);
        if (filter is null && models.Length + runs.Length == 0) return ArchiveSelection.Everything;
        foreach (var model in models) await ModelReference.RequireAsync(workspace, model, cancellationToken).ConfigureAwait(false);
        List<string> ids = [];
        foreach (var run in runs) ids.Add(await RunReference.ResolveAsync(workspace, run, cancellationToken).ConfigureAwait(false));
        var chosen = filter is null ? null : RunFilter.Parse(filter);
        if (chosen is not null && models.Length + runs.Length == 0)
        {
            var one = new RunQuery { Filter = chosen, Limit = 1 };
            var page = await workspace.Runs.SearchAsync(one, cancellationToken).ConfigureAwait(false);
            if (page.Runs.Count == 0)
            {
                throw new MlOpsException(
                    "The filter finds no run: nothing was written.", $"See what it finds with: mlops search \"{filter}\"");
            }
        }
        return new ArchiveSelection
        {
            Runs = chosen,
            RunIds = ids,
            Models = models,
        };
    }

    private static void Show(Terminal terminal, ArchiveReport report, string file)
    {
        terminal.Line(
            $"Written to {file}: {Prose.Count(report.Runs, "run")}, {Prose.Count(report.Versions, "version")}, " +
            $"{Prose.Count(report.Artifacts, "artifact")}, {Prose.Count(report.AuditEntries)} entries of the audit log");
        terminal.Line($"Manifest {report.ManifestHash}");
        if (report.ReleasedArtifacts > 0)
        {
            terminal.Line($"Left out, because runs have released them: {Prose.Count(report.ReleasedArtifacts, "artifact")}");
        }
        foreach (var run in report.InProgress) terminal.Line($"Left out, because it is in progress: run {run}");
    }
}
