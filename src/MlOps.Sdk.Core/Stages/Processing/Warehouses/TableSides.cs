using System.Globalization;
using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Processing;

/// <summary>Splits a table by <see cref="PortableKey"/>, written in SQL.</summary>
internal static class TableSides
{
    public static async Task<TableSplit> AskAsync(
        TableReading reading, string salt, double test, string[] key, CancellationToken cancellationToken)
    {
        var dialect = reading.Dialect;
        TableColumn[] columns = [.. key.Select(reading.Column)];
        string[] parts = [$"'{PortableKey.PrefixOf(key, salt)}'", .. columns.Select(column => TextOf(dialect, column))];
        var isHoldout = dialect.IsMd5Below(dialect.Concat(parts), PortableKey.LimitOf(test));
        var hasNoKey = string.Join(" AND ", key.Select(column => $"{dialect.Quote(column)} IS NULL"));
        long rows = 0, heldOut = 0, without = 0;
        await reading.ReadAsync(
            "sides of the split",
            $"SELECT {reading.Partitions}count(*), sum(CASE WHEN {isHoldout} THEN 1 ELSE 0 END), " +
                $"sum(CASE WHEN {hasNoKey} THEN 1 ELSE 0 END) {reading.From}{TableFacts.GroupBy(reading)}",
            row =>
            {
                rows += TableReading.Long(row[^3]);
                heldOut += TableReading.Long(row[^2]);
                without += TableReading.Long(row[^1]);
            },
            cancellationToken).ConfigureAwait(false);
        if (without > 0)
        {
            throw new MlOpsException(
                string.Create(CultureInfo.InvariantCulture, $"{without} rows of '{reading.Table.Name}' have no value in their key."),
                "Leave such rows out with Warehouse.Query(…), or split by other columns.")
            {
                DataSource = reading.Table.Name,
                Column = key[0],
            };
        }
        var table = reading.Table;
        return new TableSplit(
            table.Where($"{table.Name} (train)", $"NOT {isHoldout}"),
            table.Where($"{table.Name} (holdout)", isHoldout),
            rows - heldOut,
            heldOut,
            isHoldout);
    }

    private static string TextOf(WarehouseDialect dialect, TableColumn column)
    {
        var text = column.Type switch
        {
            ColumnType.Integer => dialect.Concat("'i'", dialect.Digits(column.Value), "';'"),
            ColumnType.Boolean => dialect.Concat("'b'", dialect.Digits(column.Value), "';'"),
            ColumnType.Timestamp => dialect.Concat("'t'", dialect.Digits(column.Value), "';'"),
            _ => dialect.Concat("'s'", dialect.Digits(dialect.Bytes(column.Value)), "':'", column.Value, "';'"),
        };
        return $"CASE WHEN {dialect.Quote(column.Name)} IS NULL THEN 'n;' ELSE {text} END";
    }
}
