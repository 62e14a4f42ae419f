namespace MlOps.Sdk.Rollout;

/// <summary>A step of a canary rollout.</summary>
/// <param name="Share">The candidate's share of the calls.</param>
/// <param name="Bake">How long it has that share at least.</param>
internal sealed record CanaryStep(double Share, TimeSpan Bake);
