namespace MlOps.Sdk.Processing;

/// <summary>The number of rows is judged.</summary>
/// <param name="Judge">Says what is wrong.</param>
internal sealed record RowCountPlan(Func<long, string?> Judge) : TablePlan;
