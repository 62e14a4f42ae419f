using System.Reflection;

namespace MlOps.Sdk.Data;

/// <summary>Appends a member's value to a column of a given type: what an <see cref="ObjectShape{T}"/> compiles calls to.</summary>
internal static class MemberAppend
{
    private const double LongLimit = 9_223_372_036_854_775_808d;

    public static ColumnType? ColumnTypeOf(Type type)
    {
        if (type == typeof(double) || type == typeof(float) || type == typeof(decimal)) return ColumnType.Number;
        if (type == typeof(bool)) return ColumnType.Boolean;
        if (type == typeof(string) || type == typeof(char) || type.IsEnum) return ColumnType.Text;
        if (type == typeof(DateTime) || type == typeof(DateTimeOffset) || type == typeof(DateOnly)) return ColumnType.Timestamp;
        if (type == typeof(float[])) return ColumnType.Vector;
        return IsInteger(type) ? ColumnType.Integer : null;
    }

    /// <summary>The method that appends a value of a type to a column of a type; <see langword="null"/> when they do not fit.</summary>
    public static MethodInfo? For(Type type, ColumnType column, bool coded)
    {
        var from = ColumnTypeOf(type);
        var name = (from, column) switch
        {
            (ColumnType.Number or ColumnType.Integer, ColumnType.Number) => nameof(Number),
            (ColumnType.Boolean, ColumnType.Number) => nameof(BooleanAsNumber),
            (ColumnType.Integer, ColumnType.Integer) => nameof(Integer),
            (ColumnType.Number, ColumnType.Integer) => nameof(NumberAsInteger),
            (ColumnType.Boolean, ColumnType.Integer) => nameof(BooleanAsInteger),
            (ColumnType.Boolean, ColumnType.Boolean) => nameof(Boolean),
            (ColumnType.Integer, ColumnType.Boolean) => nameof(IntegerAsBoolean),
            (ColumnType.Text, ColumnType.Text) => (type == typeof(char), coded) switch
            {
                (true, true) => nameof(Character),
                (true, false) => nameof(CharacterUncoded),
                (false, true) => nameof(Text),
                _ => nameof(TextUncoded),
            },
            (ColumnType.Timestamp, ColumnType.Timestamp) =>
                type == typeof(DateTime) ? nameof(Time) : type == typeof(DateOnly) ? nameof(Date) : nameof(TimeWithOffset),
            (ColumnType.Vector, ColumnType.Vector) => nameof(Vector),
            _ => null,
        };
        return name is null ? null : typeof(MemberAppend).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic);
    }

    internal static void Number(ColumnBuilder to, double value, Field field)
    {
        if (double.IsNaN(value)) to.AppendNull();
        else ((NumberColumnBuilder)to).Append(value);
    }

    internal static void BooleanAsNumber(ColumnBuilder to, bool value, Field field) => ((NumberColumnBuilder)to).Append(value ? 1 : 0);

    internal static void Integer(ColumnBuilder to, long value, Field field) => ((IntegerColumnBuilder)to).Append(value);

    internal static void BooleanAsInteger(ColumnBuilder to, bool value, Field field) => ((IntegerColumnBuilder)to).Append(value ? 1 : 0);

    internal static void NumberAsInteger(ColumnBuilder to, double value, Field field)
    {
        if (double.IsNaN(value))
        {
            to.AppendNull();
        }
        else if (Math.Floor(value) == value && value is >= -LongLimit and < LongLimit)
        {
            ((IntegerColumnBuilder)to).Append((long)value);
        }
        else
        {
            throw new MlOpsException(
                "The value is no whole number.",
                "The column holds whole numbers: round the value before.") { Column = field.Name };
        }
    }

    internal static void Boolean(ColumnBuilder to, bool value, Field field) => ((BooleanColumnBuilder)to).Append(value);

    internal static void IntegerAsBoolean(ColumnBuilder to, long value, Field field)
    {
        if (value is not (0 or 1))
        {
            throw new MlOpsException(
                $"The value {value} is neither 0 nor 1.",
                "The column holds true and false: give 1 or 0, or a bool.") { Column = field.Name };
        }
        ((BooleanColumnBuilder)to).Append(value == 1);
    }

    internal static void Text(ColumnBuilder to, string value, Field field) => ((TextColumnBuilder)to).Append(value);

    internal static void TextUncoded(ColumnBuilder to, string value, Field field) => ((TextColumnBuilder)to).AppendUncoded(value);

    internal static void Character(ColumnBuilder to, char value, Field field) => ((TextColumnBuilder)to).Append([value]);

    internal static void CharacterUncoded(ColumnBuilder to, char value, Field field) =>
        ((TextColumnBuilder)to).AppendUncoded(value.ToString());

    internal static void Time(ColumnBuilder to, DateTime value, Field field) => ((TimestampColumnBuilder)to).Append(value);

    internal static void TimeWithOffset(ColumnBuilder to, DateTimeOffset value, Field field) => ((TimestampColumnBuilder)to).Append(value);

    internal static void Date(ColumnBuilder to, DateOnly value, Field field) =>
        ((TimestampColumnBuilder)to).Append(value.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));

    internal static void Vector(ColumnBuilder to, float[] value, Field field)
    {
        if (value.Length != field.Length)
        {
            throw new MlOpsException(
                $"The vector has {value.Length} elements where the column has {field.Length}.",
                "Give vectors of one length.") { Column = field.Name };
        }
        ((VectorColumnBuilder)to).Append(value);
    }

    private static bool IsInteger(Type type) =>
        type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte)
        || type == typeof(sbyte) || type == typeof(ushort) || type == typeof(uint);
}
