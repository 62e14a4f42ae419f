using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelStopTests
{
    private static readonly UnlabelledSubscriber Row = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 5)[0]);

    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Deploy()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ann");
        await DeployAsync(_workspace, seed: 1);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Stop_ModelAnswers_AnswersNoMoreUntilItIsResumed()
    {
        var (typed, byName) = (EndpointOf(_workspace), _workspace.Endpoint(SampleLifecycle.Name));
        var before = DateTimeOffset.UtcNow;

        var stopped = await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        var failure = Assert.Throws<ModelStoppedException>(() => typed.Predict(Row))!;
        Assert.Multiple(() =>
        {
            Assert.That((failure.Reason, failure.Actor, failure.At), Is.EqualTo(("wrong prices", "ann", stopped.At)));
            Assert.That(failure.At, Is.GreaterThanOrEqualTo(before));
            Assert.That(failure.Message, Does.Contain("wrong prices").And.Contains("ann"));
            Assert.That(() => typed.PredictAll([Row], new Prediction<Answer>[1]), Throws.TypeOf<ModelStoppedException>());
            Assert.That(() => byName.Predict(Values), Throws.TypeOf<ModelStoppedException>());
            Assert.That(() => byName.PredictAll([Values]), Throws.TypeOf<ModelStoppedException>());
            Assert.That((typed.IsLive, byName.IsLive, typed.Version, byName.Input.Count), Is.EqualTo((false, false, 1, 4)));
        });

        var resumed = await _workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "prices are right");

        var history = await _workspace.Traffic.SwitchHistoryAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            Assert.That((typed.Predict(Row).Version, typed.IsLive), Is.EqualTo((1, true)));
            Assert.That(history, Is.EqualTo(new[] { resumed, stopped }));
            Assert.That(resumed.Generation, Is.GreaterThan(stopped.Generation));
        });
        Assert.That(await _workspace.Traffic.FindSwitchAsync(SampleLifecycle.Name), Is.EqualTo(resumed));
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Stop_OtherProcessesAndRestarts_FollowAndStayStopped()
    {
        await using var other = await Workspace.OpenAsync(_folder.Path);
        await other.ServeAsync(SampleLifecycle.Name);
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices, and worse");

        await other.ServeAsync(SampleLifecycle.Name);
        await using var restarted = await Workspace.OpenAsync(_folder.Path);
        await restarted.ServeAsync(SampleLifecycle.Name);

        foreach (var workspace in new[] { other, restarted })
        {
            Assert.That(
                () => EndpointOf(workspace).Predict(Row),
                Throws.TypeOf<ModelStoppedException>().With.Property("Reason").EqualTo("wrong prices, and worse"));
        }

        await other.Traffic.ResumeAsync(SampleLifecycle.Name, "right again");
        await _workspace.ServeAsync(SampleLifecycle.Name);
        Assert.That(EndpointOf(other).Predict(Row).Version, Is.EqualTo(1));
        Assert.That(EndpointOf(_workspace).Predict(Row).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Stop_AnotherVersionGoesLive_StaysStopped()
    {
        // A process that has not heard of it makes another version live.
        await using var other = await Workspace.OpenAsync(_folder.Path);
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        await DeployAsync(other, seed: 2);
        await _workspace.ServeAsync(SampleLifecycle.Name);
        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "back");
        await _workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 2, 1)], "a canary");

        foreach (var workspace in new[] { _workspace, other })
        {
            Assert.That(() => EndpointOf(workspace).Predict(Row), Throws.TypeOf<ModelStoppedException>());
        }
    }

    [Test]
    public async Task Score_ModelIsStopped_WritesNothing()
    {
        await using var other = await Workspace.OpenAsync(_folder.Path);
        await other.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        Assert.That(
            async () => await _workspace.ScoreAsync(
                SampleLifecycle.Name, DataSources.Objects([Row], "one"), DataSinks.Csv(_folder["scores.csv"])),
            Throws.TypeOf<ModelStoppedException>());
        Assert.That(File.Exists(_folder["scores.csv"]), Is.False);
    }

    [Test]
    public async Task Stop_DuringCalls_NoneIsAnsweredAfterIt()
    {
        var endpoint = EndpointOf(_workspace);
        using var stop = new CancellationTokenSource();
        var (state, answered) = (0, 0L);
        var callers = Enumerable.Range(0, LongForm.Of(many: 4, few: 2)).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                var before = Volatile.Read(ref state);
                try
                {
                    endpoint.Predict(Row);
                    Interlocked.Increment(ref answered);
                    if (before % 2 == 1 && Volatile.Read(ref state) == before)
                    {
                        throw new InvalidOperationException("answered while stopped");
                    }
                }
                catch (ModelStoppedException)
                {
                    // As it is to be.
                }
            }
        })).ToArray();

        for (var i = 0; i < LongForm.Of(many: 100, few: 15); i++)
        {
            await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "again");
            Interlocked.Increment(ref state);
            Interlocked.Increment(ref state);
            await _workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "again");
            var now = Interlocked.Read(ref answered);
            Assert.That(() => Interlocked.Read(ref answered), Is.GreaterThan(now).After(10_000, 1));
        }

        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    [Test]
    public async Task Host_ThatServes_FollowsAndItsHealthSaysSo()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (_folder.Path, TimeSpan.FromMilliseconds(100)))
            .AddEndpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        builder.Services.AddHealthChecks().AddMlOps();
        using var host = builder.Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        Assert.That(() => endpoint.IsLive, Is.True.After(20_000, 20));

        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        Assert.That(() => endpoint.IsLive, Is.False.After(20_000, 20));
        var stopped = (await health.CheckHealthAsync()).Entries["mlops"];
        Assert.That(() => endpoint.Predict(Row), Throws.TypeOf<ModelStoppedException>());
        await _workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "right again");
        Assert.That(() => endpoint.IsLive, Is.True.After(20_000, 20));
        var resumed = (await health.CheckHealthAsync()).Entries["mlops"];

        Assert.Multiple(() =>
        {
            Assert.That((stopped.Status, resumed.Status), Is.EqualTo((HealthStatus.Degraded, HealthStatus.Healthy)));
            Assert.That(stopped.Description, Does.Contain("wrong prices"));
            Assert.That(stopped.Data[$"{SampleLifecycle.Name}: stopped"], Is.EqualTo("wrong prices"));
        });
        await host.StopAsync();
    }

    [Test]
    public async Task Stop_StoreCannotBeReached_IsKept()
    {
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        await _workspace.Store.DisposeAsync();

        Assert.That(async () => await _workspace.ServeAsync(SampleLifecycle.Name), Throws.Exception);
        Assert.That(() => EndpointOf(_workspace).Predict(Row), Throws.TypeOf<ModelStoppedException>());
    }

    [Test]
    public void StopAndResume_NothingToDo_SaysWhy()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await _workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "why not"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is not stopped"));
            Assert.That(
                async () => await _workspace.Traffic.StopAsync("subscriber", "why not"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{SampleLifecycle.Name}'"));
            Assert.That(async () => await _workspace.Traffic.StopAsync(SampleLifecycle.Name, " "), Throws.ArgumentException);
        });
    }

    [TestCase(ReleaseAction.Stop)]
    [TestCase(ReleaseAction.Resume)]
    public async Task StopAndResume_ActorMayNot_ChangesNothing(ReleaseAction forbidden)
    {
        await using var other = await Workspace.OpenAsync(_folder.Path, options => options.Actors = new AllBut(forbidden));
        await other.ServeAsync(SampleLifecycle.Name);
        if (forbidden == ReleaseAction.Resume) await other.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        var before = await other.Traffic.SwitchHistoryAsync(SampleLifecycle.Name);

        Assert.That(
            async () => await (forbidden == ReleaseAction.Stop
                ? other.Traffic.StopAsync(SampleLifecycle.Name, "x")
                : other.Traffic.ResumeAsync(SampleLifecycle.Name, "x")),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'bob' may not"));
        Assert.That(await other.Traffic.SwitchHistoryAsync(SampleLifecycle.Name), Is.EqualTo(before));
    }

    [TestCase("UPDATE stops SET stopped = 0")]
    [TestCase("DELETE FROM stops")]
    [TestCase("UPDATE stops SET actor = 'bob'")]
    [TestCase("INSERT INTO stops(model, stopped, at, actor, reason) SELECT model, 0, at, actor, reason FROM stops")]
    public async Task Stop_RecordIsChangedBesideTheLog_IsFoundAndNotServed(string sql)
    {
        await _workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        await _workspace.Store.WriteAsync(connection =>
        {
            using var command = connection.CreateCommand();
            command.CommandText = sql;
            return command.ExecuteNonQuery();
        });
        await using var another = await Workspace.OpenAsync(_folder.Path);

        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Does.Contain("switch"));
        Assert.That(async () => await another.Traffic.FindSwitchAsync(SampleLifecycle.Name), Throws.TypeOf<MlOpsException>());
        Assert.That(async () => await another.ServeAsync(SampleLifecycle.Name), Throws.TypeOf<MlOpsException>());
        Assert.That(() => EndpointOf(_workspace).Predict(Row), Throws.TypeOf<ModelStoppedException>());
    }

    private static Dictionary<string, object?> Values => new()
    {
        ["age"] = Row.Age, ["spend"] = Row.Spend, ["plan"] = Row.Plan, ["abroad"] = Row.Abroad,
    };

    private static Endpoint<UnlabelledSubscriber, Answer> EndpointOf(Workspace workspace) =>
        workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

    private static async Task DeployAsync(Workspace workspace, int seed)
    {
        var run = await SampleLifecycle.Begin(Subscriber.Draw(400 + 100 * seed, seed))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable())
            .Build()
            .RunAsync(workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
    }

    private sealed class AllBut(ReleaseAction forbidden) : IActorProvider
    {
        public string Actor => "bob";

        public bool May(ReleaseAction action, string model) => action != forbidden;
    }
}
