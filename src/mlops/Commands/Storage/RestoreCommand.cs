using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Makes a workspace of a backup.</summary>
internal sealed class RestoreCommand : ToolCommand
{
    private readonly Argument<string> _backup = new("backup") { Description = "The folder of the backup." };

    private readonly Argument<string> _folder = new("folder")
    {
        Description = "The folder of the workspace to make; nothing or an empty folder may be there.",
    };

    private readonly Option<string?> _head = BackupVerifyCommand.NewHead();

    public RestoreCommand()
        : base("restore", "Make a workspace of a backup, which is verified meanwhile.")
    {
        Add(_backup);
        Add(_folder);
        Add(_head);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops restore /backup/2026-01-31 .mlops", "mlops restore /backup/2026-01-31 .mlops --head \"$(cat audit-head.txt)\""];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var options = new RestoreOptions { KnownAuditHead = invocation.Get(_head)?.Trim().ToLowerInvariant() };
        var report = await invocation.Terminal.TransferAsync(
            "Restoring the workspace",
            progress => Workspace.RestoreAsync(
                invocation.Get(_backup), invocation.Get(_folder), options, progress, cancellationToken)).ConfigureAwait(false);
        invocation.Show(
            report,
            ToolJson.Default.BackupReport,
            shown =>
            {
                BackupText.Show(invocation.Terminal, shown, "The workspace was restored to");
                invocation.Terminal.Line("It has the id of the one that was backed up: do not let both deploy to the same targets.");
            });
        return report.Lost.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }
}
