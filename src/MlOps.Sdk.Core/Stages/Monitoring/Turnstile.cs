using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Monitoring;

/// <summary>
/// Lets one caller of a <see cref="ModelMonitor"/> in at a time, until it is closed: who waits then, or comes later, is turned away.
/// Thread-safe.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "A wait for a semaphore that was disposed of never ends; this semaphore holds no handle.")]
internal sealed class Turnstile
{
    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile bool _isClosed;

    /// <summary>Lets a caller in, who calls <see cref="Leave"/> at the end.</summary>
    /// <exception cref="ObjectDisposedException">The turnstile is closed, or was while this call waited.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (!_isClosed) return;
        _one.Release();
        throw new ObjectDisposedException(nameof(ModelMonitor));
    }

    /// <summary>Lets a caller in also when the turnstile is closed: what is in progress then is brought to an end.</summary>
    public Task EnterAnywayAsync(CancellationToken cancellationToken) => _one.WaitAsync(cancellationToken);

    public void Leave() => _one.Release();

    public void Close() => _isClosed = true;
}
