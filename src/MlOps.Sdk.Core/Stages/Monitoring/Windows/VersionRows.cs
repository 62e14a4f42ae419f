namespace MlOps.Sdk.Monitoring;

/// <summary>How many predictions of a window a version answered.</summary>
/// <param name="Version">The version.</param>
/// <param name="Rows">Its predictions.</param>
public sealed record VersionRows(int Version, long Rows);
