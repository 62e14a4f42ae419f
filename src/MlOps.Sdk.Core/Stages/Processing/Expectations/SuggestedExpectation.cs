namespace MlOps.Sdk.Processing;

/// <summary>An expectation that earlier rows suggest. Immutable and thread-safe.</summary>
/// <param name="Expectation">What is expected.</param>
/// <param name="Reason">What in the earlier rows suggests it, as a sentence.</param>
/// <param name="Source">The expectation as C#, an expression over <c>rows</c>: <c>rows.Column("tenure").Between(0, 120)</c>.</param>
public sealed record SuggestedExpectation(IExpectation Expectation, string Reason, string Source);
