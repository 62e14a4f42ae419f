namespace MlOps.Sdk.AspNetCore;

/// <summary>An arm.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Share">Its share of the calls; of a shadow, the share of those that are copied.</param>
/// <param name="IsShadow">Whether it is given copies of calls and answers nobody.</param>
internal sealed record ArmRequest(string? Name, int Version, double Share, bool IsShadow = false);
