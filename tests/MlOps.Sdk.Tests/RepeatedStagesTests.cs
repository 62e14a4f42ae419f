using MlOps.Sdk.Execution;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>A stage that runs again, and a run that goes on from a stage.</summary>
[TestFixture]
public sealed class RepeatedStagesTests
{
    private static readonly string s_name = SampleLifecycle.Name;

    [Test]
    public async Task RunStageAsync_Training_TakesWhatIsBeforeAndRunsNothingBehind()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        var first = await lifecycle.RunAsync(workspace);

        var again = await lifecycle.RunStageAsync(workspace, LifecycleStage.Training, first.Id);

        Assert.Multiple(async () =>
        {
            Assert.That(again.Id, Is.Not.EqualTo(first.Id));
            Assert.That(
                (again.State, again.Record.ResultsFrom, again.Record.FromStage, again.Record.ParentRun),
                Is.EqualTo((RunState.Succeeded, first.Id, (LifecycleStage?)LifecycleStage.Training, first.Id)));
            Assert.That(again.Record.Stages.Select(stage => (int)stage.Stage), Is.EqualTo(Enumerable.Range(1, 7)));
            Assert.That(again.Record.Stages.SkipLast(1).Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
            Assert.That(again.Record.Stages.SkipLast(1).Select(stage => stage.Reason), Is.All.EqualTo($"taken from run {first.Id}"));
            Assert.That(again.Record.Stages[^1].State, Is.EqualTo(StageState.Succeeded), "also where nothing changed");
            Assert.That(again.Record.Stages[^1].Reason, Does.Contain("repeated").And.Contain(first.Id));
            Assert.That(again.Processing!.TrainRows, Is.EqualTo(first.Processing!.TrainRows));
            Assert.That(again.Training!.Leaderboard.Trials, Has.Count.EqualTo(1));
            Assert.That(again.Deployment, Is.Null);
            Assert.That(await workspace.Runs.MetricsAsync(again.Id), Is.Not.Empty, "those of the stages before, too");
            Assert.That(
                (await workspace.Runs.FindLastSucceededAsync(s_name, LifecycleStage.Collection, null, default))!.Id,
                Is.EqualTo(first.Id),
                "later runs read on behind the first");
        });
    }

    [Test]
    public async Task RunStageAsync_OfAFailedRun_InANewProcess()
    {
        using var folder = new TempFolder();
        string failed;
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            var broken = SampleLifecycle.Begin(train: training => training
                .Try(new TroubledPlugin(() => throw new FormatException("broken"))).CrossValidate(2).Trials(0));
            await Assert.CatchAsync<MlOpsException>(() => broken.Build().RunAsync(workspace));
            failed = (await workspace.Runs.LatestAsync(s_name))!.Id;
        }

        await using var other = await Workspace.OpenAsync(folder.Path);
        var run = await SampleLifecycle.Begin().Build().RunStageAsync(other, LifecycleStage.Training, failed);

        Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
        Assert.That((await other.Runs.GetAsync(failed)).State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task RunStageAsync_StagesBeforeWouldDifferNow_UsesThemAsTheyAreAndSaysWhatChanged()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await SampleLifecycle.Begin().Build().RunAsync(workspace);

        var run = await SampleLifecycle.Begin(features: features => features.Numeric(["age"])).Build()
            .RunStageAsync(workspace, LifecycleStage.Training, first.Id);

        var features = run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Features);
        Assert.That(features.State, Is.EqualTo(StageState.Reused));
        Assert.That(features.Reason, Does.StartWith($"taken from run {first.Id} as it is, although changed since: "));
        Assert.That(features.Outputs, Is.EqualTo(
            first.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Features).Outputs));
        Assert.That(run.Explain(), Does.Contain("as it is, although changed since"));
        Assert.That(
            run.Record.Stages.Where(stage => stage.Stage < LifecycleStage.Features).Select(stage => stage.Reason),
            Is.All.EqualTo($"taken from run {first.Id}"));
    }

    [Test]
    public async Task RunStageAsync_DeploymentOfAnOldRun_PassesTheGatesAgainstWhatIsLive()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var weak = await SampleLifecycle.Begin(features: features => features.Numeric(["spend"])).Deployed().Build().RunAsync(workspace);
        var strong = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        Assert.That((weak.Deployment!.IsDeployed, strong.Deployment!.IsDeployed), Is.EqualTo((true, true)));

        var again = await SampleLifecycle.Begin().Deployed().Build().RunStageAsync(workspace, LifecycleStage.Deployment, weak.Id);

        var live = (await workspace.Models.FindByAliasAsync(s_name, ModelRegistry.Champion))!;
        Assert.That(again.Deployment!.IsDeployed, Is.False);
        Assert.That(again.Deployment.Comparison, Is.Not.Null, "it was compared with the live version");
        Assert.That(live.Version, Is.EqualTo(strong.Deployment.Version));
        Assert.That((await workspace.Holdout.ListAsync(s_name)).Select(look => look.RunId), Does.Contain(again.Id));
    }

    [Test]
    public async Task RunStageAsync_MonitoringThatFails_IsAFailedRunAlthoughAVersionIsLive()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var broken = SampleLifecycle.Begin().Deployed().Monitored(
            monitoring => monitoring.DataDrift().Alert<IAlertSink>()).Build();

        var failure = await Assert.CatchAsync<MlOpsException>(
            () => broken.RunStageAsync(workspace, LifecycleStage.Monitoring, first.Id));
        var repeated = await SampleLifecycle.Begin().Deployed().Monitored().Build()
            .RunStageAsync(workspace, LifecycleStage.Monitoring, first.Id);

        Assert.That(failure!.Stage, Is.EqualTo(LifecycleStage.Monitoring));
        Assert.That((await workspace.Runs.ListAsync(state: RunState.Failed)), Has.Count.EqualTo(1));
        Assert.That((repeated.State, repeated.Deployment!.Version), Is.EqualTo((RunState.Succeeded, first.Deployment!.Version)));
        Assert.That(repeated.Monitoring, Is.Not.Null);
    }

    [Test]
    public async Task RunStageAsync_WhatCannotBe_SaysWhyAndLeavesNoRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Build();
        var first = await lifecycle.RunAsync(workspace);
        var broken = SampleLifecycle.Begin(features: features => features.Auto().Apply(
            new TroubledPlugin(() => throw new FormatException("broken")))).Build();
        await Assert.CatchAsync<MlOpsException>(() => broken.RunAsync(workspace));
        var failed = (await workspace.Runs.LatestAsync(s_name))!.Id;
        await using var notebook = await workspace.StartRunAsync(s_name);
        var other = LifecycleBuilder.Create("others")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(50, 1))).Build();
        var runs = (await workspace.Runs.ListAsync()).Count;

        Assert.Multiple(async () =>
        {
            Assert.That(
                (await FailAsync(lifecycle, LifecycleStage.Deployment, first.Id)).Message,
                Does.Contain("has no stage Deployment").And.Contain("Training"));
            Assert.That(
                (await FailAsync(other, LifecycleStage.Collection, first.Id)).Message, Does.Contain("not of 'others'"));
            Assert.That(
                (await FailAsync(lifecycle, LifecycleStage.Training, failed)).Message,
                Does.Contain("no result of stage Features, which stage Training reads").And.Contain("resume this one from stage Features"));
            Assert.That(
                (await FailAsync(lifecycle, LifecycleStage.Training, notebook.Id)).Message, Does.Contain("not one of a lifecycle"));
            Assert.That((await FailAsync(lifecycle, LifecycleStage.Training, "none")).Message, Does.Contain("no run 'none'"));
            Assert.That((await workspace.Runs.ListAsync()), Has.Count.EqualTo(runs));
        });

        Task<MlOpsException> FailAsync(Lifecycle of, LifecycleStage stage, string run) =>
            Assert.CatchAsync<MlOpsException>(() => of.RunStageAsync(workspace, stage, run))!;
    }

    [Test]
    public async Task RunStageAsync_ResultsAreGone_SaysWhichAndStillRepeatsWhatDoesNotReadThem()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Build();
        var first = await lifecycle.RunAsync(workspace);
        var rows = first.Record.OutputOf(LifecycleStage.Collection, "rows");
        Assert.That(workspace.Files.Delete(rows), Is.True);

        var failure = await Assert.CatchAsync<MlOpsException>(
            () => lifecycle.RunStageAsync(workspace, LifecycleStage.Processing, first.Id));
        var trained = await lifecycle.RunStageAsync(workspace, LifecycleStage.Training, first.Id);

        Assert.That(
            failure!.Message,
            Does.Contain($"stage Collection of run '{first.Id}' is gone").And.Contain("'rows'").And.Contain("released"));
        Assert.That(trained.State, Is.EqualTo(RunState.Succeeded));
        Assert.That(trained.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).Outputs, Does.Not.ContainKey("rows"));
    }

    [Test]
    public async Task RunStageAsync_Failed_IsResumedAsWhatItIs()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var isBroken = false;
        var trained = 0;
        Lifecycle Build() => SampleLifecycle.Begin(train: training => training
            .Try(new Counted(() =>
            {
                if (isBroken) throw new FormatException("broken");
                Interlocked.Increment(ref trained);
            })).CrossValidate(2).Trials(0)).Deployed().Build();
        var first = await Build().RunAsync(workspace);
        isBroken = true;
        await Assert.CatchAsync<MlOpsException>(() => Build().RunStageAsync(workspace, LifecycleStage.Training, first.Id));
        var failed = (await workspace.Runs.LatestAsync(s_name))!;
        isBroken = false;
        trained = 0;

        var early = await Assert.CatchAsync<MlOpsException>(() => Build().ResumeAsync(workspace, failed.Id, LifecycleStage.Features));
        var resumed = await Build().ResumeAsync(workspace, failed.Id);

        Assert.That((failed.State, failed.FromStage), Is.EqualTo((RunState.Failed, (LifecycleStage?)LifecycleStage.Training)));
        Assert.That((resumed.Id, resumed.State), Is.EqualTo((failed.Id, RunState.Succeeded)));
        Assert.That(trained, Is.Positive, "its stage runs, although the first run has a result for it");
        Assert.That(resumed.Record.Stages[^1].Stage, Is.EqualTo(LifecycleStage.Training), "and no stage behind it");
        Assert.That(resumed.Record.Stages.SkipLast(1).Select(stage => stage.Reason), Is.All.EqualTo($"taken from run {first.Id}"));
        Assert.That(early!.Message, Does.Contain("began with stage Training").And.Contain($"run '{first.Id}' from stage Features"));
    }

    [Test]
    public async Task ResumeAsync_FromAStageOfAFailedRun_GoesOnUnderItsIdAndRunsAgainWhatIsBehind()
    {
        using var folder = new TempFolder();
        string failed;
        var isBroken = true;
        Lifecycle Build() => SampleLifecycle.Begin(train: training => training
            .Try(new Counted(() =>
            {
                if (isBroken) throw new FormatException("broken");
            })).CrossValidate(2).Trials(0)).Deployed().Build();
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            await Assert.CatchAsync<MlOpsException>(() => Build().RunAsync(workspace));
            failed = (await workspace.Runs.LatestAsync(s_name))!.Id;
        }
        isBroken = false;
        await using var other = await Workspace.OpenAsync(folder.Path);

        var early = await Assert.CatchAsync<MlOpsException>(() => Build().ResumeAsync(other, failed, LifecycleStage.Deployment));
        var run = await Build().ResumeAsync(other, failed, LifecycleStage.Exploration);

        Assert.Multiple(() =>
        {
            Assert.That(early!.Message, Does.Contain("no result of stage Training").And.Contain("Resume it from stage Training"));
            Assert.That((run.Id, run.State, run.Record.ResultsFrom), Is.EqualTo((failed, RunState.Succeeded, (string?)null)));
            Assert.That(
                run.Record.Stages.Where(stage => stage.Stage < LifecycleStage.Exploration).Select(stage => (stage.State, stage.Reason)),
                Is.All.EqualTo((StageState.Succeeded, "it has no result yet")), "what it did before stays recorded");
            Assert.That(
                run.Record.Stages.Where(stage => stage.Stage >= LifecycleStage.Exploration).Select(stage => (stage.State, stage.Reason)),
                Is.All.EqualTo((StageState.Succeeded, "the run was resumed from stage Exploration")));
            Assert.That(run.Deployment!.IsDeployed, Is.True);
        });
    }

    [Test]
    public async Task ResumeAsync_FromAStageOfARunThatSucceeded_IsANewRunThatNamesIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        var first = await lifecycle.RunAsync(workspace);

        var run = await lifecycle.ResumeAsync(workspace, first.Id, LifecycleStage.Features);
        var whole = await lifecycle.ResumeAsync(workspace, first.Id, LifecycleStage.Problem);

        Assert.Multiple(async () =>
        {
            Assert.That(run.Id, Is.Not.EqualTo(first.Id));
            Assert.That(
                (run.State, run.Record.ResultsFrom, run.Record.FromStage),
                Is.EqualTo((RunState.Succeeded, first.Id, (LifecycleStage?)LifecycleStage.Features)));
            Assert.That(
                run.Record.Stages.Select(stage => stage.State),
                Is.EqualTo(Enumerable.Repeat(StageState.Reused, 5).Concat(Enumerable.Repeat(StageState.Succeeded, 4))));
            Assert.That((await workspace.Runs.GetAsync(first.Id)).State, Is.EqualTo(RunState.Succeeded));
            Assert.That(whole.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Succeeded));
            Assert.That(whole.Record.ParentRun, Is.Null, "it collected its rows: later runs read on behind it");
            Assert.That(
                (await workspace.Runs.FindLastSucceededAsync(s_name, LifecycleStage.Collection, null, default))!.Id,
                Is.EqualTo(whole.Id));
        });
    }

    [Test]
    public async Task ResumeAsync_FromAStageWhileTheRunIsInProgress_SaysSoAndChangesNothing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        MlOpsException? resumed = null;
        MlOpsException? repeated = null;
        Lifecycle? lifecycle = null;
        lifecycle = SampleLifecycle.Begin(train: training => training.Try(new Counted(() =>
        {
            var id = workspace.Runs.LatestAsync(s_name).Result!.Id;
            resumed ??= Assert.CatchAsync<MlOpsException>(() => lifecycle!.ResumeAsync(
                workspace, id, LifecycleStage.Features, new RunOptions { Concurrency = RunConcurrency.Wait })).Result;
            repeated ??= Assert.CatchAsync<MlOpsException>(
                () => lifecycle!.RunStageAsync(workspace, LifecycleStage.Features, id)).Result;
        })).CrossValidate(2).Trials(0)).Build();

        var run = await lifecycle.RunAsync(workspace);

        Assert.That(resumed!.Message, Does.Contain("being worked on by process").And.Contain(run.Id));
        Assert.That(repeated!.Message, Does.Contain("in progress").And.Contain(run.Id));
        Assert.That(run.State, Is.EqualTo(RunState.Succeeded));
    }

    [Test]
    public async Task ResumeAsync_KilledAgain_ShowsNothingOfWhatRunsAgain()
    {
        using var folder = new TempFolder();
        var workspace = await Workspace.OpenAsync(folder.Path);
        var isBroken = true;
        Lifecycle Build() => SampleLifecycle.Begin(train: training => training.Try(new Counted(() =>
        {
            if (isBroken) throw new FormatException("broken");
        })).CrossValidate(2).Trials(0)).Build();
        await Assert.CatchAsync<MlOpsException>(() => Build().RunAsync(workspace));
        var failed = (await workspace.Runs.LatestAsync(s_name))!.Id;
        isBroken = false;

        var progress = new Steps(step =>
        {
            if (step is { Stage: LifecycleStage.Processing, Step: "running" }) workspace.DisposeAsync().AsTask().Wait();
        });
        await Assert.CatchAsync<Exception>(() => Build().ResumeAsync(workspace, failed, LifecycleStage.Processing, progress: progress));
        await using var again = await Workspace.OpenAsync(folder.Path);

        var record = await again.Runs.GetAsync(failed);
        Assert.That(record.State, Is.EqualTo(RunState.Interrupted));
        Assert.That(
            record.Stages.Where(stage => stage.Stage > LifecycleStage.Processing).Select(stage => (stage.State, stage.Outputs.Count)),
            Is.All.EqualTo((StageState.Pending, 0)));
        Assert.That((await Build().ResumeAsync(again, failed)).State, Is.EqualTo(RunState.Succeeded));
    }

    private sealed class Steps(Action<LifecycleProgress> step) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => step(value);
    }

    /// <summary>Logistic regression that does something before. What it captures does not keep its results from being reused.</summary>
    private sealed class Counted(Action train) : ITrainer
    {
        private static readonly ITrainer s_inner = Trainers.LogisticRegression();

        [NotInFingerprint]
        private readonly Action _train = train;

        public string Name => "counted";

        public string Version => "1";

        public TrainerCapabilities Capabilities => s_inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => s_inner.Hyperparameters;

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            _train();
            return s_inner.TrainAsync(context, cancellationToken);
        }
    }
}
