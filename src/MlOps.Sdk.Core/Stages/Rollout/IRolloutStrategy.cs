namespace MlOps.Sdk.Rollout;

/// <summary>
/// Decides how a blessed version takes the place of the live one: at once, step by step, or not at all. It is asked when the version is
/// blessed, and then at each check while the version answers a share of the calls. It is not asked about the first version of a model.
/// An instance may be asked by several threads at once: be thread-safe.
/// </summary>
public interface IRolloutStrategy
{
    /// <summary>The name shown, for example <c>canary</c>.</summary>
    string Name { get; }

    /// <summary>What it looks at.</summary>
    RolloutNeeds Needs { get; }

    /// <summary>Decides. Called off the threads that predict.</summary>
    /// <param name="context">Both versions, and what is known of them until now.</param>
    RolloutDecision Decide(RolloutContext context);
}
