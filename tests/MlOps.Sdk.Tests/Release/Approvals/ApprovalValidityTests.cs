using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>An approval is for a time, for the version that was live, and until somebody takes it back.</summary>
[TestFixture]
internal sealed class ApprovalValidityTests : ApprovalsFixture
{
    [TestCase(6, true)]
    [TestCase(7, false)]
    public async Task Promote_ApprovedSomeDaysAgo_HoldsNotForEver(int days, bool isLive)
    {
        await ApproveKeptBackAsync(700);
        Time.Advance(TimeSpan.FromDays(days));

        var failure = await TryPromoteAsync(2);

        var first = (await Workspace.Approvals.ListAsync())[^2];
        Assert.That(await LiveAsync(), Is.EqualTo(isLive ? 2 : 1));
        Assert.That(failure is null, Is.EqualTo(isLive));
        Assert.That(first.State, Is.EqualTo(isLive ? ApprovalState.Applied : ApprovalState.Expired));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Promote_AnotherVersionWentLiveMeanwhile_IsApprovedOnceMore()
    {
        await ApproveKeptBackAsync(700);
        await DeployAsync(800);
        await using var another = await OpenAnotherAsync();

        var divide = await Assert.CatchAsync<ApprovalRequiredException>(
            async () => await another.Traffic.DivideAsync(Name, [new TrafficArm("canary", 2, 0.1)], "x"));
        var promote = await TryPromoteAsync(2);

        Assert.That(divide!.Message, Does.Contain("may not answer calls"));
        Assert.That(promote!.Approval!.Id, Is.EqualTo(4));
        Assert.That((await Workspace.Approvals.GetAsync(2)).Ended!.Reason, Is.EqualTo("version 3 went live"));
        Assert.That(await LiveAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Resume_AnotherVersionWentLiveMeanwhile_IsUsedByTheJudgementOfItsOwnRun()
    {
        await DeployAsync(600);
        var waits = Begin(700).Build();
        var run = await waits.RunAsync(Workspace);
        var id = run.Deployment!.AwaitsApproval!.Value;
        await ApproveAsync(id);
        await DeployAsync(800);

        var live = await waits.ResumeAsync(Workspace, run.Id);

        var applied = await Workspace.Approvals.GetAsync(id);
        Assert.That((live.Deployment!.IsDeployed, live.Deployment.Version), Is.EqualTo((true, 2)), live.Deployment.Reason);
        Assert.That((applied.State, applied.LiveVersion), Is.EqualTo((ApprovalState.Applied, (int?)3)));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [TestCase("ann")]
    [TestCase("dan")]
    public async Task Reject_ApprovedAndNotApplied_TakesItBack(string person)
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        var id = run.Deployment!.AwaitsApproval!.Value;
        await ApproveAsync(id);
        await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("eve", id, approves: false));

        var withdrawn = await DecideAsync(person, id, approves: false);
        await lifecycle.CheckApprovalsAsync(Workspace);

        Assert.That((withdrawn.State, withdrawn.Ended!.Actor), Is.EqualTo((ApprovalState.Rejected, person)));
        Assert.That((await Workspace.Runs.GetAsync(run.Id)).State, Is.EqualTo(RunState.Failed));
        Assert.That(await LiveAsync(), Is.Null);
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Reject_Applied_SaysHowToGoBack()
    {
        await DeployAsync(500);

        var late = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("ann", 1, approves: false));

        Assert.That(late!.Message, Does.Contain("To go back, call Models.RollbackAsync"));
    }

    [Test]
    public async Task Reject_VersionAnswersCallsByIt_EndsItsRollout()
    {
        var (lifecycle, run) = await BeginRolloutAsync();

        await DecideAsync("bob", run.Deployment!.AwaitsApproval!.Value, approves: false);

        var rollout = await Workspace.Rollouts.FindAsync(Name);
        var arms = (await Workspace.Traffic.FindAsync(Name))!.Arms;
        Assert.That(rollout!.State, Is.EqualTo(RolloutState.Cancelled));
        Assert.That(rollout.Reason, Does.Contain("was rejected by bob"));
        Assert.That(arms, Is.Empty);
        Assert.That((await lifecycle.CheckRolloutAsync(Workspace))!.State, Is.EqualTo(RolloutState.Cancelled));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Rollout_TakesLongerThanTheApproval_GoesOn()
    {
        var (lifecycle, _) = await BeginRolloutAsync();
        Time.Advance(TimeSpan.FromDays(10));

        for (var i = 0; i < 50 && await LiveAsync() == 1; i++)
        {
            SampleLifecycle.Serve(Workspace, Subscriber.Draw(20, seed: i));
            Time.Advance(TimeSpan.FromMinutes(1));
            await lifecycle.CheckRolloutAsync(Workspace);
        }

        Assert.That(await LiveAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Run_SameContentWithOtherApprovers_TakesItOffTheCalls()
    {
        await BeginRolloutAsync();

        var other = await Canary(approval => approval.By("risk-officer", 2).By("model-owner")).RunAsync(Workspace);

        Assert.That(other.Deployment!.AwaitsApproval, Is.Not.Null, other.Deployment.Reason);
        Assert.That((await Workspace.Rollouts.FindAsync(Name))!.State, Is.EqualTo(RolloutState.Cancelled));
        Assert.That((await Workspace.Traffic.FindAsync(Name))!.Arms, Is.Empty);
    }

    [Test]
    public async Task CheckRollout_MorePeopleMustApproveByNow_EndsIt()
    {
        var (lifecycle, _) = await BeginRolloutAsync();
        var rule = new ApprovalPolicy { Roles = ["risk-officer", "risk-officer", "model-owner"] };
        await Workspace.Approvals.Registry.TightenAsync(await Workspace.Models.GetAsync(Name, 1), rule, "dan", default);

        ModelRollout? ended = null;
        for (var i = 0; i < 50 && ended?.State is null or RolloutState.Running; i++)
        {
            SampleLifecycle.Serve(Workspace, Subscriber.Draw(20, seed: i));
            Time.Advance(TimeSpan.FromMinutes(1));
            ended = await lifecycle.CheckRolloutAsync(Workspace);
        }

        Assert.That(ended!.State, Is.EqualTo(RolloutState.Cancelled));
        Assert.That(ended.Reason, Does.Contain("must be approved by model-owner, 2 × risk-officer"));
        Assert.That((await Workspace.Traffic.FindAsync(Name))!.Arms, Is.Empty);
        Assert.That(await LiveAsync(), Is.EqualTo(1));
    }

    private async Task ApproveKeptBackAsync(int rows)
    {
        await DeployAsync(600);
        await KeepBackAsync(Begin(rows).Build());
    }

    private static Lifecycle Canary(Action<ApprovalBuilder>? approval = null) => Begin(700, approval, deployment => deployment.RollAsCanary(
        canary => canary.MinimumCalls(1).Step(0.2, TimeSpan.FromMinutes(1)))).Monitored().Build();

    private async Task<(Lifecycle Lifecycle, LifecycleRun Run)> BeginRolloutAsync()
    {
        await DeployAsync(600);
        var lifecycle = Canary();
        var run = await lifecycle.RunAsync(Workspace);
        await ApproveAsync(run.Deployment!.AwaitsApproval!.Value);
        var begun = await lifecycle.ResumeAsync(Workspace, run.Id);
        Assert.That(begun.Deployment!.IsRollingOut, Is.True, begun.Deployment.Reason);
        return (lifecycle, run);
    }

    private async Task<ApprovalRequiredException?> TryPromoteAsync(int version)
    {
        try
        {
            await Workspace.Models.PromoteAsync(Name, version, "months later");
            return null;
        }
        catch (ApprovalRequiredException e)
        {
            return e;
        }
    }
}
