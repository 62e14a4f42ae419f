using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// Decides whether a blessed version takes the place of the live one, from what both answer to the same requests. It is not asked about the
/// first version of a model. An instance may be asked by several runs at once: be thread-safe.
/// </summary>
[Experimental(RolloutExtensions.Diagnostic)]
public interface IRolloutStrategy
{
    /// <summary>The name shown, for example <c>replay</c>.</summary>
    string Name { get; }

    /// <summary>
    /// How many of the latest recorded requests to the live version the candidate answers, too: 1 to 100,000. While fewer are
    /// recorded, the live version stays.
    /// </summary>
    int Requests { get; }

    /// <summary>Decides.</summary>
    /// <param name="comparison">The requests, and what both versions answer.</param>
    RolloutDecision Decide(RolloutComparison comparison);
}
