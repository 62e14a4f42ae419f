using System.Globalization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Calls the strategies and guards of teams, which know no cancellation: each on its own thread, and not longer than the limit. One that
/// does not return is left behind with the services that it came from, and not called again until it has returned, nor is another instance
/// of it. Thread-safe.
/// </summary>
internal sealed class RolloutCalls(string model, DeploymentServices services)
{
    /// <summary>How long a strategy or a guard may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <param name="plugin">What is called.</param>
    /// <param name="kind">What it is, such as <c>rollout guard</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="call">Calls it.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <exception cref="TimeoutException">It did not answer in time.</exception>
    public async Task<T> CallAsync<T>(object plugin, string kind, string name, Func<T> call, CancellationToken cancellationToken)
    {
        if (services.Rollouts.LeftBehind.Has(model, kind, plugin.GetType(), name))
        {
            throw new TimeoutException("it has not returned yet from an earlier check");
        }
        using var limit = new CancellationTokenSource(Limit, services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var entered = PluginCalls.Enter(kind, name);
        try
        {
            return await PluginPatience.CallAsync(
                () => Task.FromResult(call()),
                atWork =>
                {
                    services.Rollouts.LeftBehind.Add(model, kind, plugin.GetType(), name, atWork);
                    PluginServices.KeepUntil(services.Services, atWork);
                    RolloutLog.LeftBehind(services.Logger, $"{kind} '{name}'", model);
                },
                both.Token,
                grace: TimeSpan.Zero).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                string.Create(CultureInfo.InvariantCulture, $"it did not answer within {Limit.TotalSeconds:0} seconds"));
        }
    }
}
