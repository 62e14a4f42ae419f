using System.Globalization;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>Puts values as an ADO.NET provider gives them into columns.</summary>
internal static class DatabaseValues
{
    public static ColumnType? ColumnTypeOf(Type type)
    {
        if (type == typeof(Guid) || type == typeof(object)) return ColumnType.Text;
        if (type == typeof(ulong)) return ColumnType.Number;
        return type == typeof(float[]) ? null : MemberAppend.ColumnTypeOf(type);
    }

    /// <summary>Whether a value can be put into a column of a type without loss.</summary>
    public static bool Fits(object value, Field field) => value is DBNull || field.Type switch
    {
        ColumnType.Number => value is double or float or decimal or long or int or short or byte or sbyte or ushort or uint or ulong
            || value is string text && FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out _),
        ColumnType.Integer => TryInteger(value, out _),
        ColumnType.Boolean =>
            value is bool or (long or int or short or byte) && Convert.ToInt64(value, CultureInfo.InvariantCulture) is 0 or 1
            || value is string text && FieldText.TryFlag(Encoding.UTF8.GetBytes(text), out _),
        ColumnType.Timestamp => value is DateTime or DateTimeOffset or DateOnly
            || value is string text && FieldText.TryTimestamp(Encoding.UTF8.GetBytes(text), out _),
        ColumnType.Vector =>
            value is float[] vector && vector.Length == field.Length || value is double[] wide && wide.Length == field.Length,
        _ => value is not byte[] and not Array,
    };

    /// <summary>Appends a value that fits.</summary>
    public static void Append(object value, Field field, ColumnBuilder to)
    {
        if (!Fits(value, field) || value is DBNull)
        {
            to.AppendNull();
            return;
        }

        switch (to)
        {
            case NumberColumnBuilder numbers: AppendNumber(value, numbers); break;
            case IntegerColumnBuilder integers when TryInteger(value, out var integer): integers.Append(integer); break;
            case BooleanColumnBuilder flags:
                flags.Append(value is string flag
                    ? FieldText.TryFlag(Encoding.UTF8.GetBytes(flag), out var set) && set
                    : Convert.ToBoolean(value, CultureInfo.InvariantCulture));
                break;
            case TimestampColumnBuilder times:
                times.Append(value is string time && FieldText.TryTimestamp(Encoding.UTF8.GetBytes(time), out var ticks)
                    ? new DateTime(ticks, DateTimeKind.Utc)
                    : Time(value));
                break;
            case VectorColumnBuilder vectors:
                vectors.Append(value is float[] vector ? vector : Array.ConvertAll((double[])value, element => (float)element));
                break;
            case TextColumnBuilder texts: texts.Append(TextOf(value)); break;
        }
    }

    private static void AppendNumber(object value, NumberColumnBuilder to)
    {
        var number = value is string text && FieldText.TryNumber(Encoding.UTF8.GetBytes(text), out var parsed) ? parsed : NumberOf(value);
        if (double.IsNaN(number)) to.AppendNull();
        else to.Append(number);
    }

    // The framework's conversion of a decimal is not the nearest double; that of its text is.
    private static double NumberOf(object value) =>
        value is decimal number
            ? double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)
            : Convert.ToDouble(value, CultureInfo.InvariantCulture);

    private static bool TryInteger(object value, out long integer)
    {
        integer = 0;
        switch (value)
        {
            case long or int or short or byte or sbyte or ushort or uint:
                integer = Convert.ToInt64(value, CultureInfo.InvariantCulture);
                return true;
            case ulong large when large <= long.MaxValue: integer = (long)large; return true;
            case bool flag: integer = flag ? 1 : 0; return true;
            case decimal number when number == decimal.Truncate(number) && number is >= long.MinValue and <= long.MaxValue:
                integer = (long)number;
                return true;
            case double number
                when number == Math.Truncate(number) && number is >= -9_223_372_036_854_775_808d and < 9_223_372_036_854_775_808d:
                integer = (long)number;
                return true;
            case string text: return FieldText.TryInteger(Encoding.UTF8.GetBytes(text), out integer);
            default: return false;
        }
    }

    private static DateTime Time(object value) => value switch
    {
        DateTimeOffset time => time.UtcDateTime,
        DateOnly date => date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc),
        DateTime { Kind: DateTimeKind.Local } time => time.ToUniversalTime(),
        DateTime time => DateTime.SpecifyKind(time, DateTimeKind.Utc),
        _ => throw new InvalidOperationException($"{value.GetType().Name} is no point in time."),
    };

    private static string TextOf(object value) => value switch
    {
        string text => text,
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
