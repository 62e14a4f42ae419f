using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Exploration;

internal static class NumericColumns
{
    public static bool IsNumeric(Column column) => column.Type is not (ColumnType.Text or ColumnType.Vector);

    public static Column Require(Dataset rows, string name)
    {
        var column = rows[name];
        return IsNumeric(column)
            ? column
            : throw new MlOpsException(
                $"The column '{name}' is {column.Type}, but must be a number.",
                ColumnTypeInference.WhyText(column) is var (cause, remedy)
                    ? $"It is text {cause} of the training part: {remedy}."
                    : "Name a numeric column, or compare shares with `Rate(column, value)`.") { Column = name };
    }
}
