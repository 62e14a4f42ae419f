using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// Watches which version of a model is live while a target is brought to one, which may take hours: once it is another one, nobody wants
/// the target to go on. Watches until it is disposed of.
/// </summary>
internal sealed class LiveWatch : IAsyncDisposable
{
    /// <summary>How often the store is asked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly DeploymentServices _services;
    private readonly ModelVersion _version;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _outdated = new();
    private readonly PluginCancellation _cancellation;
    private readonly Task _watching;
    private volatile ModelVersion? _newer;

    /// <param name="services">What stage 8 works with.</param>
    /// <param name="version">The version that the target is brought to.</param>
    /// <param name="cancellationToken">Cancels the target, too.</param>
    public LiveWatch(DeploymentServices services, ModelVersion version, CancellationToken cancellationToken)
    {
        (_services, _version) = (services, version);
        _cancellation = new PluginCancellation(services.Logger, cancellationToken, _outdated.Token);
        _watching = WatchAsync();
    }

    /// <summary>What the target listens to.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The version that is live instead; <see langword="null"/> while none is.</summary>
    public ModelVersion? Newer => _newer;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _cancellation.Dispose();
        _outdated.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var hasFailed = false;
        try
        {
            while (true)
            {
                await Task.Delay(Interval, _services.Time, _stop.Token).ConfigureAwait(false);
                try
                {
                    var live = await _services.Models.FindByAliasAsync(_version.Model, ModelRegistry.Champion, _stop.Token)
                        .ConfigureAwait(false);
                    if (live is null || live.Version == _version.Version) continue;
                    _newer = live;
                    await _outdated.CancelAsync().ConfigureAwait(false);
                    return;
                }
                catch (Exception e) when (e is not (OperationCanceledException or OutOfMemoryException))
                {
                    if (!hasFailed) DeploymentLog.LiveNotRead(_services.Logger, _version.Model, _version.Version, Secrets.Blank(e));
                    hasFailed = true;
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The target has ended.
        }
    }
}
