namespace MlOps.Sdk.Processing;

/// <summary>The check runs here, on each combination of values once, since it depends on nothing but the values.</summary>
/// <param name="Columns">The columns that it reads.</param>
internal sealed record DistinctPlan(IReadOnlyList<string> Columns) : TablePlan;
