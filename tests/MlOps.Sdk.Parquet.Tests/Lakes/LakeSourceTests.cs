using System.IO.Compression;
using System.Text;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

[TestFixture]
public sealed class LakeSourceTests : LakeFixture
{
    private sealed record Sale(long Id, string Shop, double Amount);

    private static Dataset Sales(int from, int count) =>
        Tables.Of([.. Enumerable.Range(from, count).Select(i => new Sale(i, $"shop {i % 3}", i / 4.0))]);

    private async Task<byte[]> FileAsync(Func<string, IDataSink> sink, Dataset rows)
    {
        var path = Folder[Guid.NewGuid().ToString("N")];
        await rows.WriteToAsync(sink(path));
        return await File.ReadAllBytesAsync(path);
    }

    [Test]
    public async Task OpenAsync_EveryFormat_GivesTheSameRows()
    {
        var rows = Sales(0, 50);
        var csv = await FileAsync(path => DataSinks.Csv(path), rows);
        var lines = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 50).Select(
            i => FormattableString.Invariant($"{{\"id\":{i},\"shop\":\"shop {i % 3}\",\"amount\":{i / 4.0:0.0###}}}"))));
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(csv);
        await PutAsync("t/x.csv", csv);
        var expected = await RowsAsync(Source(Store));
        foreach (var (extension, bytes) in new[]
        {
            (".csv.gz", packed.ToArray()), (".jsonl", lines), (".ndjson", lines),
            (".arrow", await FileAsync(DataSinks.Arrow, rows)), (".parquet", await FileAsync(path => DataSinks.Parquet(path), rows)),
            (".CSV", csv), (".v2.csv", csv),
        })
        {
            await PutAsync($"{extension}/x{extension}", bytes);

            // Folders that begin with a dot are left out below a prefix, not in it.
            Assert.That(await RowsAsync(Source(Store, extension)), Is.EqualTo(expected), extension);
        }
    }

    [Test]
    public async Task OpenAsync_FoldersAndOthers_GiveColumnsAndANote()
    {
        await PutAsync("t/year=2026/month=02/b.csv", "x\n2\n");
        await PutAsync("t/year=2026/month=11/c.csv", "x\n3\n");
        await PutAsync("t/year=2025/month=12/a.csv", "x\n1\n");
        await PutAsync("t/readme.txt", "no rows");
        await PutAsync("t/_tmp/d.csv", "y\n1\n");
        await PutAsync("t/.hidden.csv", "y\n1\n");
        await PutAsync("tea/d.csv", "y\n1\n");

        var (rows, _, notes) = await ScanAsync(Source(Store), ReadRequest.All);

        Assert.That(rows, Is.EqualTo(new[] { "'1'|'2025'|'12'", "'2'|'2026'|'2'", "'3'|'2026'|'11'" }));
        Assert.That(notes, Is.EqualTo(new[] { "lake/t: 1 objects have extensions that are not read: 't/readme.txt'." }));
        Assert.That(await RowsAsync(Source(Store, "t", objects => objects.Pattern = "year=2025/**/*.csv")), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task OpenAsync_ParquetColumnsAndRanges_FetchesOnlyWhatIsNeeded()
    {
        var rows = new RecordBatchBuilder(new Schema(
            [new Field("id", ColumnType.Integer), .. Enumerable.Range(0, 20).Select(i => new Field($"n{i}", ColumnType.Number))]));
        var random = new Random(1);
        for (var row = 0; row < 20_000; row++)
        {
            ((IntegerColumnBuilder)rows[0]).Append(row);
            for (var i = 1; i <= 20; i++) ((NumberColumnBuilder)rows[i]).Append(random.NextDouble());
        }

        var batch = rows.Build();
        await PutAsync("t/a.parquet", await FileAsync(
            path => DataSinks.Parquet(path, parquet => parquet.RowGroupRows = 2_000), Dataset.FromBatches(batch.Schema, [batch])));
        var size = new FileInfo(Path.Combine(LakePath, "t/a.parquet")).Length;
        var all = new WatchedStore(Store);
        var some = new WatchedStore(Store);

        var whole = await Tables.ReadAsync(Source(all));
        var part = await Tables.ReadAsync(
            DataSources.Objects(some, "t", objects => objects.Parquet(range => range.Where("id", 4_000, 5_999))),
            new ReadRequest { Columns = ["n7"] });

        Assert.That((whole.RowCount, part.RowCount), Is.EqualTo((20_000, 2_000)));
        Assert.That(all.Bytes, Is.GreaterThan(size * 0.9));

        // Of ten row groups one, of 21 columns two; counted and read.
        Assert.That(some.Bytes, Is.LessThan(size * 0.05 + 200_000).And.LessThan(size * 0.15));
        Assert.That(some.Opens, Is.LessThan(12));
    }

    [Test]
    public async Task OpenAsync_RangeOfAFolder_OpensNoOtherObject()
    {
        await Sales(0, 10).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["shop"]));
        var store = new WatchedStore(Store);
        var opened = new HashSet<string>();
        store.Opening = stored =>
        {
            lock (opened) opened.Add(stored.Key);
            return Task.CompletedTask;
        };

        var rows = await RowsAsync(
            DataSources.Objects(store, "t", objects => objects.Parquet(range => range.Where("shop", "shop 1", "shop 1"))));

        Assert.That(rows, Has.Length.EqualTo(3));
        Assert.That(opened, Has.Count.EqualTo(1).And.All.Contains("shop=shop 1"));
    }

    [Test]
    public async Task OpenAsync_OnlyNew_ReadsNewAndChangedAndSaysWhatIsGone()
    {
        await PutAsync("t/a.csv", "x,y\n1,a\n");
        await PutAsync("t/b.csv", "x,y\n2,b\n");
        await PutAsync("t/c.csv", "x,y\n3,c\n");
        var first = await ScanAsync(Source(Store), ReadRequest.All);
        var request = new ReadRequest { After = first.Watermark };
        Assert.That((await ScanAsync(Source(Store), request)).Rows, Is.Empty);

        await PutAsync("t/b.csv", "x,y\n20,bb\n21,bc\n");
        await PutAsync("t/d.csv", "x,y\n4.5,d\n");
        await Store.DeleteAsync("t/c.csv");
        var watched = new WatchedStore(Store);
        var opened = new HashSet<string>();
        watched.Opening = stored =>
        {
            lock (opened) opened.Add(stored.Key);
            return Task.CompletedTask;
        };
        var second = await ScanAsync(Source(watched), request);

        Assert.That(second.Rows.Select(row => row[(row.IndexOf('|') + 1)..]), Is.EqualTo(new[] { "'bb'", "'bc'", "'d'" }));
        Assert.That(second.Notes, Is.EqualTo(new[] { "lake/t: 1 objects that were read before are gone." }));
        Assert.That(opened, Is.EquivalentTo(new[] { "t/b.csv", "t/d.csv" }));
        var third = await ScanAsync(Source(Store), new ReadRequest { After = second.Watermark });
        Assert.That(third.Rows, Is.Empty);
        Assert.That(third.Notes, Is.Empty, "What is gone is said once.");
        await PutAsync("t/e.csv", "x,y\n5,e\n");
        await using var scan = await Source(Store).OpenAsync(new ReadRequest { After = third.Watermark });
        Assert.That(scan.Schema["x"].Type, Is.EqualTo(ColumnType.Number), "A type that was found before is kept.");
    }

    [Test]
    public async Task OpenAsync_OnlyNewBesideEarlierRows_RefusesWhatWouldBeThereTwice()
    {
        var sink = DataSinks.ParquetObjects(Store, "t", []);
        await Sales(0, 3).WriteToAsync(sink, "monday");
        var first = await ScanAsync(Source(Store), ReadRequest.All);
        var request = new ReadRequest { After = first.Watermark, KeepsEarlierRows = true };

        await Sales(10, 2).WriteToAsync(sink, "tuesday");
        Assert.That((await ScanAsync(Source(Store), request)).Rows, Has.Length.EqualTo(2));
        await Sales(0, 4).WriteToAsync(sink, "monday");

        Assert.That(
            async () => await ScanAsync(Source(Store), request),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("its earlier rows are kept").And.Message.Contains("t/lake-"));
    }

    [Test]
    public async Task Version_OtherBytesOrSettings_IsAnother()
    {
        await PutAsync("t/a.csv", "x;y\n1;2\n");
        var first = await VersionAsync();
        Assert.That(await VersionAsync(), Is.EqualTo(first));
        Assert.That(await VersionAsync(objects => objects.Csv(csv => csv.Delimiter = ';')), Is.Not.EqualTo(first));
        await PutAsync("t/a.csv", "x;y\n1;3\n");
        Assert.That(await VersionAsync(), Is.Not.EqualTo(first));

        async Task<ContentVersion?> VersionAsync(Action<ObjectSourceOptions>? configure = null)
        {
            await using var scan = await Source(Store, "t", configure).OpenAsync(ReadRequest.All);
            return scan.Version;
        }
    }

    [TestCase(".csv")]
    [TestCase(".parquet")]
    public async Task ReadAsync_ObjectChangesMeanwhile_IsAnErrorAndNeverAMixture(string extension)
    {
        async Task<byte[]> BytesOf(int from) => extension == ".csv"
            ? await FileAsync(path => DataSinks.Csv(path), Sales(from, 20_000))
            : await FileAsync(path => DataSinks.Parquet(path, parquet => parquet.RowGroupRows = 1_000), Sales(from, 20_000));
        var other = await BytesOf(100_000);
        await PutAsync($"t/a{extension}", await BytesOf(200_000));
        await using var scan = await Source(Store).OpenAsync(ReadRequest.All);
        await using var batches = scan.ReadAsync().GetAsyncEnumerator();
        await batches.MoveNextAsync();
        await PutAsync($"t/a{extension}", other);

        var rows = new List<string>(Tables.Of(Dataset.FromBatches(scan.Schema, [batches.Current])));
        var hasChanged = false;
        try
        {
            await ReadOnAsync();
        }
        catch (MlOpsException e) when (e.Message.Contains("changed", StringComparison.Ordinal))
        {
            hasChanged = true;
        }

        // What is open is read to its end, of the content that it had.
        Assert.That(hasChanged, extension == ".parquet" ? Is.True : Is.EqualTo(rows.Count < 20_000));
        Assert.That(rows.Select(row => row.StartsWith("'2", StringComparison.Ordinal)), Is.All.True);

        async Task ReadOnAsync()
        {
            while (await batches.MoveNextAsync()) rows.AddRange(Tables.Of(Dataset.FromBatches(scan.Schema, [batches.Current])));
        }
    }

    [Test]
    public async Task ReadAsync_ConnectionsBreak_ContinuesWithoutLosingOrDoubling()
    {
        await PutAsync("t/a.csv", await FileAsync(path => DataSinks.Csv(path), Sales(0, 50_000)));
        var expected = await RowsAsync(Source(Store));
        var breaks = 0;
        var store = new WatchedStore(Store)
        {
            Reading = (_, read) =>
            {
                if (read > 200_000 && Interlocked.Increment(ref breaks) % 2 == 1 && breaks < 6) throw new IOException("reset by peer");
            },
        };

        Assert.That(await RowsAsync(Source(store)), Is.EqualTo(expected));
        Assert.That(breaks, Is.GreaterThan(2));
    }

    [Test]
    public async Task ReadAsync_MalformedRow_NamesTheObjectAndTheLine()
    {
        await PutAsync("t/day=1/good.csv", "x,y\n1,2\n");
        await PutAsync("t/day=2/bad.csv", "x,y\n1,2\n1,2,3\n");

        Assert.That(
            async () => await RowsAsync(Source(Store)),
            Throws.TypeOf<MlOpsException>()
                .With.Property(nameof(MlOpsException.DataSource)).EqualTo("t/day=2/bad.csv")
                .And.Property(nameof(MlOpsException.Line)).EqualTo(3));
    }

    [Test]
    public async Task OpenAsync_ParquetWithoutTheFormat_SaysHow()
    {
        await PutAsync("t/a.parquet", [1]);

        Assert.That(
            async () => await DataSources.Objects(Store, "t").ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("objects.Parquet()"));
        Assert.That(
            async () => await DataSources.Objects(Store, "none").ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Check the prefix"));
        Assert.That(() => DataSources.Objects(Store, "../outside"), Throws.ArgumentException);
        Assert.That(() => DataSources.Objects(Store, "/etc"), Throws.ArgumentException);
    }
}
