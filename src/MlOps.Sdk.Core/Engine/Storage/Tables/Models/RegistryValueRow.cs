namespace MlOps.Sdk.Storage;

/// <summary>What people say of a model or of a version of it now.</summary>
/// <param name="Version">The version; 0 for the model itself.</param>
/// <param name="Property">What it is: a tag, an alias, …</param>
/// <param name="Name">Which of several.</param>
/// <param name="Value">What it is.</param>
internal sealed record RegistryValueRow(long Version, string Property, string Name, string Value);
