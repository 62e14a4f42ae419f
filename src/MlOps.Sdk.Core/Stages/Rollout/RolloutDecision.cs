using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Rollout;

/// <summary>What a rollout strategy decided.</summary>
/// <param name="GoesLive">Whether the candidate takes the place of the live version.</param>
/// <param name="Reason">Why, in a sentence. Stored with the run, and with the move of the alias.</param>
[Experimental(RolloutExtensions.Diagnostic)]
public sealed record RolloutDecision(bool GoesLive, string Reason);
