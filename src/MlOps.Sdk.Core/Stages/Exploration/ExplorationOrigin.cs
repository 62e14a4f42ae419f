namespace MlOps.Sdk.Exploration;

/// <summary>Where an exploration comes from, so that a saved page can be told from others.</summary>
/// <param name="Lifecycle">The lifecycle.</param>
/// <param name="RunId">The run whose result it is; it may have taken it over from an earlier one.</param>
/// <param name="StartedAt">When the run began, in UTC.</param>
/// <param name="Source">The sources of the rows, by name, separated by commas.</param>
public sealed record ExplorationOrigin(string Lifecycle, string RunId, DateTimeOffset StartedAt, string Source);
