using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk;

namespace Acme;

internal static class WatchedReleases
{
    public static void Add(MlOpsBuilder host, string receiver)
    {
        // begin-snippet: deployment-webhook
        host.AddDeploymentWebhook("releases", receiver, webhook => webhook.SignWithEnvironment("RELEASE_WEBHOOK_SECRET"));
        // end-snippet
    }

    public static async Task TestAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        // begin-snippet: deployment-webhook-test
        var webhooks = services.GetRequiredService<DeploymentWebhooks>();
        await webhooks.TestAsync("releases", cancellationToken);
        // end-snippet
    }

    // begin-snippet: deployment-events
    /// <summary>Writes down what goes live, from where it left off. Returns the position to begin after the next time.</summary>
    public static async Task<long> FollowAsync(Workspace workspace, long position, TextWriter log, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in workspace.Events.WatchAsync(after: position, cancellationToken: cancellationToken))
            {
                if (change.Kind is DeploymentEventKind.Promoted or DeploymentEventKind.RolledBack)
                {
                    await log.WriteLineAsync($"{change.Model}: version {change.Version} after {change.PreviousVersion}, {change.Reason}");
                }

                position = change.Position;
            }
        }
        catch (OperationCanceledException)
        {
            // The stream has no other end.
        }

        return position;
    }
    // end-snippet
}
