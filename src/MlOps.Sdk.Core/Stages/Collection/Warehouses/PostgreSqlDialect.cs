using System.Data;
using System.Globalization;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The SQL of PostgreSQL. All its expressions are immutable, so that postgres_fdw may send them on. Immutable and thread-safe.
/// </summary>
internal sealed class PostgreSqlDialect : WarehouseDialect
{
    public override string Name => "PostgreSQL";

    public override IsolationLevel? Snapshot => IsolationLevel.RepeatableRead;

    // A real is read as the decimal number that it prints.
    public override string ToDouble(string number, string databaseType) =>
        databaseType == "real" ? $"({number})::text::float8" : $"({number})::float8";

    public override string ToInteger(string number) => $"({number})::int8";

    // A cast cuts off the spaces with which texts of a fixed length are read.
    public override string ToText(string text, string databaseType) => databaseType == "text" ? text
        : databaseType.StartsWith("character(", StringComparison.Ordinal) || databaseType is "character" or "bpchar"
            ? $"textin(bpcharout({text}))"
            : $"({text})::text";

    // What depends on the zone of the session is not sent on by postgres_fdw. Npgsql reads an infinite time as the first or last of .NET.
    public override string ToMicroseconds(string time, string databaseType)
    {
        var last = databaseType == "date" ? DateTime.MaxValue.Date : DateTime.MaxValue;
        var utc = databaseType == "timestamp with time zone" ? $"({time} AT TIME ZONE 'UTC')" : time;
        return $"CASE WHEN isfinite({time}) THEN (extract(epoch FROM {utc}) * 1000000)::int8 " +
            string.Create(
                CultureInfo.InvariantCulture,
                $"WHEN {time} > '2000-01-01' THEN {TableReading.Microseconds(last)} " +
                $"WHEN {time} < '2000-01-01' THEN {TableReading.Microseconds(DateTime.MinValue)} END");
    }

    public override string IsNaN(string number) => $"({number} = 'NaN'::float8)";

    public override string Bytes(string text) => $"octet_length({text})";

    public override string Length(string text) =>
        $"CASE WHEN octet_length({text}) = char_length({text}) THEN char_length({text}) ELSE char_length({text}) " +
        $"+ char_length(regexp_replace({text}, '[^\\U00010000-\\U0010FFFF]', '', 'g')) END";

    // Texts would be compared by a collation, and one that is named keeps postgres_fdw from sending the condition on.
    public override string IsMd5Below(string text, string limit) => $"(decode(md5({text}), 'hex') < '\\x{limit}'::bytea)";

    public override string Number(double value) =>
        string.Create(CultureInfo.InvariantCulture, $"'{value:R}'::float8");

    public override string Digits(string number) => $"({number})::text";
}
