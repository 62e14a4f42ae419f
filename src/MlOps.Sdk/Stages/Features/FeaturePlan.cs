namespace MlOps.Sdk.Features;

/// <summary>What stage 6 is asked to do.</summary>
internal sealed record FeaturePlan(IReadOnlyList<Func<IServiceProvider?, IFeatureTransform>> Transforms, IReadOnlyList<string> Observed);
