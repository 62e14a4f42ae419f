namespace MlOps.Sdk;

/// <summary>A value that was rejected before the model saw it.</summary>
/// <param name="Row">The row, counted from 0 in what the caller gave.</param>
/// <param name="Column">The column; of an extra one the beginning of its name, in printable characters.</param>
/// <param name="Kind">What is wrong with it.</param>
/// <param name="Value">The beginning of the value, in printable characters; <see langword="null"/> where there is none.</param>
/// <param name="Problem">What is wrong, as a sentence.</param>
/// <param name="Remedy">What the caller can do about it.</param>
public sealed record InputProblem(long Row, string Column, InputProblemKind Kind, string? Value, string Problem, string Remedy);
