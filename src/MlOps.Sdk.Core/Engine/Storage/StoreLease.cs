using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>
/// The right to do something, which one process of a workspace has at a time. Renewed until it is disposed of; whoever works under it
/// listens to <see cref="Lost"/>.
/// </summary>
internal sealed class StoreLease : IAsyncDisposable
{
    /// <summary>For how long it is taken each time.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_repetition = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private readonly LeaseTable _leases;
    private readonly string _name;
    private readonly string _holder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;

    private StoreLease(LeaseTable leases, string name, string holder, DateTimeOffset taken, TimeProvider time, ILogger logger)
    {
        (_leases, _name, _holder, _time, _logger) = (leases, name, holder, time, logger);
        Lost = _lost.Token;
        _renewing = RenewAsync(taken);
    }

    /// <summary>
    /// Cancelled once another process has the right, or may have it because it could not be renewed in time. Valid after the end, too.
    /// </summary>
    public CancellationToken Lost { get; }

    /// <summary>Waits until no other process has the right, and takes it.</summary>
    public static async Task<StoreLease> WaitAsync(
        LeaseTable leases, string name, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var holder = Guid.NewGuid().ToString("N");
        while (true)
        {
            var taken = time.GetUtcNow();
            if (await leases.TakeAsync(name, holder, Length, cancellationToken).ConfigureAwait(false))
            {
                return new StoreLease(leases, name, holder, taken, time, logger);
            }
            await Task.Delay(s_pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stop.Dispose();
        _lost.Dispose();
        try
        {
            await _leases.ReturnAsync(_name, _holder, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // It ends by itself.
            LeaseLog.NotStored(_logger, _name, "returned", e);
        }
    }

    private async Task RenewAsync(DateTimeOffset taken)
    {
        var pause = s_renewal;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(false);
                var now = _time.GetUtcNow();
                try
                {
                    if (!await _leases.RenewAsync(_name, _holder, Length, _stop.Token).ConfigureAwait(false))
                    {
                        await LoseAsync("another process has it").ConfigureAwait(false);
                        return;
                    }
                    (taken, pause) = (now, s_renewal);
                }
                catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
                {
                    LeaseLog.NotStored(_logger, _name, "renewed", e);
                    pause = s_repetition;
                    if (_time.GetUtcNow() - taken < Length) continue;
                    await LoseAsync("it could not be renewed in time").ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // What it was taken for has ended.
        }
    }

    private async Task LoseAsync(string why)
    {
        LeaseLog.Lost(_logger, _name, why);
        await _lost.CancelAsync().ConfigureAwait(false);
    }
}
