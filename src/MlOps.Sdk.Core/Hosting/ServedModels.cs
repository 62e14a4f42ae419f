namespace MlOps.Sdk;

/// <summary>Models that a host serves without an endpoint of a class.</summary>
/// <param name="Names">The models; none for all that are promoted.</param>
internal sealed record ServedModels(IReadOnlyList<string> Names);
