using MlOps.Sdk.Data;

namespace MlOps.Sdk.Training;

/// <summary>Reads the column of row weights.</summary>
internal static class RowWeights
{
    /// <summary>The weights of rows.</summary>
    /// <param name="rows">The rows after the row-wise steps.</param>
    /// <param name="name">The column.</param>
    /// <exception cref="MlOpsException">
    /// There is no such column, it holds no numbers, or a weight is not a finite number above 0.
    /// </exception>
    public static double[] Of(Dataset rows, string name)
    {
        NearestName.Require([name], "Weight(…)", rows.Schema);
        var column = rows[name];
        if (column.Type is not (ColumnType.Number or ColumnType.Integer))
        {
            throw new MlOpsException(
                $"The column of weights '{name}' is {column.Type}.",
                "Weights must be numbers; cast the column in ProcessData.") { Column = name };
        }

        var weights = new double[rows.RowCount];
        for (var row = 0; row < weights.Length; row++)
        {
            weights[row] = column.GetNumber(row);
            if (double.IsFinite(weights[row]) && weights[row] > 0) continue;
            throw new MlOpsException(
                FormattableString.Invariant($"The weight '{name}' of row {row} is {(column.IsNull(row) ? "missing" : weights[row])}."),
                "Weights must be finite numbers above 0: fill them, or remove rows that should not count.") { Column = name };
        }

        return weights;
    }
}
