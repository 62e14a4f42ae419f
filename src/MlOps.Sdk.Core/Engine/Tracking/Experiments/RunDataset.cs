namespace MlOps.Sdk.Tracking;

/// <summary>Rows that a run used.</summary>
/// <param name="Name">Their name, such as <c>customers 2026-10</c>.</param>
/// <param name="Role">What they were used for, such as <c>training</c> or <c>holdout</c>.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Hash">The SHA-256 of names, types and values in their order, as lower-case hexadecimal digits.</param>
/// <param name="Columns">The columns, as <c>name: type</c> separated by commas.</param>
public sealed record RunDataset(string Name, string Role, long Rows, string Hash, string Columns);
