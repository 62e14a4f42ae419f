using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Processing;

/// <summary>A column is judged as a whole.</summary>
/// <param name="Column">The column.</param>
/// <param name="Judge">Says what is wrong.</param>
internal sealed record TotalPlan(string Column, Func<ColumnFacts, string?> Judge) : TablePlan;
