namespace MlOps.Sdk.AspNetCore;

/// <summary>A row of a buffer.</summary>
/// <param name="Buffer">The buffer.</param>
/// <param name="Row">The row, from 0.</param>
internal readonly record struct BufferedRow(RowBuffer Buffer, int Row);
