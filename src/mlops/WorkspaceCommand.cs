namespace MlOps.Sdk.Tool;

/// <summary>A command that works on a workspace, which is open meanwhile.</summary>
internal abstract class WorkspaceCommand(string name, string description) : ToolCommand(name, description)
{
    public sealed override async Task<int> RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        var workspace = await invocation.OpenAsync(options => Configure(invocation, options), cancellationToken).ConfigureAwait(false);
        await using (workspace.ConfigureAwait(false))
        {
            return await RunAsync(invocation, workspace, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Changes how the workspace is opened.</summary>
    protected virtual void Configure(Invocation invocation, WorkspaceOptions options)
    {
    }

    /// <summary>Does it.</summary>
    /// <returns>A value of <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> RunAsync(Invocation invocation, Workspace workspace, CancellationToken cancellationToken);
}
