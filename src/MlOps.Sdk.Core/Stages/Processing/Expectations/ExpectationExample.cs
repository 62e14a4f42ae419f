namespace MlOps.Sdk.Processing;

/// <summary>A row that failed an expectation.</summary>
/// <param name="Row">The row, counted from 1 at the place of the expectation among the steps.</param>
/// <param name="Value">The value, shortened and printable; <see langword="null"/> where there is none.</param>
public sealed record ExpectationExample(long Row, string? Value);
