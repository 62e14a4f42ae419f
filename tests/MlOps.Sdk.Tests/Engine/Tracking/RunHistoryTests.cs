using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class RunHistoryTests : StoreFixture
{
    private RunHistory _history = null!;

    [SetUp]
    public void Open() => _history = new RunHistory(Store, () => "tester");

    [Test]
    public async Task ListAsync_Filters_GiveNewestFirst()
    {
        var first = await RunAsync("churn", RunState.Succeeded, 1);
        var second = await RunAsync("churn", RunState.Failed, 2);
        var third = await RunAsync("price", RunState.Succeeded, 3);
        var fourth = await RunAsync("price", null, 4);
        Assert.That(await IdsAsync(), Is.EqualTo(new[] { fourth, third, second, first }));
        Assert.That(await IdsAsync(lifecycle: "churn"), Is.EqualTo(new[] { second, first }));
        Assert.That(await IdsAsync(state: RunState.Succeeded), Is.EqualTo(new[] { third, first }));
        Assert.That(await IdsAsync(state: RunState.Interrupted), Is.EqualTo(new[] { fourth }));
        Assert.That(await IdsAsync(state: RunState.Running), Is.Empty);
        Assert.That(await IdsAsync(limit: 2), Is.EqualTo(new[] { fourth, third }));
        Assert.That((await _history.LatestAsync("churn"))!.Id, Is.EqualTo(second));
        Assert.That(await _history.LatestAsync("none"), Is.Null);
    }

    [Test]
    public async Task LatestAsync_LaterRunOfCodeOfItsOwn_IsNotOneOfTheLifecycle()
    {
        var first = await RunAsync("churn", RunState.Succeeded, 1);
        await using var notebook = await RunTracker.StartAsync(
            Store, NullLogger.Instance, new RunStart("churn", [], 1) { Kind = RunKind.Experiment });

        Assert.That((await _history.LatestAsync("churn"))!.Id, Is.EqualTo(first));
        Assert.That(await IdsAsync(lifecycle: "churn"), Is.EqualTo(new[] { notebook.RunId, first }));
    }

    [Test]
    public async Task Ids_LaterRuns_SortAfterEarlier()
    {
        var ids = new List<string>();
        for (var i = 0; i < 5; i++) ids.Add(await RunAsync("churn", RunState.Succeeded, 0));
        Assert.That(ids, Is.Ordered.Using<string>(StringComparer.Ordinal));
    }

    [Test]
    public async Task MetricsAsync_Series_IsOrderedByStepAndKeepsNaN()
    {
        var id = await RunAsync("churn", RunState.Succeeded, double.NaN);
        var series = await _history.MetricsAsync(id);
        Assert.That(series.Select(m => (m.Name, m.Step, m.Value)), Is.EqualTo(new[] { ("auc", 1L, 0.1), ("auc", 2L, double.NaN) }));
        Assert.That(await _history.MetricsAsync(id, "other"), Is.Empty);
    }

    [Test]
    public void GetAsync_Unknown_SaysSo() =>
        Assert.That(async () => await _history.GetAsync("none"), Throws.TypeOf<MlOpsException>().With.Message.Contains("'none'"));

    private async Task<string> RunAsync(string lifecycle, RunState? end, double auc)
    {
        Clock.Advance(TimeSpan.FromMinutes(1));
        await using var tracker = await RunTracker.StartAsync(
            Store, NullLogger.Instance, new RunStart(lifecycle, [LifecycleStage.Training], 1));
        tracker.LogMetric("auc", auc, 2);
        tracker.LogMetric("auc", 0.1, 1);
        if (end is { } state) await tracker.CompleteAsync(state);
        return tracker.RunId;
    }

    private async Task<IEnumerable<string>> IdsAsync(string? lifecycle = null, RunState? state = null, int limit = 100) =>
        (await _history.ListAsync(lifecycle, state, limit)).Select(run => run.Id);
}
