using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Runs that wait for people, and that somebody resumes, repeats or breaks.</summary>
[TestFixture]
internal sealed class ApprovalResumeTests : ApprovalsFixture
{
    [Test]
    public async Task RunStage_MonitoringOfARunThatWaits_WaitsForNobody()
    {
        var lifecycle = Begin(500).Monitored().Build();
        var waits = await lifecycle.RunAsync(Workspace);

        var repeated = await lifecycle.RunStageAsync(Workspace, LifecycleStage.Monitoring, waits.Id);
        var runs = (await Workspace.Approvals.ListAsync()).Single().Runs;
        await DecideAsync("ann", waits.Deployment!.AwaitsApproval!.Value, approves: false);

        Assert.That(repeated.Id, Is.Not.EqualTo(waits.Id));
        Assert.That(repeated.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(runs, Is.EqualTo(new[] { waits.Id }));
        Assert.That((await Workspace.Runs.GetAsync(repeated.Id)).State, Is.EqualTo(RunState.Succeeded));
        Assert.That((await Workspace.Runs.GetAsync(waits.Id)).State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task Resume_RunThatWaitsFromMonitoring_WaitsOnAndGoesLive()
    {
        var lifecycle = Begin(500).Monitored().Build();
        var run = await lifecycle.RunAsync(Workspace);

        var waits = await lifecycle.ResumeAsync(Workspace, run.Id, LifecycleStage.Monitoring);
        await ApproveAsync(run);
        var live = (await lifecycle.CheckApprovalsAsync(Workspace)).Single();

        Assert.That((waits.Id, waits.State), Is.EqualTo((run.Id, RunState.AwaitingApproval)));
        Assert.That((live.Id, live.Deployment!.IsDeployed), Is.EqualTo((run.Id, true)));
    }

    [Test]
    public async Task Resume_FromDeploymentOfARunThatWentLive_IsANewRun()
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        await ApproveAsync(run);
        await lifecycle.ResumeAsync(Workspace, run.Id);

        var again = await lifecycle.ResumeAsync(Workspace, run.Id, LifecycleStage.Deployment);

        Assert.That(again.Id, Is.Not.EqualTo(run.Id));
        Assert.That((again.State, again.Record.ResultsFrom), Is.EqualTo((RunState.Succeeded, run.Id)));
        Assert.That(await LiveAsync(), Is.EqualTo(1));
        Assert.That(await Workspace.Approvals.ListAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Resume_FromDeploymentOfARunThatWaits_RunsTheStageAgain()
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        var waits = await lifecycle.ResumeAsync(Workspace, run.Id);
        var reused = await lifecycle.ResumeAsync(Workspace, run.Id);

        var again = await lifecycle.ResumeAsync(Workspace, run.Id, LifecycleStage.Deployment);

        Assert.That(StageOf(reused).ToString(), Is.EqualTo(StageOf(waits).ToString()), "it did not run again");
        Assert.That(
            (StageOf(again).State, StageOf(again).Reason),
            Is.EqualTo((StageState.Succeeded, "the run was resumed from stage Deployment")));
        Assert.That((again.Id, again.State), Is.EqualTo((run.Id, RunState.AwaitingApproval)));
        Assert.That(await Workspace.Approvals.ListAsync(), Has.Count.EqualTo(1));

        static StageRecord StageOf(LifecycleRun run) =>
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Deployment);
    }

    [Test]
    public async Task Resume_FromTrainingAndStopped_SupersedesTheRequestOfTheVersionBefore()
    {
        var lifecycle = Begin(500).Build();
        var run = await lifecycle.RunAsync(Workspace);
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);

        await StopInTrainingAsync(lifecycle, run.Id);
        var left = await Workspace.Approvals.GetAsync(run.Deployment.AwaitsApproval.Value);
        var late = await Assert.CatchAsync<MlOpsException>(async () => await DecideAsync("bob", left.Id));
        var gone = await lifecycle.CheckApprovalsAsync(Workspace);
        var again = await lifecycle.ResumeAsync(Workspace, run.Id);

        Assert.Multiple(() =>
        {
            Assert.That(left.State, Is.EqualTo(ApprovalState.Superseded));
            Assert.That(late!.Message, Does.Contain("was superseded: its run was resumed from stage Training."));
            Assert.That(gone, Is.Empty);
            Assert.That((again.Id, again.State), Is.EqualTo((run.Id, RunState.AwaitingApproval)));
            Assert.That(again.Deployment!.AwaitsApproval, Is.EqualTo(left.Id + 1));
        });
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Resume_FromTrainingWhileAnotherRunWaitsForTheSame_LeavesTheRequestToThatOne()
    {
        var lifecycle = Begin(500).Build();
        var first = await lifecycle.RunAsync(Workspace);
        var second = await lifecycle.RunAsync(Workspace);
        var shared = (await Workspace.Approvals.ListAsync()).Single();

        await StopInTrainingAsync(lifecycle, first.Id);
        var left = (await Workspace.Approvals.ListAsync()).Single();
        await ApproveAsync(second);
        var live = (await lifecycle.CheckApprovalsAsync(Workspace)).Single();

        Assert.That(shared.Runs, Is.EquivalentTo(new[] { first.Id, second.Id }));
        Assert.That((left.Id, left.State), Is.EqualTo((shared.Id, ApprovalState.Pending)));
        Assert.That(left.Runs, Is.EqualTo(new[] { second.Id }), "the first makes another version");
        Assert.That((live.Id, live.Deployment!.IsDeployed), Is.EqualTo((second.Id, true)));
    }

    [Test]
    public async Task Reject_RequestThatARunLeft_DoesNotEndThatRun()
    {
        var lifecycle = Begin(500).Build();
        var first = await lifecycle.RunAsync(Workspace);
        var second = await lifecycle.RunAsync(Workspace);
        await StopInTrainingAsync(lifecycle, first.Id);
        var left = await Workspace.Approvals.GetAsync(1);

        // It makes the same version again, and waits for the same request again.
        var again = await lifecycle.ResumeAsync(Workspace, first.Id);
        var joined = await Workspace.Approvals.GetAsync(1);
        await StopInTrainingAsync(lifecycle, first.Id);
        var leftTwice = await Workspace.Approvals.GetAsync(1);
        await TamperAsync($"UPDATE runs SET state = 'AwaitingApproval' WHERE id = '{first.Id}'");
        await DecideAsync("ann", 1, approves: false);

        Assert.Multiple(() =>
        {
            Assert.That(again.Deployment!.AwaitsApproval, Is.EqualTo(1));
            Assert.That(left.Runs, Is.EqualTo(new[] { second.Id }));
            Assert.That(joined.Runs, Is.EqualTo(new[] { second.Id, first.Id }));
            Assert.That(leftTwice.Runs, Is.EqualTo(new[] { second.Id }));
        });
        Assert.That((await Workspace.Runs.GetAsync(first.Id)).State, Is.EqualTo(RunState.AwaitingApproval), "it waits for something else");
        Assert.That((await Workspace.Runs.GetAsync(second.Id)).State, Is.EqualTo(RunState.Failed));
        Assert.That((await Workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task Resume_LifecycleHasAnotherStageSince_LeavesItOut()
    {
        LifecycleBuilder begin() => LifecycleBuilder.Create(Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(500, seed: 1)));
        LifecycleBuilder end(LifecycleBuilder builder) => builder
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess().RequireApproval(Both));
        var run = await end(begin()).Build().RunAsync(Workspace);
        await ApproveAsync(run);

        var live = await end(begin().ExploreData(_ => { })).Build().ResumeAsync(Workspace, run.Id);

        var added = live.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Exploration);
        Assert.That((added.State, live.Deployment!.IsDeployed), Is.EqualTo((StageState.Skipped, true)));
    }

    [Test]
    public async Task Check_RowsOfOneRunAreLost_FailsThatOneAndTheOtherGoesOn()
    {
        var broken = await Begin(800).Build().RunAsync(Workspace);
        await ApproveAsync(broken);
        var lifecycle = Begin(1_200).Build();
        var whole = await lifecycle.RunAsync(Workspace);
        await ApproveAsync(whole);
        Lose(broken, "holdout");
        Lose(whole, "train keys");

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.CheckApprovalsAsync(Workspace));
        var record = await Workspace.Runs.GetAsync(broken.Id);

        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.Contain("its output 'holdout' is lost"));
            Assert.That((record.State, record.Error), Is.EqualTo((RunState.Failed, failure.Message)));
            Assert.That(record.Stages.Select(stage => stage.State), Is.EqualTo(broken.Record.Stages.Select(stage => stage.State)));
        });
        Assert.That((await Workspace.Runs.GetAsync(whole.Id)).State, Is.EqualTo(RunState.Succeeded));
        Assert.That(await LiveAsync(), Is.EqualTo(2));
        Assert.That(await lifecycle.CheckApprovalsAsync(Workspace), Is.Empty);
    }

    [Test]
    public async Task Resume_RetrainingThatWasRejected_RequestsItAgain()
    {
        Lifecycle build() => SampleLifecycle.Begin(train: training => training
            .Try(Trainers.GradientBoosting(), search => search.Fix("trees", 40).Fix("leaves", 6)).CrossValidate(2).Trials(0))
            .Deployed(deployment => deployment.ToProcess().RequireApproval(approval => approval.By("risk-officer"))).Monitored().Build();
        var lifecycle = build();
        var first = await lifecycle.RunAsync(Workspace);
        await DecideAsync("ann", first.Deployment!.AwaitsApproval!.Value);
        await lifecycle.CheckApprovalsAsync(Workspace);
        var rows = Subscriber.Draw(1_200, seed: 9, shifted: true);
        var endpoint = Workspace.Endpoint<UnlabelledSubscriber, Answer>(Name);
        await Workspace.Monitor(Name).LabelAsync(
            rows.ToDictionary(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Id, row => row.Left));
        var retraining = (await lifecycle.RetrainNowAsync(Workspace, "new customers")).Run!;
        await DecideAsync("ann", retraining.Deployment!.AwaitsApproval!.Value, approves: false);

        var refused = await Assert.CatchAsync<MlOpsException>(
            async () => await build().ResumeAsync(Workspace, retraining.Id, LifecycleStage.Training));
        var again = await build().ResumeAsync(Workspace, retraining.Id);
        await DecideAsync("ann", again.Deployment!.AwaitsApproval!.Value);
        var live = (await build().CheckApprovalsAsync(Workspace)).Single();

        Assert.Multiple(() =>
        {
            Assert.That(refused!.Message, Does.Contain("is a retraining").And.Contain("from stage Deployment"));
            Assert.That((again.Id, again.State), Is.EqualTo((retraining.Id, RunState.AwaitingApproval)));
            Assert.That(again.Deployment.ContentHash, Is.EqualTo(retraining.Deployment.ContentHash));
            Assert.That((live.Id, live.Deployment!.IsDeployed), Is.EqualTo((retraining.Id, true)), live.Deployment.Reason);
        });
        Assert.That(await LiveAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Run_AnotherVersionWhileOneIsPartlyApproved_LeavesThatRequestToItsPeople()
    {
        var older = await Begin(800).Build().RunAsync(Workspace);
        await DecideAsync("ann", older.Deployment!.AwaitsApproval!.Value);
        var newer = await Begin(900).Build().RunAsync(Workspace);

        await DecideAsync("bob", older.Deployment.AwaitsApproval.Value);
        var ended = (await Begin(800).Build().CheckApprovalsAsync(Workspace)).Single();

        var requests = await Workspace.Approvals.ListAsync(Name);
        Assert.That((ended.Id, await LiveAsync()), Is.EqualTo((older.Id, (int?)1)));
        Assert.That(
            requests.Select(request => (request.Version, request.State, request.Runs.Single())),
            Is.EqualTo(new[] { (2, ApprovalState.Pending, newer.Id), (1, ApprovalState.Applied, older.Id) }));
    }

    private async Task ApproveAsync(LifecycleRun run)
    {
        await DecideAsync("ann", run.Deployment!.AwaitsApproval!.Value);
        await DecideAsync("bob", run.Deployment.AwaitsApproval.Value);
    }

    private void Lose(LifecycleRun run, string name) =>
        Workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).First(output => output.Key == name).Value);

    private async Task StopInTrainingAsync(Lifecycle lifecycle, string run)
    {
        using var stop = new CancellationTokenSource();
        await Assert.CatchAsync<OperationCanceledException>(async () => await lifecycle.ResumeAsync(
            Workspace, run, LifecycleStage.Training, null, new StopsInTraining(stop), stop.Token));
        Assert.That((await Workspace.Runs.GetAsync(run)).State, Is.EqualTo(RunState.Cancelled));
    }

    private sealed class StopsInTraining(CancellationTokenSource stop) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value is { Stage: LifecycleStage.Training }) stop.Cancel();
        }
    }
}
