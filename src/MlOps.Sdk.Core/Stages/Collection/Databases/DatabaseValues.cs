using System.Globalization;
using System.Numerics;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Puts values as an ADO.NET provider gives them into columns: as everywhere, and texts also where they write the value, as
/// a database without types of its own gives them, and anything but bytes where the schema requests text.
/// </summary>
internal static class DatabaseValues
{
    public static ColumnType? ColumnTypeOf(Type type) =>
        type == typeof(object) ? ColumnType.Text
        : type == typeof(BigInteger) ? ColumnType.Integer
        : type.IsArray ? null
        : CellConversion.ColumnTypeOf(type);

    /// <summary>Whether a value can be put into a column of a type without loss.</summary>
    public static bool Fits(object value, Field field) => Of(value, field).Fits;

    /// <summary>Appends a value; one that does not fit is missing.</summary>
    public static void Append(object value, Field field, ColumnBuilder to)
    {
        var cell = Of(value, field);
        (cell.Fits ? cell : Cell.Missing).AppendTo(to, coded: true);
    }

    private static Cell Of(object value, Field field)
    {
        var cell = CellConversion.Of(value, field);
        if (cell.Fits) return cell;
        return value switch
        {
            string text => Parsed(Encoding.UTF8.GetBytes(text), field.Type),
            Array => Cell.Misfit,

            // Sums are wider than what they add up; most of them fit all the same.
            BigInteger whole when field.Type != ColumnType.Text => whole >= long.MinValue && whole <= long.MaxValue
                ? CellConversion.Of((long)whole, field)
                : field.Type == ColumnType.Number ? Cell.OfNumber((double)whole) : Cell.Misfit,
            _ when field.Type == ColumnType.Text => Cell.OfText(TextOf(value)),
            _ => Cell.Misfit,
        };
    }

    private static Cell Parsed(ReadOnlySpan<byte> text, ColumnType type) => type switch
    {
        ColumnType.Number when FieldText.TryNumber(text, out var number) => Cell.OfNumber(number),
        ColumnType.Integer when FieldText.TryInteger(text, out var whole) => Cell.OfWhole(whole),
        ColumnType.Boolean when FieldText.TryFlag(text, out var flag) => Cell.OfWhole(flag ? 1 : 0),
        _ => Cell.Misfit,
    };

    private static string TextOf(object value) => value switch
    {
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
