using MlOps.Sdk.Data;
using Npgsql;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>Creates tables in PostgreSQL and fills them.</summary>
internal static class PostgreSqlRows
{
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string ColumnsOf(Schema schema) =>
        string.Join(", ", schema.Select(field => $"{Quote(field.Name)} {TypeOf(field.Type)}"));

    public static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public static async Task CopyAsync(NpgsqlDataSource database, string table, Dataset rows)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var writer = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT binary)");
        for (var row = 0; row < rows.RowCount; row++)
        {
            await writer.StartRowAsync();
            foreach (var column in rows.Columns)
            {
                if (column.IsNull(row)) await writer.WriteNullAsync();
                else if (column is NumberColumn numbers) await writer.WriteAsync(numbers.Values[row]);
                else if (column is IntegerColumn integers) await writer.WriteAsync(integers.Values[row]);
                else if (column is BooleanColumn flags) await writer.WriteAsync(flags.GetNumber(row) == 1);
                else if (column is TimestampColumn times) await writer.WriteAsync(times.GetTimestamp(row));
                else await writer.WriteAsync(column.GetText(row)!);
            }
        }

        await writer.CompleteAsync();
    }

    private static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Number => "double precision",
        ColumnType.Integer => "bigint",
        ColumnType.Boolean => "boolean",
        ColumnType.Timestamp => "timestamp with time zone",
        _ => "text",
    };
}
