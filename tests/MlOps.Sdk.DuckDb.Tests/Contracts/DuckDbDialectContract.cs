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
            DuckDbRows.Fill(database, name, rows);
        }

        return Task.FromResult(Warehouse.DuckDb(duck =>
        {
            duck.DatabaseFile = file;
            configure(duck.Asking);
        }).Table(name));
    }
}
