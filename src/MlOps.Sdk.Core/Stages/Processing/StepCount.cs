namespace MlOps.Sdk.Processing;

/// <summary>What a step did to the number of rows.</summary>
/// <param name="Step">The step, with its parameters.</param>
/// <param name="RowsIn">Rows before it.</param>
/// <param name="RowsOut">Rows after it.</param>
public sealed record StepCount(string Step, long RowsIn, long RowsOut);
