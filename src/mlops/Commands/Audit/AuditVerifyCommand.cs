using System.CommandLine;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Reporting;
using Spectre.Console;

namespace MlOps.Sdk.Tool;

/// <summary>Verifies the audit log.</summary>
internal sealed class AuditVerifyCommand : WorkspaceCommand
{
    private readonly Option<string?> _anchor = new("--anchor")
    {
        Description = "A file that was kept elsewhere, with what audit anchor wrote; its last line counts.",
        HelpName = "file",
    };

    private readonly Option<string?> _head = new("--head")
    {
        Description = "A hash that an earlier verification ended with and that was kept elsewhere: it must still be in the log.",
        HelpName = "hash",
    };

    public AuditVerifyCommand()
        : base("verify", "Verify that no entry of the audit log was changed, removed or inserted. Exit code 1 when one was.")
    {
        _head.AllowHash();
        Add(_anchor);
        Add(_head);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "mlops audit verify",
        "mlops audit verify --anchor /mnt/elsewhere/anchors.txt",
        "mlops audit verify --head \"$(cat audit-head.txt)\"",
    ];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var (path, head) = (invocation.Get(_anchor), invocation.Get(_head)?.Trim().ToLowerInvariant());
        if (path is not null && head is not null)
        {
            throw new UsageException("--anchor and --head say the same in two ways.", "Give one of them.");
        }
        var anchor = path is null ? null : await ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var verification = await invocation.Terminal.WorkAsync(
            "Verifying the audit log",
            progress => head is null
                ? workspace.Audit.VerifyAsync(anchor, progress, cancellationToken)
                : workspace.Audit.VerifyAsync(head, cancellationToken),
            "entry",
            "entries").ConfigureAwait(false);
        invocation.Show(verification, ToolJson.Default.AuditVerification, shown => Show(invocation.Terminal, shown, anchor));
        return verification.IsIntact ? ExitCode.Done : ExitCode.Found;
    }

    private static async Task<AuditAnchor> ReadAsync(string path, CancellationToken cancellationToken)
    {
        string? last = null;
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken).ConfigureAwait(false))
        {
            if (!string.IsNullOrWhiteSpace(line)) last = line;
        }
        return AuditAnchor.TryParse(last, out var anchor)
            ? anchor
            : throw new MlOpsException(
                $"The last line of '{path}' is not an anchor.", "Name the file with what was written by: mlops audit anchor");
    }

    private static void Show(Terminal terminal, AuditVerification verification, AuditAnchor? anchor)
    {
        if (verification.IsIntact)
        {
            terminal.Line($"The audit log is intact. Entries: {Prose.Count(verification.Entries)}");
            if (anchor is not null)
            {
                terminal.Line($"It begins with the {Prose.Count(anchor.Sequence)} that it had {Shown.Moment(anchor.At)} UTC.");
            }
            terminal.Line($"Head {verification.HeadHash}");
            return;
        }
        terminal.Line("The audit log is not intact.", new Style(Color.Red));
        if (verification.Kind is { } kind) terminal.Line($"What was done: {Prose.Words(kind.ToString())}");
        if (verification.FirstBroken is { } entry) terminal.Line($"First entry that is wrong: {Shown.Number(entry)}");
        if (verification.Problem is { } problem) terminal.Line(problem);
    }
}
