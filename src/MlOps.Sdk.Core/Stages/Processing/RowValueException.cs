using System.Globalization;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A value of one row is wrong. The row is counted within its batch; whoever knows where the batch stands tells the user the row's number.
/// </summary>
internal sealed class RowValueException(string problem, string remedy, int row) : MlOpsException(problem, remedy)
{
    public int Row => row;

    /// <summary>The failure as the user sees it.</summary>
    /// <param name="rowsBefore">The number of rows in earlier batches.</param>
    public MlOpsException At(long rowsBefore) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Row {rowsBefore + row + 1}: {Problem}"), Remedy, this) { Column = Column };
}
