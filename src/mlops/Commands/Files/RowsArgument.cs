using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Tool;

/// <summary>
/// Rows as people name them: a file, or <c>run:ID</c> for what a run collected. Keeps the workspace open until it is disposed of.
/// </summary>
internal sealed class RowsArgument(Invocation invocation, string? delimiter) : IAsyncDisposable
{
    private const string Run = "run:";

    private Workspace? _workspace;

    public async Task<IDataSource> OpenAsync(string typed, CancellationToken cancellationToken)
    {
        if (!typed.StartsWith(Run, StringComparison.Ordinal)) return TableFile.Open(typed, delimiter);
        _workspace ??= await invocation.OpenAsync(cancellationToken).ConfigureAwait(false);
        var id = await RunReference.ResolveAsync(_workspace, typed[Run.Length..], cancellationToken).ConfigureAwait(false);
        return await _workspace.CollectedRowsAsync(id, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => _workspace?.DisposeAsync() ?? ValueTask.CompletedTask;
}
