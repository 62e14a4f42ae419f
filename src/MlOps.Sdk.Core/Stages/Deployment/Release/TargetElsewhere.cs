using System.Globalization;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A target that is not this process. It may take its time, or hang: each call of it has a limit, and nobody but who brings another version
/// of the model to the same target has to wait for it.
/// </summary>
internal sealed class TargetElsewhere(DeploymentServices services, IDeploymentTarget target, string model)
{
    /// <summary>How long a target may take to be looked at, or to be brought to a version. Then it is left to itself.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>How long a target that does not listen is waited for once it or the caller is cancelled.</summary>
    public TimeSpan Grace { get; init; } = PluginPatience.DefaultGrace;

    /// <summary>Asks the target what it serves.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<ObservedDeployment> ObserveAsync(CancellationToken cancellationToken)
    {
        using var entered = PluginCalls.Enter("deployment target", target.Name);
        return await InTimeAsync(
            async limited => await target.ObserveAsync(model, limited).ConfigureAwait(false), cancellationToken, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Brings the target to the version that is live when its turn comes, and makes sure that it serves it. In a process, a target is
    /// brought to one version of a model at a time.
    /// </summary>
    /// <param name="known">A version that is live as far as the caller knows; it is not read again if it is.</param>
    /// <param name="follows">
    /// Whether the target is cancelled together with the caller. Else the caller leaves it to itself after the grace period.
    /// </param>
    /// <param name="cancellationToken">Cancels the caller.</param>
    /// <returns>The version.</returns>
    /// <exception cref="TimeoutException">Its turn did not come in time, or it did not do it in time.</exception>
    /// <exception cref="MlOpsException">It serves another version afterwards, or no version can be read.</exception>
    public async Task<ModelVersion> BringAsync(DesiredDeployment? known, bool follows, CancellationToken cancellationToken)
    {
        var turn = services.Process.TurnOf(model, target.Name);
        using var entered = PluginCalls.Enter("deployment target", target.Name);
        await TakeAsync(turn, follows, cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                var version = await InTimeAsync(
                    limited => BringAsync(known, limited), follows ? cancellationToken : CancellationToken.None, cancellationToken)
                    .ConfigureAwait(false);
                var live = await services.Models.FindByAliasAsync(
                    model, ModelRegistry.Champion, follows ? cancellationToken : CancellationToken.None).ConfigureAwait(false);
                if (live is null || live.Version == version.Version) return version;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task TakeAsync(SemaphoreSlim turn, bool follows, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, services.Time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, follows ? cancellationToken : CancellationToken.None);
        var taking = turn.WaitAsync(end.Token);
        if (!await PluginPatience.EndsAsync(taking, Grace, cancellationToken).ConfigureAwait(false))
        {
            await end.CancelAsync().ConfigureAwait(false);
        }
        try
        {
            await taking.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(
                CultureInfo.InvariantCulture, $"It is still being brought to another version after {Limit.TotalMinutes:0} minutes."));
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
        Func<CancellationToken, Task<T>> call, CancellationToken called, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, services.Time);
        using var ofCall = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, called);
        using var ofCaller = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var limited = ofCall.Token;
        try
        {
            return await PluginPatience.CallAsync(
                () => call(limited),
                _ => DeploymentLog.TargetLeftBehind(services.Logger, target.Name, model),
                ofCaller.Token,
                Grace).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                string.Create(CultureInfo.InvariantCulture, $"It did not answer within {Limit.TotalMinutes:0} minutes."));
        }
    }
}
