using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

[TestFixture]
public sealed class CanaryTests
{
    private const string Name = SampleLifecycle.Name;
    private static readonly TimeSpan Bake = TimeSpan.FromMinutes(10);

    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private FaultyTrainer _trainer = null!;
    private CollectingAlertSink _alerts = null!;
    private Workspace _workspace = null!;
    private int _served;

    [SetUp]
    public async Task DeployFirstVersion()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        _folder = new TempFolder();
        _trainer = new FaultyTrainer();
        _alerts = new CollectingAlertSink { WantsResolved = true };
        _served = 0;
        _workspace = await OpenAsync();
        var run = await Define(Trainers.LogisticRegression(), 900, seed: 1, deployment => deployment.ToProcess()).RunAsync(_workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);

        // What can no more be compared may be replaced.
        _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Run_GoodCandidate_TakesAllCallsStepByStepAndGoesLive()
    {
        var lifecycle = Canary(seed: 2);
        var run = await lifecycle.RunAsync(_workspace);
        var began = await _workspace.Rollouts.FindAsync(Name);
        var early = await lifecycle.CheckRolloutAsync(_workspace);

        var ended = await WatchAsync(lifecycle);

        var history = await _workspace.Rollouts.HistoryAsync(Name);
        var audited = new List<string>();
        await foreach (var entry in _workspace.Audit.ReadAsync(subject: $"model:{Name}/2")) audited.Add(entry.Action);
        Assert.Multiple(() =>
        {
            Assert.That(
                (run.Deployment!.IsDeployed, run.Deployment.IsKeptBack, run.Deployment.IsRollingOut),
                Is.EqualTo((false, false, true)),
                run.Deployment.Reason);
            Assert.That(run.Deployment.Reason, Does.Contain("And the rollout 'canary' says: it begins with 20 % of the calls."));
            Assert.That((began!.State, began.Share, began.Version, began.LiveVersion), Is.EqualTo((RolloutState.Running, 0.2, 2, 1)));
            Assert.That((early!.State, early.Share), Is.EqualTo((RolloutState.Running, 0.2)), "it has not baked yet");
            Assert.That((ended.State, ended.Version), Is.EqualTo((RolloutState.Completed, 2)), ended.Reason);
            Assert.That(_workspace.Endpoint(Name).Version, Is.EqualTo(2));
            Assert.That(
                history.Select(decision => (decision.State, decision.Share)),
                Is.EqualTo(new[] { (RolloutState.Completed, 0.5), (RolloutState.Running, 0.5), (RolloutState.Running, 0.2) }));
            Assert.That(history.Select(decision => decision.Id).Distinct().Count(), Is.EqualTo(1));
            Assert.That(history[0].At - history[2].At, Is.GreaterThanOrEqualTo(2 * Bake));
            Assert.That(history[0].Findings.Select(finding => finding.Guard), Is.Unique.And.Exactly(6).Items);
            Assert.That(
                audited.Where(action => action.StartsWith("rollout", StringComparison.Ordinal)),
                Is.EqualTo(new[] { "rollout.started", "rollout.advanced", "rollout.completed" }));
        });
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
        Assert.That((await _workspace.Traffic.FindAsync(Name))!.Arms, Is.Empty);
    }

    [TestCase(PlantedFault.Throws, "errors")]
    [TestCase(PlantedFault.NotANumber, "errors")]
    [TestCase(PlantedFault.Refuses, "errors")]
    [TestCase(PlantedFault.Slow, "latency p50")]
    [TestCase(PlantedFault.Drifts, "prediction drift")]
    [TestCase(PlantedFault.Biased, "bias by plan")]
    [TestCase(PlantedFault.Worse, "performance")]
    public async Task Check_CandidateThatGoesWrong_IsRolledBackAndSaysWhy(PlantedFault fault, string guard)
    {
        // Who is biased also predicts otherwise, and worse: one guard alone shows that it notices.
        var lifecycle = fault == PlantedFault.Biased
            ? Canary(seed: 2, canary => canary.Step(0.2, Bake).Guard(RolloutGuards.Bias("plan", atMost: 0.8)))
            : Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        _trainer.Fault = fault;

        var ended = await WatchAsync(lifecycle);
        _trainer.Fault = PlantedFault.None;
        var again = await lifecycle.RunAsync(_workspace);

        Assert.Multiple(() =>
        {
            Assert.That(ended.State, Is.EqualTo(RolloutState.RolledBack), ended.Reason);
            Assert.That(
                ended.Findings.Where(finding => finding.State == GuardState.Violated).Select(finding => finding.Guard),
                Does.Contain(guard));
            Assert.That(ended.Reason, Does.Contain($"{guard}: "));
            Assert.That(_workspace.Endpoint(Name).Version, Is.EqualTo(1));
            Assert.That(Predict(50).Select(answer => answer.Version), Is.All.EqualTo(1));
            Assert.That((again.Deployment!.IsDeployed, again.Deployment.Version), Is.EqualTo((false, 2)), again.Deployment.Reason);
        });
        Assert.That((await _workspace.Rollouts.FindAsync(Name))!.State, Is.EqualTo(RolloutState.RolledBack), "no rollout begins by itself");
    }

    [Test]
    public async Task Check_NothingChangedSinceTheLastOne_IsLoggedForThoseWhoLookClosely()
    {
        var waits = new List<int>();
        var lifecycle = Canary(seed: 2, canary => canary.Step(0.2, Bake).Step(0.5, Bake).Guard(RolloutGuards.Errors(atMostMore: 0.3)));
        await lifecycle.RunAsync(_workspace);
        await _workspace.DisposeAsync();
        _workspace = await OpenAsync(logs: new LogWatcher(entry =>
        {
            if (entry.Id is 8044 or 8045) waits.Add(entry.Id);
        }));
        await _workspace.ServeAsync(Name);

        for (var i = 0; i < 3; i++) await lifecycle.CheckRolloutAsync(_workspace);
        await ServeAsync(1_000);
        var judged = await lifecycle.CheckRolloutAsync(_workspace);
        await lifecycle.CheckRolloutAsync(_workspace);

        Assert.That(judged!.Findings.Single().State, Is.EqualTo(GuardState.Kept), judged.Findings.Single().Sentence);
        Assert.That(waits, Is.EqualTo(new[] { 8045, 8044, 8044, 8045, 8044 }));
    }

    [Test]
    public async Task RollOut_AfterARollback_TriesAgain()
    {
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        _trainer.Fault = PlantedFault.Throws;
        await WatchAsync(lifecycle);
        _trainer.Fault = PlantedFault.None;

        var second = await lifecycle.RollOutAsync(_workspace, 2, "the price service is back");
        var ended = await WatchAsync(lifecycle);

        Assert.That(second.Reason, Is.EqualTo("the price service is back; it begins with 20 % of the calls"));
        Assert.That((ended.Id, ended.State), Is.EqualTo((second.Id, RolloutState.Completed)), ended.Reason);
        var alerts = _alerts.Alerts;
        var record = (await _workspace.Alerts.ListAsync(Name)).Single();
        Assert.Multiple(() =>
        {
            Assert.That(alerts.Select(alert => alert.Kind), Is.EqualTo(new[] { AlertKind.Raised, AlertKind.Resolved }));
            Assert.That(alerts.Select(alert => alert.Id), Is.All.EqualTo(record.Id));
            Assert.That(alerts[0].Signals, Is.EqualTo(new[] { Signal.Release }));
            Assert.That(alerts[0].Message, Does.StartWith($"{Name} version 2 was rolled back: ").And.Contain(" errors: "));
            Assert.That(alerts[0].Message.Split(" errors: "), Has.Length.EqualTo(2), "it says so once");
            Assert.That((record.Status, record.Delivery), Is.EqualTo((AlertStatus.Resolved, AlertDelivery.Sent)));
            Assert.That(record.Ended!.Reason, Is.EqualTo("version 2 went live"));
        });
    }

    [Test]
    public async Task Check_ByAnotherProcess_SeesTheCallsOfAll()
    {
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        _trainer.Fault = PlantedFault.Throws;
        Predict(600);
        await _workspace.Calls.StoreAsync(default);
        await using var other = await OpenAsync();

        var ended = await Canary(seed: 2).CheckRolloutAsync(other);
        await _workspace.ServeAsync(Name);

        Assert.That(ended!.State, Is.EqualTo(RolloutState.RolledBack), ended.Reason);
        Assert.That(Predict(50).Select(answer => answer.Version), Is.All.EqualTo(1));
    }

    [Test]
    public async Task Check_CallsThatNoRouteDivided_AreNoEvidence()
    {
        // Another process has not followed yet, and gives the live version all its calls.
        await using var late = await OpenAsync();
        await late.ServeAsync(Name);
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        var endpoint = late.Endpoint<UnlabelledSubscriber, double>(Name);
        foreach (var row in Subscriber.Draw(300, seed: 7)) endpoint.Predict(UnlabelledSubscriber.Of(row));
        await late.Monitor(Name).FlushAsync();
        await late.Calls.StoreAsync(default);
        await _workspace.ScoreAsync(
            Name,
            DataSources.Objects(Subscriber.Draw(300, seed: 8), "tonight"),
            DataSinks.Csv(_folder["scored.csv"]),
            new ScoringOptions { Record = true });
        Predict(200);

        var last = (await new RolloutRegistry(_workspace.Store).FindAsync(Name, default))!;
        var (steps, _, _) = await _workspace.Rollouts.StepsAsync(last, new RolloutNeeds(), default);

        var (live, candidate) = (steps[0].Live, steps[0].Candidate);
        Assert.That((live.Calls + candidate.Calls, live.Scored + candidate.Scored), Is.EqualTo((200, 200)));
    }

    [Test]
    public async Task Check_RestartedInTheMiddle_ContinuesWhereItWas()
    {
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        await ServeAsync(1_500);
        _time.Advance(Bake);
        var advanced = await lifecycle.CheckRolloutAsync(_workspace);
        await _workspace.DisposeAsync();
        _workspace = await OpenAsync();
        await _workspace.ServeAsync(Name);

        var restarted = await _workspace.Rollouts.FindAsync(Name);
        var ended = await WatchAsync(Canary(seed: 2));

        Assert.Multiple(() =>
        {
            Assert.That((advanced!.State, advanced.Share), Is.EqualTo((RolloutState.Running, 0.5)), advanced.Reason);
            Assert.That((restarted!.Id, restarted.Share), Is.EqualTo((advanced.Id, 0.5)));
            Assert.That((ended.Id, ended.State), Is.EqualTo((advanced.Id, RolloutState.Completed)), ended.Reason);
        });
    }

    [Test]
    public async Task Check_EndedFromOutside_SaysHow()
    {
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        var cancelled = await _workspace.Rollouts.CancelAsync(Name, "too early");
        var twice = await Assert.CatchAsync<MlOpsException>(async () => await _workspace.Rollouts.CancelAsync(Name, "again"));

        await lifecycle.RollOutAsync(_workspace, 2, "now");
        await _workspace.Traffic.EndAsync(Name, "by hand");
        var ended = await lifecycle.CheckRolloutAsync(_workspace);

        await lifecycle.RollOutAsync(_workspace, 2, "once more");
        await _workspace.Models.RollbackAsync(Name, "all at once", version: 2);
        var completed = await lifecycle.CheckRolloutAsync(_workspace);

        Assert.Multiple(() =>
        {
            Assert.That((cancelled.State, cancelled.Reason), Is.EqualTo((RolloutState.Cancelled, "too early")));
            Assert.That(twice.Message, Does.Contain("No rollout of 'subscribers' is in progress"));
            Assert.That(
                (ended!.State, ended.Reason),
                Is.EqualTo((RolloutState.Cancelled, "the calls of 'subscribers' were divided otherwise: by hand")));
            Assert.That((completed!.State, completed.Reason), Is.EqualTo((RolloutState.Completed, "version 2 is live")));
        });
    }

    [Test]
    public async Task Check_OneGuardThrows_TheOthersStillWatch()
    {
        var lifecycle = Canary(seed: 2, canary => canary.Step(0.2, Bake).Guard(new ThrowingGuard()).Guard(RolloutGuards.Errors()));
        await lifecycle.RunAsync(_workspace);
        await ServeAsync(400);
        _time.Advance(2 * Bake);
        var waiting = (await lifecycle.CheckRolloutAsync(_workspace))!;
        _trainer.Fault = PlantedFault.Throws;

        var ended = await WatchAsync(lifecycle);

        Assert.That(waiting.State, Is.EqualTo(RolloutState.Running), "what one guard cannot tell keeps the version from going live");
        Assert.That(waiting.Findings[0].State, Is.EqualTo(GuardState.Failed));
        Assert.That(waiting.Findings[0].Sentence, Is.EqualTo("the guard failed: the service of the guard is down"));
        Assert.That(ended.State, Is.EqualTo(RolloutState.RolledBack), ended.Reason);
    }

    [Test]
    public async Task Check_GuardHangs_TheOthersStillWatchAndItCanBeCancelled()
    {
        var hanging = new HangingGuard();
        var lifecycle = Canary(seed: 2, canary => canary.Step(0.2, Bake).Guard(hanging).Guard(RolloutGuards.Errors()));
        await lifecycle.RunAsync(_workspace);
        using var cancellation = new CancellationTokenSource();

        var checking = lifecycle.CheckRolloutAsync(_workspace);
        await hanging.Began.Task;
        _time.Advance(RolloutCalls.Limit);
        var first = (await checking.WaitAsync(TimeSpan.FromMinutes(1)))!;
        var second = (await lifecycle.CheckRolloutAsync(_workspace).WaitAsync(TimeSpan.FromMinutes(1)))!;
        await hanging.ReleaseAsync();
        Task<ModelRollout?> third;
        var checks = 0;
        do
        {
            // What was left behind has returned a moment after the guard has.
            Assert.That(checks++, Is.LessThan(1_000), "it is called again");
            third = lifecycle.CheckRolloutAsync(_workspace, cancellationToken: cancellation.Token);
        }
        while (await Task.WhenAny(third, hanging.Began.Task) == third);
        await cancellation.CancelAsync();

        Assert.That(async () => await third.WaitAsync(TimeSpan.FromMinutes(1)), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_workspace.Rollouts.TurnOf(Name).CurrentCount, Is.EqualTo(1));
        await hanging.ReleaseAsync();
        Assert.Multiple(() =>
        {
            Assert.That(first.State, Is.EqualTo(RolloutState.Running));
            Assert.That(
                first.Findings.Select(finding => (finding.Guard, finding.State == GuardState.Failed)),
                Is.EqualTo(new[] { ("hanging", true), ("errors", false) }));
            Assert.That(first.Findings[0].Sentence, Is.EqualTo("the guard failed: it did not answer within 60 seconds"));
            Assert.That(second.Findings[0].Sentence, Does.Contain("has not returned yet from an earlier check"));
            Assert.That(hanging.Calls, Is.EqualTo(2), "no second thread hangs in it");
        });
    }

    [Test]
    public async Task Check_StrategyHangs_SaysSoAndTheCallsStayDivided()
    {
        using var gate = new ManualResetEventSlim();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var lifecycle = Define(_trainer, 1_100, 2, deployment => deployment.ToProcess().ReplaceIncomparable().Roll(
            new ImpatientStrategy(() =>
            {
                began.SetResult();
                gate.Wait();
            })));
        await lifecycle.RunAsync(_workspace);

        var checking = lifecycle.CheckRolloutAsync(_workspace);
        await began.Task;
        _time.Advance(RolloutCalls.Limit);

        Assert.That(
            async () => await checking.WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'impatient'").And.Message.Contains("within 60 seconds"));
        Assert.That((await _workspace.Rollouts.FindAsync(Name))!.State, Is.EqualTo(RolloutState.Running));
        gate.Set();
    }

    [Test]
    public async Task Check_StrategyOfTheContainerHangs_IsNeitherCalledAgainNorDisposedOfMeanwhile()
    {
        using var gate = new Gate();
        await using var services = new ServiceCollection().AddSingleton(gate).BuildServiceProvider();
        var lifecycle = Define(
            _trainer, 1_100, 2, deployment => deployment.ToProcess().ReplaceIncomparable().Roll<GatedStrategy>());
        await lifecycle.RunAsync(_workspace, new RunOptions { Services = services });

        var first = lifecycle.CheckRolloutAsync(_workspace, services);
        await gate.Began.Task;
        _time.Advance(RolloutCalls.Limit);
        Assert.That(
            async () => await first.WaitAsync(TimeSpan.FromMinutes(1)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("within 60 seconds"));

        Assert.That(
            async () => await lifecycle.CheckRolloutAsync(_workspace, services).WaitAsync(TimeSpan.FromSeconds(20)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("has not returned yet from an earlier check"));
        Assert.That((gate.Calls, gate.DisposedOf.Task.IsCompleted), Is.EqualTo((1, false)), "it is at work");
        gate.Open.Set();
        await gate.DisposedOf.Task.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.That(gate.WasDisposedOfAtWork, Is.False);
        Assert.That((await lifecycle.CheckRolloutAsync(_workspace, services))!.State, Is.EqualTo(RolloutState.Running));
        Assert.That(gate.Calls, Is.EqualTo(2), "it is called again");
    }

    [Test]
    public async Task Check_GoesLiveWhileItIsCancelled_TargetsElsewhereFollowBeforeTheSinksAreTold()
    {
        using var cancellation = new CancellationTokenSource();
        var told = new List<string>();
        var decision = RolloutDecision.KeepBack("it is not trusted");
        var lifecycle = Define(
            _trainer,
            1_100,
            2,
            deployment => deployment
                .ToProcess()
                .ReplaceIncomparable()
                .To(new TellingTarget(told))
                .Roll(new AnsweringStrategy(() => decision)),
            new CancellingSink(told, cancellation));
        await lifecycle.RunAsync(_workspace);
        await lifecycle.CheckRolloutAsync(_workspace);
        await lifecycle.RollOutAsync(_workspace, 2, "it is trusted now");
        decision = RolloutDecision.GoLive("it was long enough");

        Assert.That(
            async () => await lifecycle.CheckRolloutAsync(_workspace, cancellationToken: cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That(told, Is.EqualTo(new[] { "sink: Raised", "target: 2", "sink: Resolved" }));
    }

    [Test]
    public async Task Check_AdvancesAndGoesLive_HasOneActorForEachDecision()
    {
        await _workspace.DisposeAsync();
        _workspace = await OpenAsync(new LostActors());
        await _workspace.ServeAsync(Name);
        var decision = RolloutDecision.Divide(0.6, "it is good");
        var lifecycle = Define(
            _trainer, 1_100, 2, deployment => deployment.ToProcess().ReplaceIncomparable().Roll(new AnsweringStrategy(() => decision)));
        await lifecycle.RunAsync(_workspace);
        var begun = await LastAuditedAsync();

        await lifecycle.CheckRolloutAsync(_workspace);
        var advanced = await LastAuditedAsync();
        decision = RolloutDecision.GoLive("it was long enough");
        await lifecycle.CheckRolloutAsync(_workspace);
        var entries = await _workspace.Audit.ReadAsync().Where(entry => entry.Sequence > begun).ToListAsync();

        Assert.That(advanced, Is.GreaterThan(begun));
        Assert.That(
            entries.Select(entry => entry.Action),
            Is.SupersetOf(new[] { "rollout.advanced", "model.routed", "rollout.completed", "model.promoted" }));
        Assert.That(entries.Select(entry => $"{entry.Action} {entry.Actor}"), Has.All.EndsWith(" ann"));

        async Task<long> LastAuditedAsync() => (await _workspace.Audit.ReadAsync().ToListAsync())[^1].Sequence;
    }

    [Test]
    public async Task Run_BesideAnArmOfTheApplication_BeginsAndGoesOnWhenThereIsRoom()
    {
        await Canary(seed: 2).RunAsync(_workspace);
        await _workspace.Rollouts.CancelAsync(Name, "an arm of the application takes it");
        _workspace.Files.Delete((await _workspace.Runs.LatestAsync(Name))!.Stages
            .SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        await _workspace.Traffic.DivideAsync(Name, [new TrafficArm("ab", 2, 0.3)], "a comparison");
        var lifecycle = Canary(seed: 3, canary => canary.Step(0.1, Bake).Step(0.9, Bake).MinimumCalls(0));

        var full = await lifecycle.RunAsync(_workspace);
        var refused = await Assert.CatchAsync<MlOpsException>(
            async () => await lifecycle.RollOutAsync(_workspace, full.Deployment!.Version, "now"));
        var untouched = (await _workspace.Traffic.FindAsync(Name))!.Arms;
        await _workspace.Traffic.EndAsync(Name, "there is room");
        var begun = await lifecycle.RunAsync(_workspace);

        var candidate = new TrafficArm("candidate", 3, 0.1);
        await _workspace.Traffic.DivideAsync(Name, [candidate, new TrafficArm("ab", 2, 0.3)], "another comparison");
        _time.Advance(2 * Bake);
        var waiting = await lifecycle.CheckRolloutAsync(_workspace);
        await _workspace.Traffic.DivideAsync(Name, [candidate], "the comparison is over");
        _time.Advance(2 * Bake);
        var advanced = await lifecycle.CheckRolloutAsync(_workspace);

        Assert.Multiple(() =>
        {
            Assert.That((full.Deployment!.IsKeptBack, full.Deployment.IsRollingOut), Is.EqualTo((true, false)));
            Assert.That(full.Deployment!.Reason, Does.Contain("a share of 90 % finds no room").And.Contain("'ab' has 30 %"));
            Assert.That(refused!.Message, Does.Contain("cannot begin").And.Contain("'ab' has 30 %"));
            Assert.That(untouched, Is.EqualTo(new[] { new TrafficArm("ab", 2, 0.3) }));
            Assert.That(begun.Deployment!.IsRollingOut, Is.True, begun.Deployment.Reason);
            Assert.That((waiting!.State, waiting.Share), Is.EqualTo((RolloutState.Running, 0.1)));
            Assert.That(waiting.Findings[^1].Sentence, Does.Contain("it waits, because a share of 90 % finds no room"));
            Assert.That((advanced!.State, advanced.Share), Is.EqualTo((RolloutState.Running, 0.9)), advanced.Reason);
        });
    }

    [Test]
    public async Task RollOut_VersionThatIsRolledOutAlready_SaysThatItWasBegunAgain()
    {
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);

        await lifecycle.RollOutAsync(_workspace, 2, "once more");

        var history = await _workspace.Rollouts.HistoryAsync(Name);
        Assert.That(
            history.Select(decision => (decision.Version, decision.State)),
            Is.EqualTo(new[] { (2, RolloutState.Running), (2, RolloutState.Cancelled), (2, RolloutState.Running) }));
        Assert.That(history[1].Reason, Is.EqualTo($"it was begun again by {history[1].Actor}"));
    }

    [Test]
    public async Task Check_CancelledWhileItDecidesToGoLive_StaysBack()
    {
        var lifecycle = Define(_trainer, 1_100, 2, deployment => deployment.ToProcess().ReplaceIncomparable().Roll(
            new ImpatientStrategy(() => _workspace.Rollouts.CancelAsync(Name, "stop it").GetAwaiter().GetResult())));
        await lifecycle.RunAsync(_workspace);

        var ended = await lifecycle.CheckRolloutAsync(_workspace);

        Assert.That((ended!.State, ended.Reason), Is.EqualTo((RolloutState.Cancelled, "stop it")));
        Assert.That(
            (await _workspace.Models.FindByAliasAsync(Name, ModelRegistry.Champion))!.Version, Is.EqualTo(1), "nothing went live");
        Assert.That(_workspace.Endpoint(Name).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Check_NobodyKnowsWhoActs_IsRolledBackAllTheSame()
    {
        var actors = new LostActors();
        await _workspace.DisposeAsync();
        _workspace = await OpenAsync(actors);
        await _workspace.ServeAsync(Name);
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        _trainer.Fault = PlantedFault.Throws;
        actors.AreLost = true;

        var ended = await WatchAsync(lifecycle);

        Assert.That((ended.State, ended.Actor), Is.EqualTo((RolloutState.RolledBack, "rollout")), ended.Reason);
    }

    [Test]
    public async Task Check_LifecycleHasNoStrategyAnyMore_TakesTheCandidateOff()
    {
        await Canary(seed: 2).RunAsync(_workspace);
        var without = Define(_trainer, 1_100, seed: 2, deployment => deployment.ToProcess().ReplaceIncomparable());

        var ended = await without.CheckRolloutAsync(_workspace);

        Assert.That((ended!.State, ended.Reason), Is.EqualTo(
            (RolloutState.Cancelled, "its lifecycle does not say any more how a version is rolled out")));
        Assert.That(Predict(50).Select(answer => answer.Version), Is.All.EqualTo(1));
        Assert.That((await _workspace.Traffic.FindAsync(Name))!.Arms, Is.Empty);
    }

    [Test]
    public async Task RollOut_Mistakes_ChangeNothing()
    {
        var lifecycle = Canary(seed: 2);
        await lifecycle.RunAsync(_workspace);
        await _workspace.Rollouts.CancelAsync(Name, "begin anew");
        async Task<string> RefuseAsync(Lifecycle of, int version) =>
            (await Assert.CatchAsync<MlOpsException>(async () => await of.RollOutAsync(_workspace, version, "try"))).Message;

        var live = await RefuseAsync(lifecycle, 1);
        var missing = await RefuseAsync(lifecycle, 9);
        var without = await RefuseAsync(Define(_trainer, 1_100, 2, deployment => deployment.ToProcess()), 2);
        var unrecorded = await RefuseAsync(
            Define(_trainer, 1_100, 2, deployment => deployment.ToProcess().RollAsCanary(canary => canary
                .Step(0.1, Bake).Guard(RolloutGuards.Bias("gender", atMost: 0.1)))),
            2);

        Assert.Multiple(() =>
        {
            Assert.That(live, Does.Contain("Version 1 of 'subscribers' is already live"));
            Assert.That(missing, Does.Contain("no version 9"));
            Assert.That(without, Does.Contain("does not say how a version is rolled out"));
            Assert.That(unrecorded, Does.Contain("The attribute 'gender' is not recorded"));
        });
        Assert.That((await _workspace.Traffic.FindAsync(Name))!.Arms, Is.Empty);
    }

    [Test]
    public async Task Run_AnotherCandidateDuringARollout_TakesItsPlace()
    {
        await Canary(seed: 2).RunAsync(_workspace);
        _workspace.Files.Delete((await _workspace.Runs.LatestAsync(Name))!.Stages
            .SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        await Canary(seed: 3).RunAsync(_workspace);

        var arms = (await _workspace.Traffic.FindAsync(Name))!.Arms;
        var history = await _workspace.Rollouts.HistoryAsync(Name);

        Assert.That(arms, Is.EqualTo(new[] { new TrafficArm("candidate", 3, 0.2) }));
        Assert.That(
            history.Select(decision => (decision.Version, decision.State, decision.Reason)),
            Is.EqualTo(new[]
            {
                (3, RolloutState.Running, "it begins with 20 % of the calls"),
                (2, RolloutState.Cancelled, "version 3 took its place"),
                (2, RolloutState.Running, "it begins with 20 % of the calls"),
            }));
    }

    [Test]
    public void Build_Mistakes_AreAllListed()
    {
        var exception = Assert.Throws<LifecycleConfigurationException>(() => Define(_trainer, 100, 1, deployment => deployment.ToProcess()
            .RollAsCanary(canary => canary
                .Step(0.5, Bake).Step(0.5, Bake).MinimumCalls(1).MinimumCalls(2)
                .Guard(RolloutGuards.Errors()).Guard(RolloutGuards.Errors(0.1)))));
        var empty = Assert.Throws<LifecycleConfigurationException>(
            () => Define(_trainer, 100, 1, deployment => deployment.ToProcess().RollAsCanary(_ => { })));

        Assert.That(exception.Mistakes, Has.Some.Contains("Step 2 of RollAsCanary has the share 0.5")
            .And.Some.Contains("Two guards of RollAsCanary have the name 'errors'").And.Some.Contains("calls MinimumCalls twice"));
        var whole = Assert.Throws<LifecycleConfigurationException>(() => Define(
            _trainer, 100, 1, deployment => deployment.ToProcess().RollAsCanary(canary => canary.Step(1, Bake))));
        var nothing = Assert.Throws<LifecycleConfigurationException>(() => Define(
            _trainer, 100, 1, deployment => deployment.ToProcess().RollAsCanary(
                canary => canary.Step(0, Bake).Guard(RolloutGuards.Errors(), isRequired: true))));

        Assert.That(whole.Mistakes, Has.Some.Contains("a share above 0.95"));
        Assert.That(nothing.Mistakes, Has.Some.Contains("no step in which the candidate answers calls"));
        Assert.That(empty.Mistakes, Has.Some.Contains("RollAsCanary has 0 steps"));
    }

    private Task<Workspace> OpenAsync(IActorProvider? actors = null, ILoggerFactory? logs = null) =>
        Workspace.OpenAsync(_folder.Path, options =>
        {
            options.Time = _time;
            options.Actors = actors;
            if (logs is not null) options.LoggerFactory = logs;
            _trainer.AddReader(options.Readers);
        });

    private Lifecycle Canary(int seed, Action<CanaryBuilder>? configure = null) => Define(
        _trainer, 1_100, seed, sink: _alerts, deploy: deployment => deployment
        .ToProcess()
        .ReplaceIncomparable()
        .RollAsCanary(configure ?? (canary => canary
            .Step(0.2, Bake)
            .Step(0.5, Bake)
            .Guard(RolloutGuards.Errors())
            .Guard(RolloutGuards.Latency(0.5, atMostTimes: 4))
            .Guard(RolloutGuards.PredictionDrift(atMost: 0.15))
            .Guard(RolloutGuards.Bias("plan", atMost: 0.8))
            .Guard(RolloutGuards.Performance(atMostWorse: 0.05))
            .Guard(RolloutGuards.Value("profit", (decision, label) => decision == label ? 1 : 0, atMostLess: 0.05)))));

    private static Lifecycle Define(
        ITrainer trainer, int rows, int seed, Action<DeploymentBuilder> deploy, IAlertSink? sink = null) => LifecycleBuilder.Create(Name)
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes").Protect("plan"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(rows, seed)))
        .ProcessData(data => data.Split(test: 0.25))
        .EngineerFeatures(features => features.Numeric(["age", "spend"]).OneHot(["plan"]))
        .TrainModel(training => training.Try(trainer).CrossValidate(2).Trials(0))
        .DeployModel(deploy)
        .MonitorModel(monitoring => monitoring.DataDrift().Alert(sink ?? new CollectingAlertSink()))
        .Build();

    // Checked every two minutes, as a host would, until the rollout ends.
    private async Task<ModelRollout> WatchAsync(Lifecycle lifecycle)
    {
        for (var i = 0; ; i++)
        {
            await ServeAsync(400);
            _time.Advance(TimeSpan.FromMinutes(2));
            var rollout = (await lifecycle.CheckRolloutAsync(_workspace))!;
            if (rollout.State != RolloutState.Running || i == 20) return rollout;
        }
    }

    private async Task ServeAsync(int calls)
    {
        var rows = Subscriber.Draw(calls, seed: 1_000 + _served++);
        var answers = Predict(rows);
        await _workspace.Monitor(Name).LabelAsync(answers.Select(pair => KeyValuePair.Create(pair.Answer.Id, pair.Row.Left)));
    }

    private List<Prediction<double>> Predict(int calls) =>
        [.. Predict(Subscriber.Draw(calls, seed: 1_000 + _served++)).Select(pair => pair.Answer)];

    private List<(Subscriber Row, Prediction<double> Answer)> Predict(Subscriber[] rows)
    {
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, double>(Name);
        var answers = new List<(Subscriber, Prediction<double>)>();
        foreach (var row in rows)
        {
            try
            {
                answers.Add((row, endpoint.Predict(UnlabelledSubscriber.Of(row))));
            }
            catch (Exception) when (_trainer.Fault is PlantedFault.Throws or PlantedFault.NotANumber or PlantedFault.Refuses)
            {
                // The caller hears of it.
            }
        }

        return answers;
    }

    private sealed class ThrowingGuard : IRolloutGuard
    {
        public string Name => "throwing";

        public RolloutNeeds Needs { get; } = new();

        public GuardFinding Judge(RolloutContext context, RolloutStep step, double level) =>
            throw new InvalidOperationException("the service of the guard is down");
    }

    private sealed class HangingGuard : IRolloutGuard
    {
        private volatile TaskCompletionSource _gate = new();
        private volatile TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _calls;

        public string Name => "hanging";

        public RolloutNeeds Needs { get; } = new();

        public int Calls => _calls;

        public TaskCompletionSource Began { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public GuardFinding Judge(RolloutContext context, RolloutStep step, double level)
        {
            Interlocked.Increment(ref _calls);
            Began.SetResult();
            _gate.Task.Wait();
            _ended.SetResult();
            return new GuardFinding(Name, GuardState.Open, 0, 0, 0, 0, "it is free");
        }

        // Lets the call return, and the next one hang.
        public async Task ReleaseAsync()
        {
            var (gate, ended) = (_gate, _ended);
            Began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            gate.SetResult();
            await ended.Task;
            _gate = new TaskCompletionSource();
            _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Holds the strategies of a container back, and knows when they are disposed of after a check.</summary>
    private sealed class Gate : IDisposable
    {
        public int Calls;
        public int AtWork;

        public ManualResetEventSlim Open { get; } = new();

        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource DisposedOf { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool WasDisposedOfAtWork { get; set; }

        public void Dispose() => Open.Dispose();
    }

    private sealed class GatedStrategy(Gate gate) : IRolloutStrategy, IDisposable
    {
        private bool _wasAsked;

        public string Name => "gated";

        public RolloutNeeds Needs { get; } = new();

        public RolloutDecision Decide(RolloutContext context)
        {
            if (context.Progress is null) return RolloutDecision.Divide(0.2, "it begins");
            _wasAsked = true;
            Interlocked.Increment(ref gate.Calls);
            Interlocked.Increment(ref gate.AtWork);
            gate.Began.TrySetResult();
            gate.Open.Wait();
            Interlocked.Decrement(ref gate.AtWork);
            return RolloutDecision.Wait("it is free");
        }

        public void Dispose()
        {
            if (!_wasAsked) return;
            if (Volatile.Read(ref gate.AtWork) > 0) gate.WasDisposedOfAtWork = true;
            gate.DisposedOf.TrySetResult();
        }
    }

    private sealed class ImpatientStrategy(Action meanwhile) : IRolloutStrategy
    {
        public string Name => "impatient";

        public RolloutNeeds Needs { get; } = new();

        public RolloutDecision Decide(RolloutContext context)
        {
            if (context.Progress is null) return RolloutDecision.Divide(0.1, "it begins");
            meanwhile();
            return RolloutDecision.GoLive("it was long enough");
        }
    }

    private sealed class AnsweringStrategy(Func<RolloutDecision> decide) : IRolloutStrategy
    {
        public string Name => "answering";

        public RolloutNeeds Needs { get; } = new();

        public RolloutDecision Decide(RolloutContext context) =>
            context.Progress is null ? RolloutDecision.Divide(0.2, "it begins") : decide();
    }

    private sealed class TellingTarget(List<string> told) : IDeploymentTarget
    {
        private int? _version;

        public string Name => "elsewhere";

        public TargetCapabilities Capabilities => new();

        public ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            _version = desired.Model.Version.Version;
            told.Add($"target: {_version}");
            return ValueTask.CompletedTask;
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new ObservedDeployment(endpoint, _version, null));
    }

    private sealed class CancellingSink(List<string> told, CancellationTokenSource cancellation) : IAlertSink
    {
        public bool WantsResolved => true;

        public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            told.Add($"sink: {alert.Kind}");
            if (alert.Kind == AlertKind.Resolved) await cancellation.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private sealed class LostActors : IActorProvider
    {
        public bool AreLost { get; set; }

        public string Actor => AreLost ? throw new InvalidOperationException("There is no request.") : "ann";

        public bool May(ReleaseAction action, string model) => true;
    }
}
