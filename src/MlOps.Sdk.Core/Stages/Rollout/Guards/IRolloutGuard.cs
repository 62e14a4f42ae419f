namespace MlOps.Sdk.Rollout;

/// <summary>
/// Watches a candidate during a rollout. <see cref="RolloutGuards"/> has the built-in ones. Be thread-safe.
/// </summary>
public interface IRolloutGuard
{
    /// <summary>The name shown, for example <c>errors</c>. Different in one rollout.</summary>
    string Name { get; }

    /// <summary>What it looks at.</summary>
    RolloutNeeds Needs { get; }

    /// <summary>
    /// Judges the candidate. Called at every check: intervals must hold at all of them at once, as those of
    /// <see cref="Statistics.ConfidenceSequences"/> do, or the candidate is rolled back by chance sooner or later.
    /// </summary>
    /// <param name="context">The rollout; <see cref="RolloutContext.Progress"/> is there.</param>
    /// <param name="step">The step to judge, which may be an earlier one: labels come late.</param>
    /// <param name="level">The confidence that the finding must have over all checks, below 1.</param>
    GuardFinding Judge(RolloutContext context, RolloutStep step, double level);
}
