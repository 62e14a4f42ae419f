using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class DeploymentEventsTests
{
    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        _folder = new TempFolder();
        _workspace = await OpenAsync();
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Read_WhatWasDoneToAModel_TellsItInItsOrder()
    {
        for (var i = 1; i <= 2; i++)
        {
            var run = await SampleLifecycle.Begin(Subscriber.Draw(500 + i * 100, i))
                .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable()).Build().RunAsync(_workspace);
            Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
            _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        }
        var before = await _workspace.Events.PositionAsync();
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 1, 0.1)], "compare");
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "an incident");
        await _workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "it is over");
        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "worse");

        var all = await ListAsync(_workspace.Events.ReadAsync());
        var after = await ListAsync(_workspace.Events.ReadAsync(before, SampleLifecycle.Name));

        Assert.That(
            all.Take(6).Select(found => (found.Kind, found.Version, found.PreviousVersion)),
            Is.EqualTo(new (DeploymentEventKind, int?, int?)[]
            {
                (DeploymentEventKind.Registered, 1, null), (DeploymentEventKind.Blessed, 1, null), (DeploymentEventKind.Promoted, 1, null),
                (DeploymentEventKind.Registered, 2, null), (DeploymentEventKind.Blessed, 2, null), (DeploymentEventKind.Promoted, 2, 1),
            }));
        Assert.That(
            after.Select(found => (found.Kind, found.Version, found.Reason)),
            Is.EqualTo(new (DeploymentEventKind, int?, string?)[]
            {
                (DeploymentEventKind.Routed, 2, "compare"), (DeploymentEventKind.Stopped, 2, "an incident"),
                (DeploymentEventKind.Resumed, 2, "it is over"),

                // What is live again gets all calls.
                (DeploymentEventKind.Routed, 1, "worse"), (DeploymentEventKind.RolledBack, 1, "worse"),
            }));
        Assert.That(after.Select(found => found.Actor), Is.All.EqualTo(_workspace.Options.Actor));

        // A version that goes live does so later than the one before, also where the clock stands still.
        Assert.That(after.Select(found => found.At), Is.Ordered.And.All.EqualTo(_time.GetUtcNow()).Within(TimeSpan.FromMilliseconds(1)));
        Assert.That(await ListAsync(_workspace.Events.ReadAsync(model: "another")), Is.Empty);
    }

    [TestCase("rollout.started", """{"share":"0.05","reason":"r"}""", DeploymentEventKind.RolloutStarted, 0.05)]
    [TestCase("rollout.advanced", """{"share":"0.5"}""", DeploymentEventKind.RolloutAdvanced, 0.5)]
    [TestCase("rollout.completed", "{}", DeploymentEventKind.RolloutCompleted, null)]
    [TestCase("rollout.rolled-back", "[]", DeploymentEventKind.RolloutRolledBack, null)]
    [TestCase("rollout.cancelled", "nonsense", DeploymentEventKind.RolloutCancelled, null)]
    [TestCase("model.refused", """{"reason":4}""", DeploymentEventKind.Refused, null)]
    public async Task Read_Entry_HasWhatItTells(string action, string details, DeploymentEventKind kind, double? share)
    {
        await _workspace.Audit.AppendAsync("ann", action, "model:a/b/3", details);
        await _workspace.Audit.AppendAsync("ann", action, "run:a", details);
        await _workspace.Audit.AppendAsync("ann", "model.unheard-of", "model:a/b/3", details);

        var found = (await ListAsync(_workspace.Events.ReadAsync())).Single();

        Assert.That((found.Kind, found.Model, found.Version, found.Share), Is.EqualTo((kind, "a/b", (int?)3, share)));
    }

    [Test]
    public async Task Watch_EventsOfAnotherProcess_ComeOnceInTheirOrder()
    {
        await DoAsync(_workspace, 1);
        await using var other = await OpenAsync();
        var seen = new List<int?>();
        await using var events = _workspace.Events.WatchAsync(after: 1).GetAsyncEnumerator();
        for (var version = 2; version <= 30; version++)
        {
            await DoAsync(version % 2 == 0 ? other : _workspace, version);
            if (version % 3 == 0) continue;
            seen.Add((await NextAsync(events)).Version);
        }

        while (seen.Count < 29) seen.Add((await NextAsync(events)).Version);
        Assert.That(seen, Is.EqualTo(Enumerable.Range(2, 29)));
    }

    [Test]
    public async Task Watch_WithoutAPosition_BeginsWithWhatIsNewAndEndsWhenItIsCancelled()
    {
        await DoAsync(_workspace, 1);
        using var end = new CancellationTokenSource();
        await using var events = _workspace.Events.WatchAsync(cancellationToken: end.Token).GetAsyncEnumerator();
        var next = events.MoveNextAsync().AsTask();
        for (var version = 2; !next.IsCompleted; version++)
        {
            await DoAsync(_workspace, version);
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        Assert.That(await next, Is.True);
        Assert.That(events.Current.Version, Is.GreaterThan(1));
        await end.CancelAsync();
        Assert.That(
            async () =>
            {
                while (await events.MoveNextAsync()) _time.Advance(TimeSpan.FromSeconds(1));
            },
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase(-1L, 1_000)]
    [TestCase(null, 0)]
    [TestCase(null, 90_000_000)]
    public void Watch_BadArguments_AreRejected(long? after, int milliseconds) => Assert.That(
        async () => await ListAsync(_workspace.Events.WatchAsync(after, interval: TimeSpan.FromMilliseconds(milliseconds))),
        Throws.InstanceOf<ArgumentOutOfRangeException>());

    private async Task<DeploymentEvent> NextAsync(IAsyncEnumerator<DeploymentEvent> events)
    {
        var next = events.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1);
        }

        Assert.That(await next, Is.True);
        return events.Current;
    }

    private static Task DoAsync(Workspace workspace, int version) => workspace.Audit.AppendAsync(
        "ann", "model.promoted", FormattableString.Invariant($"model:churn/{version}"), """{"previous":"1","reason":"better"}""");

    private static async Task<List<DeploymentEvent>> ListAsync(IAsyncEnumerable<DeploymentEvent> events)
    {
        var list = new List<DeploymentEvent>();
        await foreach (var found in events) list.Add(found);
        return list;
    }

    private Task<Workspace> OpenAsync() => Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
}
