using System.CommandLine;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Tool;

/// <summary>Deletes what nothing refers to any more.</summary>
internal sealed class GarbageCommand : WorkspaceCommand
{
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only tell what would be deleted." };

    private readonly Option<int?> _keepRuns = new("--keep-runs")
    {
        Description = "First release the snapshots of older runs: how many of the latest runs of each lifecycle keep theirs. " +
            "Default with --keep-days: 10.",
        HelpName = "n",
    };

    private readonly Option<double?> _keepDays = new("--keep-days")
    {
        Description = "First release the snapshots of older runs: how many days every run keeps its snapshots. " +
            "Default with --keep-runs: 90; 0 to go by --keep-runs alone.",
        HelpName = "days",
    };

    public GarbageCommand()
        : base("gc", "Delete artifacts that no run, result or model version refers to; with --keep-runs or --keep-days also old snapshots.")
    {
        _keepDays.Allow(days => days is >= 0 and <= 36_500, "0 to 36500");
        _keepRuns.Allow(runs => runs >= 1, "1 or more");
        Add(_dryRun);
        Add(_keepRuns);
        Add(_keepDays);
    }

    public override IReadOnlyList<string> Examples => ["mlops gc --dry-run", "mlops gc --keep-runs 5 --keep-days 30"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var isDryRun = invocation.Get(_dryRun);
        var garbage = await invocation.Terminal.WorkAsync(
            isDryRun ? "Looking for garbage" : "Deleting garbage",
            async _ =>
            {
                var snapshots = RetentionOf(invocation) is { } retention
                    ? await workspace.ReleaseSnapshotsAsync(retention, isDryRun, cancellationToken).ConfigureAwait(false)
                    : null;
                var unreferenced = await workspace.CollectGarbageAsync(isDryRun, cancellationToken).ConfigureAwait(false);
                return new Garbage(isDryRun, snapshots, unreferenced);
            }).ConfigureAwait(false);
        invocation.Show(garbage, ToolJson.Default.Garbage, shown => Show(invocation.Terminal, shown));
        return ExitCode.Done;
    }

    private SnapshotRetention? RetentionOf(Invocation invocation)
    {
        var (runs, days) = (invocation.Get(_keepRuns), invocation.Get(_keepDays));
        if (runs is null && days is null) return null;
        var standard = new SnapshotRetention();
        return new SnapshotRetention
        {
            KeepRuns = runs ?? standard.KeepRuns,
            KeepFor = days is { } count ? TimeSpan.FromDays(count) : standard.KeepFor,
        };
    }

    private static void Show(Terminal terminal, Garbage garbage)
    {
        var would = garbage.IsDryRun ? "would be" : "were";
        if (garbage.Snapshots is { } snapshots)
        {
            terminal.Line(snapshots.Runs.Count == 0
                ? $"Snapshots that {would} released: none"
                : $"Snapshots that {would} released: {Prose.Count(snapshots.Artifacts.Count)} of " +
                    $"{Prose.Count(snapshots.Runs.Count, "run")}, {Shown.Size(snapshots.TotalSize)}");
            if (garbage.IsDryRun && snapshots.Kept.Count > 0) terminal.Table(TableOf(snapshots.Kept));
        }
        var unreferenced = garbage.Unreferenced;
        terminal.Line(
            $"Artifacts that {would} deleted: {Prose.Count(unreferenced.Artifacts.Count)}, {Shown.Size(unreferenced.TotalSize)}");
        if (unreferenced.Artifacts.Count == 0) return;
        var table = new TextTable("artifact", "size#", "stored (UTC)");
        foreach (var artifact in unreferenced.Artifacts)
        {
            table.Add(artifact.Id.Hex, Shown.Size(artifact.Size), Shown.Moment(artifact.StoredAt));
        }
        terminal.Table(table);
    }

    private static TextTable TableOf(IReadOnlyList<KeptSnapshots> kept)
    {
        var table = new TextTable("run that keeps its snapshots", "of", "size#", "why");
        foreach (var run in kept) table.Add(run.Run, run.Lifecycle, Shown.Size(run.Size), string.Join(' ', run.Reasons));
        return table;
    }
}
