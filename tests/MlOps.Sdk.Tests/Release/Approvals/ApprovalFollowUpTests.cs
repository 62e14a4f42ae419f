using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Hosting;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Notices, reminders, and what a host does when people have decided.</summary>
[TestFixture]
internal sealed class ApprovalFollowUpTests : ApprovalsFixture
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(7);

    [Test]
    public async Task Check_RequestWaits_TellsPeopleOnceAndRemindsThem()
    {
        var sink = new CollectingAlertSink { WantsResolved = true };
        var lifecycle = Watched(sink);
        var run = await lifecycle.RunAsync(Workspace);
        await using var another = await OpenAnotherAsync();

        await lifecycle.CheckApprovalsAsync(Workspace);
        await lifecycle.CheckApprovalsAsync(another);
        var first = sink.Alerts;
        Time.Advance(TimeSpan.FromHours(60));
        await lifecycle.CheckApprovalsAsync(Workspace);
        await lifecycle.CheckApprovalsAsync(another);
        var reminded = sink.Alerts;
        var listed = await Workspace.Alerts.ListAsync(Name, AlertStatus.Open);
        await Workspace.Alerts.AcknowledgeAsync(listed.Single().Id, "I look at it");
        Time.Advance(TimeSpan.FromHours(24));
        await lifecycle.CheckApprovalsAsync(Workspace);
        var quiet = sink.Alerts;
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value, approves: false);
        await lifecycle.CheckApprovalsAsync(Workspace);

        Assert.Multiple(() =>
        {
            Assert.That(first, Has.Count.EqualTo(1));
            Assert.That(first[0].Signals, Is.EqualTo(new[] { Signal.Approval }));
            Assert.That(
                first[0].Message,
                Does.Contain("awaits approval 1, requested by dan: model-owner, risk-officer must approve it until 2026-03-08"));
            Assert.That(reminded, Has.Count.EqualTo(2), "two days that nobody looked are one reminder");
            Assert.That(quiet, Has.Count.EqualTo(2), "whoever acknowledged it is not reminded");
            Assert.That(sink.Alerts.Select(alert => alert.Kind), Is.EqualTo(new[]
            {
                AlertKind.Raised, AlertKind.Raised, AlertKind.Resolved,
            }));
        });
        Assert.That(await Workspace.Alerts.ListAsync(Name, AlertStatus.Open), Is.Empty);
    }

    [Test]
    public async Task Check_AnotherProcessTellsOfARequestMeanwhile_LeavesItsAlertOpen()
    {
        await using var another = await OpenAnotherAsync();
        var lifecycle = Watched(new Meanwhile(async () =>
        {
            var newer = Watched(null, 700);
            await newer.RunAsync(another);
            await newer.CheckApprovalsAsync(another);
        }));
        await lifecycle.RunAsync(Workspace);

        await lifecycle.CheckApprovalsAsync(Workspace);

        var open = await Workspace.Alerts.ListAsync(Name, AlertStatus.Open);
        Assert.That(open.Select(alert => alert.Message), Is.All.Contains("version 2 awaits approval 2").And.Exactly(1).Items);
    }

    [Test]
    public async Task Check_NamesAndReasonsOfOthers_AreOneLineOfAnAlert()
    {
        People.Actor = "dan\u202e\r\nit is approved";
        var sink = new CollectingAlertSink();
        var lifecycle = Watched(sink);
        await lifecycle.RunAsync(Workspace);

        await lifecycle.CheckApprovalsAsync(Workspace);

        Assert.That(sink.Alerts.Single().Message, Does.Not.Contain("\u202e").And.Not.Contain("\n").And.Contain("it is approved"));
    }

    [Test]
    public async Task Check_SinkFails_RunThatWasApprovedGoesOn()
    {
        var lifecycle = Watched(new FailingSink());
        var run = await lifecycle.RunAsync(Workspace);
        await lifecycle.CheckApprovalsAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);

        var ended = await lifecycle.CheckApprovalsAsync(Workspace);

        Assert.That(ended.Single().Deployment!.IsDeployed, Is.True);
    }

    [Test]
    public async Task Check_RequestHasExpired_FailsTheRun()
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        Time.Advance(TimeSpan.FromDays(8));

        await lifecycle.CheckApprovalsAsync(Workspace);

        var failed = await Workspace.Runs.GetAsync(run.Id);
        Assert.That(failed.State, Is.EqualTo(RunState.Failed));
        Assert.That(failed.Error, Does.Contain("expired on 2026-03-08"));
        Assert.That((await Workspace.Approvals.ListAsync()).Single().Ended!.Actor, Is.EqualTo("approvals"));
    }

    [Test]
    public async Task Check_RunEndedBeforeItWentLive_IsTakenUpAgain()
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);
        using var stop = new CancellationTokenSource();
        await Assert.CatchAsync<OperationCanceledException>(async () => await lifecycle.ResumeAsync(
            Workspace, run.Id, new Stops(stop), stop.Token));
        var cancelled = (await Workspace.Runs.GetAsync(run.Id)).State;

        var ended = await lifecycle.CheckApprovalsAsync(Workspace);

        Assert.That(cancelled, Is.EqualTo(RunState.Cancelled));
        Assert.That((ended.Single().Id, await LiveAsync()), Is.EqualTo((run.Id, (int?)1)));
    }

    [Test]
    public async Task Check_RollbackWasApprovedAndNotDone_DoesIt()
    {
        await DeployAsync(500, approval => approval.By("risk-officer").AlsoForRollback().By("model-owner"));
        await DeployAsync(600, approval => approval.By("risk-officer").AlsoForRollback().By("model-owner"));
        var needs = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "x"));
        await DecideAsync("ann", needs!.Approval!.Id);

        // As in a process that is killed between the decision and the deed.
        People.Actor = "bob";
        await Workspace.Approvals.Registry.ApproveAsync(needs.Approval.Id, "y", default);
        People.Actor = "dan";
        var before = await LiveAsync();
        await Begin(600).Build().CheckApprovalsAsync(Workspace);

        Assert.That((before, await LiveAsync()), Is.EqualTo(((int?)2, (int?)1)));
    }

    [Test]
    public async Task Host_RunWasApproved_ResumesIt()
    {
        var run = await Watched(null).RunAsync(Workspace);
        var clock = new HostClock(s_look);
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<IActorProvider>(new People());
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (Folder.Path, s_look))
            .AddLifecycle(Name, lifecycle => Describe(lifecycle, null));
        clock.SetUtcNow(Time.GetUtcNow());
        using var host = builder.Build();
        await host.StartAsync();
        await clock.Waits.WaitAsync(TimeSpan.FromSeconds(30));
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await Workspace.Runs.GetAsync(run.Id)).State != RunState.Succeeded)
        {
            clock.Advance(s_look);
            await Task.Delay(20, patience.Token);
        }

        await host.StopAsync();
        Assert.That(await LiveAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Host_RunWasApprovedWhileAnotherIsInProgress_HoldsToItsConcurrency()
    {
        var run = await Watched(null).RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);
        var goOn = new TaskCompletionSource();
        var inProgress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var other = Watched(null).RunAsync(Workspace, new Holds(inProgress, goOn.Task));
        await inProgress.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var rejected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var clock = new HostClock(s_look);
        clock.SetUtcNow(Time.GetUtcNow());
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<IActorProvider>(new People());
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcher(logged =>
        {
            if (logged.Id == 1316) rejected.TrySetResult();
        }));
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval, options.RunConcurrency) =
                (Folder.Path, s_look, RunConcurrency.Reject))
            .AddLifecycle(Name, lifecycle => Describe(lifecycle, null));
        using var host = builder.Build();
        await host.StartAsync();
        await clock.Waits.WaitAsync(TimeSpan.FromSeconds(30));

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!rejected.Task.IsCompleted)
        {
            clock.Advance(s_look);
            await Task.Delay(20, patience.Token);
        }
        var waits = (await Workspace.Runs.GetAsync(run.Id)).State;
        goOn.SetResult();
        await other;
        await host.StopAsync();

        Assert.That(waits, Is.EqualTo(RunState.AwaitingApproval));
    }

    [Test]
    public async Task Events_OfAnApproval_AreDeploymentEvents()
    {
        await DeployAsync(500);

        var kinds = new List<DeploymentEventKind>();
        await foreach (var happened in Workspace.Events.ReadAsync()) kinds.Add(happened.Kind);

        Assert.That(
            kinds.Where(kind => $"{kind}".StartsWith("Approval", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                DeploymentEventKind.ApprovalRuleChanged, DeploymentEventKind.ApprovalRequested, DeploymentEventKind.ApprovalGiven,
                DeploymentEventKind.ApprovalGiven,
            }));
    }

    private static Lifecycle Watched(IAlertSink? sink, int rows = 600) => Describe(LifecycleBuilder.Create(Name), sink, rows).Build();

    private static LifecycleBuilder Describe(LifecycleBuilder builder, IAlertSink? sink, int rows = 600) => builder
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(rows, seed: 1)))
        .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess().RequireApproval(Both))
        .MonitorModel(monitoring =>
        {
            monitoring.DataDrift();
            if (sink is not null) monitoring.Alert(sink);
        });

    private sealed class Stops(CancellationTokenSource stop) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value is { Stage: LifecycleStage.Deployment, Step: "package" }) stop.Cancel();
        }
    }

    private sealed class Holds(TaskCompletionSource begun, Task goOn) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            begun.TrySetResult();
            goOn.Wait(TimeSpan.FromSeconds(60));
        }
    }

    private sealed class Meanwhile(Func<Task> work) : IAlertSink
    {
        private int _calls;

        public async ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default)
        {
            if (Interlocked.Increment(ref _calls) == 1) await work();
        }
    }

    private sealed class FailingSink : IAlertSink
    {
        public ValueTask SendAsync(Alert alert, CancellationToken cancellationToken = default) =>
            throw new InvalidOperationException("no network");
    }
}
