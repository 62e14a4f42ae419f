using System.Threading.Channels;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

[TestFixture]
public sealed class RowPipelineTests
{
    private static readonly DateTime Noon = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    private static readonly RowPipeline Steps = RowPipeline.Create(data => data
        .DropDuplicates()
        .Expect(rows => rows.Column("value").Between(0, 100), OnFailure.Quarantine, 0.1)
        .Rename("value", "amount"));

    [Test]
    public async Task Apply_TableWindowsAndStream_GiveTheSameRows()
    {
        var rows = Readings(200);
        var source = DataSources.Objects(rows);
        var pipeline = RowPipeline.Create(data => data.Rename("value", "amount").Filter(row => row.Number("amount") > 20));

        var table = await pipeline.ApplyAsync(await source.ReadAllAsync());
        var windows = new List<string>();
        await foreach (var window in pipeline.ApplyAsync(source.ByCount(7))) windows.AddRange(Show(window.Processed.Rows));
        var streamed = new List<string>();
        await foreach (var batch in pipeline.StreamAsync(DataSources.Objects(rows.ToAsyncEnumerable())))
        {
            streamed.AddRange(Show(Dataset.FromBatches(batch.Schema, [batch])));
        }

        Assert.That(Show(table.Rows), Is.Not.Empty);
        Assert.That(windows, Is.EqualTo(Show(table.Rows)));
        Assert.That(streamed, Is.EqualTo(Show(table.Rows)));
    }

    [Test]
    public async Task Apply_QuarantinedRows_AreSetAsideAsTheyWere()
    {
        var rows = await DataSources.Objects([
            new Reading(1, 5, Noon),
            new Reading(2, 500, Noon),
            new Reading(1, 5, Noon),
            new Reading(3, 7, Noon)
        ])
            .ReadAllAsync();

        var processed = await Steps.ApplyAsync(rows);

        Assert.Multiple(() =>
        {
            Assert.That(processed.Rows.Schema.Select(field => field.Name), Is.EqualTo(new[] { "id", "amount", "at" }));
            Assert.That(Show(processed.Rows).Select(row => row[0]), Is.EqualTo("13"));
            Assert.That(processed.Quarantined.Single().Rows["value"].GetNumber(0), Is.EqualTo(500));
            Assert.That((processed.Expectations.Single().RowsChecked, processed.Expectations.Single().RowsFailed), Is.EqualTo((3, 1)));
        });
    }

    [Test]
    public async Task Apply_WindowsOfAChannel_AreEachASetOfTheirOwn()
    {
        var channel = Channel.CreateUnbounded<Reading>();
        foreach (var minute in new[] { 0, 1, 1, 6, 6, 12 }) channel.Writer.TryWrite(new Reading(1, minute, Noon.AddMinutes(minute)));
        channel.Writer.Complete();

        var kept = new List<int>();
        await foreach (var window in Steps.ApplyAsync(DataSources.Channel(channel.Reader).ByTime("at", TimeSpan.FromMinutes(5))))
        {
            kept.Add(window.Processed.Rows.RowCount);
        }

        Assert.That(kept, Is.EqualTo(new[] { 2, 1, 1 }), "duplicates are dropped within a window");
    }

    [Test]
    public async Task Apply_ExpectationThatReadsAReference_IsPrepared()
    {
        var pipeline = RowPipeline.Create(data => data.Expect(
            rows => rows.Column("id").OccursIn(DataSources.Objects([new { Id = 0 }, new { Id = 1 }]), "id"), OnFailure.Quarantine, 0.1));

        var processed = await pipeline.ApplyAsync(await DataSources.Objects(Readings(10)).ReadAllAsync());

        Assert.That((processed.Rows.RowCount, processed.Quarantined.Single().Rows.RowCount), Is.EqualTo((4, 6)));
    }

    [Test]
    public void Apply_ValueThatCannotBeCast_NamesTheRowAsTheStageDoes()
    {
        var pipeline = RowPipeline.Create(data => data.Filter(row => row.Number("value") > 2).Cast("value", ColumnType.Boolean));

        Assert.That(
            async () => await pipeline.ApplyAsync(await DataSources.Objects(Readings(10)).ReadAllAsync()),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 1: '3' cannot become Boolean"));
    }

    [Test]
    public async Task Apply_ExpectationsBehindEachOther_SetRowsAsideInTheirOrder()
    {
        var pipeline = RowPipeline.Create(data => data
            .Expect(rows => rows.Column("value").Between(0, 100), OnFailure.Quarantine, 0.1)
            .Expect(rows => rows.Column("value").Between(0, 8), OnFailure.Quarantine, 0.1)
            .Rename("value", "amount")
            .Expect(rows => rows.Column("amount").Between(1, 8), OnFailure.Quarantine, 0.1));

        var processed = await pipeline.ApplyAsync(await DataSources.Objects(Readings(10)).ReadAllAsync());

        Assert.That(
            processed.Quarantined.Select(set => $"{set.Expectation}: {string.Join(' ', Show(set.Rows))}"),
            Is.EqualTo(new[]
            {
                "value.between: 4|9|2024-05-01T12:09:00.0000000Z",
                "amount.between: 0|0|2024-05-01T12:00:00.0000000Z"
            }));
    }

    [Test]
    public void Create_WithASplit_IsRefused() => Assert.That(
        () => RowPipeline.Create(data => data.Split(test: 0.2)),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("split"));

    [Test]
    public void Apply_ExpectationNotMet_Throws()
    {
        var pipeline = RowPipeline.Create(data => data.Expect(rows => rows.Column("value").Between(0, 1)));

        Assert.That(
            async () => await pipeline.ApplyAsync(await DataSources.Objects(Readings(10)).ReadAllAsync()),
            Throws.TypeOf<ExpectationFailedException>());
    }

    [Test]
    public void Apply_WindowThatFails_IsNamed()
    {
        var windows = DataSources.Objects(Readings(12)).ByTime("at", TimeSpan.FromMinutes(5));
        async Task ReadAsync(RowPipeline pipeline, IAsyncEnumerable<StreamWindow> of)
        {
            await foreach (var _ in pipeline.ApplyAsync(of)) continue;
        }

        Assert.That(
            async () => await ReadAsync(RowPipeline.Create(data => data.Expect(rows => rows.Column("value").Between(0, 8))), windows),
            Throws.TypeOf<ExpectationFailedException>()
                .With.Message.Contains("12:05:00 to ")
                .And.Message.Match("^Window 2, from 2024-.*: The data do not meet 1 expectation"));
        Assert.That(
            async () => await ReadAsync(RowPipeline.Create(data => data.Drop("none")), DataSources.Objects(Readings(12)).ByCount(5)),
            Throws.TypeOf<MlOpsException>().With.Property("Problem").StartsWith("Window 1: ").And.Property("Column").EqualTo("none"));
    }

    [Test]
    public void Stream_StepThatNeedsTheWholeSet_IsRefusedAtTheCallWithTheRemedy()
    {
        var source = DataSources.Channel(Channel.CreateUnbounded<Reading>().Reader);
        void Refuses(Action<ProcessingBuilder> steps, string what) => Assert.That(
            () => RowPipeline.Create(steps).StreamAsync(source),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(what).And.Property("Remedy").Contains("windows"));

        Assert.Multiple(() =>
        {
            Refuses(data => data.DropDuplicates(), "drop-duplicates");
            Refuses(data => data.Rename("value", "amount").SortByTime("at"), "needs all rows");
            Refuses(data => data.Expect(rows => rows.Column("value").NotNull()), "judges a set");
        });
    }

    private static Reading[] Readings(
        int count) => [.. Enumerable.Range(0, count).Select(i => new Reading(i % 5, i % 41, Noon.AddMinutes(i)))];

    private static string[] Show(Dataset rows) =>
    [
        .. Enumerable.Range(0, rows.RowCount).Select(row => string.Join('|', rows.Columns.Select(column => column.GetText(row))))
    ];

    private sealed record Reading(int Id, int Value, DateTime At);
}
