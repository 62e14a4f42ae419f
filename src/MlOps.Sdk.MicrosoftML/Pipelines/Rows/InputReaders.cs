using Microsoft.ML.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The readers of the kinds of columns.</summary>
internal static class InputReaders
{
    /// <summary>Creates the reader of a column.</summary>
    /// <param name="column">The column.</param>
    /// <param name="values">The row that is read.</param>
    public static InputReader Create(InputColumn column, InputValues values)
    {
        var name = column.Name;
        return column.Kind switch
        {
            InputKind.Single => new InputReader<float>(values, static (from, row, ref value) => value = (float)from.GetNumber(row)),
            InputKind.Double => new InputReader<double>(values, static (from, row, ref value) => value = from.GetNumber(row)),
            InputKind.Int32 => new InputReader<int>(values, (from, row, ref value) => value = Int32(from, row, name)),
            InputKind.Int64 => new InputReader<long>(
                values, (from, row, ref value) => value = Present<IntegerColumn>(from, row, name, "Int64").Values[row]),
            InputKind.Boolean => new InputReader<bool>(
                values, (from, row, ref value) => value = Present<BooleanColumn>(from, row, name, "Boolean").Values[row]),
            InputKind.Text => new InputReader<ReadOnlyMemory<char>>(
                values, static (from, row, ref value) => value = from.GetText(row).AsMemory()),
            InputKind.DateTime => new InputReader<DateTime>(
                values, (from, row, ref value) => value = Present<TimestampColumn>(from, row, name, "DateTime").GetTimestamp(row)),
            InputKind.Vector => new InputReader<VBuffer<float>>(values, Vector),
            InputKind.Key => new InputReader<uint>(
                values, (from, row, ref value) => value = (uint)Present<IntegerColumn>(from, row, name, "a key").Values[row] + 1),
            _ => throw new ArgumentOutOfRangeException(nameof(column)),
        };
    }

    private static int Int32(Column from, int row, string name)
    {
        var value = Present<IntegerColumn>(from, row, name, "Int32").Values[row];
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new MlOpsException(
                $"The column '{name}' holds {value}, which Int32 cannot hold.",
                "Train again with the column read as Int64 or Single.") { Column = name };
    }

    private static void Vector(Column from, int row, ref VBuffer<float> value)
    {
        var length = from.ElementCount;
        var editor = VBufferEditor.Create(ref value, length);
        if (from.IsNull(row)) editor.Values.Fill(float.NaN);
        else ((VectorColumn)from).GetVector(row).CopyTo(editor.Values);
        value = editor.Commit();
    }

    // A guess instead of a missing value would be silently wrong.
    private static T Present<T>(Column from, int row, string name, string kind)
        where T : Column => !from.IsNull(row)
        ? (T)from
        : throw new MlOpsException(
            $"A value of the column '{name}' is missing, and the pipeline reads it as {kind}, which has no missing value.",
            "Fill it in ProcessData, or let the pipeline read the column as Single, or as Double for a time: " +
                $"settings.Read(\"{name}\", …).")
        {
            Column = name,
        };
}
