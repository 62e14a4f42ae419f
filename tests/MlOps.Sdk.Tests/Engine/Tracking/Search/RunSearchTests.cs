using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class RunSearchTests : StoreFixture
{
    private RunHistory _history = null!;

    [SetUp]
    public void Open() => _history = new RunHistory(Store, () => "tester");

    [TestCase("", "abcde")]
    [TestCase("metrics.auc > 0.7", "bd")]
    [TestCase("metrics.auc >= 0.7", "abd")]
    [TestCase("metrics.auc != 0.7", "bd")]
    [TestCase("not metrics.auc = 0.7", "bcde")]
    [TestCase("metrics.auc exists", "abd")]
    [TestCase("metrics.loss exists", "")]
    [TestCase("metrics.noise exists", "abcde")]
    [TestCase("metrics.noise != 1 or metrics.noise < 1 or metrics.noise >= 1", "")]
    [TestCase("metrics.noise exists and not (metrics.noise < 0 or metrics.noise >= 0)", "abcde")]
    [TestCase("metrics.auc in (0.7, 0.8)", "ad")]
    [TestCase("params.leaves = 31", "ab")]
    [TestCase("params.leaves = '31'", "a")]
    [TestCase("params.leaves = '31.0'", "b")]
    [TestCase("params.leaves > 15", "ab")]
    [TestCase("params.leaves != 31", "d")]
    [TestCase("params.leaves in (15, '31.0')", "bd")]
    [TestCase("params.leaves = many", "c")]
    [TestCase("params.leaves like '3%'", "ab")]
    [TestCase("tag.team = retention", "ad")]
    [TestCase("tag.team != retention", "b")]
    [TestCase("tag.team like '%*%'", "b")]
    [TestCase("tag.team like '%?_x%'", "")]
    [TestCase("tag.team = \"'; DROP TABLE runs; --\"", "")]
    [TestCase("lifecycle = churn", "abc")]
    [TestCase("lifecycle like 'p%'", "de")]
    [TestCase("lifecycle like 'P%'", "")]
    [TestCase("state = Failed", "b")]
    [TestCase("state = Interrupted", "e")]
    [TestCase("state = Running", "")]
    [TestCase("not state = Interrupted and not state = Failed", "acd")]
    [TestCase("started >= 2000-01-01 and ended exists", "abcde")]
    [TestCase("started < 2000-01-01", "")]
    [TestCase("duration >= 0", "abcde")]
    [TestCase("duration > 1000000", "")]
    [TestCase("metrics.auc > 0.7 or params.leaves = many", "bcd")]
    [TestCase("metrics.auc > 0.7 and (tag.team = retention or state = Failed)", "bd")]
    [TestCase("metrics.auc > 0.6 and params.leaves = 31 and tag.team = \"retention\"", "a")]
    [TestCase("cause = manual and not parent exists", "abcde")]
    [TestCase("kind = Lifecycle", "abcde")]
    public async Task SearchAsync_Filter_FindsTheRuns(string filter, string runs)
    {
        await FillAsync();

        var found = await _history.SearchAsync(filter, RunOrder.Oldest);

        Assert.That(string.Concat(found.Select(run => run.Tags["name"])), Is.EqualTo(runs));
    }

    [Test]
    public async Task SearchAsync_Found_HasWhatWasLogged()
    {
        await FillAsync();

        var run = (await _history.SearchAsync("tag.name = b")).Single();

        Assert.That(run.Parameters, Is.EqualTo(new Dictionary<string, string> { ["leaves"] = "31.0" }));
        Assert.That(run.Metrics, Is.EqualTo(new Dictionary<string, double> { ["auc"] = 0.9, ["noise"] = double.NaN }));
        Assert.That(run.Tags["team"], Is.EqualTo("a*b?c"));
        Assert.That((run.State, run.Error, run.Lifecycle, run.Kind), Is.EqualTo((RunState.Failed, "broken", "churn", RunKind.Lifecycle)));
        Assert.That(run.EndedAt, Is.AtLeast(run.StartedAt));
    }

    [Test]
    public async Task SearchAsync_LargestFilters_AreTaken()
    {
        await FillAsync();
        var tags = RunFilter.Tag("name").Is("a");
        for (var i = 1; i < 200; i++) tags |= RunFilter.Tag("name").Is($"{i}");
        var nots = RunFilter.Tag("name").Is("a");
        for (var i = 0; i < 50; i++) nots = !nots;

        Assert.That((await _history.SearchAsync(new RunQuery { Filter = tags })).Runs, Has.Count.EqualTo(1));
        Assert.That((await _history.SearchAsync(new RunQuery { Filter = nots })).Runs, Has.Count.EqualTo(1));
        var ids = RunFilter.Id.IsOneOf([.. Enumerable.Range(0, 10_000).Select(i => $"{i}")]);
        Assert.That((await _history.SearchAsync(new RunQuery { Filter = ids })).Runs, Is.Empty);
    }

    [Test]
    public async Task SearchAsync_Pages_GiveEveryRunOnce()
    {
        for (var i = 0; i < 23; i++) await AddAsync("many", $"{i}", i % 4 / 2.0, null, RunState.Succeeded);
        foreach (var order in (RunOrder[])[RunOrder.Newest, RunOrder.Oldest, RunOrder.Largest("auc"), RunOrder.Smallest("auc")])
        {
            var whole = await _history.SearchAsync("", order);
            List<FoundRun> paged = [];
            var query = new RunQuery { Order = order, Limit = 5 };
            for (string? next = ""; next is not null; query = query with { After = next })
            {
                var page = await _history.SearchAsync(query);
                paged.AddRange(page.Runs);
                next = page.Next;
                Assert.That(page.Runs, Has.Count.LessThanOrEqualTo(5));
            }

            Assert.That(paged.Select(run => run.Id), Is.EqualTo(whole.Select(run => run.Id)), order.ToString());
            Assert.That(paged, Has.Count.EqualTo(23), order.ToString());
        }

        var best = await _history.SearchAsync("", RunOrder.Largest("auc"));
        Assert.That(best.Select(run => run.Metrics["auc"]), Is.Ordered.Descending);
    }

    [Test]
    public async Task SearchAsync_ByAMetric_LeavesOutRunsWithoutIt()
    {
        await FillAsync();

        Assert.That(
            (await _history.SearchAsync("", RunOrder.Smallest("auc"))).Select(run => run.Tags["name"]),
            Is.EqualTo(new[] { "a", "d", "b" }));
        Assert.That(await _history.SearchAsync("", RunOrder.Largest("noise")), Is.Empty);
        Assert.That(await _history.SearchAsync("", RunOrder.Largest("unknown")), Is.Empty);
    }

    [TestCase("x")]
    [TestCase("1:2")]
    [TestCase("-")]
    [TestCase("")]
    public void SearchAsync_AfterWhatIsNoPage_SaysSo(string after) => Assert.That(
        async () => await _history.SearchAsync(new RunQuery { After = after }),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("'After'"));

    [Test]
    public void SearchAsync_LimitOutOfRange_Throws()
    {
        Assert.That(async () => await _history.SearchAsync(new RunQuery { Limit = 0 }), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await _history.SearchAsync(new RunQuery { Limit = 10_001 }), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private async Task FillAsync()
    {
        await AddAsync("churn", "a", 0.7, "31", RunState.Succeeded, "retention");
        await AddAsync("churn", "b", 0.9, "31.0", RunState.Failed, "a*b?c");
        await AddAsync("churn", "c", null, "many", RunState.Succeeded);
        await AddAsync("price", "d", 0.8, "15", RunState.Succeeded, "retention");
        await AddAsync("price", "e", null, null, null);
    }

    private async Task AddAsync(string lifecycle, string name, double? auc, string? leaves, RunState? state, string? team = null)
    {
        var tags = new Dictionary<string, string> { ["name"] = name };
        if (team is not null) tags["team"] = team;
        await using var tracker = await RunTracker.StartAsync(
            Store, NullLogger.Instance, new RunStart(lifecycle, [], Seed: 1) { Tags = tags });
        if (leaves is not null) await tracker.LogParameterAsync("leaves", leaves);
        if (auc is { } value) tracker.LogMetric("auc", value);
        tracker.LogMetric("noise", double.NaN);
        if (state is { } end) await tracker.CompleteAsync(end, end == RunState.Failed ? "broken" : null);
    }
}
