namespace MlOps.Sdk.AspNetCore;

/// <summary>Why a model is stopped or resumed.</summary>
/// <param name="Reason">Why.</param>
internal sealed record SwitchRequest(string? Reason);
