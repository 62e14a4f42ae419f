using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

/// <summary>A host that serves what others promote.</summary>
[TestFixture]
public sealed class PromotionWatcherTests
{
    private const string Model = "watched";

    private static readonly UnlabelledSubscriber Row = new(30, 40, "monthly", true);

    [Test]
    public async Task Watch_AnotherProcessPromotesAndRollsBack_IsFollowedWithinTheInterval()
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        await PromoteAsync(trainer, version: 1);
        using var served = new ServingHost(folder);
        await served.Host.StartAsync();
        Assert.That(served.Endpoint.Predict(Row).Version, Is.EqualTo(1));

        await PromoteAsync(trainer, version: 2);
        await served.TickAsync(1308);
        var second = served.Endpoint.Predict(Row).Version;
        await trainer.Models.RollbackAsync(Model, "test");
        await served.TickAsync(1308);

        Assert.That((second, served.Endpoint.Predict(Row).Version), Is.EqualTo((2, 1)));
        await served.Host.StopAsync();
    }

    [Test]
    public async Task Watch_VersionThatTheClassesCannotCall_IsRefusedAndTheOldOneGoesOn()
    {
        using var folder = new TempFolder();
        await using (var trainer = await OpenAsync(folder))
        {
            await PromoteAsync(trainer, version: 1);
            await PromoteWiderAsync(trainer);
            await trainer.Models.RollbackAsync(Model, "serve the first one");
        }
        using var served = new ServingHost(folder);
        await served.Host.StartAsync();
        var health = served.Host.Services.GetRequiredService<HealthCheckService>();
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));

        // By somebody who does not ask whether it can be called.
        await using var other = await OpenAsync(folder);
        var wider = await other.Models.GetBlessedAsync(Model, 2);
        await other.Models.PromoteAsync(wider, ModelRegistry.Champion, 1, "test", "test");
        await served.TickAsync(1307);
        await served.TickAsync(null);
        var degraded = await health.CheckHealthAsync();

        Assert.Multiple(() =>
        {
            Assert.That(served.Logged.Count(id => id == 1307), Is.EqualTo(1), "it is said once");
            Assert.That(served.Messages, Has.One.Contains("version 1 stays live. "));
            Assert.That(served.Endpoint.Predict(Row).Version, Is.EqualTo(1));
            Assert.That(degraded.Status, Is.EqualTo(HealthStatus.Degraded));
            Assert.That(degraded.Entries["mlops"].Description, Does.Contain("'visits', 'city'"));
        });
        await other.Models.RollbackAsync(Model, "the application cannot call it");
        await served.TickAsync(null);
        Assert.That((await health.CheckHealthAsync()).Status, Is.EqualTo(HealthStatus.Healthy));
        await served.Host.StopAsync();
    }

    [Test]
    public async Task Start_OnlyVersionCannotBeCalled_IsUnhealthyAndCallsSayWhy()
    {
        using var folder = new TempFolder();
        await using (var trainer = await OpenAsync(folder)) await PromoteWiderAsync(trainer);
        using var served = new ServingHost(folder);

        await served.Host.StartAsync();

        var health = await served.Host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(served.Endpoint.IsLive, Is.False);
        Assert.That(served.Messages, Has.One.EqualTo($"The workspace {folder.Path} is open"));
        Assert.That(served.Messages, Has.One.Contains("no version is live, and its endpoint throws. "));
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Unhealthy));
        Assert.That(
            () => served.Endpoint.Predict(Row),
            Throws.TypeOf<ModelNotLiveException>().With.Message.Contains("visits").And.Message.Contains("city"));
        await served.Host.StopAsync();
    }

    [Test]
    public async Task Run_HostCannotCallTheNewVersion_IsRefusedByAGateUntilTheHostIsGone()
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        await PromoteAsync(trainer, version: 1);
        using (var served = new ServingHost(folder))
        {
            await served.Host.StartAsync();

            var refused = (await Wider().RunAsync(trainer)).Deployment!;
            Assert.That(refused.IsDeployed, Is.False);
            var gate = refused.Gates.Single(result => result.Name == "callable by the applications");
            Assert.That(gate.Outcome, Is.EqualTo(GateOutcome.Failed));
            Assert.That(gate.Explanation, Does.Contain("'visits', 'city'"));
            Assert.That(
                async () => await trainer.Models.RollbackAsync(Model, "to the wider one", 2),
                Throws.InstanceOf<MlOpsException>(), "it was not blessed");
            await served.Host.StopAsync();
        }

        var run = await Wider().RunAsync(trainer);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        Assert.That(run.Deployment.Gates.Select(result => result.Name), Has.None.EqualTo("callable by the applications"));
    }

    [Test]
    public async Task Run_HostThatWasKilled_IsForgottenWhenItsContractExpires()
    {
        using var folder = new TempFolder();
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var trainer = await Workspace.OpenAsync(folder.Path, options => options.Time = clock);
        await trainer.Hosts.PutAsync(
            "killed",
            [(Model, "<Nothing>", EndpointContract.Of<Answer, DateTime>().ToJson())],
            clock.GetUtcNow() + TimeSpan.FromMinutes(5),
            CancellationToken.None);

        var before = (await Sample(1).RunAsync(trainer)).Deployment!.IsDeployed;
        clock.Advance(TimeSpan.FromMinutes(6));
        var after = (await Sample(1).RunAsync(trainer)).Deployment!.IsDeployed;

        Assert.That((before, after), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task Start_Fails_HoldsBackNoVersionOfOthers()
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        await PromoteAsync(trainer, version: 1);
        trainer.Files.Delete((await trainer.Models.GetAsync(Model, 1)).PackageId);
        using var served = new ServingHost(folder);

        Assert.That(async () => await served.Host.StartAsync(), Throws.InstanceOf<MlOpsException>());

        Assert.That(await trainer.Hosts.ListAsync(Model, default), Is.Empty);
    }

    [Test]
    public async Task Watch_LongerThanTheContractHolds_IsStillKnown()
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        using var served = new ServingHost(folder);
        await served.Host.StartAsync();

        for (var minute = 0; minute < 8; minute += 2)
        {
            for (var tick = 0; tick < 4; tick++) await served.TickAsync(null);
            Assert.That(await served.Host.Services.GetRequiredService<Workspace>().Hosts.ListAsync(Model, default), Has.Count.EqualTo(1));
        }

        await served.Host.StopAsync();
        Assert.That(await trainer.Hosts.ListAsync(Model, default), Is.Empty, "who stops says so");
    }

    [Test]
    public async Task Watch_LoggerThrows_GoesOnFollowing()
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        await PromoteAsync(trainer, version: 1);
        using var served = new ServingHost(folder, id =>
        {
            if (id >= 1000) throw new IOException("The log is full.");
        });
        await served.Host.StartAsync();
        await PromoteAsync(trainer, version: 2);
        await served.TickAsync(null);
        await trainer.Models.RollbackAsync(Model, "test");
        await served.TickAsync(null);

        Assert.That(served.Endpoint.Predict(Row).Version, Is.EqualTo(1));
        await served.Host.StopAsync();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Stop_NoTimeOrNoStopAtAll_HoldsBackNoVersionOfOthers(bool stop)
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        using (var served = new ServingHost(folder))
        {
            await served.Host.StartAsync();
            Assert.That(await trainer.Hosts.ListAsync(Model, default), Has.Count.EqualTo(1));
            if (stop)
            {
                await served.Host.Services.GetRequiredService<MlOpsHostedService>().StopAsync(new CancellationToken(canceled: true));
            }
        }

        Assert.That(await trainer.Hosts.ListAsync(Model, default), Is.Empty);
    }

    [Test]
    public async Task Predict_AfterASwap_NeedsNoCompilationInTheCall()
    {
        using var folder = new TempFolder();
        await using var trainer = await OpenAsync(folder);
        await PromoteAsync(trainer, version: 1);
        using var served = new ServingHost(folder);
        await served.Host.StartAsync();

        var live = served.Host.Services.GetRequiredService<Workspace>().SlotOf(Model).Current!;
        var compiled = 0;
        _ = live.Binding<object>(_ => compiled++);

        // What is there is taken: two endpoints of the same types share it.
        var other = served.Host.Services.GetRequiredService<Workspace>().Endpoint<UnlabelledSubscriber, Answer>(Model);
        Assert.That(other.Predict(Row).Value, Is.EqualTo(served.Endpoint.Predict(Row).Value));
        Assert.That(live.BindingCount, Is.EqualTo(2), "one of the endpoints, one of this test");
        await served.Host.StopAsync();
    }

    // The second is better.
    private static Lifecycle Sample(int version) => LifecycleBuilder.Create(Model)
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(600, 1)))
        .TrainModel(training => training
            .Try(version == 1 ? Trainers.Baseline() : Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .Build();

    private static Lifecycle Wider() => LifecycleBuilder.Create(Model)
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(600, 1)
            .Select((row, i) => new { row.Age, row.Spend, row.Plan, row.Abroad, Visits = i % 7, City = $"c{i % 5}", row.Left }).ToArray()))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess().ReplaceIncomparable())
        .Build();

    // Its clock stands where the host's began.
    private static Task<Workspace> OpenAsync(TempFolder folder) =>
        Workspace.OpenAsync(folder.Path, options => options.Time = new FakeTimeProvider());

    private static async Task PromoteAsync(Workspace workspace, int version)
    {
        var run = await Sample(version).RunAsync(workspace);
        Assert.That((run.Deployment!.IsDeployed, run.Deployment.Version), Is.EqualTo((true, version)), run.Deployment.Reason);
    }

    private static async Task PromoteWiderAsync(Workspace workspace)
    {
        var run = await Wider().RunAsync(workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
    }

    /// <summary>A host that trains nothing.</summary>
    private sealed class ServingHost : IDisposable
    {
        private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

        private readonly HostClock _clock = new(Interval);
        private readonly ConcurrentDictionary<int, SemaphoreSlim> _heard = new();

        public ServingHost(TempFolder folder, Action<int>? log = null)
        {
            var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
            builder.Services.AddSingleton<TimeProvider>(_clock);
            builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(entry =>
            {
                Logged.Enqueue(entry.Id);
                log?.Invoke(entry.Id);
                _heard.GetOrAdd(entry.Id, _ => new SemaphoreSlim(0)).Release();
            }, Messages.Enqueue));
            builder.Services.AddMlOps(options => options.Workspace = folder.Path).AddEndpoint<UnlabelledSubscriber, Answer>(Model);
            builder.Services.AddHealthChecks().AddMlOps();
            Host = builder.Build();
        }

        public IHost Host { get; }

        public ConcurrentQueue<int> Logged { get; } = [];

        public ConcurrentQueue<string> Messages { get; } = [];

        public IEndpoint<UnlabelledSubscriber, Answer> Endpoint =>
            Host.Services.GetRequiredService<IEndpoint<UnlabelledSubscriber, Answer>>();

        /// <summary>Lets an interval pass, until an event is logged or, without one, the watcher has looked.</summary>
        public async Task TickAsync(int? awaited)
        {
            await _clock.Waits.WaitAsync(TimeSpan.FromSeconds(30));
            var looked = Host.Services.GetRequiredService<MlOpsHostedService>().Promotions!.Looks;
            var heard = _heard.GetOrAdd(awaited ?? 0, _ => new SemaphoreSlim(0));
            while (await heard.WaitAsync(0))
            {
                // What was heard before is not what is awaited.
            }

            _clock.Advance(Interval);
            if (awaited is not null)
            {
                Assert.That(await heard.WaitAsync(TimeSpan.FromSeconds(30)), Is.True, $"event {awaited}");
                return;
            }
            Assert.That(
                () => Host.Services.GetRequiredService<MlOpsHostedService>().Promotions!.Looks,
                Is.GreaterThan(looked).After(30_000, 10));
        }

        public void Dispose() => Host.Dispose();
    }
}
