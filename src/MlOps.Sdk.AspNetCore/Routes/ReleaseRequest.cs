namespace MlOps.Sdk.AspNetCore;

/// <summary>A version that is to be live.</summary>
/// <param name="Version">The version; <see langword="null"/> for the one before.</param>
/// <param name="Reason">Why.</param>
internal sealed record ReleaseRequest(int? Version, string? Reason);
