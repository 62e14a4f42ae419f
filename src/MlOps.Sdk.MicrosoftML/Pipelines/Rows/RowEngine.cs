using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>What one caller needs to ask a <see cref="RowPipeline"/> row by row. Confined to a thread.</summary>
internal sealed class RowEngine(InputValues values, InputRow input, DataViewRow output) : IDisposable
{
    /// <summary>The row as the pipeline makes it of the current one.</summary>
    public DataViewRow Output => output;

    /// <summary>Sets the column that is read at a position of the pipeline's input.</summary>
    public void Bind(int index, Column? column) => values.Bind(index, column);

    /// <summary>Goes to a row of the bound columns.</summary>
    public void MoveTo(int row) => input.MoveTo(row);

    public void Dispose() => output.Dispose();
}
