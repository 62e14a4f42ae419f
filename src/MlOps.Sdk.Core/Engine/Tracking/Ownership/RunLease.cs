using System.Data.Common;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Tracking;

/// <summary>
/// The lease of a run that this process works on: every write confirms and prolongs it, and a heartbeat where there is none. Thread-safe.
/// </summary>
internal sealed class RunLease : IDisposable
{
    private readonly RelationalStore _store;
    private readonly ILogger _logger;
    private readonly string _runId;
    private readonly long _no;
    private readonly string _token;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly PeriodicTimer _heartbeat;
    private readonly Task _beating;
    private volatile bool _ended;
    private volatile bool _interrupted;

    /// <param name="store">The database.</param>
    /// <param name="logger">Hears that the lease is lost or cannot be prolonged.</param>
    /// <param name="row">The run, as <see cref="Take"/> made it.</param>
    public RunLease(RelationalStore store, ILogger logger, RunRow row)
    {
        (_store, _logger, _runId, _no, _token) = (store, logger, row.Id, row.No, row.OwnerToken);
        Lost = _lost.Token;
        RunOwner.Begin(_token);
        _heartbeat = new PeriodicTimer(RunOwner.Heartbeat, store.Clock);
        _beating = BeatAsync();
    }

    /// <summary>Cancelled when another process has taken the run over: nothing more can be written to it.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Whether the run has ended, or this process does not work on it any more.</summary>
    public bool HasEnded => _ended;

    /// <summary>Requires that the run has not ended here.</summary>
    /// <exception cref="MlOpsException">It has.</exception>
    public void RequireOpen()
    {
        if (_ended) throw _interrupted ? RelationalStore.Closed() : Ended();
    }

    /// <summary>Makes this process the owner of a run, from now on.</summary>
    public static RunRow Take(RunRow row, DateTimeOffset now) => row with
    {
        OwnerToken = Guid.NewGuid().ToString("N"),
        OwnerMachine = RunOwner.Current.Machine,
        OwnerProcess = RunOwner.Current.ProcessId,
        OwnerStarted = RunOwner.Current.ProcessStart,
        LeaseUntil = Until(now),
    };

    /// <summary>Writes as the owner of the run, which every write confirms and prolongs.</summary>
    /// <exception cref="MlOpsException">The run has ended, or was taken over.</exception>
    public async Task WriteAsync(Action<DbConnection> work, CancellationToken cancellationToken)
    {
        var owned = await _store.WriteAsync(connection =>
        {
            if (!RunTable.Renew(connection, _no, _token, Until(_store.Clock.GetUtcNow()))) return false;
            work(connection);
            return true;
        }, cancellationToken).ConfigureAwait(false);
        if (!owned) throw await LostAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what belongs to the run also once it has ended, unless another process has taken it over.</summary>
    public Task WriteAfterwardsAsync(Action<DbConnection> work, CancellationToken cancellationToken) => _store.WriteAsync(
        connection =>
        {
            if (RunTable.IsOwner(connection, _no, _token)) work(connection);
        },
        cancellationToken);

    /// <summary>Ends the run.</summary>
    /// <exception cref="MlOpsException">The run has ended, or was taken over.</exception>
    public async Task EndAsync(RunState state, string? error, CancellationToken cancellationToken)
    {
        var endedAt = _store.Clock.GetUtcNow().UtcTicks;
        if (!await _store.WriteAsync(
            connection =>
            {
                if (!RunTable.End(connection, _no, _token, state.ToString(), endedAt, error)) return false;
                ArtifactRefTable.Remove(connection, RunArtifacts.OwnerKind, _runId);
                return true;
            },
            cancellationToken).ConfigureAwait(false))
        {
            throw await LostAsync().ConfigureAwait(false);
        }

        _ended = true;
    }

    /// <summary>Says that the run is ended from outside: whoever writes to it from now on learns that the workspace was closed.</summary>
    public void Interrupt() => _interrupted = true;

    /// <summary>Ends the heartbeat.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _heartbeat.Dispose();
        await _beating.ConfigureAwait(false);
    }

    /// <summary>Gives the run back: this process does not work on it any more.</summary>
    public void GiveBack()
    {
        RunOwner.End(_token, isRecorded: _ended || _lost.IsCancellationRequested);
        _ended = true;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _lost.Dispose();
    }

    private static long Until(DateTimeOffset now) => Ticks.Add(now, RunOwner.Lease).UtcTicks;

    private MlOpsException Ended() => new(
        $"The run '{_runId}' has ended: nothing more can be written to it.", "Start another run; tags and notes can still be added.");

    private async Task<Exception> LostAsync()
    {
        if (_interrupted) return RelationalStore.Closed();
        if (_ended) return Ended();
        if (!_lost.IsCancellationRequested)
        {
            TrackingLog.OwnershipLost(_logger, _runId);
            await _lost.CancelAsync().ConfigureAwait(false);
        }

        return new MlOpsException(
            $"The run '{_runId}' was taken over by another process.",
            "This process sent no heartbeat for too long, for example because it was suspended; follow the run in the other process.");
    }

    private async Task BeatAsync()
    {
        try
        {
            while (!_ended && await _heartbeat.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                if (_ended || _lost.IsCancellationRequested) return;
                try
                {
                    await WriteAsync(_ => { }, _stop.Token).ConfigureAwait(false);
                }
                catch (MlOpsException e)
                {
                    TrackingLog.HeartbeatFailed(_logger, e, _runId);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The tracker, or the store, was closed.
        }
    }
}
