namespace MlOps.Sdk;

/// <summary>
/// Lets so many runs and retrainings of a host be in progress at once; others wait, in the order in which they came. Thread-safe.
/// </summary>
/// <param name="concurrency">How many.</param>
internal sealed class RunQueue(int concurrency)
{
    // Nobody requests its wait handle, so there is nothing to dispose of; who is late gives its turn back.
    private SemaphoreSlim Free { get; } = new(concurrency, concurrency);

    /// <summary>Takes a place in the queue at once, and waits for its turn.</summary>
    /// <returns>The turn, which ends when it is disposed of.</returns>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await Free.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(Free);
    }

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
