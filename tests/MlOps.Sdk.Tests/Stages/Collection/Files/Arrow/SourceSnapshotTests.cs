using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class SourceSnapshotTests
{
    private static readonly Dataset Rows = SampleRows.Create(20_000);

    [Test]
    public async Task SnapshotAsync_OfASourceThatIsReadOnce_ReadsItOnceAndGivesItsRowsAgainAndAgain()
    {
        var source = new TroubledSource(new DatasetSource(SampleRows.Create(50))) { Repeatable = false };
        using var snapshot = await source.SnapshotAsync();

        var first = Texts(await snapshot.ReadAllAsync());

        Assert.That((source.Openings, snapshot.RowCount, snapshot.Name), Is.EqualTo((1, 50L, "troubled")));
        Assert.That(snapshot.Schema, Is.EqualTo(SampleRows.Schema));
        Assert.That(first, Is.EqualTo(Texts(SampleRows.Create(50))));
        Assert.That(Texts(await snapshot.ReadAllAsync()), Is.EqualTo(first));
    }

    [Test]
    public async Task ReadAsync_BySeveralReadersAtOnce_GivesEachAllRows()
    {
        using var snapshot = await new DatasetSource(Rows).SnapshotAsync();

        var read = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => Texts(await snapshot.ReadAllAsync()))));

        Assert.That(read, Is.All.EqualTo(Texts(Rows)));
    }

    [Test]
    public async Task Dispose_WhileSomebodyReads_FailsTheReaderAndLaterOnes()
    {
        var snapshot = await new DatasetSource(Rows).SnapshotAsync();
        await using var scan = await snapshot.OpenAsync(ReadRequest.All);
        await using var batches = scan.ReadAsync().GetAsyncEnumerator();
        await batches.MoveNextAsync();

        snapshot.Dispose();
        snapshot.Dispose();

        Assert.That(
            async () =>
            {
                while (await batches.MoveNextAsync()) Assert.That(batches.Current.RowCount, Is.Positive);
            },
            Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await snapshot.OpenAsync(ReadRequest.All), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task SnapshotAsync_OfASourceWithoutRows_HasItsColumns()
    {
        using var snapshot = await new DatasetSource(SampleRows.Create(0)).SnapshotAsync();

        var rows = await snapshot.ReadAllAsync();

        Assert.That((snapshot.RowCount, rows.RowCount), Is.EqualTo((0L, 0)));
        Assert.That(rows.Schema, Is.EqualTo(SampleRows.Schema));
    }

    [Test]
    public async Task SnapshotAsync_OfSomeColumns_AsksTheSourceForNoOthers()
    {
        using var snapshot = await new DatasetSource(SampleRows.Create(5)).SnapshotAsync(["plan", "amount"]);

        Assert.That(snapshot.Schema.Select(field => field.Name), Is.EqualTo(new[] { "plan", "amount" }));
        Assert.That(
            async () => await new DatasetSource(SampleRows.Create(5)).SnapshotAsync(["no such column"]),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("no such column"));
    }

    [Test]
    public void SnapshotAsync_OfASourceThatFails_TellsItsFailure() =>
        Assert.That(
            async () => await new TroubledSource(new DatasetSource(SampleRows.Create(20)))
            {
                Read = (_, row) => row == 7 ? new MlOpsException("Row 7 is bad.", "Mend it.") : null
            }.SnapshotAsync(),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Row 7 is bad."));

    [Test]
    public void SnapshotAsync_Cancelled_Throws() =>
        Assert.That(
            async () => await new DatasetSource(Rows).SnapshotAsync(cancellationToken: new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public async Task OpenAsync_OfWhatIsNew_IsRefused()
    {
        using var snapshot = await new DatasetSource(SampleRows.Create(5)).SnapshotAsync();

        Assert.That(
            async () => await snapshot.OpenAsync(new ReadRequest { After = new Watermark("1") }),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("OnlyNew"));
    }

    private static string[] Texts(Dataset rows) =>
        [.. Enumerable.Range(0, rows.RowCount).Select(row => string.Join('|', rows.Columns.Select(column => column.GetText(row))))];
}
