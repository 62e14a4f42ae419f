namespace MlOps.Sdk.Processing;

/// <summary>What is computed from the rows of a group.</summary>
internal enum AggregateKind
{
    Rows,
    Values,
    Sum,
    Mean,
    StandardDeviation,
    Minimum,
    Maximum,
    DistinctValues,
    First,
    Last,
}
