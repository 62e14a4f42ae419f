using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelTrafficTests
{
    private static readonly UnlabelledSubscriber Row = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 5)[0]);

    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task DeployThree()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ann");
        for (var i = 1; i <= 3; i++)
        {
            var run = await SampleLifecycle.Begin(Subscriber.Draw(500 + i * 100, i))
                .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable())
                .Monitored()
                .Build()
                .RunAsync(_workspace);
            Assert.That((run.Deployment!.Version, run.Deployment.IsDeployed), Is.EqualTo((i, true)), run.Deployment.Reason);

            // What can no more be compared may be replaced.
            _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        }
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    private Endpoint<UnlabelledSubscriber, double> Endpoint => _workspace.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);

    [Test]
    public async Task Divide_TwoArms_AnswersInTheirSharesAndSaysWhich()
    {
        const int calls = 20_000;
        var split = await _workspace.Traffic.DivideAsync(
            SampleLifecycle.Name, [new("canary", 1, 0.1), new("challenger", 2, 0.3)], "try both");

        var answers = Enumerable.Range(0, calls).Select(_ => Endpoint.Predict(Row)).ToArray();

        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var found = await _workspace.Traffic.FindAsync(SampleLifecycle.Name);
        var audited = await _workspace.Audit.VerifyAsync();
        Assert.Multiple(() =>
        {
            Assert.That(split.LiveShare, Is.EqualTo(0.6).Within(1e-12));
            Assert.That((found!.Generation, found.Actor, found.Reason), Is.EqualTo((split.Generation, "ann", "try both")));
            Assert.That(found.Arms, Is.EqualTo(split.Arms));
            foreach (var (arm, version, share) in new[] { ("canary", 1, 0.1), ("challenger", 2, 0.3), (TrafficArm.Live, 3, 0.6) })
            {
                var ofArm = answers.Where(answer => answer.Arm == arm).ToArray();
                Assert.That(ofArm.Select(answer => answer.Version), Is.All.EqualTo(version), arm);
                Assert.That(ofArm.Length, Is.EqualTo(calls * share).Within(5 * Math.Sqrt(calls * share * (1 - share))), arm);
                Assert.That(ofArm.Select(answer => answer.Value).Distinct().Count(), Is.EqualTo(1), "each version has its score");
            }

            Assert.That(answers.Select(answer => answer.Value).Distinct().Count(), Is.EqualTo(3));
            Assert.That(audited.Problem, Is.Null);
        });
    }

    [Test]
    public async Task Follow_PackageOfAnArmThatIsServedIsLost_GoesOn()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 1, 0.1), new("challenger", 2, 0.3)], "try both");
        await using var other = await Workspace.OpenAsync(_folder.Path);
        await other.ServeAsync(SampleLifecycle.Name);
        _workspace.Files.Delete((await _workspace.Models.GetAsync(SampleLifecycle.Name, 2)).PackageId);
        var split = (await _workspace.Traffic.FindAsync(SampleLifecycle.Name))!;

        await new TrafficRegistry(_workspace.Store).SetAsync(
            SampleLifecycle.Name, [new("canary", 1, 0.5), new("challenger", 2, 0.5)], 3, split.Generation, "ann", "a step", null, default);
        await other.ServeAsync(SampleLifecycle.Name);

        var endpoint = other.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
        Assert.That(
            Enumerable.Range(0, 200).Select(_ => endpoint.Predict(Row).Version).Distinct(), Is.EquivalentTo(new[] { 1, 2 }));
    }

    [Test]
    public async Task Predict_WithAKey_StaysOnItsArmWhileTheShareGrows()
    {
        string[] keys = [.. Enumerable.Range(0, 2_000).Select(i => $"customer-{i}")];
        HashSet<string> before = [];
        foreach (var share in new[] { 0.05, 0.25, 0.5, 1 })
        {
            await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, share)], "a step");
            string[] now = [.. keys.Where(key => Endpoint.Predict(Row, PredictionId.New(), key).Arm == "canary")];
            var byName = _workspace.Endpoint(SampleLifecycle.Name);

            Assert.That(before.Except(now), Is.Empty, "who was on the canary stays on it");
            Assert.That(now, Has.Length.EqualTo(keys.Length * share).Within(5 * Math.Sqrt(keys.Length * share * (1 - share))));
            Assert.That(
                keys.Take(50).Where(key => byName.Predict(Values, key: key).Arm == "canary"), Is.EqualTo(now.Intersect(keys.Take(50))));
            before = [.. now];
        }
    }

    // What xxhsum -H3 gives, so that other programs can tell where a key falls.
    [TestCase("test", 0x9ec9f7918d7dfc40UL)]
    [TestCase("customer-1", 0x76ed62b89efb594cUL)]
    [TestCase("churn", 0x0b36258d35aaa5cfUL)]
    public void HashOf_Key_IsItsXxh3(string key, ulong hash) => Assert.That(LiveRoute.HashOf(key), Is.EqualTo(hash));

    [Test]
    public void HashOf_LongKeys_AreToldByTheirEnd() =>
        Assert.That(LiveRoute.HashOf(new string('x', 500)), Is.Not.EqualTo(LiveRoute.HashOf(new string('x', 501))));

    [Test]
    public async Task Divide_ArmWithoutAShare_IsLoadedAndAnswersNothing()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("green", 2, 0)], "blue and green");
        var answers = Enumerable.Range(0, 1_000).Select(_ => Endpoint.Predict(Row).Version).Distinct().ToArray();

        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "green goes live", version: 2);

        Assert.That(answers, Is.EqualTo(new[] { 3 }));
        Assert.That((Endpoint.Predict(Row).Version, Endpoint.Predict(Row).Arm), Is.EqualTo((2, TrafficArm.Live)));
    }

    [Test]
    public async Task Rollback_CallsAreDivided_EndsTheDivision()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 0.5)], "a canary");

        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "too slow", version: 1);

        var history = await _workspace.Traffic.HistoryAsync(SampleLifecycle.Name);
        Assert.That(history.Select(split => (split.Arms.Count, split.Reason)), Is.EqualTo(new[] { (0, "too slow"), (1, "a canary") }));
        Assert.That(Enumerable.Range(0, 100).Select(_ => Endpoint.Predict(Row).Version), Is.All.EqualTo(1));
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Host_ThatServes_FollowsADivisionOfAnotherProcess()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (_folder.Path, TimeSpan.FromMilliseconds(100)))
            .AddEndpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
        using var host = builder.Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, double>>();
        Assert.That(() => endpoint.IsLive, Is.True.After(20_000, 20));

        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 1)], "all to the canary");
        Assert.That(() => endpoint.Predict(Row).Arm, Is.EqualTo("canary").After(20_000, 20));
        await _workspace.Traffic.EndAsync(SampleLifecycle.Name, "enough");
        Assert.That(() => endpoint.Predict(Row).Arm, Is.EqualTo(TrafficArm.Live).After(20_000, 20));

        await host.StopAsync();
    }

    [Test]
    public async Task Divide_AgainAndAgainDuringCalls_NoCallFailsOrIsMixed()
    {
        var scores = new ConcurrentDictionary<int, double>();
        using var stop = new CancellationTokenSource();
        var calls = Enumerable.Range(0, LongForm.Of(many: 8, few: 2)).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var answer = Endpoint.Predict(Row);
                if (scores.GetOrAdd(answer.Version, answer.Value) != answer.Value)
                {
                    throw new InvalidOperationException($"version {answer.Version} answered with another one's score");
                }
            }
        })).ToArray();

        for (var i = 0; i < LongForm.Of(many: 200, few: 12); i++)
        {
            TrafficArm[] arms = (i % 4) switch
            {
                0 => [new("one", 1, 0.5)],
                1 => [new("two", 2, 0.2), new("one", 1, 0.3)],
                2 => [new("two", 2, 1)],
                _ => [],
            };
            await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, arms, "again");
        }

        await stop.CancelAsync();
        await Task.WhenAll(calls);
        Assert.That(scores.Keys, Is.EquivalentTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task Predict_CallsAreDivided_AllocatesNothing()
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 0.5)], "a canary");
        var endpoint = Endpoint;
        long allocated = long.MaxValue;
        for (var round = 0; round < 20 && allocated > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1_000; i++) endpoint.Predict(Row, PredictionId.New(), "customer-7");
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public async Task Divide_OnAnEarlierGeneration_ChangesNothing()
    {
        var first = await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 0.1)], "a step");
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 0.2)], "a step", first.Generation);

        Assert.That(
            async () => await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [], "stale", first.Generation),
            Throws.TypeOf<ConcurrencyException>().With.Message.Contains("generation"));
        Assert.That((await _workspace.Traffic.FindAsync(SampleLifecycle.Name))!.Arms.Single().Share, Is.EqualTo(0.2));
    }

    [Test]
    public void Divide_ArmsThatAreNotValid_SaysWhy()
    {
        Assert.Multiple(() =>
        {
            Rejects("live version", new TrafficArm("canary", 3, 0.1));
            Rejects("'live'", new TrafficArm("live", 2, 0.1));
            Rejects("valid name", new TrafficArm("Canary\n", 2, 0.1));
            Rejects("valid name", new TrafficArm("canary\n", 2, 0.1));
            Rejects("valid name", new TrafficArm("", 2, 0.1));
            Rejects("'fallback'", new TrafficArm("fallback", 2, 0.1));
            Assert.That(
                async () => await _workspace.Traffic.DivideAsync(
                    SampleLifecycle.Name, [new("\u202e" + new string('x', 100_000), 2, 0.1)], "x"),
                Throws.ArgumentException.With.Message.Length.LessThan(400).And.Message.Not.Contains("\u202e"));
            Rejects("NaN", new TrafficArm("canary", 2, double.NaN));
            Rejects("-0.1", new TrafficArm("canary", 2, -0.1));
            Rejects("Two arms have the name", new TrafficArm("a", 1, 0.1), new TrafficArm("a", 2, 0.1));
            Rejects("Two arms have version 2", new TrafficArm("a", 2, 0.1), new TrafficArm("b", 2, 0.1));
            Rejects("sum to 1.2", new TrafficArm("a", 1, 0.6), new TrafficArm("b", 2, 0.6));
            Assert.That(
                async () => await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("a", 9, 0.1)], "x"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("no version 9"));
            Assert.That(
                async () => await _workspace.Traffic.DivideAsync("nobody", [], "x"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("No version of 'nobody' is live"));
        });

        void Rejects(string why, params TrafficArm[] arms) => Assert.That(
            async () => await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, arms, "x"),
            Throws.ArgumentException.With.Message.Contains(why));
    }

    [TestCase("UPDATE model_versions SET content_hash = 'x' WHERE version = 2", "version 2")]
    [TestCase("DELETE FROM blessings WHERE version = 2", "version 2")]
    public async Task Divide_VersionIsNotTheBlessedOne_ChangesNothing(string sql, string problem)
    {
        await ExecuteAsync(sql);

        Assert.That(
            async () => await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 0.1)], "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(problem));
        Assert.That(await _workspace.Traffic.FindAsync(SampleLifecycle.Name), Is.Null);
    }

    [TestCase("UPDATE traffic SET arms = replace(arms, '0.1', '0.9')")]
    [TestCase("DELETE FROM traffic")]
    [TestCase("UPDATE traffic SET actor = 'bob'")]
    [TestCase("INSERT INTO traffic(model, arms, at, actor, reason) SELECT model, '[]', at, actor, reason FROM traffic")]
    public async Task Find_RecordIsChangedBesideTheLog_IsFoundAndNotServed(string sql)
    {
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 0.1)], "a canary");
        await ExecuteAsync(sql);
        await using var another = await Workspace.OpenAsync(_folder.Path);

        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Does.Contain("traffic"));
        Assert.That(async () => await another.Traffic.FindAsync(SampleLifecycle.Name), Throws.TypeOf<MlOpsException>());
        Assert.That(async () => await another.ServeAsync(SampleLifecycle.Name), Throws.TypeOf<MlOpsException>());
    }

    private static Dictionary<string, object?> Values => new()
    {
        ["age"] = Row.Age, ["spend"] = Row.Spend, ["plan"] = Row.Plan, ["abroad"] = Row.Abroad,
    };

    private async Task ExecuteAsync(string sql) => await _workspace.Store.WriteAsync(connection =>
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    });
}
