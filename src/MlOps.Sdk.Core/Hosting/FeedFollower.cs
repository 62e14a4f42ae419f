using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Registry;

namespace MlOps.Sdk;

/// <summary>Imports what the feed of an endpoint has, at start and after each change.</summary>
internal sealed class FeedFollower(Workspace workspace, EndpointRegistration endpoint, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    public string Name => endpoint.Feed!.Name;

    // A feed that cannot be imported keeps the host from starting only when there would be nothing to serve.
    public async Task<bool> ImportAsync(bool atStart, CancellationToken cancellationToken)
    {
        try
        {
            await endpoint.Feed!.ImportAsync(workspace, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            if (atStart
                && await workspace.Models.FindByAliasAsync(
                    endpoint.Model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is null)
            {
                throw;
            }
            HostLog.NotImported(
                logger,
                endpoint.Feed!.Name,
                endpoint.Model,
                Secrets.Blank(e.Message),
                e is MlOpsException ? null : Secrets.Blank(e));
            return false;
        }
    }

    // A feed that fails must neither stay unfollowed nor keep the process busy: each failure in a row doubles the wait.
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            var pause = s_shortestPause;
            while (true)
            {
                if (await WaitForChangeAsync(cancellationToken).ConfigureAwait(false)
                    && await ImportAsync(atStart: false, cancellationToken).ConfigureAwait(false))
                {
                    pause = s_shortestPause;
                    continue;
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                pause = pause * 2 < s_longestPause ? pause * 2 : s_longestPause;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task<bool> WaitForChangeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await endpoint.Feed!.WaitForChangeAsync(time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            HostLog.NotFollowed(
                logger,
                endpoint.Feed!.Name,
                endpoint.Model,
                Secrets.Blank(e.Message),
                e is MlOpsException ? null : Secrets.Blank(e));
            return false;
        }
    }
}
