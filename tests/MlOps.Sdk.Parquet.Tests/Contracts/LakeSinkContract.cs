using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

public sealed class LakeSinkContract : DataSinkContract
{
    private TempFolder? _folder;

    protected override bool Replaces => false;

    [SetUp]
    public void CreateFolder() => _folder = new TempFolder();

    [TearDown]
    public void DeleteFolder() => _folder!.Dispose();

    protected override IDataSink Create() => DataSinks.ParquetObjects(
        new FolderObjectStore(_folder!["lake"]), "t", [], options => options.RowGroupRows = 300);

    // File by file, because a lake without any row is refused; in the order of writing, because the names of tables have no order.
    protected override async ValueTask<Dataset?> ReadAsync(Schema schema)
    {
        var folder = Path.Combine(_folder!["lake"], "t");
        if (!Directory.Exists(folder)) return null;
        var files = Directory.GetFiles(folder, "*.parquet").OrderBy(File.GetLastWriteTimeUtc).ToArray();
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
