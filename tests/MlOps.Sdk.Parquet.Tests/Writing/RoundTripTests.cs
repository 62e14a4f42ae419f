using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests;

[TestFixture]
public sealed class RoundTripTests : ParquetFixture
{
    [TestCase(ParquetCompression.Snappy)]
    [TestCase(ParquetCompression.Zstd)]
    [TestCase(ParquetCompression.Gzip)]
    [TestCase(ParquetCompression.None)]
    public async Task WriteToAsync_ValuesAtTheirEdges_AreReadToTheLastBit(ParquetCompression compression)
    {
        var table = Tables.Edges(1000);
        var path = Folder["edges.parquet"];

        await table.WriteToAsync(DataSinks.Parquet(path, options =>
        {
            options.RowGroupRows = 333;
            options.Compression = compression;
        }));
        var read = await Tables.ReadAsync(DataSources.Parquet(path));

        Assert.That(read.Schema, Is.EqualTo(table.Schema));
        Assert.That(Tables.Of(read), Is.EqualTo(Tables.Of(table)));
    }

    [Test]
    public async Task WriteToAsync_NoRowsAndNoValues_KeepsTheSchema()
    {
        var schema = Tables.Columns;
        var empty = Dataset.FromBatches(schema, []);
        var builder = new RecordBatchBuilder(schema);
        for (var i = 0; i < schema.Count; i++) builder[i].AppendNull();
        var nothing = Dataset.FromBatches(schema, [builder.Build()]);

        await empty.WriteToAsync(DataSinks.Parquet(Folder["empty.parquet"]));
        await nothing.WriteToAsync(DataSinks.Parquet(Folder["nothing.parquet"]));
        var readEmpty = await Tables.ReadAsync(DataSources.Parquet(Folder["empty.parquet"]));
        var readNothing = await Tables.ReadAsync(DataSources.Parquet(Folder["nothing.parquet"]));

        Assert.Multiple(() =>
        {
            Assert.That(readEmpty.Schema, Is.EqualTo(schema));
            Assert.That(readEmpty.RowCount, Is.Zero);
            Assert.That(Tables.Of(readNothing), Is.EqualTo(Tables.Of(nothing)));
        });
    }

    [Test]
    public async Task WriteToAsync_NamesWithDotsAndOtherCharacters_AreKept()
    {
        string[] names = ["a.b", "c0", "naïve Ω", "x y", "list", "list.element", "root"];
        var schema = new Schema(names.Select(name => new Field(name, ColumnType.Integer)));
        var builder = new RecordBatchBuilder(schema);
        for (var i = 0; i < names.Length; i++) ((IntegerColumnBuilder)builder[i]).Append(i);
        var table = Dataset.FromBatches(schema, [builder.Build()]);

        await table.WriteToAsync(DataSinks.Parquet(Folder["names.parquet"]));
        var read = await Tables.ReadAsync(DataSources.Parquet(Folder["names.parquet"]), new ReadRequest { Columns = ["root", "a.b"] });

        Assert.That(Tables.Of(read), Is.EqualTo(new[] { "'6'|'0'" }));
        Assert.That(
            Duck.Query($"SELECT \"a.b\", \"list.element\", \"naïve Ω\" FROM '{Folder["names.parquet"]}'").Single(),
            Is.EqualTo(new object[] { 0L, 5L, 2L }));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(int.MaxValue)]
    public void Parquet_RowsOfARowGroupOutOfRange_AreRefused(int rows) => Assert.That(
        () => DataSinks.Parquet("x.parquet", options => options.RowGroupRows = rows),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("RowGroupRows"));
}
