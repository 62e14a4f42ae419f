using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class ParquetSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void Delete() => _folder.Dispose();

    protected override async ValueTask<IDataSource> CreateAsync() => DataSources.Parquet(await WriteAsync("rows", 23));

    protected override async ValueTask<IDataSource?> CreateOtherAsync() => DataSources.Parquet(await WriteAsync("other", 24));

    private async Task<string> WriteAsync(string name, int rows)
    {
        var path = _folder[$"{name}.parquet"];
        await Tables.Edges(rows).WriteToAsync(DataSinks.Parquet(path, options => options.RowGroupRows = 7));
        return path;
    }
}
