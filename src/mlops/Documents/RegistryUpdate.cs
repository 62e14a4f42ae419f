namespace MlOps.Sdk.Tool;

/// <summary>That something was said of a model or of a version of it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Version">The version; <see langword="null"/> for the model itself.</param>
/// <param name="IsChanged">Whether anything changed.</param>
internal sealed record RegistryUpdate(string Model, int? Version, bool IsChanged);
