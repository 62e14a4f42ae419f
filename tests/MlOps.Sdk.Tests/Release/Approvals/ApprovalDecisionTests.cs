using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
internal sealed class ApprovalDecisionTests : ApprovalsFixture
{
    private Approval _asked = null!;

    [SetUp]
    public async Task Ask()
    {
        await Begin(500).Build().RunAsync(Workspace);
        _asked = (await Workspace.Approvals.ListAsync()).Single();
    }

    [TestCase("ann bob", ApprovalState.Approved)]
    [TestCase("cid ann", ApprovalState.Approved, Description = "who has both roles gives way")]
    [TestCase("cid bob", ApprovalState.Approved)]
    [TestCase("cid cid", ApprovalState.Pending, Description = "one person counts once")]
    [TestCase("ann ANN", ApprovalState.Pending, Description = "in other letters it is the same person")]
    public async Task Approve_BySeveral_CountsEachForOneRole(string people, ApprovalState state)
    {
        foreach (var person in people.Split(' '))
        {
            try
            {
                await DecideAsync(person, _asked.Id);
            }
            catch (MlOpsException)
            {
                // What was not counted shows in the state.
            }
        }

        Assert.That((await Workspace.Approvals.GetAsync(_asked.Id)).State, Is.EqualTo(state));
    }

    [Test]
    public async Task Approve_CarriesOutWhatOthersDecided_PutsNoWordsIntoTheirMouths()
    {
        await DecideAsync("ann", _asked.Id);
        await DecideAsync("bob", _asked.Id);
        var first = await Begin(500, AlsoRollback).Build().ResumeAsync(Workspace, _asked.Runs.Single());
        Workspace.Files.Delete(first.Record.Stages.SelectMany(stage => stage.Outputs).Single(output => output.Key == "train keys").Value);
        await DeployAsync(600, AlsoRollback);
        var needs = await Assert.CatchAsync<ApprovalRequiredException>(async () => await Workspace.Models.RollbackAsync(Name, "x"));
        var told = new List<string>();
        await using var logged = await Workspace.OpenAsync(Folder.Path, options =>
        {
            options.Time = Time;
            options.Actors = People;
            var said = "";
            options.LoggerFactory = new LogWatcher(
                logged =>
                {
                    if (logged.Id == 9061) told.Add(said);
                },
                text => said = text);
        });

        await DecideAsync("ann", needs!.Approval!.Id, workspace: logged);
        await DecideAsync("ann", needs.Approval.Id, workspace: logged);

        // As in a process that is killed between the decision and the deed.
        People.Actor = "bob";
        await Workspace.Approvals.Registry.ApproveAsync(needs.Approval.Id, "y", default);
        People.Actor = "dan";
        var done = await DecideAsync("eve", needs.Approval.Id, workspace: logged);

        Assert.That((done.State, await LiveAsync()), Is.EqualTo((ApprovalState.Applied, (int?)1)));
        Assert.That(told, Has.Count.EqualTo(1));
        Assert.That(told[0], Does.Contain("after ann decided: ann has looked at it"));

        static void AlsoRollback(ApprovalBuilder approval) => approval.By("risk-officer").By("model-owner").AlsoForRollback();
    }

    [Test]
    public async Task List_OneState_ReadsNoOtherRequests()
    {
        await DecideAsync("ann", _asked.Id, approves: false);
        await Begin(600).Build().RunAsync(Workspace);
        Time.Advance(TimeSpan.FromDays(8));
        var expired = await Workspace.Approvals.ListAsync(Name, ApprovalState.Expired, limit: 1);
        await Workspace.Approvals.Registry.SettleAsync(expired.Single().Id, default);
        var noted = await Workspace.Approvals.ListAsync(Name, ApprovalState.Expired);
        var rejected = await Workspace.Approvals.ListAsync(Name, ApprovalState.Rejected);
        await TamperAsync($"UPDATE approvals SET policy = 'x' WHERE no = {_asked.Id}");

        Assert.That((expired.Single().Id, noted.Single().Id, rejected.Single().Id), Is.EqualTo((_asked.Id + 1, _asked.Id + 1, _asked.Id)));
        Assert.That(await Workspace.Approvals.ListAsync(Name, ApprovalState.Expired), Has.Count.EqualTo(1));
        Assert.That(await Workspace.Approvals.ListAsync(state: ApprovalState.Applied), Is.Empty);
        Assert.That(
            async () => await Workspace.Approvals.ListAsync(Name, ApprovalState.Rejected), Throws.TypeOf<MlOpsException>());
    }

    [TestCase("dan", "whoever requests an approval does not give it")]
    [TestCase("DAN", "whoever requests an approval does not give it")]
    [TestCase("eve", "has none of the roles")]
    [TestCase("stranger", "has none of the roles")]
    public async Task Approve_ByWhoMayNot_IsRejectedAndChangesNothing(string person, string why)
    {
        var failure = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync(person, _asked.Id));

        Assert.That(failure!.Message, Does.Contain(why));
        Assert.That((await Workspace.Approvals.GetAsync(_asked.Id)).Given, Is.Empty);
    }

    [Test]
    public async Task Approve_ByWhoStartedTheRunThatAnotherResumed_IsRejected()
    {
        // Cid starts the run, which ends before its version is registered; Dan resumes it.
        using var cancellation = new CancellationTokenSource();
        People.Actor = "cid";
        var lifecycle = Begin(600).Build();
        await Assert.CatchAsync<OperationCanceledException>(async () => await lifecycle.RunAsync(
            Workspace, new CancelAt(LifecycleStage.Features, cancellation), cancellation.Token));
        People.Actor = "dan";
        var run = await lifecycle.ResumeAsync(Workspace, (await Workspace.Runs.LatestAsync(Name))!.Id);
        var approval = await Workspace.Approvals.GetAsync(run.Deployment!.AwaitsApproval!.Value);

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("cid", approval.Id));

        Assert.That(approval.Authors, Is.EquivalentTo(new[] { "cid", "dan" }));
        Assert.That(failure!.Message, Does.Contain("whoever made the version does not approve it"));
    }

    [Test]
    public async Task Approve_TheSamePartTwice_SaysWhatIsAwaited()
    {
        await DecideAsync("ann", _asked.Id);
        People.Roles["fay"] = ["risk-officer"];

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("fay", _asked.Id));
        var again = await DecideAsync("ann", _asked.Id);

        Assert.That(failure!.Message, Does.Contain("needs nobody more as risk-officer: it awaits model-owner"));
        Assert.That(again.Given.Select(given => given.Actor), Is.EqualTo(new[] { "ann" }), "once more changes nothing");
    }

    [Test]
    public async Task Decide_AfterTheDecision_ChangesNothing()
    {
        await DecideAsync("ann", _asked.Id, approves: false);

        var approve = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("bob", _asked.Id));
        var again = await DecideAsync("ann", _asked.Id, approves: false);

        Assert.That(approve!.Message, Does.Contain("cannot be decided on any more").And.Contain("was rejected by ann")
            .And.Contain($"Resume the run '{_asked.Runs[^1]}'"));
        Assert.That(again.State, Is.EqualTo(ApprovalState.Rejected));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Reject_ByWhoRequestedIt_TakesItBack()
    {
        var taken = await DecideAsync("dan", _asked.Id, approves: false);
        var stranger = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("eve", _asked.Id, approves: false));

        Assert.That((taken.State, taken.Ended!.Actor), Is.EqualTo((ApprovalState.Rejected, "dan")));
        Assert.That(stranger!.Message, Does.Contain("cannot be decided on"));
    }

    [Test]
    public async Task Decide_NothingSaysWhoHasARole_IsAnErrorWithARemedy()
    {
        await using var bare = await Workspace.OpenAsync(Folder.Path, options => (options.Time, options.Actor) = (Time, "ann"));
        await using var told = await Workspace.OpenAsync(Folder.Path, options =>
        {
            (options.Time, options.Actor) = (Time, "ann");
            options.Roles.Add("risk-officer");
        });

        Assert.That(
            async () => await bare.Approvals.ApproveAsync(_asked.Id, "x"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("nothing says which roles anybody has")
                .And.Message.Contains("WorkspaceOptions.Roles"));
        var given = await told.Approvals.ApproveAsync(_asked.Id, "x");
        Assert.That(given.Given.Select(each => (each.Actor, each.Role)), Is.EqualTo(new[] { ("ann", (string?)"risk-officer") }));
    }

    [Test]
    public async Task Decide_NoSuchRequest_SaysSo() => Assert.That(
        async () => await Workspace.Approvals.ApproveAsync(99, "x"),
        Throws.InstanceOf<MlOpsException>().With.Message.Contains("There is no approval 99"));

    [Test]
    public async Task ApproveAndReject_AtOnceInTwoProcesses_IsRejected()
    {
        await DecideAsync("ann", _asked.Id);
        for (var i = 0; i < LongForm.Of(many: 20, few: 3); i++)
        {
            var people = new[] { new People { Actor = "bob" }, new People { Actor = "cid" } };
            await using var one = await OpenAsAsync(people[0]);
            await using var other = await OpenAsAsync(people[1]);
            var id = (await Workspace.Approvals.ListAsync())[0].Id;
            var outcomes = await Task.WhenAll(
                Task.Run(() => TryAsync(() => one.Approvals.ApproveAsync(id, "good"))),
                Task.Run(() => TryAsync(() => other.Approvals.RejectAsync(id, "bad"))));

            var ended = await Workspace.Approvals.GetAsync(id);
            var failures = outcomes.Where(outcome => outcome is not null).ToArray();
            Assert.That(outcomes[1], Is.Null, "what was approved a moment before is taken back");
            Assert.That(failures, Has.Length.EqualTo(ended.Given.Count == 2 ? 0 : 1), $"{ended}");
            if (failures.Length > 0) Assert.That(failures[0]!.Message, Does.Contain("cannot be decided on any more"));
            Assert.That(ended.State, Is.EqualTo(ApprovalState.Rejected));
            var next = await Begin(510 + i * 10).Build().RunAsync(Workspace);
            await DecideAsync("ann", next.Deployment!.AwaitsApproval!.Value);
        }

        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task List_ByStateAndModel_GivesThose()
    {
        await DecideAsync("ann", _asked.Id, approves: false);
        await Begin(510).Build().RunAsync(Workspace);

        var approvals = Workspace.Approvals;
        Assert.Multiple(async () =>
        {
            Assert.That((await approvals.ListAsync()).Select(each => each.Version), Is.EqualTo(new[] { 2, 1 }));
            Assert.That((await approvals.ListAsync(state: ApprovalState.Pending)).Single().Version, Is.EqualTo(2));
            Assert.That((await approvals.ListAsync(Name, ApprovalState.Rejected)).Single().Version, Is.EqualTo(1));
            Assert.That(await approvals.ListAsync("other"), Is.Empty);
            Assert.That(await approvals.ListAsync(limit: 1), Has.Count.EqualTo(1));
        });
    }

    private Task<Workspace> OpenAsAsync(People people) => Workspace.OpenAsync(Folder.Path, options =>
    {
        options.Time = Time;
        options.Actors = people;
    });

    private static async Task<MlOpsException?> TryAsync(Func<Task> decide)
    {
        try
        {
            await decide();
            return null;
        }
        catch (MlOpsException e)
        {
            return e;
        }
    }

    private sealed class CancelAt(LifecycleStage stage, CancellationTokenSource cancellation) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value.Stage == stage) cancellation.Cancel();
        }
    }
}
