namespace MlOps.Sdk.AspNetCore;

/// <summary>An arm.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its version.</param>
/// <param name="Share">Its share of the calls.</param>
internal sealed record ArmRequest(string? Name, int Version, double Share);
