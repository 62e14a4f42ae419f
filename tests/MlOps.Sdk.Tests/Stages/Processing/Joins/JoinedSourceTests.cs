using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tests.Collection;
using MlOps.Sdk.Tracking;
using NUnit.Framework;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Tests.Processing;

public sealed class JoinedSourceTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task ReadAllAsync_LeftAndInner_AppendWhatTheKeyFinds()
    {
        var (orders, customers) = Sources();

        Assert.That(
            Show(await orders.Join(customers, ["customer"]).ReadAllAsync()),
            Is.EqualTo(new[] { "1|a|10|Bern|7", "2|b|20|Rom|8", "3|x|30||", "4||40||", "5|a|50|Bern|7" }));
        Assert.That(
            Show(await orders.Join(customers, ["customer"], JoinKind.Inner, ["city"], "of_").ReadAllAsync()),
            Is.EqualTo(new[] { "1|a|10|Bern", "2|b|20|Rom", "5|a|50|Bern" }));
    }

    [Test]
    public async Task OpenAsync_Columns_AreTakenFromTheSourceThatHasThem()
    {
        var (orders, customers) = Sources();
        await using var scan = await orders
            .Join(customers, ["customer"])
            .OpenAsync(new ReadRequest { Columns = ["city", "amount"], BatchSize = 2 });
        var data = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(new Position(3)));

        Assert.That(scan.Schema.Select(field => field.Name), Is.EqualTo(new[] { "city", "amount" }));
        Assert.That((scan.IsRepeatable, Show(data)), Is.EqualTo((true, new[] { "|40", "Bern|50" })));
        Assert.That(
            async () => await orders.Join(customers, ["customer"]).OpenAsync(new ReadRequest { Columns = ["town"] }),
            Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("town"));
    }

    [Test]
    public async Task OpenAsync_EitherSourceChanged_IsAnotherVersion()
    {
        var (orders, customers) = Sources();
        async Task<string> VersionAsync(JoinKind kind = JoinKind.Left)
        {
            await using var scan = await orders.Join(customers, ["customer"], kind).OpenAsync(ReadRequest.All);
            return scan.Version!.Value;
        }

        var versions = new List<string> { await VersionAsync(), await VersionAsync(JoinKind.Inner) };
        Assert.That(await VersionAsync(), Is.EqualTo(versions[0]));
        _folder.Write("customers.csv", "customer,city,size\na,Bern,7\nb,Roma,8\n");
        versions.Add(await VersionAsync());
        _folder.Write("orders.csv", "id,customer,amount\n1,a,10\n");
        versions.Add(await VersionAsync());

        Assert.That(versions, Is.Unique);
    }

    [Test]
    public async Task OpenAsync_InnerJoin_IsReadFromTheStartOnly()
    {
        var (orders, customers) = Sources();
        await using var scan = await orders.Join(customers, ["customer"], JoinKind.Inner).OpenAsync(ReadRequest.All);

        Assert.That(scan.IsRepeatable, Is.False);
        Assert.That(
            async () => await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(new Position(1))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("from a position"));
    }

    [Test]
    public async Task Read_ReferenceChangedBeforeARetry_IsRefused()
    {
        var (orders, customers) = Sources();
        var troubled = new TroubledSource(orders)
        {
            Read = (opening, row) =>
            {
                if ((opening, row) != (1, 2)) return null;
                _folder.Write("customers.csv", "customer,city,size\na,Roma,7\n");
                return new IOException("the line is down");
            },
        };

        await Assert.ThatAsync(
            () => ReadAsync(troubled.Join(customers, ["customer"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("changed while it was being read"));
        Assert.That(troubled.Openings, Is.EqualTo(2));
    }

    [Test]
    public async Task Read_ReferenceAsItWas_IsReadOnBehindTheFailure()
    {
        var (orders, customers) = Sources();
        var troubled = new TroubledSource(
            orders) { Read = (opening, row) => (opening, row) == (1, 2) ? new IOException("the line is down") : null };

        Assert.That(
            await ReadAsync(troubled.Join(customers, ["customer"])),
            Is.EqualTo(new[] { "1|a|10|Bern|7", "2|b|20|Rom|8", "3|x|30||", "4||40||", "5|a|50|Bern|7" }));
        Assert.That(troubled.Openings, Is.EqualTo(2));
    }

    [Test]
    public async Task OpenAsync_ReferenceThatIsReadOnce_RefusesAPipeline()
    {
        var (orders, customers) = Sources();
        var joined = orders.Join(new TroubledSource(customers) { Repeatable = false }, ["customer"]);

        await Assert.ThatAsync(() => ReadAsync(joined), Throws.TypeOf<MlOpsException>().With.Message.Contains("both of its sources"));
        await using var scan = await joined.OpenAsync(ReadRequest.All);
        Assert.That(scan.IsRepeatable, Is.False);
    }

    [Test]
    public async Task OpenAsync_ColumnThatBothHave_IsRefusedWhateverIsWanted()
    {
        var (orders, _) = Sources();
        var joined = orders.Join(DataSources.Csv(_folder.Write("limits.csv", "customer,amount\na,1\n")), ["customer"]);

        foreach (string[]? columns in new[] { null, new[] { "id" }, ["amount"] })
        {
            await Assert.ThatAsync(
                async () => await joined.OpenAsync(new ReadRequest { Columns = columns }),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("there is already a column 'amount'"));
        }
    }

    [Test]
    public async Task Run_JoinOfTroubledSources_SummaryNamesQueriesNotesAndCodeOfBoth()
    {
        var (orders, customers) = Sources();
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = new TroubledSource(orders) { Query = "SELECT orders" };
        var second = new TroubledSource(DataSources.Csv(_folder.Write("customers.csv", "customer,city\nA,Bern\n")))
        {
            Query = "SELECT customers",
            Note = "customers: something is odd."
        };

        var run = await LifecycleBuilder.Create("joined")
            .CollectData(data => data.From(first.Join(second, ["customer"])))
            .Build()
            .RunAsync(workspace);

        Assert.That(run.Collection!.Sources[0].Query, Is.EqualTo("troubled: SELECT orders; troubled: SELECT customers"));
        Assert.That(run.Collection.Notes, Has.Count.EqualTo(2));
        Assert.That(run.Collection.Notes[0], Is.EqualTo("customers: something is odd."));
        Assert.That(run.Collection.Notes[1], Does.Contain("none of 5 rows has a match in troubled"));
        Assert.That(run.Collection.Code, Has.One.StartsWith("MlOps.Sdk.Tests "));
    }

    [Test]
    public async Task Run_OnlyTheReferenceChanged_SaysThatKeptRowsAreAsTheyWere()
    {
        var (orders, customers) = Sources();
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("joined")
            .CollectData(data => data.From(orders.Join(customers, ["customer"]), read => read.OnlyNew()).KeepEarlierRows())
            .Build();
        var first = await lifecycle.RunAsync(workspace);
        await File.AppendAllTextAsync(Path.Combine(_folder.Path, "orders.csv"), "6,b,60\n");
        var same = await lifecycle.RunAsync(workspace);

        _folder.Write("customers.csv", "customer,city,size\na,Roma,7\n");
        var changed = await lifecycle.RunAsync(workspace);

        Assert.That((first.Collection!.Notes.Count, same.Collection!.Notes.Count), Is.EqualTo((0, 0)));
        Assert.That(same.Collection.Sources[0].ReferenceVersion, Is.Not.Null.And.EqualTo(first.Collection.Sources[0].ReferenceVersion));
        Assert.That(changed.Collection!.Rows, Is.EqualTo(6));
        Assert.That(changed.Collection.Notes.Single(), Does.Contain($"has changed since run {same.Id}"));
    }

    [Test]
    public void OpenAsync_KeysThatDoNotFit_AreExplained()
    {
        var (orders, customers) = Sources();
        var repeated = DataSources.Csv(_folder.Write("twice.csv", "customer,city\na,Bern\na,Rom\n"));

        Assert.That(
            async () => await orders.Join(customers, ["id"]).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("in its reference, needs the column 'id'"));
        Assert.That(
            async () => await orders.Join(repeated, ["customer"]).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("would multiply rows"));
        Assert.That(() => orders.Join(customers, []), Throws.TypeOf<ArgumentException>());
    }

    [Test]
    public async Task Run_OnlyNewOfAJoin_ReadsWhatCameSince()
    {
        var (orders, customers) = Sources();
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("joined")
            .CollectData(data => data.From(orders.Join(customers, ["customer"]), read => read.OnlyNew()))
            .Build();

        var first = await lifecycle.RunAsync(workspace);
        var nothing = await lifecycle.RunAsync(workspace);
        var idle = (await workspace.Runs.LatestAsync("joined"))!;
        Assert.That((nothing.Id, nothing.ResultsOf, nothing.Collection!.Rows), Is.EqualTo((idle.Id, first.Id, 5L)));
        Assert.That(
            async () => await lifecycle.ResumeAsync(workspace, idle.Id),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("nothing to resume"),
            "it would read again what later runs read");
        Assert.That((idle.State, idle.Stages[0].State), Is.EqualTo((RunState.NothingNew, StageState.Skipped)));
        await File.AppendAllTextAsync(Path.Combine(_folder.Path, "orders.csv"), "6,b,60\n");
        var second = await lifecycle.RunAsync(workspace);

        Assert.That((first.Collection!.Rows, second.Collection!.Rows), Is.EqualTo((5L, 1L)));
        var later = await workspace.LifecycleRunAsync(idle.Id);
        Assert.That((later.State, later.ResultsOf), Is.EqualTo((RunState.NothingNew, first.Id)), "what came since is no result of then");
        Assert.That(first.Collection.Code.Single(), Does.Match(@"^MlOps\.Sdk\.Core \d+\.\d+\.\d+\S* \([0-9a-f-]{36}\)$"));
    }

    // With retries that wait for nothing.
    private static async Task<string[]> ReadAsync(IDataSource source)
    {
        var retries = new RetryStrategyOptions { ShouldHandle = new PredicateBuilder().Handle<IOException>(), Delay = TimeSpan.Zero };
        await using var malformed = new MalformedSpool();
        await using var reader = await CollectionReader.OpenAsync(
            new CollectionBuilder().From(source).Resilience(pipeline => pipeline.AddRetry(retries)).Build(),
            null,
            PluginServices.None,
            TimeProvider.System);
        return Show(await Dataset.FromBatchesAsync(reader.Schema, reader.ReadAsync(malformed)));
    }

    private static string[] Show(Dataset data) =>
    [
        .. Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', data.Columns.Select(column => column.GetText(row))))
    ];

    private (IDataSource Orders, IDataSource Customers) Sources() => (
        DataSources.Csv(_folder.Write("orders.csv", "id,customer,amount\n1,a,10\n2,b,20\n3,x,30\n4,,40\n5,a,50\n")),
        DataSources.Csv(_folder.Write("customers.csv", "customer,city,size\na,Bern,7\nb,Rom,8\nc,Wien,9\n")));
}
