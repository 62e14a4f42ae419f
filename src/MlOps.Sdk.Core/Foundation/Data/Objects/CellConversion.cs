using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace MlOps.Sdk.Data;

/// <summary>
/// The one rule by which values of .NET become values of columns, whatever brings them: a class, a dictionary, JSON or a database. A value
/// is converted where nothing is lost, and rejected otherwise; docs/stages/deployment.md shows the rule as a table.
/// </summary>
internal static class CellConversion
{
    private const double LongLimit = 9_223_372_036_854_775_808d;
    private const int LongestTime = 64;

    private static readonly Type[] Converted =
    [
        typeof(double), typeof(float), typeof(Half), typeof(decimal), typeof(long), typeof(ulong), typeof(bool), typeof(string),
        typeof(char), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(float[]), typeof(double[]),
    ];

    /// <summary>The type of the column that a type of .NET represents; <see langword="null"/> when there is none.</summary>
    public static ColumnType? ColumnTypeOf(Type type)
    {
        if (type == typeof(double) || type == typeof(float) || type == typeof(Half) || type == typeof(decimal)) return ColumnType.Number;

        // Not every one fits a column of whole numbers.
        if (type == typeof(ulong)) return ColumnType.Number;
        if (type == typeof(bool)) return ColumnType.Boolean;
        if (type == typeof(string) || type == typeof(char) || type == typeof(Guid) || type.IsEnum) return ColumnType.Text;
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly)) return ColumnType.Timestamp;
        if (type == typeof(float[]) || type == typeof(double[])) return ColumnType.Vector;
        return IsWhole(type) ? ColumnType.Integer : null;
    }

    /// <summary>Whether values of a type can fit a column: what can never fit is known before there is a value.</summary>
    public static bool CanFit(Type type, ColumnType column) => IsOpen(type) || (ColumnTypeOf(type), column) switch
    {
        (ColumnType.Number or ColumnType.Integer or ColumnType.Boolean, _) =>
            column is ColumnType.Number or ColumnType.Integer or ColumnType.Boolean,
        (ColumnType.Text, ColumnType.Text) => true,
        (ColumnType.Text, ColumnType.Timestamp) => type == typeof(string),
        (ColumnType.Text, ColumnType.Number or ColumnType.Integer or ColumnType.Boolean) => type.IsEnum,
        (ColumnType.Timestamp, ColumnType.Timestamp) or (ColumnType.Vector, ColumnType.Vector) => true,
        _ => false,
    };

    /// <summary>Whether what a member of a type holds is known only when it is there.</summary>
    public static bool IsOpen(Type type) => type == typeof(object) || type == typeof(JsonElement);

    /// <summary>The method that appends values of a type, which compiled code calls, and the type that it takes.</summary>
    public static (MethodInfo Method, Type Takes) AppendOf(Type type)
    {
        var takes = Array.IndexOf(Converted, type) >= 0 ? type
            : type == typeof(JsonElement) ? type
            : IsWhole(type) ? typeof(long)
            : typeof(object);
        var method = typeof(CellConversion).GetMethod(
            nameof(Append),
            BindingFlags.Static | BindingFlags.Public,
            [typeof(ColumnBuilder), takes, typeof(Field), typeof(bool)])!;
        return (method, takes);
    }

    /// <summary>Appends a value of any type; <see langword="null"/>, <see cref="DBNull"/> and NaN are missing.</summary>
    /// <exception cref="MlOpsException">The column cannot hold it.</exception>
    public static void Append(ColumnBuilder to, object? value, Field field, bool coded) => Put(to, Of(value, field), value, field, coded);

    /// <summary>Appends a value of JSON; null and nothing are missing.</summary>
    /// <exception cref="MlOpsException">The column cannot hold it.</exception>
    public static void Append(ColumnBuilder to, JsonElement value, Field field, bool coded)
    {
        if (Of(value, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, double value, Field field, bool coded)
    {
        if (Of(value, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, float value, Field field, bool coded)
    {
        if (Of(PrintedNumber.Of(value), field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, Half value, Field field, bool coded)
    {
        if (Of(PrintedNumber.Of(value), field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, decimal value, Field field, bool coded)
    {
        if (Of(value, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, long value, Field field, bool coded)
    {
        if (Of(value, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, ulong value, Field field, bool coded)
    {
        if (Of(value, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, bool value, Field field, bool coded)
    {
        if (Of(value ? 1L : 0L, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, string? value, Field field, bool coded) => Put(to, Of(value, field), value, field, coded);

    public static void Append(ColumnBuilder to, char value, Field field, bool coded) => Append(to, value.ToString(), field, coded);

    public static void Append(ColumnBuilder to, Guid value, Field field, bool coded) => Append(to, value.ToString(), field, coded);

    public static void Append(ColumnBuilder to, DateTime value, Field field, bool coded)
    {
        if (Of(value, field) is { Fits: true } cell) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    public static void Append(ColumnBuilder to, DateTimeOffset value, Field field, bool coded) =>
        Append(to, value.UtcDateTime, field, coded);

    public static void Append(ColumnBuilder to, DateOnly value, Field field, bool coded) =>
        Append(to, value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), field, coded);

    public static void Append(ColumnBuilder to, float[]? value, Field field, bool coded) => Put(to, Of(value, field), value, field, coded);

    public static void Append(ColumnBuilder to, double[]? value, Field field, bool coded) => Put(to, Of(value, field), value, field, coded);

    /// <summary>The form in which a column holds a value of any type.</summary>
    public static Cell Of(object? value, Field field) => value switch
    {
        null or DBNull => Cell.Missing,
        double number => Of(number, field),
        float number => Of(PrintedNumber.Of(number), field),
        Half number => Of(PrintedNumber.Of(number), field),
        decimal number => Of(number, field),
        Enum name when field.Type == ColumnType.Text => Cell.OfText(name.ToString()),
        Enum number => ((IConvertible)number).GetTypeCode() == TypeCode.UInt64
            ? Of(Convert.ToUInt64(number, CultureInfo.InvariantCulture), field)
            : Of(Convert.ToInt64(number, CultureInfo.InvariantCulture), field),
        long or int or short or sbyte or byte or ushort or uint => Of(Convert.ToInt64(value, CultureInfo.InvariantCulture), field),
        ulong number => Of(number, field),
        bool flag => Of(flag ? 1L : 0L, field),
        string text => Of(text, field),
        char or Guid => Of(value.ToString(), field),
        DateTime time => Of(time, field),
        DateTimeOffset time => Of(time.UtcDateTime, field),
        DateOnly date => Of(date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc), field),
        float[] vector => Of(vector, field),
        double[] vector => Of(vector, field),
        JsonElement json => Of(json, field),
        _ => Cell.Misfit,
    };

    /// <summary>A value of any type as it may stand in a message.</summary>
    public static string Show(object? value) => value switch
    {
        string text => PrintableText.Shorten(text),
        Array array => $"of {array.Length} elements",
        JsonElement json => PrintableText.Shorten(json.GetRawText()),
        IFormattable number => PrintableText.Shorten(number.ToString(null, CultureInfo.InvariantCulture)),
        null => "null",
        _ => "",
    };

    /// <summary>Why a column cannot hold a value, and what to give instead.</summary>
    public static MlOpsException MisfitOf(object? value, Field field)
    {
        var (wanted, remedy) = field.Type switch
        {
            ColumnType.Number => ("a number (Number)", "Give a number, or null for a missing value."),
            ColumnType.Integer => (
                "a whole number of 64 bits (Integer)",
                "Give a whole number, or null for a missing value. If fractions may occur, train with the column as Number: " +
                    "Cast(…, ColumnType.Number) in ProcessData, or a schema for the source."),
            ColumnType.Boolean => ("true or false (Boolean)", "Give true or false, or 1 or 0."),
            ColumnType.Text => (
                "a text (Text)",
                "Give a string, char, Guid or enum: the text exactly as in the training rows."),
            ColumnType.Timestamp => (
                "a point in time (Timestamp)",
                "Give a DateTime, DateTimeOffset or DateOnly, or a text such as 2024-01-31T12:00:00Z."),
            _ => (
                $"a vector of {field.Length} numbers (Vector)",
                $"Give a float[] or double[] of {field.Length} elements that a float can hold."),
        };
        var given = value switch
        {
            JsonElement json => JsonValueText.Describe(json),
            string text => $"String '{Show(text)}'",
            null => "null",
            _ => $"{value.GetType().Name} {Show(value)}".TrimEnd(),
        };
        return new MlOpsException(
            $"The value of '{field.Name}' is {given}, and the column holds {wanted}.",
            value is JsonElement ? JsonValueText.RemedyOf(field) : remedy) { Column = field.Name };
    }

    // Who looks at misfits gets a missing value in their place.
    private static void AppendMisfit(ColumnBuilder to, object? value, Field field)
    {
        if (to.Misfits is null) throw MisfitOf(value, field);
        to.Misfits.Add((to.Count, value));
        to.AppendNull();
    }

    private static void Put(ColumnBuilder to, Cell cell, object? value, Field field, bool coded)
    {
        if (cell.Fits) cell.AppendTo(to, coded);
        else AppendMisfit(to, value, field);
    }

    private static Cell Of(double value, Field field)
    {
        if (double.IsNaN(value)) return Cell.Missing;
        return field.Type switch
        {
            ColumnType.Number => Cell.OfNumber(value),
            ColumnType.Integer when Math.Floor(value) == value && value is >= -LongLimit and < LongLimit => Cell.OfWhole((long)value),
            ColumnType.Boolean when value is 0 or 1 => Cell.OfWhole((long)value),
            _ => Cell.Misfit,
        };
    }

    private static Cell Of(decimal value, Field field) => field.Type switch
    {
        ColumnType.Number => Cell.OfNumber(PrintedNumber.Of(value)),
        ColumnType.Integer when decimal.IsInteger(value) && value is >= long.MinValue and <= long.MaxValue => Cell.OfWhole((long)value),
        ColumnType.Boolean when value is 0 or 1 => Cell.OfWhole((long)value),
        _ => Cell.Misfit,
    };

    private static Cell Of(long value, Field field) => field.Type switch
    {
        ColumnType.Number => Cell.OfNumber(value),
        ColumnType.Integer => Cell.OfWhole(value),
        ColumnType.Boolean when value is 0 or 1 => Cell.OfWhole(value),
        _ => Cell.Misfit,
    };

    private static Cell Of(ulong value, Field field) => value <= long.MaxValue ? Of((long)value, field) : Of((double)value, field);

    private static Cell Of(DateTime value, Field field)
    {
        if (field.Type != ColumnType.Timestamp) return Cell.Misfit;
        return Cell.OfWhole(value.Kind == DateTimeKind.Local ? value.ToUniversalTime().Ticks : value.Ticks);
    }

    private static Cell Of(string? value, Field field)
    {
        if (value is null) return Cell.Missing;
        return field.Type switch
        {
            ColumnType.Text => Cell.OfText(value),
            ColumnType.Timestamp when TryTime(value, out var ticks) => Cell.OfWhole(ticks),
            _ => Cell.Misfit,
        };
    }

    private static Cell Of(float[]? value, Field field)
    {
        if (value is null) return Cell.Missing;
        return field.Type == ColumnType.Vector && value.Length == field.Length ? Cell.OfVector(value) : Cell.Misfit;
    }

    private static Cell Of(double[]? value, Field field)
    {
        if (value is null) return Cell.Missing;
        var vector = Array.ConvertAll(value, element => (float)element);
        for (var i = 0; i < vector.Length; i++)
        {
            // Its exponent is lost.
            if (float.IsInfinity(vector[i]) && double.IsFinite(value[i])) return Cell.Misfit;
        }

        return Of(vector, field);
    }

    private static Cell Of(JsonElement value, Field field)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Undefined or JsonValueKind.Null: return Cell.Missing;
            case JsonValueKind.True: return Of(1L, field);
            case JsonValueKind.False: return Of(0L, field);
            case JsonValueKind.String: return Of(value.GetString(), field);
            case JsonValueKind.Number when value.TryGetInt64(out var whole): return Of(whole, field);
            case JsonValueKind.Number when value.TryGetUInt64(out var whole): return Of(whole, field);
            // A double would round those with a point or an exponent: 9007199254740993.0.
            case JsonValueKind.Number when field.Type == ColumnType.Integer && value.TryGetDecimal(out var exact): return Of(exact, field);
            case JsonValueKind.Number when value.TryGetDouble(out var number) && double.IsFinite(number): return Of(number, field);
            case JsonValueKind.Array when field.Type == ColumnType.Vector && value.GetArrayLength() == field.Length: break;
            default: return Cell.Misfit;
        }

        var vector = new float[field.Length];
        for (var i = 0; i < vector.Length; i++)
        {
            if (value[i].ValueKind != JsonValueKind.Number || !value[i].TryGetSingle(out vector[i]) || !float.IsFinite(vector[i]))
            {
                return Cell.Misfit;
            }
        }

        return Cell.OfVector(vector);
    }

    private static bool TryTime(string text, out long ticks)
    {
        ticks = 0;
        if (text.Length > LongestTime) return false;
        Span<byte> utf8 = stackalloc byte[LongestTime * 3];
        return FieldText.TryTimestamp(utf8[..Encoding.UTF8.GetBytes(text, utf8)], out ticks);
    }

    private static bool IsWhole(Type type) =>
        type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte)
        || type == typeof(sbyte) || type == typeof(ushort) || type == typeof(uint);
}
