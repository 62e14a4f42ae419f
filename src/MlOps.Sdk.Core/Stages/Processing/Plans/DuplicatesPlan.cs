namespace MlOps.Sdk.Processing;

/// <summary>Rows fail that are not the first with their values; those without a value in one of the columns pass.</summary>
/// <param name="Columns">The columns.</param>
internal sealed record DuplicatesPlan(IReadOnlyList<string> Columns) : TablePlan;
