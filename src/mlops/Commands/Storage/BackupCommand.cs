using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Copies a workspace that may be in use.</summary>
internal sealed class BackupCommand : WorkspaceCommand
{
    private readonly Argument<string> _folder = new("folder")
    {
        Description = "The folder to make; nothing or an empty folder may be there.",
    };

    public BackupCommand()
        : base("backup", "Copy a workspace that may be in use: the database, and every artifact that it refers to.")
    {
        Add(_folder);
        Add(new BackupVerifyCommand());
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops backup /backup/2026-01-31", "mlops backup /backup/2026-01-31 --json | jq -r .auditHead"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var folder = invocation.Get(_folder);
        var report = await invocation.Terminal.TransferAsync(
            "Copying the workspace",
            progress => workspace.BackupAsync(folder, progress, cancellationToken)).ConfigureAwait(false);
        invocation.Show(
            report, ToolJson.Default.BackupReport, shown => BackupText.Show(invocation.Terminal, shown, "The workspace was copied to"));
        return report.Lost.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }
}
