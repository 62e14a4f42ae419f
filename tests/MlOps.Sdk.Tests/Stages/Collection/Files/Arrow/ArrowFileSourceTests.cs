using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class ArrowFileSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "x.arrow");

    public void Dispose() => _folder.Dispose();

    internal static async Task WriteAsync(string path, Schema schema, params Action<RecordBatchBuilder>[] batches)
    {
        await using var stream = System.IO.File.Create(path);
        var writer = new ArrowWriter(stream);
        await writer.BeginAsync(schema);
        foreach (var batch in batches)
        {
            var rows = new RecordBatchBuilder(schema);
            batch(rows);
            await writer.WriteAsync(rows.Build());
        }

        await writer.CompleteAsync();
    }

    [Test]
    public async Task ReadAsync_SomeColumnsOfManyBatches_GivesTheseFromAPosition()
    {
        var rows = SampleRows.Create(50);
        await using (var stream = System.IO.File.Create(File))
        {
            var writer = new ArrowWriter(stream);
            await writer.BeginAsync(rows.Schema);
            foreach (var batch in rows.ToBatches(7)) await writer.WriteAsync(batch);
            await writer.CompleteAsync();
        }

        await using var scan = await DataSources.Arrow(File).OpenAsync(new ReadRequest { Columns = ["plan", "amount"], BatchSize = 3 });
        var data = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(new Position(20)));

        Assert.That(data.Schema.Select(field => field.Name), Is.EqualTo(new[] { "plan", "amount" }));
        Assert.That(
            Enumerable.Range(0, data.RowCount).Select(row => (data["plan"].GetText(row), data["amount"].GetText(row))),
            Is.EqualTo(Enumerable.Range(20, 30).Select(row => (rows["plan"].GetText(row), rows["amount"].GetText(row)))));
    }

    [Test]
    public async Task OpenAsync_NoArrowFile_SaysSo()
    {
        _folder.Write("x.arrow", "a,b\n1,2\n");

        await Assert.ThatAsync(
            () => DataSources.Arrow(File).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("not an Arrow IPC file").And.Property("DataSource").EqualTo("x.arrow"));
        await Assert.ThatAsync(
            () => DataSources.Arrow(File + "x").ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not exist"));
    }

    [Test]
    public async Task ReadAsync_FileChangedSinceOpening_SaysSo()
    {
        await WriteAsync(File, new Schema(new Field("a", ColumnType.Integer)), rows => ((IntegerColumnBuilder)rows[0]).Append(1));
        await using var scan = await DataSources.Arrow(File).OpenAsync(ReadRequest.All);
        await WriteAsync(
            File,
            new Schema(new Field("a", ColumnType.Integer)),
            rows => ((IntegerColumnBuilder)rows[0]).Append(1),
            rows => ((IntegerColumnBuilder)rows[0]).Append(2));

        await Assert.ThatAsync(
            () => Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed"));
    }

    [Test]
    public async Task OpenAsync_AfterAWatermark_IsRefused()
    {
        await WriteAsync(File, new Schema(new Field("a", ColumnType.Integer)), rows => ((IntegerColumnBuilder)rows[0]).Append(1));

        await Assert.ThatAsync(
            async () => await DataSources.Arrow(File).OpenAsync(new ReadRequest { After = new Watermark("1") }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("does not support OnlyNew"));
    }
}
