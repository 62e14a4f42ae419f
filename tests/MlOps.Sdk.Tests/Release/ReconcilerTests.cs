using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ReconcilerTests
{
    private const string Name = SampleLifecycle.Name;

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;
    private Elsewhere _target = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        (_folder, _target) = (new TempFolder(), new Elsewhere());
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Reconcile_ProcessDiedBetweenCommitAndTarget_BringsTheTargetToTheLiveVersion()
    {
        _target.Failure = new IOException("the machine went down");
        Assert.That(async () => await Lifecycle().RunAsync(_workspace), Throws.Exception);
        _target.Failure = null;

        var seen = await Lifecycle().ReconcileAsync(_workspace, dryRun: true);
        var repaired = await Lifecycle().ReconcileAsync(_workspace);
        var again = await Lifecycle().ReconcileAsync(_workspace);

        var entries = await _workspace.Audit.ReadAsync(subject: $"model:{Name}/1")
            .Where(entry => entry.Action == "model.redelivered")
            .ToListAsync();
        Assert.Multiple(() =>
        {
            Assert.That(
                seen.Select(State), Is.EqualTo(new[] { ("process", 1, (int?)1, true, false), ("elsewhere", 1, null, false, false) }));
            Assert.That(
                repaired.Select(State), Is.EqualTo(new[] { ("process", 1, (int?)1, true, false), ("elsewhere", 1, null, false, true) }));
            Assert.That(again.Select(state => state.IsInSync), Is.All.True);
            Assert.That((entries.Count, entries[0].Actor), Is.EqualTo((1, "reconciler")));
            Assert.That(entries[0].Details, Does.Contain("elsewhere").And.Contain("no version"));
        });
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Reconcile_TargetServesAnotherVersionOrPackage_IsRepaired()
    {
        await Lifecycle().RunAsync(_workspace);
        _target.Served = new ObservedDeployment(Name, 7, "other");
        var other = await Lifecycle().ReconcileAsync(_workspace);
        _target.Served = new ObservedDeployment(Name, 1, "other");
        var package = await Lifecycle().ReconcileAsync(_workspace);

        Assert.That((other[1].ObservedVersion, other[1].IsRepaired), Is.EqualTo((7, true)));
        Assert.That((package[1].ObservedVersion, package[1].IsInSync, package[1].IsRepaired), Is.EqualTo((1, false, true)));
    }

    [Test]
    public async Task Reconcile_AnotherVersionGoesLiveMeanwhile_EndsWithThatOne()
    {
        var run = await Lifecycle().RunAsync(_workspace);

        // What can no more be compared may be replaced.
        _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        await Lifecycle(seed: 2).RunAsync(_workspace);
        Assert.That(_target.Served!.Version, Is.EqualTo(2));
        await using var other = await Workspace.OpenAsync(_folder.Path);
        _target.Served = null;
        _target.Applying = async version =>
        {
            if (version == 2) await other.Models.RollbackAsync(Name, "it is wrong");
        };

        var states = await Lifecycle().ReconcileAsync(_workspace);

        Assert.That((states[1].IsRepaired, states[1].DesiredVersion, _target.Served?.Version), Is.EqualTo((true, 1, 1)));
    }

    [Test]
    public async Task Reconcile_TargetNeedsLonger_IsWaitedForAsLongAsItSays()
    {
        await Lifecycle().RunAsync(_workspace);
        (_target.Served, _target.Hangs, _target.Patience) = (null, true, TimeSpan.FromMinutes(30));

        var hanging = Lifecycle().ReconcileAsync(_workspace);
        await _target.Began.Task;
        _time.Advance(TargetElsewhere.Limit);
        Assert.That(hanging.IsCompleted, Is.False);
        _time.Advance(TimeSpan.FromMinutes(25));
        var left = await hanging.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(left[1].Problem, Is.EqualTo("It did not answer within 30 minutes."));
    }

    [Test]
    public async Task Reconcile_TargetFails_SaysSoAndTheOthersAreLookedAt()
    {
        await Lifecycle().RunAsync(_workspace);
        _target.Served = null;
        _target.Failure = new MlOpsException("The disk is full.", "Make room.");
        var broken = await Lifecycle().ReconcileAsync(_workspace);
        _target.Failure = new TaskCanceledException("The request took more than 100 seconds.");
        var ownTimeout = await Lifecycle().ReconcileAsync(_workspace);
        _target.Failure = null;
        _target.Hangs = true;
        var hanging = Lifecycle().ReconcileAsync(_workspace);
        await _target.Began.Task;
        _time.Advance(TargetElsewhere.Limit);
        var left = await hanging.WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That((broken[1].IsRepaired, broken[1].Problem), Is.EqualTo((false, "The disk is full. Make room.")));
        Assert.That(
            ownTimeout[1].Problem,
            Is.EqualTo("It cancelled its own work, as it does after a time-out of its own: The request took more than 100 seconds."));
        Assert.That((left[0].IsInSync, left[1].Problem), Is.EqualTo((true, "It did not answer within 5 minutes.")));
        Assert.That(
            () => _workspace.Process.TurnOf(Name, "elsewhere").IsFree,
            Is.True.After(30_000, 10),
            "nobody keeps the target from getting another version");
    }

    [Test]
    public async Task Reconcile_TargetIsBusyWithACallThatWasLeftBehind_SaysSoAndCallsItWhenThatHasEnded()
    {
        await Lifecycle().RunAsync(_workspace);
        var (began, open, calls) = (new TaskCompletionSource(), new TaskCompletionSource(), 0);
        _target.Served = null;
        _target.Applying = async _ =>
        {
            calls++;
            began.TrySetResult();
            await open.Task;
        };
        using var cancellation = new CancellationTokenSource();
        var cancelled = Lifecycle().ReconcileAsync(_workspace, cancellationToken: cancellation.Token);
        await began.Task;
        await cancellation.CancelAsync();
        Assert.That(async () => await cancelled.WaitAsync(TimeSpan.FromMinutes(1)), Throws.InstanceOf<OperationCanceledException>());

        var busy = await Lifecycle().ReconcileAsync(_workspace).WaitAsync(TimeSpan.FromMinutes(1));
        var callsMeanwhile = calls;
        open.SetResult();
        Assert.That(() => _workspace.Process.TurnOf(Name, "elsewhere").IsFree, Is.True.After(30_000, 10));
        _target.Served = null;
        var free = await Lifecycle().ReconcileAsync(_workspace).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(busy[1].Problem, Is.EqualTo("It is still busy with an earlier call, which was left behind."));
        Assert.That((busy[1].IsRepaired, free[1].IsRepaired), Is.EqualTo((false, true)));
        Assert.That((callsMeanwhile, calls), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Reconcile_AnotherProcessBringsTheTarget_WaitsUntilItHasEnded()
    {
        await Lifecycle().RunAsync(_workspace);
        await using var other = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
        var (began, open, atOnce, most) = (new TaskCompletionSource(), new TaskCompletionSource(), 0, 0);
        _target.Served = null;
        _target.Applying = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref atOnce));
            began.TrySetResult();
            await open.Task;
            Interlocked.Decrement(ref atOnce);
        };

        var first = Lifecycle().ReconcileAsync(_workspace);
        await began.Task;
        var second = Lifecycle().ReconcileAsync(other);
        for (var i = 0; i < 50; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
        }

        Assert.That((second.IsCompleted, most), Is.EqualTo((false, 1)));
        open.SetResult();
        while (!second.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }

        Assert.That(((await first)[1].IsRepaired, (await second)[1].IsRepaired, most), Is.EqualTo((true, true, 1)));
    }

    [Test]
    public async Task Reconcile_ProcessWasKilledWhileItBroughtTheTarget_TakesOverWithinAMinute()
    {
        await Lifecycle().RunAsync(_workspace);
        _target.Served = null;
        var leases = new LeaseTable(_workspace.Store);
        Assert.That(await leases.TakeAsync($"target:{Name}:elsewhere", "killed", TimeSpan.FromMinutes(1), CancellationToken.None), Is.True);
        var began = _time.GetUtcNow();

        var repairing = Lifecycle().ReconcileAsync(_workspace);
        while (!repairing.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(2);
        }

        Assert.That((await repairing)[1].IsRepaired, Is.True);
        Assert.That(_time.GetUtcNow() - began, Is.InRange(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)));
    }

    [Test]
    public async Task Reconcile_NothingIsLive_DoesNothing() =>
        Assert.That(await Lifecycle().ReconcileAsync(_workspace), Is.Empty);

    [Test]
    public async Task Host_Started_RepairsTargetsAtOnceAndAgain()
    {
        await Lifecycle().RunAsync(_workspace);
        _target.Served = null;
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options =>
            {
                options.Workspace = _folder.Path;
                options.ReconcileInterval = TimeSpan.FromSeconds(1);
            })
            .AddLifecycle(Name, lifecycle => lifecycle
                .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .CollectData(data => data.FromObjects(Subscriber.Draw(500, seed: 1)))
                .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
                .DeployModel(deployment => deployment.ToProcess().To(_target)));
        using var host = builder.Build();
        await host.StartAsync();

        Assert.That(() => _target.Served?.Version, Is.EqualTo(1).After(30_000, 20));
        _target.Served = null;
        Assert.That(() => _target.Served?.Version, Is.EqualTo(1).After(30_000, 20));
        await host.StopAsync();
    }

    private Lifecycle Lifecycle(int seed = 1) => SampleLifecycle.Begin(Subscriber.Draw(400 + seed * 100, seed))
        .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable().To(_target))
        .Build();

    private static (string Target, int Desired, int? Observed, bool IsInSync, bool IsRepaired) State(TargetState state) =>
        (state.Target, state.DesiredVersion, state.ObservedVersion, state.IsInSync, state.IsRepaired);

    private sealed class Elsewhere : IDeploymentTarget
    {
        public string Name => "elsewhere";

        public TargetCapabilities Capabilities => new() { Patience = Patience };

        public TimeSpan Patience { get; set; } = TimeSpan.FromMinutes(5);

        public Exception? Failure { get; set; }

        public bool Hangs { get; set; }

        public Func<int, Task> Applying { get; set; } = _ => Task.CompletedTask;

        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ObservedDeployment? Served { get; set; }

        public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            if (Failure is not null) throw Failure;
            if (Hangs)
            {
                Began.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            await Applying(desired.Model.Version.Version);
            Served = new ObservedDeployment(desired.Endpoint, desired.Model.Version.Version, desired.Model.Version.ContentHash);
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Served ?? new ObservedDeployment(endpoint, null, null));
    }
}
