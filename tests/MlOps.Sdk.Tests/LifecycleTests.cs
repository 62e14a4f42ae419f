using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class LifecycleTests
{
    [Test]
    public async Task Run_Unchanged_ReusesAllNineStages()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);

        var second = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(first.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Succeeded).And.Exactly(9).Items);
            Assert.That(second.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
            Assert.That(second.Record.Stages.Select(stage => stage.Reason), Is.All.Contain(first.Id));
            Assert.That(second.Deployment!.Version, Is.EqualTo(1));
            Assert.That(second.Explain(), Does.Contain("7 Training: reused"));
        });
    }

    [Test]
    public async Task Run_OtherHypothesis_RunsExplorationOnlyAndSaysWhy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Build().RunAsync(workspace);
        var changed = LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes").Cost(1, 3).Protect("abroad"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(1_000, seed: 1)))
            .ProcessData(data => data.DropDuplicates().Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.6))
            .ExploreData(explore => explore.Hypothesis("Age matters", rows => rows.Mean("age").DiffersBetween("left")))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Build();

        var run = await changed.RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(
                run.Record.Stages.Where(stage => stage.State == StageState.Succeeded).Select(stage => stage.Stage),
                Is.EqualTo(new[] { LifecycleStage.Exploration }));
            Assert.That(run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Exploration).Reason, Does.Contain("hypothesis 1"));
            Assert.That(run.Exploration!.Hypotheses.Single().Name, Is.EqualTo("Age matters"));
        });
    }

    [Test]
    public async Task Run_OtherOwner_ComputesNothingAgainThatTheOwnerDoesNotDecide()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Judged(owner: "a").Build().RunAsync(workspace);

        var run = await Judged(owner: "b").Build().RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(Computed(run), Is.EqualTo(new[] { LifecycleStage.Problem, LifecycleStage.Deployment }), run.Explain());
            Assert.That(run.Explain(), Does.Contain("8 Deployment: ran, changed: definition of Problem"));
        });
    }

    [Test]
    public async Task Run_OtherTarget_JudgesAnewButDoesNotTrain()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Judged(atLeast: 0.6).Build().RunAsync(workspace);

        var run = await Judged(atLeast: 0.61).Build().RunAsync(workspace);

        Assert.That(Computed(run), Is.EqualTo(new[] { LifecycleStage.Metrics, LifecycleStage.Deployment }), run.Explain());
    }

    [Test]
    public async Task Run_OtherGuard_TrainsAnew()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Judged(metrics: metrics => metrics.Guard(Metric.Accuracy, atLeast: 0.5)).Build().RunAsync(workspace);

        var run = await Judged(metrics: metrics => metrics.Guard(Metric.Accuracy, atLeast: 0.51)).Build().RunAsync(workspace);

        Assert.That(
            Computed(run), Is.EqualTo(new[] { LifecycleStage.Metrics, LifecycleStage.Training, LifecycleStage.Deployment }), run.Explain());
    }

    [Test]
    public async Task Run_ReportedMetricComputesOtherwise_IsMeasuredAnew()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Judged(metrics: metrics => metrics.Report(new Constant(1))).Build().RunAsync(workspace);

        var run = await Judged(metrics: metrics => metrics.Report(new Constant(2))).Build().RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(Computed(run), Is.EqualTo(new[] { LifecycleStage.Metrics, LifecycleStage.Deployment }), run.Explain());
            Assert.That(run.Deployment!.Holdout["constant"].Value, Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Run_TargetHoldsOtherState_DeploysAnew()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed(deployment => deployment.To(new RefusingTarget("accept"))).Build().RunAsync(workspace);

        var same = await SampleLifecycle.Begin()
            .Deployed(deployment => deployment.To(new RefusingTarget("accept")))
            .Build()
            .RunAsync(workspace);
        var other = await SampleLifecycle.Begin()
            .Deployed(deployment => deployment.To(new RefusingTarget("accept too")))
            .Build()
            .RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(Computed(same), Is.Empty, same.Explain());
            Assert.That(Computed(other), Is.EqualTo(new[] { LifecycleStage.Deployment }), other.Explain());
        });
    }

    // Of what is saved, only the summary of the collection knows how the file is called.
    [TestCase("renamed.csv")]
    [TestCase("moved/rows.csv")]
    public async Task Run_CsvRenamedOrMoved_CollectsAtMostAndTrainsNothingAnew(string path)
    {
        using var folder = new TempFolder();
        var (before, after) = (folder["rows.csv"], folder[path]);
        await File.WriteAllTextAsync(before, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(600, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        Lifecycle Build(string csv) => LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Build();
        var first = await Build(before).RunAsync(workspace);
        Directory.CreateDirectory(Path.GetDirectoryName(after)!);
        File.Move(before, after);
        File.SetLastWriteTimeUtc(after, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        var run = await Build(after).RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(Computed(run), Is.SubsetOf(new[] { LifecycleStage.Collection }), run.Explain());
            Assert.That(run.Deployment!.ContentHash, Is.EqualTo(first.Deployment!.ContentHash));
        });
    }

    [Test]
    public async Task Run_StepThatCapturesState_IsNeverReusedAndSaysSo()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var limit = 40;
        Lifecycle Build() =>
            SampleLifecycle.Begin(train: training => training.Try(new DelegatingTrainer(() => limit)).CrossValidate(2).Trials(0)).Build();
        await Build().RunAsync(workspace);

        var again = await Build().RunAsync(workspace);

        var training = again.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Training);
        Assert.Multiple(() =>
        {
            Assert.That(training.State, Is.EqualTo(StageState.Succeeded));
            Assert.That(training.Reason, Does.Contain("never reused").And.Contain("captures state"));
            Assert.That(again.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Features).State, Is.EqualTo(StageState.Reused));
        });
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Run_InAnotherWorkspaceWithOtherThreads_GivesTheSameContentHash(int threads)
    {
        async Task<string> HashAsync(int count)
        {
            using var folder = new TempFolder();
            await using var workspace = await Workspace.OpenAsync(folder.Path);
            var run = await SampleLifecycle.Begin(train: training => training
                .Try(Trainers.LogisticRegression())
                .Try(Trainers.GradientBoosting(), search =>
                    search.LogUniform("learningRate", 0.05, 0.3).Integer("leaves", 3, 12).Fix("trees", 15).Fix("rowFraction", 0.8))
                .CrossValidate(3).Trials(3).Threads(count)).Deployed().Build().RunAsync(workspace);
            return run.Deployment!.ContentHash;
        }

        Assert.That(await HashAsync(threads), Is.EqualTo(await HashAsync(3 - threads)));
    }

    [Test]
    public async Task Run_WithoutDeployment_TrainsAndRegistersNothing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var run = await SampleLifecycle.Begin().Build().RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(run.Deployment, Is.Null);
            Assert.That(run.Training!.Trainer, Is.EqualTo("logistic-regression"));
            Assert.That(await workspace.Models.ModelsAsync(), Is.Empty);
            Assert.That(await workspace.Holdout.ListAsync(SampleLifecycle.Name), Is.Empty, "nothing looked at the holdout");
        });
    }

    [Test]
    public async Task Run_OnlyCollectingAndExploring_Works()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var run = await LifecycleBuilder.Create("look")
            .ExploreData(explore => explore.Hypothesis("Age matters", rows => rows.Mean("age").DiffersBetween("left")))
            .CollectData(data => data.FromObjects(Subscriber.Draw(500, 3)))
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .Build().RunAsync(workspace);

        Assert.That(
            run.Exploration!.Profile.RowCount,
            Is.EqualTo(run.Processing!.TrainRows).And.LessThan(500),
            "exploration sees training rows only");
    }

    [Test]
    public async Task Run_TargetMissed_RegistersButDoesNotDeploy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin(train: training => training.Try(Trainers.Baseline()).CrossValidate(2).Trials(0))
            .Deployed()
            .Build();

        var run = await lifecycle.RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(run.Deployment!.IsDeployed, Is.False);
            Assert.That(run.Deployment.Reason, Does.Match(@"The gate 'roc_auc' failed: 0\.5000.* where ≥ 0\.6 is required"));
            Assert.That(await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion), Is.Null);
            Assert.That(
                () => workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(new(30, 40, "monthly", false)),
                Throws.TypeOf<ModelNotLiveException>().With.Message.Contains("No version"));
            Assert.That(
                async () => await workspace.Models.GetBlessedAsync(SampleLifecycle.Name, 1),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("roc_auc"));
        });
    }

    [Test]
    public async Task Run_BetterModelOnTheSameData_ReplacesTheChampionOnlyWithEvidence()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(train: training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed()
            .Build()
            .RunAsync(workspace);

        // Nearly the same model: its interval of improvement cannot clear zero.
        var equal = await SampleLifecycle.Begin(train: training => training
            .Try(Trainers.LogisticRegression(), search => search.Fix("l2", 1.5))
            .CrossValidate(2)
            .Trials(0))
            .Deployed()
            .Build()
            .RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(equal.Deployment!.IsDeployed, Is.False);
            Assert.That(equal.Deployment.Comparison!.Champion, Is.EqualTo(1));
            Assert.That(equal.Deployment.Comparison.Lower, Is.LessThanOrEqualTo(0));
            Assert.That((await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Run_Cancelled_IsRecordedAndResumes()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        using var stop = new CancellationTokenSource();
        var lifecycle = SampleLifecycle.Begin().Build();
        var progress = new StageWatcher(LifecycleStage.Training, stop.Cancel);

        Assert.That(async () => await lifecycle.RunAsync(workspace, progress, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        var cancelled = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        var resumed = await lifecycle.ResumeAsync(workspace, cancelled.Id);

        Assert.Multiple(() =>
        {
            Assert.That(cancelled.State, Is.EqualTo(RunState.Cancelled));
            Assert.That(resumed.Id, Is.EqualTo(cancelled.Id));
            Assert.That(resumed.Record.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(
                resumed.Record.Stages.Where(stage => stage.Stage < LifecycleStage.Training),
                Is.EqualTo(cancelled.Stages.Where(stage => stage.Stage < LifecycleStage.Training))
                    .Using<StageRecord>((one, other) => one.ToString() == other.ToString() && one.StartedAt == other.StartedAt),
                "what it did before stays recorded");
            Assert.That(
                resumed.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Training).State,
                Is.EqualTo(StageState.Succeeded));
        });
    }

    [Test]
    public async Task Run_StageFails_SaysWhichAndResumesThere()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        Lifecycle Build(string column) =>
            SampleLifecycle.Begin(train: training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(d => d.To(new RefusingTarget(column)))
            .Build();

        var failure = (await Assert.CatchAsync<MlOpsException>(async () => await Build("refuse").RunAsync(workspace)))!;
        var failed = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        var resumed = await Build("accept").ResumeAsync(workspace, failed.Id);

        Assert.Multiple(() =>
        {
            Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Deployment));
            Assert.That(failed.State, Is.EqualTo(RunState.Failed));
            Assert.That(failed.Error, Does.Contain("The target refuses."));
            Assert.That(
                failure.Message,
                Does.Contain("Version 1 of 'subscribers' is live, and the target 'refusing' was not brought to it")
                    .And.Contain("Ask it to accept. A host brings it").And.Contain("ReconcileAsync"));
            Assert.That(resumed.Record.Stages.SkipLast(1), Is.EqualTo(failed.Stages.SkipLast(1))
                .Using<StageRecord>((one, other) => one.ToString() == other.ToString() && one.StartedAt == other.StartedAt));
            Assert.That(resumed.Record.Stages[^1].State, Is.EqualTo(StageState.Succeeded));
            Assert.That(resumed.Deployment!.Version, Is.EqualTo(1), "the version registered before the failure is not registered twice");
            Assert.That(resumed.Deployment.IsDeployed, Is.True);
        });
    }

    [Test]
    public async Task Resume_SucceededOrForeignRun_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Build();
        var run = await lifecycle.RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await lifecycle.ResumeAsync(workspace, run.Id),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("succeeded"));
            Assert.That(
                async () => await lifecycle.ResumeAsync(workspace, null!),
                Throws.ArgumentNullException,
                "it is no new run");
            Assert.That(
                async () => await lifecycle.ResumeAsync(workspace, "none"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("none"));
        });
    }

    [Test]
    public async Task Resume_RunOfAnotherLifecycleOrRetraining_IsRefusedAndTheRecordStays()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Assert.CatchAsync(async () => await SampleLifecycle.Begin(train: training => training.Try(
            new FailingTrainer(() => throw new MlOpsException("The trainer broke.")))).Build().RunAsync(workspace));
        var failed = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
        string retraining;
        await using (var tracker = await RunTracker.StartAsync(
            workspace.Store, workspace.Logger, new RunStart(SampleLifecycle.Name, [], 1, "retraining", failed.Id)))
        {
            retraining = tracker.RunId;
            await tracker.CompleteAsync(RunState.Cancelled, "the host stopped");
        }

        var other = LifecycleBuilder.Create("other")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(100, 1)))
            .Build();

        Assert.Multiple(async () =>
        {
            Assert.That(
                async () => await other.ResumeAsync(workspace, failed.Id),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("not of 'other'"));
            Assert.That(
                async () => await SampleLifecycle.Begin().Build().ResumeAsync(workspace, retraining),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is a retraining"));
            Assert.That((await workspace.Runs.GetAsync(failed.Id)).Error, Is.EqualTo(failed.Error).And.Contains("The trainer broke."));
            Assert.That((await workspace.Runs.GetAsync(retraining)).State, Is.EqualTo(RunState.Cancelled));
            Assert.That((await workspace.Runs.GetAsync(retraining)).Error, Is.EqualTo("the host stopped"));
        });
    }

    [Test]
    public async Task Run_FailureThatCannotBeRecorded_IsThrownAllTheSame()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed(deployment => deployment.To(new ClosingTarget(workspace))).Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was disposed of")
                .And.Matches<MlOpsException>(e => e!.ToString().Contains("The target broke.", StringComparison.Ordinal)));
    }

    [Test]
    public async Task Run_FailedOrReused_HasTheParametersAndMetricsOfItsStages()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Assert.CatchAsync(async () => await SampleLifecycle.Begin()
            .Deployed(deployment => deployment.To(new RefusingTarget("refuse")))
            .Build()
            .RunAsync(workspace));
        var failed = (await workspace.Runs.LatestAsync(SampleLifecycle.Name))!;

        var reused = await SampleLifecycle.Begin().Build().RunAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That(reused.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused));
            foreach (var run in new[] { failed.Id, reused.Id })
            {
                Assert.That(
                    (await workspace.Runs.ParametersAsync(run)).Keys,
                    Is.SupersetOf(new[] { "task", "label", "features", "trainer", "l2" }));
                Assert.That(await workspace.Runs.MetricsAsync(run, "out_of_fold.roc_auc"), Has.Count.EqualTo(1));
            }
        });
    }

    [Test]
    public async Task Explain_ResultOfAnEarlierRunWasTakenLastTime_ComparesWithThatOne()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await Judged(atLeast: 0.6).Build().RunAsync(workspace);
        await Judged(atLeast: 0.61, owner: "b").Build().RunAsync(workspace);
        await Judged(atLeast: 0.6).Build().RunAsync(workspace);

        // Against the newest result, which is that of the second run, both would have changed.
        var run = await Judged(atLeast: 0.62).Build().RunAsync(workspace);

        Assert.That(
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Deployment).Reason,
            Is.EqualTo("changed: primary metric"));
    }

    [Test]
    public async Task Run_RowWiseSteps_ServeTheScoreOfTrainingToTheLastBit()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(800, 5);
        var lifecycle = LifecycleBuilder.Create("derived")
            .DefineProblem(problem => problem.BinaryClassification("gone", "yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data
                .Rename("left", "gone").NormalizeText("gone")
                .Derive("spend_per_year", row => row.Number("spend") * 12)
                .Filter(row => row.Number("age") < 79)
                .Cast("age", ColumnType.Number)
                .Split(0.25))
            .TrainModel(training => training.Try(Trainers.GradientBoosting(), search => search.Fix("trees", 20)).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build();

        var run = await lifecycle.RunAsync(workspace);

        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        var typed = workspace.Endpoint<UnlabelledSubscriber, Answer>("derived");
        var untyped = workspace.Endpoint("derived");
        using var package = await workspace.ReadPackageAsync(await workspace.Models.GetAsync("derived", 1));
        var batch = package.Score(await DataSources.Objects(rows).ReadAllAsync());
        var prepared = await workspace.Artifacts.ReadAllAsync(
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[ProcessingStage.Train]);
        Assert.Multiple(() =>
        {
            Assert.That(prepared, Is.Not.Empty);
            Assert.That(
                package.Graph.Input.Select(field => field.Name),
                Is.EquivalentTo(new[] { "age", "spend", "plan", "abroad" }),
                "the label and what only it needs are no inputs");
            for (var i = 0; i < rows.Length; i++)
            {
                var row = rows[i];
                Assert.That(typed.Predict(UnlabelledSubscriber.Of(row)).Value.Score, Is.EqualTo(batch[i]));
                Assert.That(
                    untyped.Predict(new Dictionary<string, object?>
                    {
                        ["age"] = row.Age,
                        ["spend"] = row.Spend,
                        ["plan"] = row.Plan,
                        ["abroad"] = row.Abroad
                    }).Value.Score,
                    Is.EqualTo(batch[i]));
            }
        });
    }

    [TestCase("multiclass")]
    [TestCase("regression")]
    public async Task Run_OtherTasks_TrainDeployAndPredict(string task)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(900, 7);
        var table = rows.Select(row => new
        {
            row.Age,
            row.Plan,
            row.Abroad,
            Size = (row.Spend ?? 50) < 40 ? "small" : (row.Spend ?? 50) < 60 ? "medium" : "large",
            Amount = (row.Spend ?? 50) * (row.Plan == "monthly" ? 2 : 1) + row.Age,
            Hint = row.Spend ?? 50
        });
        var lifecycle = LifecycleBuilder.Create(task)
            .DefineProblem(problem => _ = task == "regression" ? problem.Regression("amount") : problem.MulticlassClassification("size"))
            .CollectData(data => data.FromObjects(table))
            .ProcessData(data => data.Drop(task == "regression" ? "size" : "amount"))
            .TrainModel(training => _ = task == "regression"
                ? training
                    .Try(Trainers.LinearRegression())
                    .Try(Trainers.GradientBoosting(), s => s.Fix("trees", 20))
                    .CrossValidate(2)
                    .Trials(0)
                : training
                    .Try(Trainers.LogisticRegression())
                    .Try(Trainers.GradientBoosting(), s => s.Fix("trees", 20))
                    .CrossValidate(2)
                    .Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring.DataDrift().PredictionDrift())
            .Build();

        var run = await lifecycle.RunAsync(workspace);
        var answer = workspace
            .Endpoint(task)
            .Predict(new Dictionary<string, object?> { ["age"] = 40, ["plan"] = "monthly", ["abroad"] = false, ["hint"] = 75.0 });

        Assert.Multiple(() =>
        {
            Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
            if (task == "regression")
            {
                Assert.That(answer.Value.Score, Is.EqualTo(190).Within(25));
                Assert.That(answer.Value.Label, Is.Null);
                Assert.That(run.Deployment.Holdout["rmse"].Value, Is.LessThan(15));
            }
            else
            {
                Assert.That(answer.Value.Label, Is.EqualTo("large"));
                Assert.That(answer.Value.Scores.Sum(), Is.EqualTo(1).Within(1e-9));
                Assert.That(run.Deployment.Holdout["f1"].Value, Is.GreaterThan(0.8));
            }
        });
    }

    private static LifecycleBuilder Judged(string owner = "a", double atLeast = 0.6, Action<MetricsBuilder>? metrics = null) =>
        LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes").Owner(owner))
            .CollectData(data => data.FromObjects(Subscriber.Draw(600, seed: 1)))
            .DefineMetrics(builder =>
            {
                builder.Optimize(Metric.RocAuc, atLeast);
                metrics?.Invoke(builder);
            })
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed();

    private static IEnumerable<LifecycleStage> Computed(LifecycleRun run) =>
        run.Record.Stages.Where(stage => stage.State == StageState.Succeeded).Select(stage => stage.Stage);

    private sealed class StageWatcher(LifecycleStage stage, Action reached) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value)
        {
            if (value.Stage == stage && value.Step == "search") reached();
        }
    }

    /// <summary>A trainer of the user's own that asks a delegate.</summary>
    private sealed class DelegatingTrainer(Func<int> ask) : ITrainer
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();

        public string Name => $"asked-{ask()}";

        public string Version => "1";

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) =>
            _inner.TrainAsync(context, cancellationToken);
    }

    private sealed class RefusingTarget(string mode) : IDeploymentTarget
    {
        private int? _version;

        public string Name => "refusing";

        public TargetCapabilities Capabilities => new();

        public ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            if (mode == "refuse") throw new MlOpsException("The target refuses.", "Ask it to accept.");
            _version = desired.Model.Version.Version;
            return ValueTask.CompletedTask;
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new ObservedDeployment(endpoint, _version, null));
    }

    private sealed class FailingTrainer(Action fail) : ITrainer
    {
        public string Name => "failing";

        public string Version => "1";

        public TrainerCapabilities Capabilities => Trainers.LogisticRegression().Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => [];

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            fail();
            throw new InvalidOperationException();
        }
    }

    /// <summary>A target that breaks when nothing can be recorded any more.</summary>
    private sealed class ClosingTarget(Workspace workspace) : IDeploymentTarget
    {
        public string Name => "closing";

        public TargetCapabilities Capabilities => new();

        public async ValueTask ApplyAsync(DesiredDeployment desired, CancellationToken cancellationToken = default)
        {
            await workspace.DisposeAsync();
            throw new MlOpsException("The target broke.");
        }

        public ValueTask<ObservedDeployment> ObserveAsync(string endpoint, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }

    private sealed class Constant(double value) : IMetric
    {
        public string Name => "constant";

        public Direction Direction => Direction.Up;

        public MetricNeeds Needs => MetricNeeds.None;

        public MetricValue Compute(Evaluation evaluation) => new(value);
    }
}
