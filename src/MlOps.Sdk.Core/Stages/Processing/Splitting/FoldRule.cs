namespace MlOps.Sdk.Processing;

/// <summary>
/// How a cross-validation divides the rows that a splitter left to learn from, so that it asks of a model what
/// the holdout will ask. Immutable.
/// </summary>
/// <param name="Kind">The kind of folds.</param>
/// <param name="Column">For temporal folds: the Timestamp column after the last step; every row has a value there.</param>
/// <param name="Gap">For temporal folds: how far the rows to validate on lie behind those to learn from, at least.</param>
public sealed record FoldRule(FoldKind Kind, string? Column = null, TimeSpan Gap = default);
