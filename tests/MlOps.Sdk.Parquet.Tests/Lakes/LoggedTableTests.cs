using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

/// <summary>Tables of formats that keep a log of which of their files count.</summary>
[TestFixture]
public sealed class LoggedTableTests : LakeFixture
{
    [TestCase("_delta_log/00000000000000000001.json", "Delta Lake", "delta_scan")]
    [TestCase("_delta_log/_last_checkpoint", "Delta Lake", "delta_scan")]
    [TestCase(".hoodie/hoodie.properties", "Hudi", "Spark")]
    [TestCase("metadata/v1.metadata.json", "Iceberg", "iceberg_scan")]
    [TestCase("metadata/00001-5f8d1c2e-0000-4000-8000-000000000000.metadata.json", "Iceberg", "iceberg_scan")]
    public async Task Read_TableWithALog_IsRejectedWithARemedy(string log, string format, string remedy)
    {
        await PutAsync("t/orders/year=2026/part-0.parquet", await FileAsync());
        await PutAsync("t/orders/year=2026/part-1.parquet", await FileAsync());
        await PutAsync($"t/orders/{log}", "{}");
        var orders = Path.Combine(LakePath, "t/orders");

        foreach (var source in new[]
        {
            Source(Store),
            Source(Store, "t/orders"),
            Source(Store, "t/orders/year=2026"),
            Source(Store, "t", objects => objects.Pattern = "orders/**/*.parquet"),
            DataSources.ParquetFolder(orders),
            DataSources.ParquetFolder(Path.Combine(LakePath, "t")),
            DataSources.ParquetFolder($"{orders}/year=2026/"),
            DataSources.Folder(orders, "**/*.parquet", file => DataSources.Parquet(file)),
        })
        {
            await Assert.ThatAsync(
                () => RowsAsync(source),
                Throws.TypeOf<MlOpsException>().With.Message.Contains($"a table of {format}").And.Message.Contains(remedy));
        }
    }

    [Test]
    public async Task Read_FolderWithinATable_IsRejected()
    {
        await PutAsync("orders/data/region=eu/part-0.parquet", await FileAsync());
        await PutAsync("orders/metadata/snap-1.avro", "x");
        await PutAsync("plain/part-0.parquet", await FileAsync());

        Assert.That(await RowsAsync(Source(Store, "orders/data/region=eu")), Has.Length.EqualTo(3), "no table yet");
        await PutAsync("orders/metadata/v1.metadata.json", "{}");

        await Assert.ThatAsync(
            () => RowsAsync(Source(Store, "orders/data/region=eu")), Throws.TypeOf<MlOpsException>().With.Message.Contains("Iceberg"));
        await Assert.ThatAsync(
            () => RowsAsync(Source(Store, "orders/data")), Throws.TypeOf<MlOpsException>().With.Message.Contains("'orders'"));
        await Assert.ThatAsync(
            () => RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "orders/data"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'orders'"));
        Assert.That(await RowsAsync(Source(Store, "plain")), Has.Length.EqualTo(3));
    }

    [Test]
    public async Task Read_FilesBesideATable_AreRead()
    {
        await PutAsync("t/orders/_delta_log/00000000000000000000.json", "{}");
        await PutAsync("t/orders/part-0.parquet", await FileAsync());
        await PutAsync("t/plain/part-0.parquet", await FileAsync());
        await PutAsync("t/my_delta_log/part-0.parquet", await FileAsync());
        await PutAsync("t/orders_old/metadata/notes.json", "{}");
        await PutAsync("t/orders_old/part-0.parquet", await FileAsync());
        await PutAsync("t/notes/a.csv", "id\n1\n");
        await PutAsync("t/notes/metadata/v1.metadata.json", "{}");

        Assert.That(await RowsAsync(Source(Store, "t", objects => objects.Pattern = "plain/*")), Has.Length.EqualTo(3));
        Assert.That(await RowsAsync(Source(Store, "t/my_delta_log")), Has.Length.EqualTo(3));
        Assert.That(await RowsAsync(Source(Store, "t/orders_old")), Has.Length.EqualTo(3));
        Assert.That(await RowsAsync(Source(Store, "t/notes")), Has.Length.EqualTo(1), "such tables have no CSV files");
        Assert.That(
            await RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "t"), glob: "plain/*.parquet")), Has.Length.EqualTo(3));
        Assert.That(await RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "t/orders_old"))), Has.Length.EqualTo(3));
    }

    private async Task<byte[]> FileAsync()
    {
        var path = Folder[Guid.NewGuid().ToString("N")];
        await Tables.Of(new { Id = 1 }, new { Id = 2 }, new { Id = 3 }).WriteToAsync(DataSinks.Parquet(path));
        return await File.ReadAllBytesAsync(path);
    }
}
