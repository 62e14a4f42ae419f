using MlOps.Sdk.Registry;

namespace MlOps.Sdk.Deployment;

/// <summary>What a target is to serve.</summary>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Model">The blessed version.</param>
/// <param name="Package">The model package, as it stands in the registry.</param>
public sealed record DesiredDeployment(string Endpoint, BlessedModel Model, ReadOnlyMemory<byte> Package);
