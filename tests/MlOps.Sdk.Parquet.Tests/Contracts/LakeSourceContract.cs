using MlOps.Sdk.Collection;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class LakeSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void Delete() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => WriteAsync("rows", 23)!;

    protected override ValueTask<IDataSource?> CreateOtherAsync() => WriteAsync("other", 24);

    private async ValueTask<IDataSource?> WriteAsync(string name, int rows)
    {
        var store = new FolderObjectStore(_folder["lake"]);
        if (!Directory.Exists(Path.Combine(_folder["lake"], name)))
        {
            var table = Tables.Of([.. Enumerable.Range(0, rows).Select(i => new
            {
                Year = 2020 + i % 3,
                City = i % 4 == 0 ? null : $"São {i % 2}/..",
                Amount = i * 0.1,
            })]);
            await table.WriteToAsync(DataSinks.ParquetObjects(store, name, ["year", "city"], options => options.RowGroupRows = 2));
        }

        return DataSources.Objects(store, name, objects => objects.Parquet());
    }
}
