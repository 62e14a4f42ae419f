using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Whatever lets a version answer calls needs its approval, and a forged one is found.</summary>
[TestFixture]
internal sealed class ApprovalEnforcementTests : ApprovalsFixture
{
    [Test]
    public async Task Archive_VersionThatAwaitsAnApprovalOrHasOne_IsRefused()
    {
        var run = await Begin(500).Build().RunAsync(Workspace);
        var asked = run.Deployment!.AwaitsApproval!.Value;

        var awaits = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.Models.ArchiveAsync(Name, 1, "old"));
        var deleted = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.Models.DeleteAsync(Name, 1, "old"));
        await DecideAsync("ann", asked);
        await DecideAsync("bob", asked);
        var has = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.Models.DeleteAsync(Name, 1, "old"));
        await Begin(500).Build().ResumeAsync(Workspace, run.Id);

        Assert.That(awaits!.Message, Does.Contain($"awaits approval {asked}, and cannot be archived").And.Contain("reject its approval"));
        Assert.That(deleted!.Message, Does.Contain($"awaits approval {asked}, and cannot be deleted"));
        Assert.That(has!.Message, Does.Contain($"goes live by approval {asked}, and cannot be deleted"));
        Assert.That(await LiveAsync(), Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Archive_VersionThatIsNotAwaitedAnyMore_IsArchived(bool expires)
    {
        var run = await Begin(500).Build().RunAsync(Workspace);
        if (expires) Time.Advance(TimeSpan.FromDays(8));
        else await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value, approves: false);

        Assert.That(await Workspace.Models.ArchiveAsync(Name, 1, "old"), Is.True);
    }

    [Test]
    public async Task Rollback_VersionThatWasLive_NeedsNobodyByDefault()
    {
        await DeployAsync(600);
        await DeployAsync(700);

        var back = await Workspace.Models.RollbackAsync(Name, "wrong prices");

        Assert.That(back.Version, Is.EqualTo(1));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Rollback_MustBeApproved_IsDoneByTheLastApproval()
    {
        await DeployAsync(600, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());
        await DeployAsync(700, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());
        await using var another = await OpenAnotherAsync();

        var needs = await Assert.CatchAsync<ApprovalRequiredException>(
            async () => await Workspace.Models.RollbackAsync(Name, "wrong prices"));
        var twice = await Assert.CatchAsync<ApprovalRequiredException>(
            async () => await Workspace.Models.RollbackAsync(Name, "wrong prices"));
        var live = await LiveAsync();
        await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("dan", needs!.Approval!.Id));
        await DecideAsync("ann", needs!.Approval!.Id, workspace: another);
        var done = await DecideAsync("bob", needs.Approval.Id, workspace: another);

        var move = (await Workspace.Models.AliasHistoryAsync(Name, ModelRegistry.Champion))[0];
        Assert.Multiple(() =>
        {
            Assert.That(needs.Message, Does.Contain("is not live yet: Approval 3 awaits model-owner, risk-officer"));
            Assert.That(twice!.Approval!.Id, Is.EqualTo(needs.Approval.Id), "the same is requested once");
            Assert.That((needs.Approval.Kind, needs.Approval.LiveVersion), Is.EqualTo((ApprovalKind.Rollback, (int?)2)));
            Assert.That(live, Is.EqualTo(2));
            Assert.That(done.State, Is.EqualTo(ApprovalState.Applied));
            Assert.That((move.Version, move.Previous, move.Actor), Is.EqualTo((1, (int?)2, "dan")));
            Assert.That(move.Reason, Does.StartWith("wrong prices. Approval 3 was given by ann (risk-officer), bob (model-owner)"));
        });
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);

        // An approval is for one time.
        await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "and forth", 2));
    }

    [Test]
    public async Task StopWithAFallback_RollbackMustBeApproved_WaitsForNobodyAndIsInTheLog()
    {
        await DeployAsync(600, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());
        await DeployAsync(700, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());

        await Workspace.Traffic.SetFallbackAsync(Name, ModelFallback.ToVersion(1), "if it fails");
        await Workspace.Traffic.StopAsync(Name, "it fails");

        await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "it fails"));
        var entries = new List<(string Action, string Actor, string Subject, string Details)>();
        await foreach (var entry in Workspace.Audit.ReadAsync())
        {
            if (entry.Action is "model.fallback" or "model.stopped")
            {
                entries.Add((entry.Action, entry.Actor, entry.Subject, entry.Details));
            }
        }
        Assert.That(entries.Select(entry => (entry.Action, entry.Actor, entry.Subject)), Is.EqualTo(new[]
        {
            ("model.fallback", "dan", $"model:{Name}/2"), ("model.stopped", "dan", $"model:{Name}/2"),
        }));
        Assert.That(entries[0].Details, Does.Contain("if it fails").And.Contain("version"));
        Assert.That(entries[1].Details, Does.Contain("it fails"));
        Assert.That(await LiveAsync(), Is.EqualTo(2), "the alias does not move");
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Rollback_RejectedOrOvertaken_LeavesWhatIsLive()
    {
        await DeployAsync(600, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());
        await DeployAsync(700, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());
        var first = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "x"));
        await DecideAsync("ann", first!.Approval!.Id, approves: false);
        var over = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("bob", first.Approval.Id));
        var second = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "y"));
        await DeployAsync(800, approval => approval.By("risk-officer").By("model-owner").AlsoForRollback());

        var late = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("ann", second!.Approval!.Id));

        Assert.That(over!.Remedy, Is.EqualTo("Call Models.RollbackAsync again, which requests another one."), "there is no run");
        Assert.That(second!.Approval!.Id, Is.Not.EqualTo(first.Approval.Id));
        Assert.That(late!.Message, Does.Contain("superseded: version 3 went live"));
        Assert.That(await LiveAsync(), Is.EqualTo(3));
    }

    [Test]
    public async Task Rollback_VersionThatNeverWasLive_MustBeApproved()
    {
        await DeployAsync(600);
        var run = await Begin(700).Build().RunAsync(Workspace);
        await BlessAsync(run.Deployment!.Version);
        await DecideAsync("dan", run.Deployment.AwaitsApproval!.Value, approves: false);

        var needs = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "x", 2));
        await DecideAsync("ann", needs!.Approval!.Id);
        await DecideAsync("bob", needs.Approval.Id);

        Assert.That(needs.Approval.Kind, Is.EqualTo(ApprovalKind.Promotion), "nobody can go back to what was never live");
        Assert.That(await LiveAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Divide_VersionThatIsNotApproved_IsRejectedInEveryProcess()
    {
        await DeployAsync(600);
        var run = await Begin(700).Build().RunAsync(Workspace);
        await BlessAsync(run.Deployment!.Version);
        await using var another = await OpenAnotherAsync();

        var divide = await Assert.CatchAsync<ApprovalRequiredException>(async () => await another.Traffic.DivideAsync(
            Name, [new TrafficArm("canary", 2, 0.1)], "x"));
        var fallback = await Assert.CatchAsync<ApprovalRequiredException>(async () => await another.Traffic.SetFallbackAsync(
            Name, ModelFallback.ToVersion(2), "x"));
        var promote = await Assert.CatchAsync<ApprovalRequiredException>(async () => await another.RollbackAsync(
            Name, "x", 2, ReleaseAction.Promote, CancellationToken.None));
        var shadow = await another.Traffic.DivideAsync(Name, [new TrafficArm("shadow", 2, 0.1, IsShadow: true)], "answers nobody");

        Assert.Multiple(() =>
        {
            Assert.That(divide!.Message, Does.Contain("may not answer calls, because it must be approved by model-owner, risk-officer"));
            Assert.That(fallback!.Message, Does.Contain("may not answer calls"));
            Assert.That(promote!.Approval!.Runs, Is.EqualTo(new[] { run.Id }), "the request of the run");
            Assert.That(shadow.Arms, Has.Count.EqualTo(1));
        });
        Assert.That(await LiveAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Promote_VersionThatOnlyLacksItsApproval_SaysWhoMustApprove()
    {
        await DeployAsync(600);
        var run = await Begin(700).Build().RunAsync(Workspace);
        var request = run.Deployment!.AwaitsApproval!.Value;

        var pending = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.PromoteAsync(Name, 2, "now"));
        var arm = await Assert.CatchAsync<ApprovalRequiredException>(
            async () => await Workspace.Traffic.DivideAsync(Name, [new TrafficArm("canary", 2, 0.1)], "now"));
        await ApproveAsync(request);
        var given = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.Models.PromoteAsync(Name, 2, "now"));
        await DecideAsync("ann", request, approves: false);
        var rejected = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.PromoteAsync(Name, 2, "now"));

        Assert.Multiple(() =>
        {
            Assert.That(pending!.Message, Does.Contain($"is not live yet: Approval {request} awaits model-owner, risk-officer"));
            Assert.That(pending.Message, Does.Contain("run that waits for it goes on once all of them have approved it"));
            Assert.That((pending.Approval!.Id, arm!.Approval!.Id), Is.EqualTo((request, request)));
            Assert.That(given, Is.Not.InstanceOf<ApprovalRequiredException>(), "nobody is awaited any more");
            Assert.That(given!.Message, Does.Contain($"Approval {request} was given by").And.Contain("Resume the run"));
            Assert.That(rejected!.Message, Does.Contain($"Approval {request} was rejected by ann"));
        });
        Assert.That((await Workspace.Approvals.ListAsync()).Count, Is.EqualTo(2), "nothing was requested");
        Assert.That(await LiveAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task Canary_MustBeApproved_BeginsThenAndGoesLiveByTheSameApproval()
    {
        await DeployAsync(600);
        Lifecycle build() => Begin(700, deploy: deployment => deployment.RollAsCanary(canary => canary
            .MinimumCalls(1).Step(0.2, TimeSpan.FromMinutes(1)))).Monitored().Build();
        var lifecycle = build();
        var run = await lifecycle.RunAsync(Workspace);
        var before = await Workspace.Rollouts.FindAsync(Name);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);

        var begun = await lifecycle.ResumeAsync(Workspace, run.Id);
        var ended = await lifecycle.CheckRolloutAsync(Workspace);
        for (var i = 0; i < 100 && ended!.State == RolloutState.Running; i++)
        {
            SampleLifecycle.Serve(Workspace, Subscriber.Draw(20, seed: i));
            Time.Advance(TimeSpan.FromMinutes(1));
            ended = await lifecycle.CheckRolloutAsync(Workspace);
        }

        Assert.Multiple(() =>
        {
            Assert.That(before, Is.Null);
            Assert.That((run.State, begun.State, begun.Deployment!.IsRollingOut), Is.EqualTo(
                (RunState.AwaitingApproval, RunState.Succeeded, true)), begun.Deployment.Reason);
            Assert.That(ended!.State, Is.EqualTo(RolloutState.Completed), ended.Reason);
        });
        Assert.That(await LiveAsync(), Is.EqualTo(2));
        Assert.That((await Workspace.Approvals.GetAsync(2)).State, Is.EqualTo(ApprovalState.Applied));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [TestCase(
        "INSERT INTO approval_decisions(approval, decision, actor, actor_id, roles, at, reason) " +
        "SELECT no, 'Approved', 'ann', 'ann', '[\"risk-officer\",\"model-owner\"]', requested_at, 'x' FROM approvals WHERE no = 2")]
    [TestCase("UPDATE approvals SET policy = replace(policy, '\"risk-officer\",', '')")]
    [TestCase("UPDATE approvals SET content_hash = 'x'")]
    [TestCase("UPDATE approvals SET authors = '[]', requester = 'nobody'")]
    [TestCase("UPDATE approvals SET expires_at = expires_at + 1")]
    [TestCase("INSERT INTO approval_policies(model, policy, at, actor, reason) VALUES ('subscribers', 'null', 1, 'dan', 'x')")]
    [TestCase("DELETE FROM approval_policies")]
    [TestCase("UPDATE approvals SET run = NULL")]
    [TestCase("UPDATE approvals SET requester_id = 'x'")]
    [TestCase("UPDATE approvals SET live = NULL")]
    [TestCase("UPDATE approvals SET afterwards = '{\"roles\":[]}'")]
    [TestCase("UPDATE approval_decisions SET actor_id = 'x'")]
    [TestCase("INSERT INTO approval_joins(approval, run, live, actor, authors, at, leaves) VALUES (2, 'x', 1, 'dan', '[]', 1, 1)")]
    [TestCase("INSERT INTO approval_joins(approval, live, actor, authors, at) VALUES (2, 1, 'dan', '[]', 1)")]
    [TestCase("DELETE FROM approvals")]
    public async Task Records_ChangedByAnotherProgram_AreFoundAndLetNothingGoLive(string sql)
    {
        await DeployAsync(500);
        var lifecycle = Begin(600).Build();
        var run = await lifecycle.RunAsync(Workspace);
        await TamperAsync("PRAGMA foreign_keys = OFF; " + sql);

        var verification = await Workspace.Audit.VerifyAsync();
        var resume = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.ResumeAsync(Workspace, run.Id));

        Assert.That(verification.Problem, Does.Contain("approval"));
        Assert.That(resume!.Message, Does.Contain("do not agree with the audit log"));
        Assert.That(await LiveAsync(), Is.EqualTo(1));
    }

    [Test]
    public async Task GetBlessed_ApprovalWasForgedAfterwards_IsAnError()
    {
        await DeployAsync(600);
        await TamperAsync("UPDATE approval_decisions SET actor = 'cid' WHERE actor = 'ann'");

        Assert.That(
            async () => await Workspace.Models.GetBlessedAsync(Name, 1),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("decisions on approvals"));
        await using var another = await OpenAnotherAsync();
        Assert.That(async () => await another.ServeAsync(Name), Throws.InstanceOf<MlOpsException>());
    }

    // As if it had been blessed under other rules: what holds is who must approve, not only the attestation.
    private async Task BlessAsync(int version)
    {
        var waiting = (await Workspace.Models.BlessingsAsync(Name, version))[0];
        await Workspace.Models.BlessAsync(
            await Workspace.Models.GetAsync(Name, version), [.. waiting.Gates.Where(gate => !gate.IsPending)], "test");
    }
}
