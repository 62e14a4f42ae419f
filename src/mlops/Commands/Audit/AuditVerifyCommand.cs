using System.CommandLine;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Verifies the audit log.</summary>
internal sealed class AuditVerifyCommand : ToolCommand
{
    private readonly Option<string?> _head = new("--head")
    {
        Description = "A hash that an earlier verification ended with and that was kept elsewhere: it must still be in the log.",
        HelpName = "hash",
    };

    public AuditVerifyCommand()
        : base("verify", "Verify that no entry of the audit log was changed, removed or inserted. Exit code 1 when one was.") => Add(_head);

    public override IReadOnlyList<string> Examples => ["mlops audit verify", "mlops audit verify --head \"$(cat audit-head.txt)\""];

    public override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var workspace = await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            var verification = await invocation.Terminal.WorkAsync(
                "Verifying the audit log",
                _ => workspace.Audit.VerifyAsync(invocation.Get(_head), cancellationToken)).ConfigureAwait(false);
            invocation.Show(verification, ToolJson.Default.AuditVerification, shown => Show(invocation.Terminal, shown));
            return verification.IsIntact ? ExitCode.Done : ExitCode.Found;
        }
    }

    private static void Show(Terminal terminal, AuditVerification verification)
    {
        if (verification.IsIntact)
        {
            terminal.Line($"The audit log is intact. Entries: {Prose.Count(verification.Entries)}");
            terminal.Line($"Head {verification.HeadHash}");
            return;
        }
        terminal.Line("The audit log is not intact.", new Style(Color.Red));
        if (verification.FirstBroken is { } entry) terminal.Line($"First entry that is wrong: {Shown.Number(entry)}");
        if (verification.Problem is { } problem) terminal.Line(problem);
    }
}
