using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Whoever worked on a version does not approve it, under no name and by no other way.</summary>
[TestFixture]
internal sealed class ApprovalPeopleTests : ApprovalsFixture
{
    [Test]
    public async Task Rollback_VersionThatNeverWasLive_IsNotApprovedByWhoMadeIt()
    {
        await DeployAsync(600);
        People.Actor = "cid";
        await KeepBackAsync(Begin(700).Build());
        await Workspace.Approvals.RejectAsync(2, "taken back");

        // The blessing of a version that was kept back stays.
        var needs = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "x", 2));
        var author = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("cid", needs!.Approval!.Id));

        Assert.That((needs!.Approval!.Kind, needs.Approval.Requester), Is.EqualTo((ApprovalKind.Promotion, "dan")));
        Assert.That(author!.Message, Does.Contain("whoever made the version does not approve it"));
    }

    [Test]
    public async Task Rollback_ToAVersionThatWasTakenOff_IsNotApprovedByWhoMadeIt()
    {
        await DeployAsync(600, AlsoRollback);
        People.Actor = "cid";
        await DeployAsync(700, AlsoRollback);
        People.Actor = "dan";
        var back = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "bad"));
        await DecideAsync("ann", back!.Approval!.Id);
        await DecideAsync("bob", back.Approval.Id);

        var again = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "x", 2));
        var author = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("cid", again!.Approval!.Id));

        Assert.That(back.Approval.Authors, Is.Empty);
        Assert.That((again!.Approval!.Kind, again.Approval.Authors), Is.EqualTo((ApprovalKind.Rollback, new[] { "cid" })));
        Assert.That(author!.Message, Does.Contain("whoever made the version does not approve it"));

        static void AlsoRollback(ApprovalBuilder approval) => approval.By("risk-officer").By("model-owner").AlsoForRollback();
    }

    [TestCase(1, Description = "its stage is judged again")]
    [TestCase(2, Description = "its stage is reused")]
    public async Task Approve_ByWhoseRunJoinedTheRequest_IsRejected(int runsBefore)
    {
        var lifecycle = Begin(500).Build();
        LifecycleRun run = null!;
        for (var i = 0; i < runsBefore; i++) run = await lifecycle.RunAsync(Workspace);
        var id = run.Deployment!.AwaitsApproval!.Value;
        People.Actor = "cid";
        var joined = await lifecycle.RunAsync(Workspace);
        People.Actor = "dan";

        var author = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("cid", id));

        var approval = await Workspace.Approvals.GetAsync(id);
        Assert.That(joined.Deployment!.AwaitsApproval, Is.EqualTo(id));
        Assert.That(approval.Runs, Does.Contain(joined.Id).And.Contain(run.Id));
        Assert.That(approval.Authors, Does.Contain("cid"));
        Assert.That(author!.Message, Does.Contain("does not approve it"));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
        await TamperAsync("DELETE FROM approval_joins");
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Does.Contain("runs and requesters of approvals"));
    }

    [Test]
    public async Task Run_JoinedByWhoApprovedBefore_TakesNothingBack()
    {
        var lifecycle = Begin(500).Build();
        var id = (await lifecycle.RunAsync(Workspace)).Deployment!.AwaitsApproval!.Value;
        await DecideAsync("ann", id);
        People.Actor = "ann";
        await lifecycle.RunAsync(Workspace);
        People.Actor = "dan";

        var given = await DecideAsync("bob", id);

        Assert.That(given.State, Is.EqualTo(ApprovalState.Approved));
    }

    [Test]
    public async Task Approve_ByWhoTrainedWhatTheRunReuses_IsRejected()
    {
        var lifecycle = Begin(500).Build();
        People.Actor = "cid";
        var first = await SampleLifecycle.Begin(Subscriber.Draw(500, seed: 1)).Build().RunAsync(Workspace);
        People.Actor = "dan";
        var run = await lifecycle.RunAsync(Workspace);

        var approval = await Workspace.Approvals.GetAsync(run.Deployment!.AwaitsApproval!.Value);
        var author = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("cid", approval.Id));

        Assert.That(first.Record.Stages.Select(stage => stage.Stage), Does.Contain(LifecycleStage.Training));
        Assert.That(approval.Authors, Is.EquivalentTo(new[] { "cid", "dan" }));
        Assert.That(author!.Message, Does.Contain("whoever made the version does not approve it"));
    }

    [Test]
    public async Task Resume_WaitingRunByAnApprover_DoesNotMakeAnAuthorOfThem()
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        People.Actor = "bob";
        await lifecycle.ResumeAsync(Workspace, run.Id);
        People.Actor = "dan";

        await ApproveAsync(run.Deployment!.AwaitsApproval!.Value);

        Assert.That((await Workspace.Approvals.GetAsync(run.Deployment.AwaitsApproval.Value)).State, Is.EqualTo(ApprovalState.Approved));
    }

    [Test]
    public async Task Approve_SamePersonUnderAnotherName_IsThatPerson()
    {
        foreach (var name in new[] { "cid", "Cid Roe (7)", "7" }) (People.Ids[name], People.Roles[name]) = ("7", People.Roles["cid"]);
        People.Actor = "cid";
        var own = await Begin(500).Build().RunAsync(Workspace);
        People.Actor = "dan";

        var author = await Assert.CatchAsync<MlOpsException>(
            async () => await DecideAsync("Cid Roe (7)", own.Deployment!.AwaitsApproval!.Value));
        var other = await Begin(600).Build().RunAsync(Workspace);
        await DecideAsync("cid", other.Deployment!.AwaitsApproval!.Value);
        var twice = await DecideAsync("7", other.Deployment.AwaitsApproval.Value);

        Assert.That(author!.Message, Does.Contain("'Cid Roe (7)' cannot approve").And.Contain("whoever requests"));
        Assert.That((twice.State, twice.Given.Single().Actor, twice.Given[0].ActorId), Is.EqualTo((ApprovalState.Pending, "cid", "7")));
    }

    [Test]
    public async Task Approve_RunWasTakenOutOfTheRequest_IsAnErrorAndNothingGoesLive()
    {
        var run = await Begin(500).Build().RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await TamperAsync("UPDATE approvals SET run = NULL");

        var failure = await Assert.CatchAsync<MlOpsException>(
            async () => await DecideAsync("bob", run.Deployment.AwaitsApproval.Value));

        Assert.That(failure!.Message, Does.Contain("do not agree with the audit log"));
        Assert.That(await LiveAsync(), Is.Null);
        Assert.That(await Workspace.Models.BlessingsAsync(Name, 1), Has.Count.EqualTo(1), "nothing was attested");
    }

    [Test]
    public async Task Request_WhoStartedTheRunWasChanged_IsAnError()
    {
        using var cancellation = new CancellationTokenSource();
        var lifecycle = Begin(500).Build();
        await Assert.CatchAsync<OperationCanceledException>(async () => await lifecycle.RunAsync(
            Workspace, new Stops(cancellation), cancellation.Token));
        await TamperAsync("DROP TRIGGER audit_never_changes; UPDATE audit SET actor = 'nobody' WHERE action = 'run.started'");

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.ResumeAsync(
            Workspace, (await Workspace.Runs.LatestAsync(Name))!.Id));

        Assert.That(failure!.Message, Does.Contain("does not match its hash"));
        Assert.That(await Workspace.Approvals.ListAsync(), Is.Empty);
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Not.Null);
    }

    private sealed class Stops(CancellationTokenSource cancellation) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value.Stage == LifecycleStage.Features) cancellation.Cancel();
        }
    }
}
