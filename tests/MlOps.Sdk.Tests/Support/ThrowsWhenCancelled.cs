using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Tests;

/// <summary>A source that does not end before it is cancelled, and whose callback throws then.</summary>
internal sealed class ThrowsWhenCancelled : IDataSource
{
    public TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Name => "touchy";

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        await using var told = cancellationToken.Register(() => throw new InvalidOperationException("It cannot be told."));
        Opened.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException("It has no rows.");
    }
}
