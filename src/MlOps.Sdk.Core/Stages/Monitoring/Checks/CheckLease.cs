using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Monitoring;

/// <summary>The right to check a model, which one process has at a time. Renewed until it is disposed of.</summary>
internal sealed class CheckLease : IAsyncDisposable
{
    private static readonly TimeSpan s_length = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(20);

    private readonly string _model;
    private readonly MonitoringServices _services;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;

    private CheckLease(string model, MonitoringServices services, string checker, CheckStart start)
    {
        (_model, _services, Checker, Start) = (model, services, checker, start);
        _renewing = Task.Run(RenewAsync);
    }

    public string Checker { get; }

    public CheckStart Start { get; }

    /// <summary>Cancelled when another process has the right.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <returns><see langword="null"/> when another process checks the model.</returns>
    public static async Task<CheckLease?> TakeAsync(string model, MonitoringServices services, CancellationToken cancellationToken)
    {
        var checker = Guid.NewGuid().ToString("N");
        var start = await services.Panes.BeginCheckAsync(
            model, checker, services.Time.GetUtcNow(), s_length, cancellationToken).ConfigureAwait(false);
        return start is null ? null : new CheckLease(model, services, checker, start);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        try
        {
            await _services.Panes.EndCheckAsync(_model, Checker, CancellationToken.None).ConfigureAwait(false);
        }
        catch (MlOpsException e)
        {
            // What was found is stored. The right ends by itself.
            MonitoringLog.LeaseNotReturned(_services.Logger, _model, e);
        }
        finally
        {
            _stop.Dispose();
            _lost.Dispose();
        }
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(s_renewal, _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    var until = Ticks.Add(_services.Time.GetUtcNow(), s_length);
                    if (await _services.Panes.RenewCheckAsync(_model, Checker, until, _stop.Token).ConfigureAwait(false)) continue;
                    await _lost.CancelAsync().ConfigureAwait(false);
                    return;
                }
                catch (MlOpsException)
                {
                    // It is tried again; where the right is lost meanwhile, no report is stored.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The check has ended.
        }
    }
}
