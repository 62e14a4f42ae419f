using DuckDB.NET.Data;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests;
using NUnit.Framework;

namespace MlOps.Sdk.DuckDb.Tests.Contracts;

/// <summary>Queries over files, which is what DuckDB is used for most.</summary>
[TestFixture("parquet")]
[TestFixture("csv")]
internal sealed class DuckDbFileDialectContract(string format) : WarehouseDialectContract
{
    private TempFolder _folder;

    protected override int RowCount => LongForm.Of(20_000, 6_000);

    [OneTimeSetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [OneTimeTearDown]
    public void DeleteFolder() => _folder.Dispose();

    protected override Task<WarehouseTable> LoadAsync(string name, Dataset rows, Action<WarehouseOptions> configure)
    {
        var file = _folder[$"{name}.{format}"];
        using (var database = new DuckDBConnection("DataSource=:memory:"))
        {
            database.Open();
            DuckDbRows.Fill(database, name, rows);
            using var command = database.CreateCommand();
            var options = format == "csv" ? "(FORMAT csv, HEADER, FORCE_QUOTE *, NULLSTR 'no value')" : "(FORMAT parquet)";
            command.CommandText = $"COPY {name} TO '{file}' {options}";
            command.ExecuteNonQuery();
        }

        var types = string.Join(", ", rows.Schema.Select(field => $"{Text(field.Name)}: {Text(DuckDbRows.TypeOf(field.Type))}"));
        var relation = format == "csv"
            ? $"read_csv('{file}', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', " +
                $"nullstr = 'no value', columns = {{{types}}})"
            : $"'{file}'";
        return Task.FromResult(Warehouse.DuckDb(duck => configure(duck.Asking)).Query($"SELECT * FROM {relation}", name));
    }

    [Test]
    public async Task ProfileAsync_NoSuchFile_SaysSo()
    {
        var table = await LoadAsync("gone", WarehouseRowsOf(), _ => { });
        File.Delete(_folder[$"gone.{format}"]);

        Assert.That(() => table.ProfileAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains($"gone.{format}"));
    }

    private static Dataset WarehouseRowsOf()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("id", ColumnType.Integer)));
        ((IntegerColumnBuilder)builder[0]).Append(1);
        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
