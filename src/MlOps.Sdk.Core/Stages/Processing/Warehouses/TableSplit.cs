using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Processing;

/// <summary>The two sides of a table that was split where it is. Immutable and thread-safe.</summary>
/// <param name="Train">The rows to learn from, as a query over the table.</param>
/// <param name="Holdout">The rows to be judged on, as a query over the table.</param>
/// <param name="TrainRows">How many rows there are to learn from.</param>
/// <param name="HoldoutRows">How many rows there are to be judged on.</param>
/// <param name="Condition">
/// The condition that holds for the rows of the holdout, in the SQL of the warehouse, over the table's columns.
/// </param>
public sealed record TableSplit(WarehouseTable Train, WarehouseTable Holdout, long TrainRows, long HoldoutRows, string Condition)
{
    /// <summary>The record in a line.</summary>
    public override string ToString() => RecordText.Of(this);
}
