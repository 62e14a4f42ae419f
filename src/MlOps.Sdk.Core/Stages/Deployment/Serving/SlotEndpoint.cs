namespace MlOps.Sdk.Deployment;

/// <summary>The types of an endpoint that is registered for a model in this process.</summary>
/// <param name="Contract">What they can be bound to.</param>
/// <param name="Prepare">Compiles what calls need for a version that is about to go live.</param>
internal sealed record SlotEndpoint(EndpointContract Contract, Action<LiveModel> Prepare);
