using System.CommandLine;

namespace MlOps.Sdk.Tool;

/// <summary>Verifies a backup.</summary>
internal sealed class BackupVerifyCommand : ToolCommand
{
    private readonly Argument<string> _folder = new("folder") { Description = "The folder of the backup." };
    private readonly Option<string?> _head = NewHead();

    public BackupVerifyCommand()
        : base("verify", "Verify that every file of a backup is what was written, and that its audit log was not changed.")
    {
        Add(_folder);
        Add(_head);
    }

    public override IReadOnlyList<string> Examples =>
        ["mlops backup verify /backup/2026-01-31", "mlops backup verify /backup/2026-01-31 --head \"$(cat audit-head.txt)\""];

    public static Option<string?> NewHead()
    {
        var head = new Option<string?>("--head")
        {
            Description = "The audit head that the backup ended with and that was kept elsewhere: the audit log must have it.",
            HelpName = "hash",
        };
        head.AllowHash();
        return head;
    }

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var report = await invocation.Terminal.TransferAsync(
            "Verifying the backup",
            progress => Workspace.VerifyBackupAsync(
                invocation.Get(_folder), invocation.Get(_head)?.Trim().ToLowerInvariant(), progress, cancellationToken))
            .ConfigureAwait(false);
        invocation.Show(
            report, ToolJson.Default.BackupReport, shown => BackupText.Show(invocation.Terminal, shown, "The backup is whole:"));
        return report.Lost.Count == 0 ? ExitCode.Done : ExitCode.Found;
    }
}
