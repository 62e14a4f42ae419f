using DuckDB.NET.Data;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.DuckDb.Tests.Contracts;

/// <summary>Creates tables in DuckDB and fills them.</summary>
internal static class DuckDbRows
{
    public static void Fill(DuckDBConnection database, string name, Dataset rows)
    {
        using var command = database.CreateCommand();
        var columns = rows.Schema.Select(field =>
            $"\"{field.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\" {TypeOf(field.Type)}");
        command.CommandText = $"CREATE TABLE {name} ({string.Join(", ", columns)})";
        command.ExecuteNonQuery();
        using var appender = database.CreateAppender(name);
        for (var row = 0; row < rows.RowCount; row++)
        {
            var to = appender.CreateRow();
            foreach (var column in rows.Columns)
            {
                if (column.IsNull(row)) to.AppendNullValue();
                else _ = column switch
                {
                    NumberColumn numbers => to.AppendValue(numbers.Values[row]),
                    IntegerColumn integers => to.AppendValue(integers.Values[row]),
                    BooleanColumn flags => to.AppendValue(flags.GetNumber(row) == 1),
                    TimestampColumn times => to.AppendValue(times.GetTimestamp(row)),
                    _ => to.AppendValue(column.GetText(row)),
                };
            }

            to.EndRow();
        }
    }

    public static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Number => "DOUBLE",
        ColumnType.Integer => "BIGINT",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Timestamp => "TIMESTAMP",
        _ => "VARCHAR",
    };
}
