using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Rollout;

namespace MlOps.Sdk;

/// <summary>How a blessed version takes the place of the live one.</summary>
public static class RolloutExtensions
{
    /// <summary>
    /// Lets a strategy decide how a blessed version goes live. A version that does not is registered, and the live one stays.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="strategy">The strategy.</param>
    /// <exception cref="MlOpsException">The strategy wants more than 100,000 requests, or does not say what it needs.</exception>
    public static DeploymentBuilder Roll(this DeploymentBuilder deployment, IRolloutStrategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        RolloutReview.Check(strategy);
        return deployment.ReviewWith(_ => new RolloutReview(strategy), nameof(Roll));
    }

    /// <summary>Lets a strategy from the service container decide how a blessed version goes live.</summary>
    /// <typeparam name="TStrategy">The type to resolve for each run.</typeparam>
    /// <param name="deployment">The builder.</param>
    public static DeploymentBuilder Roll<TStrategy>(this DeploymentBuilder deployment)
        where TStrategy : class, IRolloutStrategy =>
        deployment.ReviewWith(services => new RolloutReview(PluginServices.Require<TStrategy>(services)), nameof(Roll));

    /// <summary>
    /// Lets a blessed version go live only when it answers the latest recorded requests much as the live version did. An answer is changed
    /// when another class is decided for or, in regression, when the predicted number moves by more than the tolerance.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="requests">
    /// How many requests are answered again: 1 to 100,000. While fewer are recorded for the live version, it stays.
    /// </param>
    /// <param name="changedAtMost">The share of answers that may change, 0 to 1.</param>
    /// <param name="tolerance">How far a predicted number may move, in units of the label. Regression only.</param>
    public static DeploymentBuilder RollAfterReplay(
        this DeploymentBuilder deployment, int requests = 500, double changedAtMost = 0.2, double tolerance = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(requests, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requests, RolloutReview.MaxRequests);
        if (!(changedAtMost >= 0 && changedAtMost <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(changedAtMost), changedAtMost, "A share is between 0 and 1.");
        }
        if (!double.IsFinite(tolerance) || tolerance < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "A tolerance is a finite number of at least 0.");
        }
        var strategy = new ReplayStrategy(requests, changedAtMost, tolerance);
        return deployment.ReviewWith(_ => new RolloutReview(strategy), nameof(RollAfterReplay));
    }

    /// <summary>
    /// Lets a blessed version answer more and more calls, and go live at the end. It is rolled back by itself as soon as a guard is
    /// violated. A host checks it every <see cref="MlOpsOptions.RolloutInterval"/>; other applications call
    /// <see cref="Lifecycle.CheckRolloutAsync"/>.
    /// </summary>
    /// <param name="deployment">The builder.</param>
    /// <param name="configure">The steps and the guards.</param>
    public static DeploymentBuilder RollAsCanary(this DeploymentBuilder deployment, Action<CanaryBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var canary = new CanaryBuilder();
        configure(canary);
        return deployment.ReviewAs(
            mistakes =>
            {
                var strategy = canary.Build(mistakes);
                return _ => new RolloutReview(strategy);
            },
            nameof(RollAsCanary));
    }
}
