using System.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The SQL of DuckDB. Immutable and thread-safe.</summary>
internal sealed class DuckDbDialect : WarehouseDialect
{
    public override string Name => "DuckDB";

    // Of tables; files are looked at.
    public override IsolationLevel? Snapshot => IsolationLevel.Snapshot;

    public override string Parameter(string name) => $"${name}";

    // A float is read as the decimal number that it prints.
    public override string ToDouble(string number, string databaseType) =>
        databaseType == "Float" ? $"CAST(CAST({number} AS VARCHAR) AS DOUBLE)" : $"CAST({number} AS DOUBLE)";

    public override string ToInteger(string number) => $"CAST({number} AS BIGINT)";

    // A sum of whole numbers is a HUGEINT.
    public override string ToInteger(string number, string databaseType)
    {
        if (!databaseType.Contains("HugeInt", StringComparison.Ordinal)) return ToInteger(number);
        var message = $"The column {number} has a whole number of more than 64 bits; cast it to DOUBLE in the query.";
        return $"CASE WHEN {number} IS NULL OR TRY_CAST({number} AS BIGINT) IS NOT NULL THEN TRY_CAST({number} AS BIGINT) " +
            $"ELSE error('{message.Replace("'", "''", StringComparison.Ordinal)}') END";
    }

    public override string ToText(string text, string databaseType) => databaseType == "Varchar" ? text : $"CAST({text} AS VARCHAR)";

    // The provider cannot read an infinite time.
    public override string ToMicroseconds(string time, string databaseType)
    {
        var message = $"The column {time} has an infinite time; replace it by null in the query.";
        return $"CASE WHEN {time} IS NULL OR isfinite({time}) THEN epoch_us({time}) " +
            $"ELSE error('{message.Replace("'", "''", StringComparison.Ordinal)}') END";
    }

    public override string IsNaN(string number) => $"isnan({number})";

    public override string Bytes(string text) => $"strlen({text})";

    public override string Length(string text) =>
        $"CASE WHEN strlen({text}) = length({text}) THEN length({text}) ELSE length({text}) " +
        $"+ length(regexp_replace({text}, '[^\\x{{10000}}-\\x{{10FFFF}}]', '', 'g')) END";

    public override string IsMd5Below(string text, string limit) => $"(md5({text}) < '{limit}')";

    public override string Digits(string number) => $"CAST({number} AS VARCHAR)";

    public override string? ApproximateDistinct(string value) => $"approx_count_distinct({value})";
}
