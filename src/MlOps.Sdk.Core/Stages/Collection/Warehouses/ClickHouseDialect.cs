using System.Buffers.Binary;

namespace MlOps.Sdk.Collection;

/// <summary>The SQL of ClickHouse, as far as servers of 2018 know it. Immutable and thread-safe.</summary>
internal sealed class ClickHouseDialect : WarehouseDialect
{
    public override string Name => "ClickHouse";

    public override bool NamesExpressions => true;

    public override string Quote(string name) =>
        $"`{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("`", "\\`", StringComparison.Ordinal)}`";

    // A 32-bit float is read as the decimal number that it prints.
    public override string ToDouble(string number, string databaseType) => databaseType.Contains("Float32", StringComparison.Ordinal)
        ? $"CAST(toString({number}) AS Nullable(Float64))"
        : $"CAST({number} AS Nullable(Float64))";

    public override string ToInteger(string number) => $"CAST({number} AS Nullable(Int64))";

    // A cast wraps what does not fit.
    public override string ToInteger(string number, string databaseType) =>
        databaseType.Contains("Int128", StringComparison.Ordinal) || databaseType.Contains("Int256", StringComparison.Ordinal)
            ? $"accurateCast({number}, 'Nullable(Int64)')"
            : ToInteger(number);

    public override string ToText(string text, string databaseType) => $"CAST(toString({text}) AS Nullable(String))";

    public override string ToMicroseconds(string time, string databaseType) =>
        databaseType.Contains("DateTime64", StringComparison.Ordinal) ? $"toUnixTimestamp64Micro(toDateTime64({time}, 6))"
        : databaseType.Contains("DateTime", StringComparison.Ordinal) ? $"(toInt64(toUnixTimestamp({time})) * 1000000)"
        : $"(toInt64(toRelativeDayNum({time})) * 86400000000)";

    public override string IsNaN(string number) => $"isNaN({number})";

    // Servers of 2018 read a decimal number inexactly; its bytes are read as they are.
    public override string Number(double value)
    {
        var bytes = new byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        return $"reinterpretAsFloat64(unhex('{Convert.ToHexString(bytes)}'))";
    }

    public override string Logarithm(string number) => $"log({number})";

    public override string Bytes(string text) => $"length({text})";

    // A character of four bytes is two code units of UTF-16.
    public override string Length(string text) =>
        $"if(length({text}) = lengthUTF8({text}), lengthUTF8({text}), lengthUTF8({text}) " +
        $"+ intDiv(length(replaceRegexpAll(assumeNotNull({text}), '[^\\\\x{{10000}}-\\\\x{{10FFFF}}]', '')), 4))";

    public override string IsMd5Below(string text, string limit) => $"(lower(hex(MD5(assumeNotNull({text})))) < '{limit}')";

    public override string Digits(string number) => $"toString({number})";

    public override string Concat(params IReadOnlyList<string> texts) => $"concat({string.Join(", ", texts)})";

    public override string? ApproximateDistinct(string value) => $"uniqCombined({value})";
}
