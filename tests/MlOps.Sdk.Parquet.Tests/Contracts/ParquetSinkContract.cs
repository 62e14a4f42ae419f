using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class ParquetSinkContract : DataSinkContract
{
    private TempFolder? _folder;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder!.Dispose();

    protected override IDataSink Create() => DataSinks.Parquet(_folder!["table.parquet"], options => options.RowGroupRows = 300);

    protected override async ValueTask<Dataset?> ReadAsync(Schema schema)
    {
        var request = new ReadRequest { Columns = [.. schema.Select(field => field.Name)] };
        return File.Exists(_folder!["table.parquet"])
            ? await Tables.ReadAsync(DataSources.Parquet(_folder["table.parquet"]), request)
            : null;
    }
}
