using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// A start of a lifecycle, which begins at once, waits for its turn or is rejected. Who waits has a place in the database, in the order in
/// which the starts of all processes came; that of a process that was killed is passed over. Not thread-safe.
/// </summary>
/// <param name="store">The database.</param>
/// <param name="logger">Hears that it waits.</param>
/// <param name="lifecycle">The lifecycle.</param>
/// <param name="concurrency">What it does while another run is in progress.</param>
/// <param name="waits">Hears for whom it waits, whenever that changes.</param>
internal sealed class RunTurn(
    RelationalStore store, ILogger logger, string lifecycle, RunConcurrency concurrency, Action<RunAtWork> waits) : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly string _token = Guid.NewGuid().ToString("N");
    private long? _ticket;
    private long _renewed;

    private RunGate Gate => new(concurrency, _ticket);

    /// <summary>
    /// Waits until nobody is before the start, or rejects it. Another may begin meanwhile, so that it is looked again when it begins.
    /// </summary>
    /// <exception cref="RunInProgressException">A run is in progress, and starts are rejected meanwhile.</exception>
    public async Task ComeAsync(CancellationToken cancellationToken)
    {
        if (concurrency == RunConcurrency.Allow) return;
        if (concurrency == RunConcurrency.Reject)
        {
            if (await FindBeforeAsync(cancellationToken).ConfigureAwait(false) is { } run) throw new RunInProgressException(run);
            return;
        }
        RunAtWork? before = null;
        var began = store.Clock.GetTimestamp();
        while (await FindBeforeAsync(cancellationToken).ConfigureAwait(false) is { } atWork)
        {
            if (atWork != before)
            {
                before = atWork;
                TrackingLog.StartWaits(logger, lifecycle, atWork.ToString());
                waits(atWork);
            }

            // The place is taken first: who comes now comes later.
            await KeepPlaceAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(Pause, store.Clock, cancellationToken).ConfigureAwait(false);
        }
        if (before is not null) TrackingLog.StartWaited(logger, lifecycle, store.Clock.GetElapsedTime(began));
    }

    /// <summary>Begins a run when it is its turn.</summary>
    /// <param name="start">Begins it, through the gate that it is given.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="RunInProgressException">A run is in progress, and starts are rejected meanwhile.</exception>
    public async Task<T> StartAsync<T>(Func<RunGate, Task<T>> start, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var begun = await start(Gate).ConfigureAwait(false);

                // A run that began has removed the place already; where another one answers the retraining, it is still there.
                await DisposeAsync().ConfigureAwait(false);
                return begun;
            }
            catch (RunInProgressException) when (concurrency == RunConcurrency.Wait)
            {
                await ComeAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives up the place.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ticket is not { } ticket) return;
        var isRecorded = false;
        try
        {
            await store.WriteAsync(
                connection => WaitingStartTable.Remove(connection, ticket), CancellationToken.None).ConfigureAwait(false);
            isRecorded = true;
        }
        catch (Exception e) when (e is MlOpsException or ObjectDisposedException)
        {
            TrackingLog.PlaceNotReturned(logger, lifecycle, Secrets.Blank(e));
        }
        RunOwner.End(_token, isRecorded);
        _ticket = null;
    }

    private Task<RunAtWork?> FindBeforeAsync(CancellationToken cancellationToken) => store.ReadAsync(
        connection => Gate.FindBefore(connection, lifecycle, store.Clock.GetUtcNow()), cancellationToken);

    private async Task KeepPlaceAsync(CancellationToken cancellationToken)
    {
        if (_ticket is not null && store.Clock.GetElapsedTime(_renewed) < RunOwner.Heartbeat) return;
        var now = store.Clock.GetUtcNow();
        var until = Ticks.Add(now, RunOwner.Lease).UtcTicks;
        _renewed = store.Clock.GetTimestamp();
        if (_ticket is { } kept)
        {
            await store.WriteAsync(connection => WaitingStartTable.Renew(connection, kept, until), cancellationToken).ConfigureAwait(false);
            return;
        }

        RunOwner.Begin(_token);
        _ticket = await store.WriteAsync(
            connection =>
            {
                // Those whose process was killed have no use for their places.
                foreach (var other in WaitingStartTable.Before(connection, lifecycle, long.MaxValue))
                {
                    if (!RunOwner.MayWork(other, now)) WaitingStartTable.Remove(connection, other.No);
                }
                return WaitingStartTable.Insert(connection, new WaitingStartRow
                {
                    Lifecycle = lifecycle,
                    Since = now.UtcTicks,
                    OwnerToken = _token,
                    OwnerMachine = RunOwner.Current.Machine,
                    OwnerProcess = RunOwner.Current.ProcessId,
                    OwnerStarted = RunOwner.Current.ProcessStart,
                    LeaseUntil = until,
                });
            },
            CancellationToken.None).ConfigureAwait(false);
    }
}
