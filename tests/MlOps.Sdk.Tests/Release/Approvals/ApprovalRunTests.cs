using MlOps.Sdk.Audit;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
internal sealed class ApprovalRunTests : ApprovalsFixture
{
    [Test]
    public async Task Run_RequiresApproval_WaitsForBothAndGoesLiveWithTheSameVersion()
    {
        var lifecycle = Begin().Build();
        var run = await lifecycle.RunAsync(Workspace);
        var asked = (await Workspace.Approvals.ListAsync(Name)).Single();
        var waits = await lifecycle.ResumeAsync(Workspace, run.Id);
        var liveBefore = await LiveAsync();
        var blessedBefore = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.Models.GetBlessedAsync(Name, 1));
        var half = await DecideAsync("ann", asked.Id);
        var stillWaits = await lifecycle.ResumeAsync(Workspace, run.Id);
        var given = await DecideAsync("bob", asked.Id);

        await using var another = await OpenAnotherAsync();
        var live = await Begin().Build().ResumeAsync(another, run.Id);

        var blessings = await Workspace.Models.BlessingsAsync(Name, 1);
        var gate = blessings[0].Gates.Single(each => each.Name == "approval");
        var ended = await Workspace.Approvals.GetAsync(asked.Id);
        Assert.Multiple(() =>
        {
            Assert.That(run.State, Is.EqualTo(RunState.AwaitingApproval));
            Assert.That((run.Deployment!.IsDeployed, run.Deployment.AwaitsApproval), Is.EqualTo((false, (long?)asked.Id)));
            Assert.That(run.Deployment.Reason, Does.Contain($"Approval {asked.Id} awaits model-owner, risk-officer until 2026-03-08"));
            Assert.That(run.Deployment.Gates.Single(each => each.Name == "approval").IsPending, Is.True);
            Assert.That((asked.State, asked.Version, asked.Requester, asked.LiveVersion, asked.Kind), Is.EqualTo(
                (ApprovalState.Pending, 1, "dan", (int?)null, ApprovalKind.Promotion)));
            Assert.That(asked.ContentHash, Is.EqualTo(run.Deployment.ContentHash));
            Assert.That(asked.Runs, Is.EqualTo(new[] { run.Id }));
            Assert.That((waits.State, waits.Id), Is.EqualTo((RunState.AwaitingApproval, run.Id)));
            Assert.That(stillWaits.State, Is.EqualTo(RunState.AwaitingApproval));
            Assert.That(liveBefore, Is.Null);
            Assert.That(blessedBefore!.Message, Does.Contain("is not live yet: Approval 1 awaits model-owner, risk-officer"));
            Assert.That((half.State, given.State), Is.EqualTo((ApprovalState.Pending, ApprovalState.Approved)));
            Assert.That(asked.Missing, Is.EqualTo(new[] { "model-owner", "risk-officer" }), "in the order of the messages");
            Assert.That(half.Missing, Is.EqualTo(new[] { "model-owner" }));
            Assert.That((live.State, live.Id), Is.EqualTo((RunState.Succeeded, run.Id)), live.Deployment!.Reason);
            Assert.That((live.Deployment.IsDeployed, live.Deployment.Version), Is.EqualTo((true, 1)));
            Assert.That(
                live.Record.Stages.Where(stage => stage.Stage < LifecycleStage.Deployment)
                    .Select(stage => (stage.Stage, stage.State, stage.Reason, stage.StartedAt, stage.Elapsed)),
                Is.EqualTo(run.Record.Stages.Where(stage => stage.Stage < LifecycleStage.Deployment)
                    .Select(stage => (
                        stage.Stage, StageState.Succeeded, (string?)"it has no result yet", stage.StartedAt, stage.Elapsed))));
            Assert.That(
                (gate.Outcome, gate.IsPending, gate.Observed),
                Is.EqualTo((GateOutcome.Passed, false, "ann (risk-officer), bob (model-owner)")));
            Assert.That(gate.Explanation, Does.Contain("ann approved on 2026-03-01 12:00:00Z: ann has looked at it."));
            Assert.That(blessings, Has.Count.EqualTo(2), "one that waits and one that blesses");
            Assert.That(ended.State, Is.EqualTo(ApprovalState.Applied));
            Assert.That(another.Endpoint(Name).Version, Is.EqualTo(1));
        });
        Assert.That(await Workspace.Approvals.ListAsync(), Has.Count.EqualTo(1));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
        Assert.That(
            (await AuditedAsync()).Where(action => action.StartsWith("approval", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "approval.policy", "approval.requested", "approval.approved", "approval.approved", "approval.applied" }));
    }

    [Test]
    public async Task Run_AnotherGateFails_AsksNobody()
    {
        var run = await SampleLifecycle.Begin(train: training => training.Try(Trainers.Baseline()).CrossValidate(2).Trials(0))
            .Deployed(deployment => deployment.ToProcess().RequireApproval(Both)).Build().RunAsync(Workspace);

        Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(
            run.Deployment!.Gates.Single(gate => gate.Name == "approval").Outcome, Is.EqualTo(GateOutcome.NotApplicable));
        Assert.That(await Workspace.Approvals.ListAsync(), Is.Empty);
    }

    [Test]
    public async Task Reject_RunThatWaits_HasFailedAndIsRequestedAgainWhenResumed()
    {
        var lifecycle = Begin().Build();
        var run = await lifecycle.RunAsync(Workspace);
        var rejected = await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value, approves: false);
        var failed = await Workspace.Runs.GetAsync(run.Id);

        var another = await lifecycle.RunAsync(Workspace);
        var asked = await Workspace.Approvals.ListAsync();
        var again = await lifecycle.ResumeAsync(Workspace, run.Id);

        Assert.Multiple(() =>
        {
            Assert.That((rejected.State, rejected.Ended!.Actor), Is.EqualTo((ApprovalState.Rejected, "ann")));
            Assert.That(failed.State, Is.EqualTo(RunState.Failed));
            Assert.That(failed.Error, Does.Contain("was rejected by ann: ann has doubts."));
            Assert.That((another.State, another.Deployment!.IsDeployed), Is.EqualTo((RunState.Succeeded, false)));
            Assert.That(another.Deployment.Reason, Does.Contain("rejected by ann").And.Contain("resume the run"));
            Assert.That(asked, Has.Count.EqualTo(1), "what was rejected is not requested by every run");
            Assert.That((again.State, again.Deployment!.Version), Is.EqualTo((RunState.AwaitingApproval, 1)));
            Assert.That(again.Deployment.AwaitsApproval, Is.EqualTo(rejected.Id + 1));
        });
        Assert.That(await Workspace.Models.ListAsync(Name), Has.Count.EqualTo(1));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Expiry_NobodyDecidesInTime_FailsTheRun()
    {
        var lifecycle = Begin(approval: approval => approval.By("risk-officer").ExpiresAfter(TimeSpan.FromDays(2))).Build();
        var run = await lifecycle.RunAsync(Workspace);
        var id = run.Deployment!.AwaitsApproval!.Value;
        Time.Advance(TimeSpan.FromDays(2));

        var state = (await Workspace.Approvals.GetAsync(id)).State;
        var waiting = (await Workspace.Runs.GetAsync(run.Id)).State;
        var late = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("ann", id));
        var failed = await Workspace.Runs.GetAsync(run.Id);
        var again = await lifecycle.ResumeAsync(Workspace, run.Id);

        Assert.Multiple(() =>
        {
            Assert.That((state, waiting), Is.EqualTo((ApprovalState.Expired, RunState.AwaitingApproval)));
            Assert.That(late!.Message, Does.Contain($"Approval {id} expired on 2026-03-03 12:00:00Z, before risk-officer approved it."));
            Assert.That(failed.State, Is.EqualTo(RunState.Failed));
            Assert.That(again.Deployment!.AwaitsApproval, Is.EqualTo(id + 1));
        });
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Resume_RequestHasExpired_FailsWithARemedy()
    {
        var lifecycle = Begin().Build();
        var run = await lifecycle.RunAsync(Workspace);
        Time.Advance(TimeSpan.FromDays(7));

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.ResumeAsync(Workspace, run.Id));

        Assert.That(failure!.Message, Does.Contain("expired on 2026-03-08").And.Contain("Resume it once more"));
        Assert.That((await Workspace.Runs.GetAsync(run.Id)).State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task Run_AnotherVersionWhileOneWaits_SupersedesTheOlderRequest()
    {
        var older = await Begin(800).Build().RunAsync(Workspace);
        var newer = await Begin(900).Build().RunAsync(Workspace);

        var requests = await Workspace.Approvals.ListAsync(Name);
        var cancelled = await Workspace.Runs.GetAsync(older.Id);
        Assert.Multiple(() =>
        {
            Assert.That(
                requests.Select(request => (request.Version, request.State)),
                Is.EqualTo(new[] { (2, ApprovalState.Pending), (1, ApprovalState.Superseded) }));
            Assert.That(newer.State, Is.EqualTo(RunState.AwaitingApproval));
            Assert.That(cancelled.State, Is.EqualTo(RunState.Cancelled));
            Assert.That(cancelled.Error, Does.Contain("version 2 is to go live instead"));
        });
    }

    [Test]
    public async Task Run_OtherPeopleMustApprove_RequestsItAnew()
    {
        await Begin(500, approval => approval.By("risk-oficer")).Build().RunAsync(Workspace);
        var lifecycle = Begin(500, approval => approval.By("risk-officer")).Build();

        var run = await lifecycle.RunAsync(Workspace);

        var requests = await Workspace.Approvals.ListAsync();
        Assert.That(
            requests.Select(request => (request.Version, request.State, string.Join(' ', request.Policy.Roles))),
            Is.EqualTo(new[] { (1, ApprovalState.Pending, "risk-officer risk-oficer"), (1, ApprovalState.Superseded, "risk-oficer") }));
        Assert.That(requests[0].Reason, Does.EndWith("Afterwards risk-officer must approve what goes live."));

        // What was required once is dropped by nobody but those who had it; the application says who they are.
        People.Roles["gus"] = ["risk-oficer"];
        await DecideAsync("gus", requests[0].Id);
        await DecideAsync("ann", requests[0].Id);
        Assert.That((await lifecycle.ResumeAsync(Workspace, run.Id)).Deployment!.IsDeployed, Is.True);
        Assert.That((await Workspace.Approvals.FindPolicyAsync(Name))!.Roles, Is.EqualTo(new[] { "risk-officer" }));
    }

    [Test]
    public async Task Resume_StricterLifecycle_IsApprovedByTheOthersToo()
    {
        var run = await Begin(500, approval => approval.By("risk-officer")).Build().RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);

        var stricter = await Begin(500).Build().ResumeAsync(Workspace, run.Id);

        Assert.That(stricter.State, Is.EqualTo(RunState.AwaitingApproval));
        Assert.That((await Workspace.Approvals.ListAsync())[0].Policy.Roles, Is.EqualTo(new[] { "risk-officer", "model-owner" }));
    }

    [Test]
    public async Task Resume_AnotherVersionWentLiveMeanwhile_IsJudgedAgainstThatOne()
    {
        await DeployAsync(700);
        var older = await Begin(800).Build().RunAsync(Workspace);
        await DecideAsync("cid", older.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", older.Deployment.AwaitsApproval.Value);
        var newer = Begin(1_200).Build();
        var run = await newer.RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);
        await newer.ResumeAsync(Workspace, run.Id);

        var late = await Begin(800).Build().ResumeAsync(Workspace, older.Id);

        Assert.Multiple(() =>
        {
            Assert.That(late.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(late.Deployment!.IsDeployed, Is.False);
            Assert.That(late.Deployment.Reason, Does.Contain("better than the live version").And.Contain("version 3"));
        });
        Assert.That(await LiveAsync(), Is.EqualTo(3));
        Assert.That(
            (await Workspace.Approvals.GetAsync(older.Deployment!.AwaitsApproval!.Value)).State, Is.EqualTo(ApprovalState.Superseded));
    }

    [Test]
    public async Task Resume_TrainerThatIsNeverReused_DoesNotTrainAgain()
    {
        var trainer = new Counting();
        Lifecycle build() => SampleLifecycle.Begin(train: training => training.Try(trainer).CrossValidate(2).Trials(0))
            .Deployed(deployment => deployment.ToProcess().RequireApproval(Both)).Build();
        var run = await build().RunAsync(Workspace);
        var fits = trainer.Fits;
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);

        var live = await build().ResumeAsync(Workspace, run.Id, new RunOptions { Reuse = false });

        Assert.That(trainer.Fits, Is.EqualTo(fits));
        Assert.That((live.Deployment!.IsDeployed, live.Deployment.ContentHash), Is.EqualTo((true, run.Deployment.ContentHash)));
    }

    [Test]
    public async Task Run_LifecycleRequiresLess_IsApprovedByThoseOfBeforeOnceMore()
    {
        await DeployAsync(700);
        var weaker = SampleLifecycle.Begin(Subscriber.Draw(800, seed: 1))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable()).Build();

        var run = await weaker.RunAsync(Workspace);
        var asked = await Workspace.Approvals.GetAsync(run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("ann", asked.Id);
        await DecideAsync("bob", asked.Id);
        var before = await Workspace.Approvals.FindPolicyAsync(Name);
        var live = await weaker.ResumeAsync(Workspace, run.Id);
        var after = await Workspace.Approvals.FindPolicyAsync(Name);

        Assert.Multiple(() =>
        {
            Assert.That(asked.Policy.Roles, Is.EqualTo(new[] { "risk-officer", "model-owner" }));
            Assert.That(asked.Afterwards!.Roles, Is.Empty);
            Assert.That(asked.Reason, Does.EndWith("Afterwards nobody must approve what goes live."));
            Assert.That(run.Deployment.Reason, Does.Contain("Afterwards nobody must approve what goes live."));
            Assert.That(before!.Roles, Has.Count.EqualTo(2));
            Assert.That(live.Deployment!.IsDeployed, Is.True, live.Deployment.Reason);
            Assert.That(after, Is.Null);
        });
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Retrain_ChallengerMustBeApproved_WaitsAndGoesOnWhenItIs()
    {
        Lifecycle build() => SampleLifecycle.Begin(train: training => training
            .Try(Trainers.GradientBoosting(), search => search.Fix("trees", 40).Fix("leaves", 6)).CrossValidate(2).Trials(0))
            .Deployed(deployment => deployment.ToProcess().RequireApproval(approval => approval.By("risk-officer"))).Monitored().Build();
        var lifecycle = build();
        var first = await lifecycle.RunAsync(Workspace);
        await DecideAsync("ann", first.Deployment!.AwaitsApproval!.Value);
        Assert.That(await lifecycle.CheckApprovalsAsync(Workspace), Has.Count.EqualTo(1));
        var rows = Subscriber.Draw(1_200, seed: 9, shifted: true);
        var endpoint = Workspace.Endpoint<UnlabelledSubscriber, Answer>(Name);
        await Workspace.Monitor(Name).LabelAsync(
            rows.ToDictionary(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Id, row => row.Left));

        var waits = await lifecycle.RetrainNowAsync(Workspace, "new customers");
        await DecideAsync("ann", waits.Run!.Deployment!.AwaitsApproval!.Value);
        var live = (await build().CheckApprovalsAsync(Workspace)).Single();

        Assert.Multiple(() =>
        {
            Assert.That((waits.Outcome, waits.Run.State), Is.EqualTo((RetrainingOutcome.Ran, RunState.AwaitingApproval)));
            Assert.That(waits.Reason, Does.Contain("awaits risk-officer"));
            Assert.That((live.Id, live.Deployment!.IsDeployed), Is.EqualTo((waits.Run.Id, true)), live.Deployment.Reason);
        });
        Assert.That(await LiveAsync(), Is.EqualTo(2));
    }

    private async Task<IReadOnlyList<string>> AuditedAsync()
    {
        var actions = new List<string>();
        await foreach (var entry in Workspace.Audit.ReadAsync()) actions.Add(entry.Action);
        return actions;
    }

    private sealed class Counting : ITrainer
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();
        private readonly Func<int> _opaque = () => Environment.CurrentManagedThreadId;

        public int Fits { get; private set; }

        public string Name => "counting";

        public string Version => _opaque() >= 0 ? "1" : "2";

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => [];

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            Fits++;
            return _inner.TrainAsync(context, cancellationToken);
        }
    }
}
