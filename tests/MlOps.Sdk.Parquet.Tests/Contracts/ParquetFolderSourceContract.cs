using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class ParquetFolderSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void Delete() => _folder.Dispose();

    protected override ValueTask<IDataSource> CreateAsync() => WriteAsync("rows", 23)!;

    protected override ValueTask<IDataSource?> CreateOtherAsync() => WriteAsync("other", 24);

    private async ValueTask<IDataSource?> WriteAsync(string name, int rows)
    {
        var path = _folder[name];
        if (!Directory.Exists(path))
        {
            var table = Tables.Of([.. Enumerable.Range(0, rows).Select(i => new
            {
                Year = 2020 + i % 3,
                City = i % 4 == 0 ? null : $"São {i % 2}/..",
                Amount = i * 0.1,
            })]);
            await table.WriteToAsync(DataSinks.ParquetFolder(path, ["year", "city"], options => options.RowGroupRows = 2));
        }

        return DataSources.ParquetFolder(path);
    }
}
