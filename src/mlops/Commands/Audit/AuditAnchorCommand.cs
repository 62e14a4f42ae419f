namespace MlOps.Sdk.Tool;

/// <summary>Writes how far the audit log has come.</summary>
internal sealed class AuditAnchorCommand() : WorkspaceCommand(
    "anchor", "Write how far the audit log has come, as a line to keep where nobody who writes to the workspace can change it.")
{
    public override IReadOnlyList<string> Examples => ["mlops audit anchor >> /mnt/elsewhere/anchors.txt"];

    protected override async Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken)
    {
        var anchor = await workspace.Audit.AnchorAsync(cancellationToken).ConfigureAwait(false);
        invocation.Show(anchor, ToolJson.Default.AuditAnchor, shown => invocation.Terminal.Line(shown.ToString()));
        return ExitCode.Done;
    }
}
