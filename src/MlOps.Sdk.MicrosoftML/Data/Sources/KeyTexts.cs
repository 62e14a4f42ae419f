using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Annotations of a column that name something, as texts: numbers round-trip, points in time are ISO 8601.</summary>
internal static class KeyTexts
{
    private const string KeyValues = "KeyValues";

    /// <summary>What the keys of a column represent, the first for key 1; <see langword="null"/> where it is not said.</summary>
    public static IReadOnlyList<string>? OfKeys(DataViewSchema.Column column) => Of(column, KeyValues);

    /// <summary>The values of an annotation that holds a vector; <see langword="null"/> where there is none, or of another type.</summary>
    /// <param name="column">The column.</param>
    /// <param name="annotation">The annotation's name.</param>
    public static IReadOnlyList<string>? Of(DataViewSchema.Column column, string annotation)
    {
        if (column.Annotations.Schema.GetColumnOrNull(annotation)?.Type is not VectorDataViewType { ItemType: var item }) return null;
        var type = item.RawType;
        if (type == typeof(ReadOnlyMemory<char>)) return Read<ReadOnlyMemory<char>>(column, annotation, text => text.ToString());
        if (type == typeof(bool)) return Read<bool>(column, annotation, value => value ? "true" : "false");
        if (type == typeof(float)) return Read<float>(column, annotation, Invariant);
        if (type == typeof(double)) return Read<double>(column, annotation, Invariant);
        if (type == typeof(sbyte)) return Read<sbyte>(column, annotation, Invariant);
        if (type == typeof(short)) return Read<short>(column, annotation, Invariant);
        if (type == typeof(int)) return Read<int>(column, annotation, Invariant);
        if (type == typeof(long)) return Read<long>(column, annotation, Invariant);
        if (type == typeof(byte)) return Read<byte>(column, annotation, Invariant);
        if (type == typeof(ushort)) return Read<ushort>(column, annotation, Invariant);
        if (type == typeof(uint)) return Read<uint>(column, annotation, Invariant);
        if (type == typeof(ulong)) return Read<ulong>(column, annotation, Invariant);
        if (type == typeof(DateTime)) return Read<DateTime>(column, annotation, value => value.ToString("O", CultureInfo.InvariantCulture));
        if (type == typeof(DateTimeOffset))
        {
            return Read<DateTimeOffset>(column, annotation, value => value.ToString("O", CultureInfo.InvariantCulture));
        }
        return null;
    }

    private static string[] Read<T>(DataViewSchema.Column column, string annotation, Func<T, string> text)
    {
        VBuffer<T> values = default;
        column.Annotations.GetValue(annotation, ref values);
        return [.. values.DenseValues().Select(text)];
    }

    private static string Invariant<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
