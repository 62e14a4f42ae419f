namespace MlOps.Sdk.Monitoring;

/// <summary>
/// What a lifecycle said about the model that a monitor watches. Immutable, so that nobody sees half of what is new.
/// </summary>
/// <param name="Policy">By what the model is judged.</param>
/// <param name="Elsewhere">What a model that is served elsewhere is compared with.</param>
internal sealed record WatchedModel(MonitoringPolicy Policy, ElsewhereBaseline? Elsewhere);
