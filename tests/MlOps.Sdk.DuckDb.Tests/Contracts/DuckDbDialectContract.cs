using DuckDB.NET.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests.Contracts;

internal sealed class DuckDbDialectContract : WarehouseDialectContract
{
    private TempFolder _folder;

    [OneTimeSetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [OneTimeTearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override Task<WarehouseTable> LoadAsync(string name, Dataset rows, Action<WarehouseOptions> configure)
    {
        var file = _folder[$"{name}.duckdb"];
        using (var database = new DuckDBConnection($"DataSource={file}"))
        {
            database.Open();
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

        return Task.FromResult(Warehouse.DuckDb(duck =>
        {
            duck.DatabaseFile = file;
            configure(duck.Asking);
        }).Table(name));
    }

    private static string TypeOf(ColumnType type) => type switch
    {
        ColumnType.Number => "DOUBLE",
        ColumnType.Integer => "BIGINT",
        ColumnType.Boolean => "BOOLEAN",
        ColumnType.Timestamp => "TIMESTAMP",
        _ => "VARCHAR",
    };
}
