namespace MlOps.Sdk.Metrics;

/// <summary>A metric of a lifecycle, for the record.</summary>
/// <param name="Name">The metric's name.</param>
/// <param name="Direction">Which values are better.</param>
/// <param name="Role"><c>optimize</c>, <c>guard</c> or <c>report</c>.</param>
/// <param name="Bounds">The bounds that must be kept, as text; empty for none.</param>
public sealed record MetricDefinition(string Name, Direction Direction, string Role, string Bounds);
