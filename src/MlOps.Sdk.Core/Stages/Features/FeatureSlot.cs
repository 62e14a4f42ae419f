namespace MlOps.Sdk.Features;

/// <summary>One number of the feature vector.</summary>
/// <param name="Name">The name, unique in the vector, for example <c>contract=One year</c>.</param>
/// <param name="Source">The column that it comes from.</param>
public sealed record FeatureSlot(string Name, string Source);
