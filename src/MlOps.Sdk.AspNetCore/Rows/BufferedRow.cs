namespace MlOps.Sdk.AspNetCore;

/// <summary>A row of a call.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Row">The row, from 0.</param>
internal readonly record struct BufferedRow(CallRows Rows, int Row);
