using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Plugins;
using NUnit.Framework;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Tests.Collection;

public sealed class ConcatenatedSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Read_SeveralSources_AreOneTable()
    {
        var all = Source("a.csv", 1, 2).Concat(Source("b.csv", 3));

        Assert.That(all.Name, Is.EqualTo("a.csv and b.csv"));
        Assert.That(Show(await all.ReadAllAsync()), Is.EqualTo(new[] { "1", "2", "3" }));
        Assert.That((await DatasetProfile.OfAsync(all)).RowCount, Is.EqualTo(3));
    }

    [Test]
    public async Task OpenAsync_OtherColumns_IsRefusedAsInTheBuilder()
    {
        var other = DataSources.Csv(_folder.Write("other.csv", "n\nx\n"));
        var failure = await Assert.ThrowsAsync<MlOpsException>(
            async () => await Source("a.csv", 1).Concat(other).OpenAsync(ReadRequest.All));
        var builder = await Assert.ThrowsAsync<MlOpsException>(() => CollectionReader.OpenAsync(
            new CollectionBuilder().From(Source("a.csv", 1)).From(other).Build(), null, PluginServices.None, TimeProvider.System));

        Assert.That(failure!.Message, Is.EqualTo(builder!.Message).And.Contains("'other.csv' has 'n' (Text)"));
    }

    [Test]
    public async Task Read_FailuresAndMalformedRows_EachRowOnceInOrder()
    {
        var malformed = Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? "bad,row" : $"{i}");
        IDataSource File(string name) => DataSources.Csv(
            _folder.Write(name, "n\n" + string.Join('\n', malformed) + "\n"),
            csv => csv.Schema = new Schema(new Field("n", ColumnType.Integer)));
        var failures = 0;
        var unreliable = new TroubledSource(File("a.csv").Concat(File("b.csv"), File("c.csv")))
        {
            HasVersion = true,
            Read = (opening, row) => row % 9 == 8 && failures++ % 2 == 0 ? new IOException("the line is down") : null
        };
        var retries = new RetryStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<IOException>(),
            MaxRetryAttempts = 5,
            Delay = TimeSpan.Zero
        };
        await using var spool = new MalformedSpool();
        await using var reader = await CollectionReader.OpenAsync(
            new CollectionBuilder()
                .From(unreliable)
                .Malformed(MalformedRows.Quarantine, 1)
                .Resilience(pipeline => pipeline.AddRetry(retries))
                .Build(),
            null,
            PluginServices.None,
            TimeProvider.System);

        var rows = Show(await Dataset.FromBatchesAsync(reader.Schema, reader.ReadAsync(spool)));

        var expected = Enumerable.Range(0, 40).Where(i => i % 3 != 0).Select(i => $"{i}").ToArray();
        Assert.That(rows, Is.EqualTo(expected.Concat(expected).Concat(expected)));
        Assert.That((spool.Count, spool.Lost, unreliable.Openings > 3), Is.EqualTo((42, 42, true)));
        Assert.That(spool.Examples.Take(15).Select(row => row.Source), Is.EqualTo(Enumerable.Repeat("a.csv", 14).Append("b.csv")));
    }

    [Test]
    public async Task OpenAsync_OneThatIsReadOnce_IsReadFromTheStartOnly()
    {
        var once = new TroubledSource(Source("a.csv", 1, 2)) { Repeatable = false, Query = "SELECT n", Note = "a: odd." };
        await using var scan = await once.Concat(Source("b.csv", 3)).OpenAsync(ReadRequest.All);

        Assert.That(
            (scan.IsRepeatable, scan.Version, scan.ReferenceVersion, scan.Watermark),
            Is.EqualTo((false, (ContentVersion?)null, (ContentVersion?)null, (Watermark?)null)));
        Assert.That((scan.Query, scan.Notes.Single()), Is.EqualTo(("troubled: SELECT n", "a: odd.")));
        Assert.That(
            async () => await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(new Position(1))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("from a position"));
    }

    [Test]
    public async Task Run_OnlyNew_IsRefusedWithTheRemedy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("both")
            .CollectData(data => data.From(Source("a.csv", 1).Concat(Source("b.csv", 2)), read => read.OnlyNew()))
            .Build();

        await Assert.ThatAsync(
            () => lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Property("Remedy").Contains("separately with From"));
        Assert.That(
            async () => await Source("a.csv", 1).Concat(Source("b.csv", 2)).OpenAsync(new ReadRequest { After = new Watermark("1") }),
            Throws.TypeOf<MlOpsException>().With.Property("Remedy").Contains("one by one"));
    }

    [Test]
    public void Concat_WithoutAnother_IsRefused() => Assert.That(() => Source("a.csv", 1).Concat(), Throws.ArgumentException);

    [Test]
    public async Task Read_OneJoined_KeepsWhatItLookedUpIn()
    {
        var names = DataSources.Csv(_folder.Write("names.csv", "n,name\n1,one\n"));
        await using var scan = await Source("a.csv", 1)
            .Join(names, ["n"])
            .Concat(Source("b.csv", 2).Join(names, ["n"]))
            .OpenAsync(ReadRequest.All);

        Assert.That(scan.ReferenceVersion, Is.Not.Null);
        Assert.That(Show(await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync())), Is.EqualTo(new[] { "1|one", "2|" }));
    }

    private static string[] Show(Dataset data) =>
    [
        .. Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', data.Columns.Select(column => column.GetText(row))))
    ];

    private IDataSource Source(string name, params int[] numbers) =>
        DataSources.Csv(_folder.Write(name, "n\n" + string.Concat(numbers.Select(n => $"{n}\n"))));
}
