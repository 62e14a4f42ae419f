using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Takes up what was promoted since, by other processes or a rollback, and keeps the workspace informed of what the endpoints can call.
/// What is live stays live while the workspace cannot be reached, and while a version cannot be taken up.
/// </summary>
internal sealed class PromotionWatcher(
    Workspace workspace,
    IReadOnlyList<string> models,
    bool servesAll,
    IReadOnlyList<Lifecycle> lifecycles,
    IReadOnlyList<EndpointRegistration> endpoints,
    TimeSpan interval,
    TimeProvider time,
    ILogger logger)
{
    private static readonly TimeSpan s_shortestExpiry = TimeSpan.FromMinutes(5);

    private readonly string _host = $"{Environment.MachineName}, process {Environment.ProcessId} ({Guid.NewGuid():N})";
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);
    private readonly TimeSpan _expiry = interval * 3 > s_shortestExpiry ? interval * 3 : s_shortestExpiry;
    private long _toldAt;
    private long _looks;

    /// <summary>How often it has looked.</summary>
    public long Looks => Interlocked.Read(ref _looks);

    /// <summary>Says what the endpoints can call.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        if (endpoints.Count == 0) return;
        var now = time.GetTimestamp();
        await workspace.Hosts.PutAsync(
            _host,
            [.. endpoints.Select(endpoint => (endpoint.Model, endpoint.Endpoint.Contract.Types, endpoint.Endpoint.Contract.ToJson()))],
            Ticks.Add(time.GetUtcNow(), _expiry),
            cancellationToken).ConfigureAwait(false);
        _toldAt = now;
    }

    /// <summary>Says that nothing is called from here any more.</summary>
    public Task RetractAsync(CancellationToken cancellationToken) => endpoints.Count == 0
        ? Task.CompletedTask
        : workspace.Hosts.RemoveAsync(_host, cancellationToken);

    /// <summary>Follows until it is cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                // Said again before it expires, and not at every look.
                if (time.GetElapsedTime(_toldAt) >= _expiry / 3) await TryAsync("", TellAsync, cancellationToken).ConfigureAwait(false);
                foreach (var model in models.Union(lifecycles.Where(IsServed).Select(lifecycle => lifecycle.Name)))
                {
                    await TryAsync(model, token => FollowAsync(model, token), cancellationToken).ConfigureAwait(false);
                }
                if (servesAll)
                {
                    await TryAsync("all models", FollowOthersAsync, cancellationToken).ConfigureAwait(false);
                }
                Interlocked.Increment(ref _looks);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    /// <summary>
    /// Takes up the promoted versions of the models that are not named, each by itself: one that cannot be served keeps no other from it.
    /// </summary>
    public async Task FollowOthersAsync(CancellationToken cancellationToken)
    {
        foreach (var model in await workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false))
        {
            if (models.Contains(model)) continue;
            await TryAsync(model, token => FollowAsync(model, token), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes up the promoted version of a model.</summary>
    /// <returns>Whether one is promoted.</returns>
    /// <exception cref="MlOpsException">It cannot be served.</exception>
    public async Task<bool> FollowAsync(string model, CancellationToken cancellationToken)
    {
        await workspace.Promoted.FollowAsync(model, cancellationToken).ConfigureAwait(false);
        if (await workspace.Models.FindByAliasAsync(
            model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is not { } champion)
        {
            return false;
        }
        var slot = workspace.SlotOf(model);
        if (slot.Refused?.Version == champion.Version) return true;
        var isLive = slot.Current?.Version == champion.Version;
        if (isLive)
        {
            slot.Accept();
            if (await workspace.Promoted.IsDividedAsync(model, cancellationToken).ConfigureAwait(false)) return true;
        }
        try
        {
            var version = await workspace.ServeAsync(model, cancellationToken).ConfigureAwait(false);
            if (!isLive) HostLog.TakenUp(logger, model, version);
        }
        catch (MlOpsException) when (slot.Refused?.Version == champion.Version)
        {
            var live = slot.Current is { } current
                ? FormattableString.Invariant($"version {current.Version} stays live")
                : "no version is live, and its endpoint throws";
            HostLog.CannotBeCalled(logger, model, champion.Version, live, slot.Refused!.Why);
        }
        return true;
    }

    // Without an endpoint, a model is served here once a run of its lifecycle has made it live.
    private bool IsServed(Lifecycle lifecycle) => lifecycle.ServesInProcess && workspace.SlotOf(lifecycle.Name).Current is not null;

    // A failure that repeats is logged once.
    private async Task TryAsync(string what, Func<CancellationToken, Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act(cancellationToken).ConfigureAwait(false);
            _problems.Remove(what);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var problem = Secrets.Blank(e.Message);
            if (_problems.TryGetValue(what, out var before) && before == problem) return;
            _problems[what] = problem;
            HostLog.NotTakenUp(logger, what.Length == 0 ? "the workspace" : what, problem, e is MlOpsException ? null : Secrets.Blank(e));
        }
    }
}
