using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class ParquetFolderSinkContract : DataSinkContract
{
    private TempFolder? _folder;

    protected override bool Replaces => false;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder!.Dispose();

    protected override IDataSink Create() => DataSinks.ParquetFolder(_folder!["lake"], [], options => options.RowGroupRows = 300);

    // File by file, because a folder without any row is refused.
    protected override async ValueTask<Dataset?> ReadAsync(Schema schema)
    {
        if (!Directory.Exists(_folder!["lake"])) return null;
        var files = Directory.GetFiles(_folder["lake"], "*.parquet").Order(StringComparer.Ordinal).ToArray();
        if (files.Length == 0) return null;
        var request = new ReadRequest { Columns = [.. schema.Select(field => field.Name)] };
        var batches = new List<RecordBatch>();
        foreach (var file in files)
        {
            await using var scan = await DataSources.Parquet(file).OpenAsync(request);
            await foreach (var batch in scan.ReadAsync()) batches.Add(batch);
        }

        return Dataset.FromBatches(schema, batches);
    }
}
