using MlOps.Sdk;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Rollout;

namespace Acme;

internal static class GradualRollout
{
    public static void Configure(DeploymentBuilder deployment) =>
        // begin-snippet: roll-as-canary
        deployment
            .ToProcess()
            .RollAsCanary(canary => canary
                .Step(0.05, TimeSpan.FromHours(1)) // 5 % of the calls, for at least an hour
                .Step(0.25, TimeSpan.FromHours(4))
                .Step(0.5, TimeSpan.FromHours(4)) // then it goes live
                .Guard(RolloutGuards.Errors(atMostMore: 0.005))
                .Guard(RolloutGuards.Latency(quantile: 0.95, atMostTimes: 1.5))
                .Guard(RolloutGuards.PredictionDrift(atMost: 0.1))
                .Guard(RolloutGuards.Bias("female", atMost: 0.2)));
        // end-snippet

    public static async Task<string> WatchAsync(Lifecycle lifecycle, Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: check-rollout
        var rollout = await lifecycle.CheckRolloutAsync(workspace, cancellationToken: cancellationToken);
        foreach (var finding in rollout?.Findings ?? []) Console.WriteLine($"{finding.Guard}: {finding.State}, {finding.Sentence}");
        // end-snippet
        return $"{rollout?.State}";
    }

    public static async Task<int> ReconcileAsync(Lifecycle lifecycle, Workspace workspace, CancellationToken cancellationToken)
    {
        // begin-snippet: reconcile
        var targets = await lifecycle.ReconcileAsync(workspace, cancellationToken: cancellationToken);
        foreach (var target in targets.Where(target => !target.IsInSync))
        {
            Console.WriteLine($"{target.Target} served {target.ObservedVersion}: {target.Problem ?? "it was repaired"}");
        }
        // end-snippet
        return targets.Count;
    }

    public static async Task EndAsync(Lifecycle lifecycle, Workspace workspace, int version, CancellationToken cancellationToken)
    {
        // begin-snippet: end-rollout
        await workspace.Rollouts.CancelAsync("customer-churn", "the campaign begins tomorrow", cancellationToken);
        await lifecycle.RollOutAsync(workspace, version, "the campaign is over", cancellationToken: cancellationToken);
        // end-snippet
    }
}
