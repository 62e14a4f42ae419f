using System.Globalization;

namespace MlOps.Sdk.Processing;

/// <summary>
/// A value of one row is wrong. The row is counted within its batch; whoever knows where the batch stands tells the user the row's number.
/// </summary>
internal sealed class RowValueException : MlOpsException
{
    public RowValueException(string problem, string remedy, int row)
        : base(problem, remedy)
    {
        Row = row;

        // Where a model is served, the row is the caller's.
        IsOfCaller = true;
    }

    public int Row { get; }

    /// <summary>The failure as the user sees it.</summary>
    /// <param name="rowsBefore">The number of rows in earlier batches.</param>
    public MlOpsException At(long rowsBefore) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Row {rowsBefore + Row + 1}: {Problem}"), Remedy, this)
        {
            Column = Column,
            IsOfCaller = true,
        };
}
