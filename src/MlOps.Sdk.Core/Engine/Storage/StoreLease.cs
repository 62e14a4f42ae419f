namespace MlOps.Sdk.Storage;

/// <summary>The right to do something, which one process of a workspace has at a time. Renewed until it is disposed of.</summary>
internal sealed class StoreLease : IAsyncDisposable
{
    private static readonly TimeSpan s_length = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);

    private readonly LeaseTable _leases;
    private readonly string _name;
    private readonly string _holder;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _renewing;

    private StoreLease(LeaseTable leases, string name, string holder, TimeProvider time)
    {
        (_leases, _name, _holder) = (leases, name, holder);
        _renewing = Task.Run(() => RenewAsync(time));
    }

    /// <summary>Waits until no other process has the right, and takes it.</summary>
    public static async Task<StoreLease> WaitAsync(
        LeaseTable leases, string name, TimeProvider time, CancellationToken cancellationToken)
    {
        var holder = Guid.NewGuid().ToString("N");
        while (!await leases.TakeAsync(name, holder, s_length, cancellationToken).ConfigureAwait(false))
        {
            await Task.Delay(s_pause, time, cancellationToken).ConfigureAwait(false);
        }

        return new StoreLease(leases, name, holder, time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        _stop.Dispose();
        try
        {
            await _leases.ReturnAsync(_name, _holder, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It ends by itself. Why the store cannot be written, or is closed, is told by what it was taken for.
        }
    }

    private async Task RenewAsync(TimeProvider time)
    {
        using var timer = new PeriodicTimer(s_renewal, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await _leases.TakeAsync(_name, _holder, s_length, _stop.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    // It is tried again.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // What it was taken for has ended.
        }
    }
}
