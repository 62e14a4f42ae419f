using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>More is required at once, and less by nobody but those who had to approve.</summary>
[TestFixture]
internal sealed class ApprovalRuleTests : ApprovalsFixture
{
    [Test]
    public async Task Resume_WithoutRequiringApproval_IsApprovedOnceMoreWithTheRuleThatIsToHold()
    {
        var run = await Begin(500).Build().RunAsync(Workspace);
        await ApproveAsync(run.Deployment!.AwaitsApproval!.Value);

        var weaker = await Without(500).ResumeAsync(Workspace, run.Id);

        var asked = await Workspace.Approvals.GetAsync(weaker.Deployment!.AwaitsApproval!.Value);
        Assert.Multiple(async () =>
        {
            Assert.That(await LiveAsync(), Is.Null);
            Assert.That(asked.Id, Is.Not.EqualTo(run.Deployment.AwaitsApproval));
            Assert.That(asked.Afterwards!.Roles, Is.Empty);
            Assert.That((await Workspace.Approvals.FindPolicyAsync(Name))!.Roles, Has.Count.EqualTo(2));
        });

        // Approved without the weaker rule, it goes live without it.
        var strict = await Begin(500).Build().ResumeAsync(Workspace, run.Id);
        await ApproveAsync(strict.Deployment!.AwaitsApproval!.Value);
        Assert.That((await Begin(500).Build().ResumeAsync(Workspace, run.Id)).Deployment!.IsDeployed, Is.True);
        Assert.That((await Workspace.Approvals.FindPolicyAsync(Name))!.Roles, Has.Count.EqualTo(2));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Rollout_ConcludedWithoutRequiringApproval_LeavesTheRule()
    {
        await DeployAsync(600);
        var run = await Canary(Begin(700, deploy: Steps)).RunAsync(Workspace);
        await ApproveAsync(run.Deployment!.AwaitsApproval!.Value);
        await Canary(Begin(700, deploy: Steps)).ResumeAsync(Workspace, run.Id);
        var weaker = Canary(SampleLifecycle.Begin(Subscriber.Draw(700, seed: 1)).Deployed(deployment =>
        {
            deployment.ToProcess().ReplaceIncomparable();
            Steps(deployment);
        }));

        for (var i = 0; i < 50 && await LiveAsync() == 1; i++)
        {
            SampleLifecycle.Serve(Workspace, Subscriber.Draw(20, seed: i));
            Time.Advance(TimeSpan.FromMinutes(1));
            await weaker.CheckRolloutAsync(Workspace);
        }

        Assert.That(await LiveAsync(), Is.EqualTo(2));
        Assert.That((await Workspace.Approvals.FindPolicyAsync(Name))!.Roles, Has.Count.EqualTo(2));

        static Lifecycle Canary(LifecycleBuilder builder) => builder.Monitored().Build();
        static void Steps(MlOps.Sdk.Deployment.DeploymentBuilder deployment) => deployment.RollAsCanary(
            canary => canary.MinimumCalls(1).Step(0.2, TimeSpan.FromMinutes(1)));
    }

    [Test]
    public async Task Run_FirstRequestWaits_NobodyElseMakesAVersionLiveUnasked()
    {
        await Begin(500).Build().RunAsync(Workspace);
        await using var another = await OpenAnotherAsync();

        var run = await Without(600).RunAsync(another);

        Assert.That(run.Deployment!.AwaitsApproval, Is.Not.Null, run.Deployment.Reason);
        Assert.That(await LiveAsync(), Is.Null);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Run_SameModelAndMoreRequired_HoldsAtOnce(bool coversRollback)
    {
        if (coversRollback) await DeployAsync(500);
        else await Without(500).RunAsync(Workspace);

        var same = await Begin(500, approval =>
        {
            Both(approval);
            if (coversRollback) approval.AlsoForRollback();
        }).Build().RunAsync(Workspace);

        var rule = await Workspace.Approvals.FindPolicyAsync(Name);
        Assert.Multiple(() =>
        {
            Assert.That((same.Deployment!.Version, same.Deployment.AwaitsApproval), Is.EqualTo((1, (long?)null)), same.Deployment.Reason);
            Assert.That(rule!.Roles, Is.EqualTo(new[] { "risk-officer", "model-owner" }));
            Assert.That(rule.CoversRollback, Is.EqualTo(coversRollback));
        });
    }

    [Test]
    public async Task Apply_MoreIsRequiredSinceTheRequest_DropsNothingOfIt()
    {
        await DeployAsync(600);
        await KeepBackAsync(Begin(700, approval => approval.By("risk-officer")).Build());
        var version = await Workspace.Models.GetAsync(Name, 1);
        var rule = new ApprovalPolicy { Roles = ["risk-officer", "model-owner"], CoversRollback = true };
        await Workspace.Approvals.Registry.TightenAsync(version, rule, "dan", default);

        await Workspace.Models.PromoteAsync(Name, 2, "by hand");

        var after = await Workspace.Approvals.FindPolicyAsync(Name);
        Assert.That((after!.Roles.Count, after.CoversRollback), Is.EqualTo((2, true)));
    }

    private static Lifecycle Without(int rows) => SampleLifecycle.Begin(Subscriber.Draw(rows, seed: 1))
        .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable()).Build();
}
