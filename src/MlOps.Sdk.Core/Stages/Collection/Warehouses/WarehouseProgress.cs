namespace MlOps.Sdk.Collection;

/// <summary>A statement that a warehouse is asked now.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Step">What is asked, for example <c>ranges of 'amount'</c>.</param>
/// <param name="Statement">The number of the statement within the answer, from 1.</param>
public sealed record WarehouseProgress(string Table, string Step, int Statement);
