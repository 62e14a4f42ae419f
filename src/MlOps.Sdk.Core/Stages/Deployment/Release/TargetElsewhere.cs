using System.Globalization;
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
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

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
            atWork => _ = FollowAsync(atWork, turn, hasTurn: false),
            Limit,
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
            await using var held = lease.ConfigureAwait(false);
            while (true)
            {
                var version = await InTimeAsync(
                    limited => BringAsync(known, limited),
                    atWork =>
                    {
                        isLeftBehind = true;
                        _ = FollowAsync(atWork, turn, hasTurn: true);
                    },
                    _patience,
                    follows ? cancellationToken : CancellationToken.None,
                    cancellationToken).ConfigureAwait(false);
                var live = await services.Models.FindByAliasAsync(
                    model, ModelRegistry.Champion, follows ? cancellationToken : CancellationToken.None).ConfigureAwait(false);
                if (live is null || live.Version == version.Version) return version;
            }
        }
        finally
        {
            if (!isLeftBehind) turn.Release();
        }
    }

    // In this process, and in the workspace. A process that leaves a call behind lets the others have the target.
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
                services.Leases, $"target:{model}:{target.Name}", services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            turn.Release();
            throw;
        }
    }

    private async Task<ModelVersion> BringAsync(DesiredDeployment? known, CancellationToken cancellationToken)
    {
        var live = await services.Models.FindByAliasAsync(model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        var desired = known is not null && known.Model.Version.Version == live?.Version
            ? known
            : await services.ReadPromoted(model, cancellationToken).ConfigureAwait(false);
        await Delivery.BringAsync(target, desired, cancellationToken).ConfigureAwait(false);
        return desired.Model.Version;
    }

    // What is called may listen to one token, while the caller has another one.
    private async Task<T> InTimeAsync<T>(
        Func<CancellationToken, Task<T>> call,
        Action<Task> leave,
        TimeSpan patience,
        CancellationToken called,
        CancellationToken cancellationToken)
    {
        // These two are the call's: it has to hear of its limit after the caller has left.
        var limit = new CancellationTokenSource(patience, services.Time);
        var ofCall = new PluginCancellation(services.Logger, limit.Token, called);
        using var ofCaller = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await PluginPatience.CallAsync(CallAsync, leave, ofCaller.Token, Grace).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"It did not answer within {Text(patience)}.");
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
                return await call(ofCall.Token).ConfigureAwait(false);
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
            return patience < Shortest ? Shortest : patience > Longest ? Longest : patience;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return Limit;
        }
    }

    private static string Text(TimeSpan time) => time.TotalMinutes >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} seconds");

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
