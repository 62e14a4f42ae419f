using MlOps.Sdk.Collection;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class FilteredParquetSourceContract : DataSourceContract
{
    private readonly TempFolder _folder = new();

    [OneTimeTearDown]
    public void Delete() => _folder.Dispose();

    protected override async ValueTask<IDataSource> CreateAsync() => Read(await WriteAsync(), 0);

    // The same file; only the range differs.
    protected override async ValueTask<IDataSource?> CreateOtherAsync() => Read(await WriteAsync(), 8);

    private static IDataSource Read(string path, long from) =>
        DataSources.Parquet(path, options => options.Where("whole", from, long.MaxValue - 30));

    private async Task<string> WriteAsync()
    {
        var path = _folder["rows.parquet"];
        await Tables.Edges(90).WriteToAsync(DataSinks.Parquet(path, options => options.RowGroupRows = 11));
        return path;
    }
}
