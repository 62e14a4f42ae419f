using System.Text.Json;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

[TestFixture]
public sealed class LakeSinkTests : LakeFixture
{
    private sealed record Score(long Id, string Shop, long Year, double Value);

    private static Dataset Scores(int from, int count) =>
        Tables.Of([.. Enumerable.Range(from, count).Select(i => new Score(i, $"shop {i % 3}", 2024 + i % 2, i / 8.0))]);

    private ITableSink Sink(IObjectStore? store = null, TimeSpan? age = null) => DataSinks.ParquetObjects(
        store ?? Store, "t", ["year", "shop"], parquet => parquet.UnfinishedAge = age ?? parquet.UnfinishedAge);

    private static string[] Sorted(string[] rows) => [.. rows.Order(StringComparer.Ordinal)];

    private static string[] Expected(params Dataset[] tables) => Sorted([.. tables.SelectMany(table => Tables.Of(
        Dataset.FromBatches(
            new Schema(table.Schema["id"], table.Schema["value"], table.Schema["year"], table.Schema["shop"]),
            [new RecordBatch(
                new Schema(table.Schema["id"], table.Schema["value"], table.Schema["year"], table.Schema["shop"]),
                [table["id"], table["value"], table["year"], table["shop"]])])))]);

    [Test]
    public async Task WriteToAsync_Partitioned_IsReadBackByUsAndByDuckDb()
    {
        await Scores(0, 100).WriteToAsync(Sink(), "run 1");

        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(0, 100))));
        Assert.That(Sorted(await RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "t")))), Is.EqualTo(Expected(Scores(0, 100))));
        var read = Duck.Query(
            $"SELECT year, shop, count(*), sum(value) FROM read_parquet('{LakePath}/t/**/*.parquet', hive_partitioning = true) " +
                "GROUP BY ALL ORDER BY ALL");
        Assert.That(read, Has.Length.EqualTo(6));
        Assert.That(read.Sum(row => (long)row[2]!), Is.EqualTo(100));
        Assert.That(read.Sum(row => (double)row[3]!), Is.EqualTo(Enumerable.Range(0, 100).Sum(i => i / 8.0)));
    }

    [Test]
    public async Task WriteToAsync_ManifestOfATable_ListsItsFilesForOthers()
    {
        await Scores(0, 100).WriteToAsync(Sink(), "run 1");

        var path = Files().Single(file => file.StartsWith("t/_mlops/", StringComparison.Ordinal));
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(LakePath, path)));
        var files = manifest.RootElement.GetProperty("files").EnumerateArray()
            .Select(file => $"t/{file.GetProperty("key").GetString()}").ToArray();
        Assert.That(manifest.RootElement.GetProperty("rows").GetInt64(), Is.EqualTo(100));
        Assert.That(manifest.RootElement.GetProperty("table").GetString(), Is.EqualTo("run 1"));
        Assert.That(files, Is.EquivalentTo(Files().Except([path])));
        var list = string.Join(", ", files.Select(file => $"'{LakePath}/{file}'"));
        Assert.That(Duck.Query($"SELECT count(*) FROM read_parquet([{list}])")[0][0], Is.EqualTo(100));
    }

    [Test]
    public async Task WriteToAsync_SameTableAgain_ReplacesItAndAddsNothing()
    {
        await Scores(0, 100).WriteToAsync(Sink(), "run 1");
        await Scores(500, 10).WriteToAsync(Sink(), "run 2");
        var files = Files().Length;

        await Scores(0, 100).WriteToAsync(Sink(), "run 1");
        Assert.That(Files(), Has.Length.EqualTo(files));
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(0, 100), Scores(500, 10))));
        await Scores(1, 3).WriteToAsync(Sink(), "run 1");
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(1, 3), Scores(500, 10))));
        await Scores(7, 1).WriteToAsync(Sink());
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(1, 3), Scores(500, 10), Scores(7, 1))));
    }

    // A process that is killed makes no further call: each place at which that can happen is tried.
    [Test]
    public async Task WriteToAsync_KilledAtAnyCall_ShowsTheOldTableOrTheNewOneAndIsMended()
    {
        var (before, after) = (Scores(0, 20), Scores(100, 20));
        await before.WriteToAsync(Sink(), "run");
        var files = Files().Length;
        for (var calls = 0; ; calls++)
        {
            var store = new WatchedStore(Store) { LivesFor = calls };
            var failed = false;
            try
            {
                await after.WriteToAsync(Sink(store), "run");
            }
            catch (MlOpsException)
            {
                failed = true;
            }

            var shown = Sorted(await RowsAsync(Source(Store)));
            Assert.That(
                shown, failed ? Is.EqualTo(Expected(before)).Or.EqualTo(Expected(after)) : Is.EqualTo(Expected(after)), $"{calls} calls");
            Assert.That(Sorted(await RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "t")))), Is.EqualTo(shown));

            await before.WriteToAsync(Sink(), "run");
            Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(before)), $"mended after {calls} calls");
            Assert.That(Files(), Has.Length.EqualTo(files), $"nothing is left after {calls} calls");
            if (!store.HasDied) break;
        }
    }

    [Test]
    public async Task WriteToAsync_LeftoversOfOtherTables_AreLeftOutAndRemovedWhenOld()
    {
        var store = new WatchedStore(Store) { LivesFor = 4 };
        Assert.That(async () => await Scores(0, 20).WriteToAsync(Sink(store), "killed"), Throws.TypeOf<MlOpsException>());
        var left = Files();
        Assert.That(left, Is.Not.Empty);

        await Scores(100, 20).WriteToAsync(Sink(), "other");
        Assert.That(Files(), Is.SupersetOf(left), "They may be written just now.");
        var (rows, _, notes) = await ScanAsync(Source(Store), ReadRequest.All);
        Assert.That(Sorted(rows), Is.EqualTo(Expected(Scores(100, 20))));
        Assert.That(notes.Single(), Does.Contain("not completely written"));

        foreach (var file in left) File.SetLastWriteTimeUtc(Path.Combine(LakePath, file), DateTime.UtcNow.AddHours(-2));
        await Scores(200, 20).WriteToAsync(Sink(age: TimeSpan.FromHours(1)), "third");
        Assert.That(Files().Intersect(left), Is.Empty);
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(100, 20), Scores(200, 20))));
    }

    [Test]
    public async Task WriteToAsync_AbandonedOrCancelled_LeavesNothing()
    {
        var rows = Scores(0, 20);
        await using (var writer = await Sink().OpenAsync(rows.Schema, "run"))
        {
            await writer.WriteAsync(rows.ToBatches().First());
        }

        Assert.That(Files(), Is.Empty);
        using var cancel = new CancellationTokenSource();
        await using (var writer = await Sink().OpenAsync(rows.Schema, "run"))
        {
            await writer.WriteAsync(rows.ToBatches().First());
            await cancel.CancelAsync();
            Assert.That(
                async () => await writer.CompleteAsync(cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(Files(), Is.Empty);
    }

    [Test]
    public async Task WriteToAsync_ManifestIsStoredAfterItsTimeout_TableIsWhole()
    {
        var (lateKey, lateContent) = ("", Array.Empty<byte>());
        var store = new WatchedStore(Store)
        {
            Putting = (key, content) =>
            {
                if (!key.Contains("/_mlops/", StringComparison.Ordinal)) return;
                (lateKey, lateContent) = (key, ((MemoryStream)content).ToArray());
                throw new TimeoutException("no answer");
            },
        };
        Assert.That(async () => await Scores(0, 20).WriteToAsync(Sink(store), "run"), Throws.TypeOf<MlOpsException>());
        Assert.That(Files(), Has.None.Contains("_mlops").And.Not.Empty);

        await PutAsync(lateKey, lateContent);
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(0, 20))));

        await Scores(50, 6).WriteToAsync(Sink(), "run");
        Assert.That(Files(), Has.Length.EqualTo(7), "What was left is removed.");
    }

    [Test]
    public async Task WriteToAsync_ManyWritersAndReaders_SeeWholeTables()
    {
        await Scores(0, 40).WriteToAsync(Sink(), "run");
        var sink = Sink();
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            for (var round = 0; round < 5;)
            {
                try
                {
                    await Scores(0, 40).WriteToAsync(sink, "run");
                    round++;
                }
                catch (MlOpsException e) when (e.Message.Contains("by another attempt"))
                {
                    // A later one shows.
                }
            }
        })));
        var reads = 0;
        while (!writing.IsCompleted || reads == 0)
        {
            try
            {
                Assert.That(await RowsAsync(Source(Store)), Has.Length.EqualTo(40));
                reads++;
            }
            catch (MlOpsException e) when (e.Message.Contains("deleted") || e.Message.Contains("lacks files"))
            {
                // A table that was replaced while it was read.
            }
        }

        await writing;
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(0, 40))));
        Assert.That(Files(), Has.Length.EqualTo(7));
    }

    [Test]
    public async Task WriteToAsync_ClockOfAnotherMachineIsAhead_LaterTableShows()
    {
        await Scores(0, 5).WriteToAsync(Sink(), "run");
        var manifest = Files().Single(file => file.Contains("_mlops", StringComparison.Ordinal));
        var known = LakeFile.ManifestFrom(manifest["t/".Length..])!.Value.File;
        var ahead = known with { Attempt = $"{known.Ticks + TimeSpan.TicksPerHour * 20:x16}{known.Attempt[16..]}" };
        foreach (var file in Files())
        {
            var moved = file.Replace(known.Attempt, ahead.Attempt, StringComparison.Ordinal);
            File.Move(Path.Combine(LakePath, file), Path.Combine(LakePath, moved));
        }

        await Scores(50, 5).WriteToAsync(Sink(), "run");

        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(50, 5))));
    }

    // Taken for the last attempt, it would show no row, and the files of the next table would count as superseded.
    [TestCase("ffffffffffffffff0000000000000000")]
    [TestCase("7fffffffffffffff0000000000000000")]
    [TestCase("two days")]
    public async Task WriteToAsync_ManifestOfATimeThatCannotBe_IsRejectedByWritersAndReaders(string attempt)
    {
        await Scores(0, 20).WriteToAsync(Sink(), "run");
        var manifest = Files().Single(file => file.Contains("_mlops", StringComparison.Ordinal));
        var known = LakeFile.ManifestFrom(manifest["t/".Length..])!.Value.File;
        if (attempt == "two days") attempt = $"{known.Ticks + TimeSpan.TicksPerDay * 2:x16}{known.Attempt[16..]}";
        var forged = $"t/{(known with { Attempt = attempt }).ManifestOf(0)}";
        await PutAsync(forged, "{}");
        var before = Files();

        foreach (var use in new Func<Task>[]
        {
            () => Scores(50, 5).WriteToAsync(Sink(), "run"),
            () => RowsAsync(Source(Store)),
            () => RowsAsync(DataSources.ParquetFolder(Path.Combine(LakePath, "t"))),
        })
        {
            await Assert.ThatAsync(
                use, Throws.TypeOf<MlOpsException>().With.Message.Contains("a day ahead").And.Message.Contains(attempt));
        }

        Assert.That(Files(), Is.EqualTo(before));
        await Store.DeleteAsync(forged);
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(0, 20))));
        await Scores(50, 5).WriteToAsync(Sink(), "other");
    }

    [Test]
    public async Task CompleteAsync_LaterAttemptShows_FailsAndKeepsNothing()
    {
        var rows = Scores(0, 20);
        await using var writer = await Sink().OpenAsync(rows.Schema, "run");
        await writer.WriteAsync(rows.ToBatches().First());
        await Scores(100, 20).WriteToAsync(Sink(), "run");
        var files = Files();

        Assert.That(
            async () => await writer.CompleteAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("by another attempt"));

        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(100, 20))));
        Assert.That(Files(), Is.EqualTo(files));
    }

    [Test]
    public async Task OpenAsync_FileOfATableIsGone_SaysSo()
    {
        await Scores(0, 20).WriteToAsync(Sink(), "run");
        await Store.DeleteAsync(Files().First(file => file.EndsWith(".parquet", StringComparison.Ordinal)));

        Assert.That(async () => await RowsAsync(Source(Store)), Throws.TypeOf<MlOpsException>().With.Message.Contains("lacks files"));
    }

    [Test]
    public async Task WriteToAsync_OtherPartitionThanBefore_ReplacesTheTableAndRemovesItsFiles()
    {
        await Scores(0, 40).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["shop"]), "run");
        await Scores(900, 2).WriteToAsync(Sink(), "other");

        await Scores(100, 8).WriteToAsync(Sink(), "run");

        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(100, 8), Scores(900, 2))));
        Assert.That(
            Files().Where(file => file.StartsWith("t/shop=", StringComparison.Ordinal)), Is.Empty, "files of the earlier partition");
        Assert.That(Files().Count(file => file.Contains("_mlops", StringComparison.Ordinal)), Is.EqualTo(2));
    }

    // A process that is killed makes no further call: what is left of the old partition goes with the next table.
    [Test]
    public async Task WriteToAsync_KilledWhileAnotherPartitionIsRemoved_IsMended()
    {
        for (var calls = 0; ; calls++)
        {
            await Scores(0, 12).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["shop"]), "run");
            var store = new WatchedStore(Store) { LivesFor = calls };
            try
            {
                await Scores(100, 4).WriteToAsync(Sink(store), "run");
            }
            catch (MlOpsException)
            {
                // Killed before the table was complete.
            }

            await Scores(200, 4).WriteToAsync(Sink(age: TimeSpan.Zero), "run");
            Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(200, 4))), $"after {calls} calls");
            Assert.That(Files(), Has.Length.EqualTo(5), $"nothing is left after {calls} calls");
            if (!store.HasDied) break;
        }
    }

    [Test]
    public async Task WriteToAsync_LakeInAFolderNamedLikeAPartition_KeepsItsFiles()
    {
        await Scores(0, 12).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["year"]), "run");
        await Scores(50, 6).WriteToAsync(DataSinks.ParquetObjects(Store, "t/year=2030", ["shop"]), "run");

        await Scores(100, 8).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["shop"]), "run");

        Assert.That(await RowsAsync(Source(Store, "t/year=2030")), Has.Length.EqualTo(6));
    }

    [Test]
    public async Task WriteToAsync_ManifestHasNoAnswer_SaysThatTheTableMayShow()
    {
        var arrived = new List<string>();
        var store = new WatchedStore(Store)
        {
            Putting = (key, content) =>
            {
                if (!key.Contains("/_mlops/", StringComparison.Ordinal)) return;
                arrived.Add(key);
                PutAsync(key, ((MemoryStream)content).ToArray()).GetAwaiter().GetResult();
                throw new TimeoutException("The store did not answer within 60 seconds.");
            },
        };

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => Scores(0, 20).WriteToAsync(Sink(store), "run"));

        Assert.That(failure!.Problem, Does.Contain("is not known").And.Contain(arrived.Single()).And.Contain("60 seconds"));
        Assert.That(failure.Message, Does.Not.Contain("nothing of the table is kept"));
        await Scores(0, 20).WriteToAsync(Sink(), "run");
        Assert.That(Sorted(await RowsAsync(Source(Store))), Is.EqualTo(Expected(Scores(0, 20))), "once");
    }

    [Test]
    public async Task WriteToAsync_TextsThatLookLikeNumbers_AreReadBackAsTexts()
    {
        Place[] places = [new("1", "01234", 1), new("2", "98765", 2)];
        await Tables.Of(places).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["city", "zip"]), "run");

        var read = await Tables.ReadAsync(Source(Store));

        Assert.That(read.Schema.ToString(), Is.EqualTo("id: Integer, city: Text, zip: Text"));
        Assert.That(read["zip"].GetText(0), Is.EqualTo("01234"));
        var manifest = Files().Single(file => file.Contains("_mlops", StringComparison.Ordinal));
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(LakePath, manifest)));
        Assert.That(
            json.RootElement.GetProperty("partition").EnumerateArray().Select(
                column => $"{column.GetProperty("name").GetString()} {column.GetProperty("type").GetString()}"),
            Is.EqualTo(new[] { "city Text", "zip Text" }));
    }

    private sealed record Place(string City, string Zip, long Id);

    [Test]
    public async Task WriteToAsync_ControlCharactersInAPartition_AreReadBack()
    {
        Place[] places = [new("a\u0085b\u009F", "\u0080", 1), new("\t\u007F", "x", 2)];

        await Tables.Of(places).WriteToAsync(DataSinks.ParquetObjects(Store, "t", ["city", "zip"]), "run");

        Assert.That(Files(), Has.Some.Contains("city=a%C2%85b%C2%9F/zip=%C2%80/"));
        var rows = await Tables.ReadAsync(Source(Store));
        Assert.That(
            Enumerable.Range(0, 2).Select(row => (rows["city"].GetText(row), rows["zip"].GetText(row))),
            Is.EquivalentTo(places.Select(place => (place.City, place.Zip))));
    }

    // A name in a folder may have 255 bytes; one of S3 may have 1,024 bytes with all folders.
    [TestCase('z', 1_000)]
    [TestCase('z', 252)]
    [TestCase('東', 100)]
    public async Task WriteAsync_PartitionTooLongForAKey_NamesTheColumnAtOnce(char letter, int length)
    {
        var rows = Tables.Of([new Place("x", new string(letter, length), 1)]);
        await using var writer = await DataSinks.ParquetObjects(Store, "t", ["city", "zip"]).OpenAsync(rows.Schema, "run");

        Assert.That(
            async () => await writer.WriteAsync(rows.ToBatches().First()),
            Throws.TypeOf<MlOpsException>().With.Property(nameof(MlOpsException.Column)).EqualTo("zip"));
    }
}
