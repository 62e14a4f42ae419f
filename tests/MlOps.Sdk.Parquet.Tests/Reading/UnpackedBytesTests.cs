using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

/// <summary>Small files that unpack to much.</summary>
[TestFixture]
public sealed class UnpackedBytesTests : ParquetFixture
{
    private const int Rows = 200_000;

    [Test]
    public async Task ReadAsync_EqualNumbers_AreRejectedBeforeTheyTakeMemory()
    {
        var path = Folder["bomb.parquet"];
        var columns = string.Join(", ", Enumerable.Range(0, 8).Select(i => $"1.5::DOUBLE AS c{i}"));
        Duck.Run($"COPY (SELECT {columns} FROM range({Rows})) TO '{path}' (ROW_GROUP_SIZE {Rows}, COMPRESSION zstd)");
        Assert.That(new FileInfo(path).Length, Is.LessThan(10_000));
        await ReadAsync(path, 100_000_000);

        var (error, allocated) = await RejectedAsync(path, 10_000_000);

        Assert.That(error.Message, Does.Contain("more than 10,000,000 bytes").And.Contain("MaxRowGroupBytes").And.Contain("bomb.parquet"));
        Assert.That(allocated, Is.LessThan(3_000_000), "before the first column");
        Assert.That(await ReadAsync(path, 10_000_000, "c3"), Is.EqualTo(Rows), "one column is within the limit");
    }

    [Test]
    public async Task ReadAsync_LongTexts_AreRejectedBeforeTheyTakeMemory()
    {
        var path = Folder["texts.parquet"];
        Duck.Run($"COPY (SELECT repeat('a', 1000000) || i AS t FROM range(100) r(i)) TO '{path}' (COMPRESSION zstd)");

        var (error, allocated) = await RejectedAsync(path, 10_000_000);

        Assert.That(error.Message, Does.Contain("more than 10,000,000 bytes"));
        Assert.That(allocated, Is.LessThan(60_000_000));
        Assert.That(await ReadAsync(path, 200_000_000), Is.EqualTo(100));
    }

    [Test]
    public async Task As_AllRowGroupsTogether_AreLimited()
    {
        var path = Folder["groups.parquet"];
        Duck.Run($"COPY (SELECT i::DOUBLE AS x FROM range(20480) r(i)) TO '{path}' (ROW_GROUP_SIZE 2048)");
        var source = (IFileSource)DataSources.Parquet(path, rows => rows.MaxRowGroupBytes = 100_000);

        Assert.That((await Tables.ReadAsync(source.As("download"))).RowCount, Is.EqualTo(20_480));
        Assert.That((await Tables.ReadAsync(source.As("download", 1_000_000))).RowCount, Is.EqualTo(20_480));
        await Assert.ThatAsync(
            () => Tables.ReadAsync(source.As("download", 100_000)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("unpacks to more than 100,000 bytes")
                .And.Message.Contains("HttpOptions.MaxUnpackedBytes").And.Message.Contains("download"));
    }

    [Test]
    public void Parquet_LimitBelowOne_IsRejected()
    {
        Assert.That(new ParquetSourceOptions().MaxRowGroupBytes, Is.EqualTo(1_000_000_000));
        Assert.That(
            () => DataSources.Parquet("x", rows => rows.MaxRowGroupBytes = 0),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("MaxRowGroupBytes"));
        Assert.That(() => DataSources.ParquetFolder("x", rows => rows.MaxRowGroupBytes = -1), Throws.TypeOf<MlOpsException>());
    }

    // A structure without fields has one byte, and an object in memory.
    [TestCase(new byte[] { 0x29, 0xFC }, 5_000_000, (byte)0)]
    [TestCase(new byte[] { 0x29, 0xF9 }, 5_000_000, (byte)0x0C)]
    [TestCase(new byte[] { 0x29, 0xF3 }, 5_000_000, (byte)1)]
    [TestCase(new byte[] { }, 2_000, (byte)0x11)]
    public async Task OpenAsync_DescriptionOfMillionsOfParts_IsRejectedBeforeItTakesMemory(byte[] start, int count, byte part)
    {
        var footer = new MemoryStream();
        footer.Write(start);
        for (var left = (uint)count; start.Length > 0; left >>= 7)
        {
            footer.WriteByte((byte)(left >= 0x80 ? left | 0x80 : left));
            if (left < 0x80) break;
        }

        footer.Write([.. Enumerable.Repeat(part, count)]);
        footer.WriteByte(0);
        byte[] length = BitConverter.GetBytes((int)footer.Length);
        var path = Folder.Write("footer.parquet", [.. "PAR1"u8, .. footer.ToArray(), .. length, .. "PAR1"u8]);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        await Assert.ThatAsync(
            () => Tables.ReadAsync(DataSources.Parquet(path)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("too many parts").And.Message.Contains("footer.parquet"));

        Assert.That(GC.GetTotalAllocatedBytes(precise: true) - before, Is.LessThan(30_000_000));
    }

    [Test]
    public async Task ReadAsync_SecondDictionary_IsDamage()
    {
        var node = new SchemaNode(new ThriftStruct { [1] = ThriftValue.Of((int)PhysicalType.Double), [4] = ThriftValue.Of("x") }, [], 0);
        var column = new ParquetColumn(new Field("x", ColumnType.Number), ValueKind.Double, node);
        var page = new ThriftStruct
        {
            [1] = ThriftValue.Of(2),
            [2] = ThriftValue.Of(8),
            [3] = ThriftValue.Of(8),
            [7] = ThriftValue.Of(new ThriftStruct { [1] = ThriftValue.Of(1), [2] = ThriftValue.Of(0) }),
        };
        byte[] bytes = [.. ThriftWriter.ToBytes(page), .. new byte[8]];
        var file = new MemoryStream([.. "PAR1"u8, .. bytes, .. bytes, .. bytes]);
        var memory = new UnpackedBytes(new ParquetReading([], 1_000), "x");
        var chunk = new ChunkFile(column, new ChunkLayout(0, 1, 4, 0, null), new EndingStream(), memory);

        await Assert.ThatAsync(
            () => chunk.ReadAsync(file, file.Length, 1, CancellationToken.None).AsTask(),
            Throws.TypeOf<InvalidDataException>().With.Message.Contains("more than one dictionary"));
    }

    // Blocks of 128 values in 4 parts: 1,000 lengths, the first one 5, each of the others 3 more than the one before.
    [Test]
    public void Sum_Differences_AddsUpTheLengths()
    {
        byte[] constant = [0x80, 0x01, 4, 0xE8, 0x07, 10, .. Enumerable.Range(0, 8).SelectMany(_ => new byte[] { 6, 0, 0, 0, 0 })];
        byte[] packed = [0x80, 0x01, 4, 4, 10, 2, 2, 0, 0, 0, 0b00_11_10_01, .. new byte[7]];

        Assert.Multiple(() =>
        {
            Assert.That(PrefixLengths.Sum(constant, 1_000), Is.EqualTo(Enumerable.Range(0, 1_000).Sum(i => 5 + 3 * i)));
            Assert.That(PrefixLengths.Sum(packed, 4), Is.EqualTo(5 + 7 + 10 + 14), "5, and then 1 + 1, 1 + 2 and 1 + 3 more");
            Assert.That(() => PrefixLengths.Sum(constant, 999), Throws.TypeOf<InvalidDataException>());
        });
    }

    private static async Task<int> ReadAsync(string path, long most, params string[] columns)
    {
        var request = columns.Length == 0 ? ReadRequest.All : new ReadRequest { Columns = columns };
        return (await Tables.ReadAsync(DataSources.Parquet(path, rows => rows.MaxRowGroupBytes = most), request)).RowCount;
    }

    private static async Task<(MlOpsException Error, long Allocated)> RejectedAsync(string path, long most)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var error = (await Assert.ThrowsAsync<MlOpsException>(() => ReadAsync(path, most)))!;
        return (error, GC.GetTotalAllocatedBytes(precise: true) - before);
    }
}
