namespace MlOps.Sdk.Processing;

/// <summary>A column of a table of groups.</summary>
/// <param name="Kind">What is computed.</param>
/// <param name="Source">The column that it is computed from; empty for the number of rows.</param>
/// <param name="Name">The name of the new column.</param>
internal sealed record AggregateColumn(AggregateKind Kind, string Source, string Name);
