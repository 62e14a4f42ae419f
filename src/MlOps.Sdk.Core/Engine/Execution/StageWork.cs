namespace MlOps.Sdk.Execution;

/// <summary>The work of a prepared stage, which holds what the preparation found and opened.</summary>
/// <param name="execute">Does the work. Everything that later stages read is saved through the context.</param>
/// <param name="opened">What the preparation opened, disposed whether the work was done or its result reused.</param>
internal sealed class StageWork(Func<CancellationToken, Task> execute, IAsyncDisposable? opened = null) : IAsyncDisposable
{
    public Task ExecuteAsync(CancellationToken cancellationToken) => execute(cancellationToken);

    public ValueTask DisposeAsync() => opened?.DisposeAsync() ?? ValueTask.CompletedTask;
}
