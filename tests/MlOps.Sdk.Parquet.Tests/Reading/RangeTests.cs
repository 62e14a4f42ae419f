using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

[TestFixture]
public sealed class RangeTests : ParquetFixture
{
    private static readonly DateTime Start = new(2026, 3, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Where_EveryType_GivesTheRowsInTheRange()
    {
        var path = await WriteAsync(rowGroupRows: 7);

        Assert.Multiple(async () =>
        {
            Assert.That(await IdsAsync(path, rows => rows.Where("id", 13, 17)), Is.EqualTo(new[] { 13, 14, 15, 16, 17 }));
            Assert.That(await IdsAsync(path, rows => rows.Where("id", 12.5, 15.5)), Is.EqualTo(new[] { 13, 14, 15 }));
            Assert.That(await IdsAsync(path, rows => rows.Where("amount", 1.5, 1.8)), Is.EqualTo(new[] { 15, 16, 17, 18 }));
            Assert.That(await IdsAsync(path, rows => rows.Where("amount", 1L, 1L)), Is.EqualTo(new[] { 10 }));
            Assert.That(
                await IdsAsync(path, rows => rows.Where("day", Start.AddDays(30), DateTime.MaxValue)),
                Is.EqualTo(new[] { 30, 31, 32, 33, 34, 36, 37, 38, 39 }));
            Assert.That(await IdsAsync(path, rows => rows.Where("name", "n07", "n09")), Is.EqualTo(new[] { 7, 8, 9 }));
            Assert.That(
                await IdsAsync(path, rows => rows.Where("id", 10, 30).Where("name", "n29", "n99")), Is.EqualTo(new[] { 29, 30 }));
            Assert.That(await IdsAsync(path, rows => rows.Where("id", 100, 200)), Is.Empty);
        });
    }

    // What is not read cannot fail: the values of the other row groups are overwritten.
    [TestCase("id", 14L, 20L)]
    [TestCase("day", null, null)]
    [TestCase("name", "n14", "n20")]
    public async Task Where_RowGroupsOutOfRange_AreNotRead(string column, object? from, object? to)
    {
        var path = await WriteAsync(rowGroupRows: 7);
        var group = Layout(path).Groups[2];
        var bytes = await File.ReadAllBytesAsync(path);
        var begin = group.Chunks.Min(chunk => chunk.Start);
        var end = Layout(path).Groups[3].Chunks.Min(chunk => chunk.Start);
        bytes.AsSpan(4, (int)begin - 4).Fill(0xEE);
        bytes.AsSpan((int)end, (int)(Layout(path).DataEnd - end)).Fill(0xEE);
        await File.WriteAllBytesAsync(path, bytes);

        var ids = await IdsAsync(path, rows => _ = (from, to) switch
        {
            (long a, long b) => rows.Where(column, a, b),
            (string a, string b) => rows.Where(column, a, b),
            _ => rows.Where(column, Start.AddDays(14), Start.AddDays(20)),
        });

        Assert.That(ids, Is.EqualTo(new[] { 14, 15, 16, 17, 18, 19, 20 }));
        Assert.That(async () => await IdsAsync(path, _ => { }), Throws.InstanceOf<MlOpsException>(), "the values were overwritten");
    }

    [Test]
    public async Task OpenAsync_SomeColumns_ReadsNothingOfTheOthers()
    {
        var path = await WriteAsync(rowGroupRows: 40);
        var chunks = Layout(path).Groups[0].Chunks;
        var bytes = await File.ReadAllBytesAsync(path);
        bytes.AsSpan((int)chunks[1].Start, (int)(Layout(path).DataEnd - chunks[1].Start)).Fill(0xEE);
        await File.WriteAllBytesAsync(path, bytes);

        var read = await Tables.ReadAsync(DataSources.Parquet(path), new ReadRequest { Columns = ["id"] });

        Assert.That(read.RowCount, Is.EqualTo(40));
        Assert.That(async () => await Tables.ReadAsync(DataSources.Parquet(path)), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public async Task Where_FilesOfDuckDb_GivesWhatDuckDbGives()
    {
        var path = Folder["duck.parquet"];
        Duck.Run($"""
            COPY (SELECT i, (i * 7919 % 10007)::UINTEGER AS code, (i % 977 / 7.0)::FLOAT AS small, (i * 0.37)::DECIMAL(12, 3) AS price,
                DATE '2020-01-01' + (i / 10)::INTEGER AS day, CASE WHEN i % 3 = 0 THEN NULL ELSE i END AS sparse FROM range(20000) t(i))
            TO '{path}' (ROW_GROUP_SIZE 2048)
            """);

        foreach (var (column, low, high, condition) in new[]
        {
            ("code", 9000.0, 9100.0, "code BETWEEN 9000 AND 9100"),
            ("small", 100.0, 101.0, "small BETWEEN 100 AND 101"),
            ("price", 500.0, 600.0, "price BETWEEN 500 AND 600"),
            ("sparse", 10_000.0, 10_050.0, "sparse BETWEEN 10000 AND 10050"),
        })
        {
            var read = await Tables.ReadAsync(
                DataSources.Parquet(path, rows => rows.Where(column, low, high)), new ReadRequest { Columns = ["i"] });
            var expected = Duck.Query($"SELECT i FROM '{path}' WHERE {condition}").Select(row => (long)row[0]!);
            Assert.That(((Data.IntegerColumn)read["i"]).Values.ToArray(), Is.EqualTo(expected).And.Not.Empty, condition);
        }
    }

    [Test]
    public async Task Where_NotOfTheColumn_IsRefusedByName()
    {
        var path = await WriteAsync(rowGroupRows: 7);

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await IdsAsync(path, rows => rows.Where("name", 1, 2)),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'name'"));
            Assert.That(
                async () => await IdsAsync(path, rows => rows.Where("dya", Start, Start)),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'dya'").And.Message.Contains("amount, day"));
            Assert.That(() => new ParquetSourceOptions().Where("id", 2, 1), Throws.ArgumentException);
            Assert.That(() => new ParquetSourceOptions().Where("id", double.NaN, 1), Throws.ArgumentException);
            Assert.That(() => new ParquetSourceOptions().Where("id", 1, 2).Where("id", 1, 2), Throws.ArgumentException);
        });
    }

    // Far values are no reason to leave out a row, or one that no column can hold: that is an error with and without a range.
    [Test]
    public async Task Where_NoLimit_LeavesOutNothing()
    {
        var path = Folder["far.parquet"];
        Duck.Run($"""
            COPY (SELECT * FROM (VALUES (-1e30::DOUBLE, TIMESTAMP '0001-01-01 00:00:00', 1::UBIGINT),
                ('-inf', '9999-12-31 23:59:59.999999', 2), (1, '2026-01-01', 3), (1e30, '2026-01-01', 4)) t(x, moment, code)) TO '{path}'
            """);
        var large = Folder["large.parquet"];
        Duck.Run($"COPY (SELECT 18446744073709551615::UBIGINT AS x) TO '{large}'");

        Assert.Multiple(async () =>
        {
            foreach (var (rows, why) in new (Action<ParquetSourceOptions>, string)[]
            {
                (all => all.Where("x", long.MinValue, long.MaxValue), "whole numbers of a column of numbers"),
                (all => all.Where("x", double.NegativeInfinity, double.PositiveInfinity), "numbers"),
                (all => all.Where("code", long.MinValue, long.MaxValue), "whole numbers"),
                (all => all.Where("code", double.NegativeInfinity, double.PositiveInfinity), "numbers of a column of whole numbers"),
                (all => all.Where("moment", DateTime.MinValue, DateTime.MaxValue), "points in time"),
                (all => all.Where(
                    "moment",
                    DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Local),
                    DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Local)), "local times"),
            })
            {
                Assert.That((await Tables.ReadAsync(DataSources.Parquet(path, rows))).RowCount, Is.EqualTo(4), why);
            }

            Assert.That(await CountAsync(path, -1, long.MaxValue), Is.EqualTo(2));
            Assert.That(await CountAsync(path, long.MinValue, 1), Is.EqualTo(3));
            Assert.That(
                async () => await CountAsync(large, long.MinValue, long.MaxValue),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("9223372036854775807"));
        });
    }

    [Test]
    public async Task Where_WholeNumbersThatAreNoDoubles_GivesTheRowsInTheRange()
    {
        var path = Folder["near.parquet"];
        Duck.Run($"COPY (SELECT * FROM (VALUES (9007199254740992::DOUBLE), (9007199254740994)) t(x)) TO '{path}'");

        Assert.That(await CountAsync(path, 9_007_199_254_740_993, 9_007_199_254_740_993), Is.Zero);
        Assert.That(await CountAsync(path, 9_007_199_254_740_993, 9_007_199_254_740_994), Is.EqualTo(1));
    }

    private static async Task<int> CountAsync(string path, long from, long to) =>
        (await Tables.ReadAsync(DataSources.Parquet(path, rows => rows.Where("x", from, to)))).RowCount;

    private static FileLayout Layout(string path)
    {
        using var file = File.OpenRead(path);
        return FileLayout.ReadAsync(file, "file", CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    private static async Task<int[]> IdsAsync(string path, Action<ParquetSourceOptions> configure)
    {
        var read = await Tables.ReadAsync(DataSources.Parquet(path, configure));
        return [.. ((Data.IntegerColumn)read["id"]).Values.ToArray().Select(id => (int)id)];
    }

    private async Task<string> WriteAsync(int rowGroupRows)
    {
        var path = Folder["rows.parquet"];
        var table = Tables.Of([.. Enumerable.Range(0, 40).Select(i => new
        {
            Id = i,
            Amount = i == 11 ? double.NaN : i / 10.0,
            Day = i == 35 ? (DateTime?)null : Start.AddDays(i),
            Name = $"n{i:D2}",
        })]);
        await table.WriteToAsync(DataSinks.Parquet(path, options => options.RowGroupRows = rowGroupRows));
        return path;
    }
}
