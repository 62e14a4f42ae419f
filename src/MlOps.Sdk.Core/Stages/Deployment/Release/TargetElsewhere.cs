using System.Globalization;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A target that is not this process. It may take its time, or hang: each call of it has a limit, and nobody but who brings another version
/// of the model to the same target has to wait for it. A call that is left behind is still cancelled at its limit, and keeps the turn of
/// the target and the services that it came from until it has ended; meanwhile, the target is not called again.
/// </summary>
internal sealed class TargetElsewhere(DeploymentServices services, IDeploymentTarget target, string model)
{
    /// <summary>How long a target may take to be looked at. Then it is left to itself.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private const string LeaseLost =
        "The lease under which this process brings it to a version is lost, so that the call was cancelled: another process may bring it " +
        "to a version at the same time.";

    // How long it may take to be brought to a version.
    private readonly TimeSpan _patience = PatienceOf(target);

    /// <summary>How long a target that does not listen is waited for once it or the caller is cancelled.</summary>
    public TimeSpan Grace { get; init; } = PluginPatience.DefaultGrace;

    /// <summary>Asks the target what it serves.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="TimeoutException">It did not answer in time, or is busy with a call that was left behind.</exception>
    public async Task<ObservedDeployment> ObserveAsync(CancellationToken cancellationToken)
    {
        var turn = services.Process.TurnOf(model, target.Name);
        turn.RequireReturned();
        using var entered = PluginCalls.Enter("deployment target", target.Name);
        return await InTimeAsync(
            async limited => await target.ObserveAsync(model, limited).ConfigureAwait(false),
            (atWork, called) => _ = FollowAsync(atWork, turn, hasTurn: false),
            Limit,
            CancellationToken.None,
            cancellationToken,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Brings the target to the version that is live when its turn comes, and makes sure that it serves it. A target is brought to one
    /// version of a model at a time, by one process of the workspace.
    /// </summary>
    /// <param name="known">A version that is live as far as the caller knows; it is not read again if it is.</param>
    /// <param name="follows">
    /// Whether the target is cancelled together with the caller. Else the caller leaves it to itself after the grace period.
    /// </param>
    /// <param name="cancellationToken">Cancels the caller.</param>
    /// <returns>The version.</returns>
    /// <exception cref="TimeoutException">
    /// Its turn did not come in time, it did not do it in time, or it is busy with a call that was left behind.
    /// </exception>
    /// <exception cref="MlOpsException">It serves another version afterwards, or no version can be read.</exception>
    public async Task<ModelVersion> BringAsync(DesiredDeployment? known, bool follows, CancellationToken cancellationToken)
    {
        var turn = services.Process.TurnOf(model, target.Name);
        turn.RequireReturned();
        using var entered = PluginCalls.Enter("deployment target", target.Name);
        var lease = await TakeAsync(turn, follows, cancellationToken).ConfigureAwait(false);
        var isLeftBehind = false;
        try
        {
            while (true)
            {
                if (lease.Lost.IsCancellationRequested) throw new TimeoutException(LeaseLost);
                var version = await InTimeAsync(
                    limited => BringAsync(known, limited),
                    (atWork, called) =>
                    {
                        isLeftBehind = true;
                        _ = LetGoAsync(atWork, lease, called);
                        _ = FollowAsync(atWork, turn, hasTurn: true);
                    },
                    _patience,
                    lease.Lost,
                    follows ? cancellationToken : CancellationToken.None,
                    cancellationToken).ConfigureAwait(false);
                var live = await services.Models.FindByAliasAsync(
                    model, ModelRegistry.Champion, follows ? cancellationToken : CancellationToken.None).ConfigureAwait(false);
                if (version is not null && (live is null || live.Version == version.Version)) return version;
            }
        }
        finally
        {
            if (!isLeftBehind)
            {
                await lease.DisposeAsync().ConfigureAwait(false);
                turn.Release();
            }
        }
    }

    // In this process, and in the workspace.
    private async Task<StoreLease> TakeAsync(TargetTurn turn, bool follows, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_patience, services.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, follows ? cancellationToken : CancellationToken.None);
        var taking = TakeAsync(turn, end.Token);
        if (!await PluginPatience.EndsAsync(taking, Grace, cancellationToken).ConfigureAwait(false))
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
        try
        {
            return await taking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"It is still being brought to another version after {Text(_patience)}.");
        }
    }

    private async Task<StoreLease> TakeAsync(TargetTurn turn, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await StoreLease.WaitAsync(
                services.Leases, $"target:{model}:{target.Name}", services.Time, services.Logger, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    /// <returns>The version; <see langword="null"/> when another one went live before the target served it.</returns>
    private async Task<ModelVersion?> BringAsync(DesiredDeployment? known, CancellationToken cancellationToken)
    {
        var live = await services.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        var desired = known is not null && known.Model.Version.Version == live?.Version
            ? known
            : await services.ReadPromoted(model, cancellationToken).ConfigureAwait(false);
        var version = desired.Model.Version;
        var watch = new LiveWatch(services, version, cancellationToken);
        await using var watching = watch.ConfigureAwait(false);
        try
        {
            await Delivery.BringAsync(target, desired, watch.Token).ConfigureAwait(false);
            return version;
        }
        catch (Exception e)
            when (watch.Newer is not null && !cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
        {
            var outcome = Secrets.Blank(e.Message);
            DeploymentLog.TargetSuperseded(services.Logger, target.Name, model, version.Version, watch.Newer.Version, outcome);
            await EnterAsync(version, watch.Newer, cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    private Task EnterAsync(ModelVersion version, ModelVersion newer, CancellationToken cancellationToken) => services.Store.WriteAsync(
        connection => AuditLog.Append(
            connection,
            services.Time.GetUtcNow(),
            services.Actor,
            "model.superseded",
            string.Create(CultureInfo.InvariantCulture, $"model:{model}/{version.Version}"),
            StorageJson.WriteFields(
                ("target", target.Name), ("live", string.Create(CultureInfo.InvariantCulture, $"version {newer.Version}")))),
        cancellationToken);

    // What is called may listen to other tokens than the caller.
    private async Task<T> InTimeAsync<T>(
        Func<CancellationToken, Task<T>> call,
        Action<Task, CancellationToken> leave,
        TimeSpan patience,
        CancellationToken lost,
        CancellationToken called,
        CancellationToken cancellationToken)
    {
        // These two are the call's: it has to hear of its limit after the caller has left.
        var limit = new CancellationTokenSource(patience, services.Time);
        var ofCall = new PluginCancellation(services.Logger, limit.Token, lost, called);
        var ofCallToken = ofCall.Token;
        using var ofCaller = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lost, cancellationToken);
        try
        {
            return await PluginPatience.CallAsync(CallAsync, atWork => leave(atWork, ofCallToken), ofCaller.Token, Grace)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"It did not answer within {Text(patience)}.");
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(LeaseLost);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"It cancelled its own work, as it does after a time-out of its own: {Secrets.Blank(e.Message)}", e);
        }

        async Task<T> CallAsync()
        {
            try
            {
                return await call(ofCallToken).ConfigureAwait(false);
            }
            finally
            {
                ofCall.Dispose();
                limit.Dispose();
            }
        }
    }

    private static TimeSpan PatienceOf(IDeploymentTarget target)
    {
        try
        {
            var patience = target.Capabilities.Patience;
            if (patience < Shortest) return Shortest;
            return patience > TargetCapabilities.LongestPatience ? TargetCapabilities.LongestPatience : patience;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Limit;
        }
    }

    private static string Text(TimeSpan time) => time.TotalMinutes >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} seconds");

    // Other processes have the target once the call has ended, or was cancelled and does not listen.
    private async Task LetGoAsync(Task atWork, StoreLease lease, CancellationToken called)
    {
        await PluginPatience.EndsAsync(atWork, Grace, called).ConfigureAwait(false);
        await lease.DisposeAsync().ConfigureAwait(false);
    }

    private async Task FollowAsync(Task atWork, TargetTurn turn, bool hasTurn)
    {
        turn.Leave();
        PluginServices.KeepUntil(services.Services, atWork);
        DeploymentLog.TargetLeftBehind(services.Logger, target.Name, model);
        await atWork.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var failure = atWork.Exception?.InnerException;
        turn.Return();
        if (hasTurn) turn.Release();
        DeploymentLog.TargetReturned(
            services.Logger,
            target.Name,
            model,
            atWork.IsCanceled ? "it was cancelled" : failure is null ? "it succeeded" : Secrets.Blank(failure.Message));
    }
}
