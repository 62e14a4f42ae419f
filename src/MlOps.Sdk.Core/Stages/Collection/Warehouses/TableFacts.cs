using System.Globalization;

namespace MlOps.Sdk.Collection;

/// <summary>Asks a warehouse for what is known of columns: statements that group and count, whose answers are small.</summary>
internal static class TableFacts
{
    /// <summary>Up to this number of distinct values, they are counted each; texts have a limit of their own.</summary>
    public const int MostValues = 4_096;

    private const long MostCounted = 1_000_000;
    private const int ColumnsOfStatement = 100;

    /// <exception cref="MlOpsException">A statement failed, or rows changed meanwhile.</exception>
    public static async Task<IReadOnlyList<ColumnFacts>> AskAsync(
        TableReading reading, IReadOnlyList<TableColumn> columns, FactParts parts, CancellationToken cancellationToken)
    {
        ColumnFacts[] facts = [.. columns.Select(column => new ColumnFacts(column))];
        foreach (var some in facts.Chunk(ColumnsOfStatement))
        {
            await CountAsync(reading, some, parts, cancellationToken).ConfigureAwait(false);
        }

        foreach (var column in facts)
        {
            var isText = column.Column.Type == ColumnType.Text;
            if (column.Filled == 0)
            {
                (column.Distinct, column.IsDistinctExact) = (0, true);
                if (isText) column.Texts = TextCounts.Empty;
                continue;
            }

            if (double.IsNaN(column.Distinct) && NeedsDistinct(column, parts))
            {
                await CountDistinctAsync(reading, column, cancellationToken).ConfigureAwait(false);
            }
            if (isText && parts.HasFlag(FactParts.Texts))
            {
                await TextCounts.AskAsync(reading, column, cancellationToken).ConfigureAwait(false);
            }
            if (isText || (parts & (FactParts.Ranges | FactParts.Times)) == 0) continue;
            if (column.Distinct <= MostValues) await ValueCounts.AskAsync(reading, column, parts, cancellationToken).ConfigureAwait(false);
            else await RangeCounts.AskAsync(reading, column, parts, cancellationToken).ConfigureAwait(false);
        }

        if (parts.HasFlag(FactParts.Distinct))
        {
            foreach (var column in facts.Where(column => !column.IsDistinctExact && column.Distinct <= MostCounted))
            {
                await CountDistinctAsync(reading, column, cancellationToken).ConfigureAwait(false);
            }
        }

        return facts;
    }

    private static bool NeedsDistinct(ColumnFacts facts, FactParts parts) => facts.Column.Type switch
    {
        ColumnType.Boolean => false,
        ColumnType.Text => (parts & (FactParts.Texts | FactParts.Distinct)) != 0,
        _ => (parts & (FactParts.Ranges | FactParts.Times | FactParts.Distinct)) != 0,
    };

    /// <summary>Counts rows, values, and what is not finite, of some columns in one statement.</summary>
    private static async Task CountAsync(
        TableReading reading, ColumnFacts[] facts, FactParts parts, CancellationToken cancellationToken)
    {
        var dialect = reading.Dialect;
        List<(string, string)> inner = [];
        List<string> outer = ["count(*)"];
        List<string?> owners = [null];
        for (var i = 0; i < facts.Length; i++)
        {
            var (value, type) = (Name(i), facts[i].Column.Type);

            // The order of times is that of what they are made into, and postgres_fdw does not send on how.
            inner.Add((type == ColumnType.Timestamp ? facts[i].Column.Raw : facts[i].Column.Value, value));
            outer.Add($"count({value})");
            if (type == ColumnType.Number)
            {
                var finite = dialect.IsFinite(value);
                outer.Add($"sum(CASE WHEN {dialect.IsNaN(value)} THEN 1 ELSE 0 END)");
                outer.Add($"sum(CASE WHEN {finite} THEN 1 ELSE 0 END)");
                outer.Add($"sum(CASE WHEN {value} < {dialect.Number(-double.MaxValue)} THEN 1 ELSE 0 END)");
                outer.Add($"min(CASE WHEN {finite} THEN {value} END)");
                outer.Add($"max(CASE WHEN {finite} THEN {value} END)");
            }
            else if (type != ColumnType.Text)
            {
                outer.Add($"min({value})");
                outer.Add($"max({value})");
            }
            else if (parts.HasFlag(FactParts.Texts))
            {
                outer.Add($"max({dialect.Bytes(value)})");
            }
            if (Estimates(reading, facts[i], parts)) outer.Add(dialect.ApproximateDistinct(value)!);
            owners.AddRange(Enumerable.Repeat(facts[i].Column.Name, outer.Count - owners.Count));
        }

        var sql = reading.Statement([new TableLayer(inner)], string.Join(", ", outer));
        await reading.ReadAsync(
            "count of rows and values",
            sql,
            row => Add(reading, facts, parts, row),
            cancellationToken,
            columns: owners).ConfigureAwait(false);
        reading.RequireRows(facts[0].Rows);
        foreach (var flag in facts.Where(column => column.Column.Type == ColumnType.Boolean)) flag.Distinct = 2;
    }

    private static void Add(TableReading reading, ColumnFacts[] facts, FactParts parts, object[] row)
    {
        var at = reading.PartitionCount;
        var rows = TableReading.Long(row[at++]);
        foreach (var column in facts)
        {
            var filled = TableReading.Long(row[at++]);
            column.Rows += rows;
            column.Filled += filled;
            if (column.Column.Type == ColumnType.Number)
            {
                column.NotNumbers += TableReading.Long(row[at++]);
                column.Finite += TableReading.Long(row[at++]);
                column.BelowAll += TableReading.Long(row[at++]);
                var (low, high) = (TableReading.Double(row[at++]), TableReading.Double(row[at++]));
                if (!double.IsNaN(low)) column.Lowest = column.Lowest is double lowest ? Math.Min(lowest, low) : low;
                if (!double.IsNaN(high)) column.Highest = column.Highest is double highest ? Math.Max(highest, high) : high;
            }
            else
            {
                column.Finite += filled;
                if (column.Column.Type == ColumnType.Text)
                {
                    if (parts.HasFlag(FactParts.Texts)) column.LongestText = Math.Max(column.LongestText, TableReading.Long(row[at++]));
                }
                else
                {
                    var (low, high) = (row[at++], row[at++]);
                    if (filled > 0)
                    {
                        var (least, most) = column.Column.Type == ColumnType.Timestamp
                            ? (TableReading.Microseconds(low), TableReading.Microseconds(high))
                            : (TableReading.Long(low), TableReading.Long(high));
                        column.Lowest = column.Lowest is long lowest ? Math.Min(lowest, least) : least;
                        column.Highest = column.Highest is long highest ? Math.Max(highest, most) : most;
                    }
                }
            }
            if (!Estimates(reading, column, parts)) continue;

            // An estimate may exceed the values that there are.
            column.Distinct = Math.Min(TableReading.Long(row[at++]), column.Filled - column.NotNumbers);
        }
    }

    // Estimates of parts cannot be added.
    private static bool Estimates(TableReading reading, ColumnFacts facts, FactParts parts) =>
        reading.PartitionCount == 0 && NeedsDistinct(facts, parts) && reading.Dialect.ApproximateDistinct("v") is not null;

    private static async Task CountDistinctAsync(TableReading reading, ColumnFacts facts, CancellationToken cancellationToken)
    {
        var isTime = facts.Column.Type == ColumnType.Timestamp;
        var where = facts.Column.Type == ColumnType.Number
            ? $"mlops_v IS NOT NULL AND NOT ({reading.Dialect.IsNaN("mlops_v")})"
            : "mlops_v IS NOT NULL";
        var values = new TableLayer(isTime ? facts.Column.Raw : facts.Column.Value, "mlops_v", where);
        var distinct = reading.Statement([values], "mlops_v, count(*) AS mlops_n", "mlops_v");
        var counted = "mlops_n";
        if (reading.PartitionCount > 0)
        {
            distinct = $"SELECT mlops_v, sum(mlops_n) AS mlops_s FROM ({distinct}) AS mlops_parts GROUP BY mlops_v";
            counted = "mlops_s";
        }
        long rows = 0;
        await reading.ReadAsync(
            $"distinct values of '{facts.Column.Name}'",
            $"SELECT count(*), sum({counted}) FROM ({distinct}) AS mlops_distinct",
            row => (facts.Distinct, rows) = (TableReading.Long(row[0]), TableReading.Long(row[1])),
            cancellationToken).ConfigureAwait(false);
        if (rows != facts.Filled - facts.NotNumbers) throw reading.Changed();
        facts.IsDistinctExact = true;
    }

    /// <summary>The end of a statement that counts by parts and, where given, something else.</summary>
    public static string GroupBy(TableReading reading, string? key = null)
    {
        var keys = $"{reading.Partitions}{key}".TrimEnd(' ', ',');
        return keys.Length == 0 ? "" : $" GROUP BY {keys}";
    }

    private static string Name(int column) => string.Create(CultureInfo.InvariantCulture, $"mlops_v{column}");
}
