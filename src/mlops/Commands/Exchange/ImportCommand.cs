using System.CommandLine;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Takes up what another workspace exported.</summary>
internal sealed class ImportCommand : WorkspaceCommand
{
    private readonly Argument<string> _file = new("file") { Description = "The file that export wrote." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only tell what would be added." };

    public ImportCommand()
        : base("import", "Take up what another workspace exported: nothing twice, nothing is overwritten, and what is live stays live.")
    {
        Add(_file);
        Add(_dryRun);
    }

    public override IReadOnlyList<string> Examples => ["mlops import churn.zip --dry-run", "mlops import churn.zip"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (file, isDryRun) = (invocation.Get(_file), invocation.Get(_dryRun));
        var report = await invocation.Terminal.TransferAsync(
            isDryRun ? "Reading" : "Importing",
            progress => workspace.ImportArchiveAsync(file, isDryRun, progress, cancellationToken)).ConfigureAwait(false);
        invocation.Show(report, ToolJson.Default.ImportReport, shown => Show(invocation.Terminal, shown));
        return report.Conflicts.Count == 0 && report.AuditProblem is null ? ExitCode.Done : ExitCode.Found;
    }

    private static void Show(Terminal terminal, ImportReport report)
    {
        var done = report.IsDryRun ? "would be added" : "were added";
        terminal.Line($"From workspace {report.SourceWorkspace}, manifest {report.ManifestHash}");
        terminal.Line(
            $"Runs that {done}: {Prose.Count(report.RunsAdded)}, known: {Prose.Count(report.RunsKnown)}, " +
            $"completed: {Prose.Count(report.RunsCompleted)}");
        terminal.Line($"Tags and notes of known runs that {done}: {Prose.Count(report.TagsAndNotesAdded)}");
        terminal.Line($"Versions that {done}: {Prose.Count(report.Versions.Count)}, known: {Prose.Count(report.VersionsKnown)}");
        foreach (var version in report.Versions)
        {
            var there = version.From == version.Version ? "" : $", which was {Shown.Number(version.From)} there";
            terminal.Line($"- {version.Model}, version {Shown.Number(version.Version)}{there}");
        }
        if (report.VersionsDeleted.Count > 0)
        {
            terminal.Line($"Versions that were deleted there: {Prose.Count(report.VersionsDeleted.Count)}");
        }
        foreach (var version in report.VersionsDeleted)
        {
            var (at, actor, reason) = version.Deletion;
            terminal.Line(
                $"- {version.Model}, version {Shown.Number(version.From)}, on {Shown.Moment(at)} UTC by {PrintableText.Line(actor)}: " +
                PrintableText.Line(reason));
        }
        terminal.Line($"Tags, descriptions and archivings of models that {done}: {Prose.Count(report.ModelChangesAdded)}");
        terminal.Line($"Artifacts that {done}: {Prose.Count(report.ArtifactsAdded)}");
        terminal.Line($"Entries of the other audit log: {Prose.Count(report.AuditEntries)}");
        var alarm = new Style(Color.Red);
        if (report.AuditProblem is { } problem) terminal.Line($"The other audit log is not intact: {problem}", alarm);
        if (report.Conflicts.Count > 0) terminal.Line($"Left as it is here: {Prose.Count(report.Conflicts.Count, "conflict")}", alarm);
        foreach (var conflict in report.Conflicts) terminal.Line($"- {conflict.Subject}: {conflict.Problem}");
    }
}
