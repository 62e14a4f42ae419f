using System.Globalization;
using Microsoft.ML;
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
        var from = new InputReader(values);
        var name = column.Name;
        return from.With(column.Kind switch
        {
            InputKind.Single => Getter((ref float value) => value = (float)from.Column.GetNumber(from.Row)),
            InputKind.Double => Getter((ref double value) => value = from.Column.GetNumber(from.Row)),
            InputKind.Int32 => Getter((ref int value) => value = Int32(from, name)),
            InputKind.Int64 => Getter((ref long value) => value = Present<IntegerColumn>(from, name, "Int64").Values[from.Row]),
            InputKind.Boolean => Getter((ref bool value) => value = Present<BooleanColumn>(from, name, "Boolean").Values[from.Row]),
            InputKind.Text => Getter((ref ReadOnlyMemory<char> value) => value = from.Column.GetText(from.Row).AsMemory()),
            InputKind.DateTime => Getter(
                (ref DateTime value) => value = Present<TimestampColumn>(from, name, "DateTime").GetTimestamp(from.Row)),
            InputKind.Vector => Getter((ref VBuffer<float> value) => Vector(from, ref value)),
            InputKind.Key => Getter(Key(from, column.Keys!)),
            _ => throw new ArgumentOutOfRangeException(nameof(column)),
        });
    }

    private static ValueGetter<T> Getter<T>(ValueGetter<T> getter) => getter;

    // What a key represents is its text. One that was not there in training is missing, as ML.NET makes of it.
    private static ValueGetter<uint> Key(InputReader from, IReadOnlyList<string> texts)
    {
        var keys = new Dictionary<string, uint>(texts.Count, StringComparer.Ordinal);
        for (var i = 0; i < texts.Count; i++) keys.TryAdd(texts[i], (uint)i + 1);
        var integers = keys.Where(key => long.TryParse(key.Key, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            .DistinctBy(key => long.Parse(key.Key, CultureInfo.InvariantCulture))
            .ToDictionary(key => long.Parse(key.Key, CultureInfo.InvariantCulture), key => key.Value);
        return (ref uint value) => value = from.Column switch
        {
            var column when column.IsNull(from.Row) => 0,
            IntegerColumn numbers => integers.GetValueOrDefault(numbers.Values[from.Row]),
            var column => keys.GetValueOrDefault(column.GetText(from.Row) ?? ""),
        };
    }

    private static int Int32(InputReader from, string name)
    {
        var value = Present<IntegerColumn>(from, name, "Int32").Values[from.Row];
        return value is >= int.MinValue and <= int.MaxValue
            ? (int)value
            : throw new MlOpsException(
                $"The column '{name}' holds {value}, which Int32 cannot hold.",
                "Train again with the column read as Int64 or Single.") { Column = name };
    }

    private static void Vector(InputReader from, ref VBuffer<float> value)
    {
        var column = from.Column;
        var editor = VBufferEditor.Create(ref value, column.ElementCount);
        if (column.IsNull(from.Row)) editor.Values.Fill(float.NaN);
        else ((VectorColumn)column).GetVector(from.Row).CopyTo(editor.Values);
        value = editor.Commit();
    }

    // A guess instead of a missing value would be silently wrong.
    private static T Present<T>(InputReader from, string name, string kind)
        where T : Column => !from.Column.IsNull(from.Row)
        ? (T)from.Column
        : throw new MlOpsException(
            $"A value of the column '{name}' is missing, and the pipeline reads it as {kind}, which has no missing value.",
            "Fill it in ProcessData, or read the column in the pipeline as Single, or as Double for a time: " +
                $"settings.Read(\"{name}\", …).")
        {
            Column = name,
        };
}
