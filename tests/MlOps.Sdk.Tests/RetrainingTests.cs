using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class RetrainingTests
{
    [Test]
    public async Task Retrain_AfterDrift_PromotesTheChallengerThatIsBetterOnTheSameUnseenRows()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin(train: training => training
            .Try(Trainers.GradientBoosting(), search => search.Fix("trees", 40).Fix("leaves", 6)).CrossValidate(2).Trials(0))
            .Deployed()
            .Monitored()
            .Build();
        await lifecycle.RunAsync(workspace);
        var report = await ServeAsync(workspace, Subscriber.Draw(1_200, seed: 9, shifted: true), "shifted");

        var run = (await lifecycle.RetrainAsync(workspace)).Run!;

        var deployment = run.Deployment!;
        Assert.Multiple(async () =>
        {
            Assert.That(report.AskedForRetraining, Is.True);
            Assert.That(run.Record.Cause, Does.StartWith("retraining: DataDrift"));
            Assert.That(deployment.IsDeployed, Is.True, deployment.Reason);
            Assert.That(deployment.Comparison!.Lower, Is.GreaterThan(0));
            Assert.That(deployment.Comparison.Rows, Is.EqualTo(deployment.HoldoutRows));
            Assert.That(deployment.Reason, Does.Contain("% interval"));
            Assert.That(
                workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Version,
                Is.EqualTo(2),
                "the endpoint serves the new version at once");
            Assert.That(run.Training!.Leaderboard.Trials, Has.Count.EqualTo(1), "the winner's hyperparameters are reused");
            Assert.That(
                (await lifecycle.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.NotAsked), "the trigger is answered");
        });
    }

    [Test]
    public async Task Retrain_LiveVersionIsOfATrainerThatIsNotTriedAnyMore_TriesAll()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin(train: training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Monitored().Build().RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9), "more");
        var boosted = SampleLifecycle.Begin(train: training => training
            .Try(Trainers.Baseline())
            .Try(Trainers.GradientBoosting(), search => search.Fix("trees", 40).Fix("leaves", 6)).CrossValidate(2).Trials(0))
            .Deployed().Monitored().Build();

        var run = (await boosted.RetrainNowAsync(workspace, "after a rollback")).Run!;

        Assert.That(
            run.Training!.Leaderboard.Trials.Select(trial => trial.Candidate), Is.EquivalentTo(new[] { "baseline", "gradient-boosting" }));
    }

    [Test]
    public async Task Retrain_FractionsWhereTrainingHadWholeNumbers_LearnsFromThem()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);
        var endpoint = workspace.Endpoint(SampleLifecycle.Name);
        var rows = Subscriber.Draw(600, seed: 9, shifted: true);
        var labels = rows.ToDictionary(
            row => endpoint.Predict(new Dictionary<string, object?>
            {
                ["age"] = row.Age + 0.5, ["spend"] = row.Spend, ["plan"] = row.Plan, ["abroad"] = row.Abroad,
            }).Id,
            row => row.Left);
        await workspace.Monitor(SampleLifecycle.Name).CheckAsync();
        await workspace.Monitor(SampleLifecycle.Name).LabelAsync(labels);

        var run = (await lifecycle.RetrainAsync(workspace)).Run!;

        var collected = await workspace.Artifacts.ReadRowsAsync(
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).Outputs[CollectionStage.Rows],
            CancellationToken.None);
        var ages = Enumerable.Range(0, collected.RowCount).Select(row => collected["age"].GetNumber(row)).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(collected.Schema["age"].Type, Is.EqualTo(ColumnType.Number));
            Assert.That(ages.Count(age => age % 1 == 0.5), Is.EqualTo(600));
            Assert.That(ages.Count(age => age % 1 == 0), Is.EqualTo(1_000));
        });
    }

    [Test]
    public async Task Retrain_ChallengerNotBetter_KeepsTheChampionAndSaysWhy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed(d => d.ToProcess().ReplaceOnlyWhenBetterBy(0.4)).Monitored().Build();
        await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(600, seed: 9, shifted: true), "shifted");

        var run = (await lifecycle.RetrainAsync(workspace)).Run!;

        Assert.Multiple(async () =>
        {
            Assert.That(run.Deployment!.IsDeployed, Is.False);
            Assert.That(run.Deployment.Reason, Does.Contain("Not shown to be better than version 1"));
            Assert.That(run.Deployment.Gates.Single(gate => gate.Name == "better than the live version").Required, Does.Contain("0.4"));
            Assert.That(workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Version, Is.EqualTo(1));
            Assert.That(
                (await workspace.Models.ListAsync(SampleLifecycle.Name)).Select(version => version.Version),
                Is.EquivalentTo(new[] { 1, 2 }),
                "the challenger is on record");
        });
    }

    [Test]
    public async Task Retrain_CancelledAfterTheRunHasSucceeded_IsAnsweredAndNotRunAgain()
    {
        using var folder = new TempFolder();
        using var cancellation = new CancellationTokenSource();
        var isRetraining = false;
        using var log = new LogWatcher(logged =>
        {
            if (isRetraining && logged.Name == "Ended") cancellation.Cancel();
        });
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.LoggerFactory = log);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9, shifted: true), "shifted");
        isRetraining = true;

        var run = (await lifecycle.RetrainAsync(workspace, cancellationToken: cancellation.Token)).Run;

        Assert.Multiple(async () =>
        {
            Assert.That(cancellation.IsCancellationRequested, Is.True);
            Assert.That(run!.Record.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(
                (await workspace.MonitoringServices.Retrainings.ListAsync(SampleLifecycle.Name)).Single().Outcome,
                Is.EqualTo(run.Deployment!.Reason));
            Assert.That((await lifecycle.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.NotAsked));
        });
    }

    [Test]
    public async Task Retrain_NothingAsked_DoesNothing()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);

        Assert.That((await lifecycle.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.NotAsked));
    }

    [Test]
    public async Task Retrain_LabelWithAFractionWhereTheDataHadWholeOnes_LearnsFromIt()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = AgeLifecycle(steps => { });
        await lifecycle.RunAsync(workspace);
        var labels = await ServeAgesAsync(workspace, row => row.Age + 0.5);
        await workspace.Monitor("ages").LabelAsync(labels);

        var run = (await lifecycle.RetrainAsync(workspace)).Run!;

        var collected = await workspace.Artifacts.ReadRowsAsync(
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).Outputs[CollectionStage.Rows],
            CancellationToken.None);
        var ages = Enumerable.Range(0, collected.RowCount).Select(row => collected["age"].GetNumber(row)).ToArray();
        Assert.That((ages.Count(age => age % 1 == 0.5), ages.Count(age => age % 1 == 0)), Is.EqualTo((300, 600)));
    }

    [Test]
    public async Task Retrain_WrongLabelIsCorrected_IsTakenUpAgain()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = AgeLifecycle(steps => steps.Cast("age", ColumnType.Number));
        await lifecycle.RunAsync(workspace);
        var labels = (await ServeAgesAsync(workspace, row => row.Age)).ToArray();
        var wrong = KeyValuePair.Create(labels[7].Key, "unknown");
        var monitor = workspace.Monitor("ages");
        await Assert.ThatAsync(
            async () => await monitor.LabelAsync([.. labels[..7], wrong]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'unknown'").And.Message.Contains(wrong.Key.ToString()),
            "a step computes the label, but the column takes numbers only");
        await monitor.LabelAsync(labels);

        // A label that an earlier version took.
        await workspace.MonitoringServices.Labels.InsertAsync([new("ages", wrong.Key.ToString(), "unknown", DateTimeOffset.UtcNow)]);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Assert.ThatAsync(
                async () => await lifecycle.RetrainAsync(workspace),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("'unknown'").And.Message.Contains(wrong.Key.ToString()));
        }

        var given = await lifecycle.RetrainAsync(workspace);
        var unchanged = await monitor.LabelAsync([labels[3]]);
        var still = await lifecycle.RetrainAsync(workspace);
        var corrected = await monitor.LabelAsync([labels[7]]);
        var run = await lifecycle.RetrainAsync(workspace);

        Assert.Multiple(async () =>
        {
            Assert.That((given.Outcome, given.Run), Is.EqualTo((RetrainingOutcome.GivenUp, (LifecycleRun?)null)));
            Assert.That(given.Reason, Does.Contain("failed 3 times").And.Contain(wrong.Key.ToString()));
            Assert.That((unchanged.Unchanged, still.Outcome), Is.EqualTo((1, RetrainingOutcome.GivenUp)), "nothing is corrected");
            Assert.That(corrected.Changed, Is.EqualTo(1));
            Assert.That(run.Outcome, Is.EqualTo(RetrainingOutcome.Ran), run.ToString());
            Assert.That(run.Reason, Is.EqualTo(run.Run!.Deployment!.Reason));
            Assert.That((await lifecycle.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.NotAsked));
        });
    }

    [Test]
    public async Task Retrain_AnotherCallAnswers_SaysSo()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await using var other = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9, shifted: true), "shifted");

        var results = await Task.WhenAll(lifecycle.RetrainAsync(workspace), lifecycle.RetrainAsync(other));

        Assert.That(
            results.Select(result => result.Outcome),
            Is.EquivalentTo(new[] { RetrainingOutcome.Ran, RetrainingOutcome.AnsweredElsewhere })
                .Or.EquivalentTo(new[] { RetrainingOutcome.Ran, RetrainingOutcome.NotAsked }));
    }

    [Test]
    public async Task RetrainNow_NobodyAsked_RetrainsAndIsInTheAuditLog()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actor = "ada");
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.DataDrift()).Build();
        await Assert.ThatAsync(
            async () => await lifecycle.RetrainNowAsync(workspace, "before the first run"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("there is nothing to retrain"));
        await lifecycle.RunAsync(workspace);
        await Assert.ThatAsync(
            async () => await lifecycle.RetrainNowAsync(workspace, "new tariffs"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("0 labels have arrived"));
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9), "more");

        var result = await lifecycle.RetrainNowAsync(workspace, "new tariffs");

        var asked = new List<AuditEntry>();
        await foreach (var entry in workspace.Audit.ReadAsync())
        {
            if (entry.Action == "retraining.requested") asked.Add(entry);
        }

        Assert.Multiple(async () =>
        {
            Assert.That(result.Outcome, Is.EqualTo(RetrainingOutcome.Ran));
            Assert.That(result.Run!.Record.Cause, Is.EqualTo("retraining: ada: new tariffs"));
            Assert.That(
                asked.Select(entry => (entry.Actor, entry.Subject, entry.Details)),
                Is.EqualTo(new[] { ("ada", "lifecycle:" + SampleLifecycle.Name, "new tariffs") }), "what was refused was not asked for");
            Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);
            Assert.That(
                (await workspace.MonitoringServices.Retrainings.ListAsync(SampleLifecycle.Name)).Single().Outcome,
                Is.EqualTo(result.Run.Deployment!.Reason));
            Assert.That(async () => await lifecycle.RetrainNowAsync(workspace, " "), Throws.ArgumentException);
        });
    }

    [Test]
    public async Task RetrainNow_Cancelled_IsNotTakenUpByItself()
    {
        using var folder = new TempFolder();
        using var cancellation = new CancellationTokenSource();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9), "more");
        var progress = new InlineProgress(_ => cancellation.Cancel());

        await Assert.ThatAsync(
            async () => await lifecycle.RetrainNowAsync(workspace, "new tariffs", null, progress, cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());

        Assert.That((await lifecycle.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.GivenUp));
    }

    [Test]
    public async Task Retrain_NoLabelArrived_SaysSoAndStaysAsked()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        foreach (var row in Subscriber.Draw(400, 9, shifted: true)) endpoint.Predict(UnlabelledSubscriber.Of(row));
        await workspace.Monitor(SampleLifecycle.Name).CheckAsync();

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await lifecycle.RetrainAsync(workspace),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("0 labels have arrived").And.Message.Contains("needs 50"));
            Assert.That(async () => await lifecycle.RetrainAsync(workspace), Throws.TypeOf<MlOpsException>(), "still asked");
        });
    }

    [Test]
    public async Task Retrain_TooFewLabels_SaysHowManyAreNeededAndStaysAsked()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin()
            .Deployed()
            .Monitored(monitoring => monitoring
                .DataDrift()
                .RetrainOn(Signal.DataDrift, RetrainingData.Feedback, TimeSpan.Zero, minimumFeedback: 601))
            .Build();
        await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(600, 9, shifted: true), "shifted");

        Assert.Multiple(async () =>
        {
            Assert.That(
                async () => await lifecycle.RetrainAsync(workspace),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("600 labels have arrived").And.Message.Contains("needs 601"));
            Assert.That(
                await workspace.MonitoringServices.Retrainings.FindOpenAsync(SampleLifecycle.Name),
                Is.Not.Null.And.Property("RunId").Null,
                "still asked, and no run was begun");
        });
    }

    [Test]
    public async Task Retrain_LabelsOfARefusedRetrainingArrive_RunsAsSoonAsThereAreEnough()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring
            .DataDrift().RetrainOn(
                Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.Zero, minimumFeedback: 300))
            .Build();
        await lifecycle.RunAsync(workspace);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var labels = Subscriber.Draw(300, 9, shifted: true)
            .Select(row => KeyValuePair.Create(endpoint.Predict(UnlabelledSubscriber.Of(row)).Id, row.Left))
            .ToArray();
        await monitor.CheckAsync();
        await monitor.LabelAsync(labels[..299]);

        var refused = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RetrainAsync(workspace));
        await monitor.LabelAsync(labels[299..]);
        var run = (await lifecycle.RetrainAsync(workspace)).Run;

        Assert.Multiple(() =>
        {
            Assert.That(refused!.Message, Does.Contain("299 labels have arrived").And.Contain("needs 300"));
            Assert.That(run?.Record.Cause, Does.StartWith("retraining: DataDrift"));
            Assert.That(run?.Record.State, Is.EqualTo(RunState.Succeeded));
        });
    }

    [Test]
    public async Task Retrain_WithServices_ResolvesPluginsInAScopeThatLastsAsLongAsTheRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var trainers = new List<ScopedTrainer>();
        await using var services = new ServiceCollection()
            .AddSingleton(trainers)
            .AddScoped<ScopedTrainer>()
            .BuildServiceProvider(validateScopes: true);
        var lifecycle = SampleLifecycle.Begin(train: training => training.Try<ScopedTrainer>().CrossValidate(2).Trials(0))
            .Deployed()
            .Monitored()
            .Build();
        await lifecycle.RunAsync(workspace, new RunOptions { Services = services });
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9, shifted: true), "shifted");
        trainers.Clear();

        var run = (await lifecycle.RetrainAsync(workspace, new RunOptions { Services = services })).Run!;

        Assert.Multiple(() =>
        {
            Assert.That(run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Training).State, Is.EqualTo(StageState.Succeeded));
            Assert.That(run.Training!.Trainer, Is.EqualTo("scoped"));
            Assert.That(trainers.Select(trainer => trainer.IsDisposed), Is.EqualTo(new[] { true }), "one scope, which ended with the run");
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Retrain_Reuse_DecidesWhetherUnchangedStagesRun(bool reuse)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9, shifted: true), "shifted");

        var run = (await lifecycle.RetrainAsync(workspace, new RunOptions { Reuse = reuse })).Run!;

        LifecycleStage[] unchanged = [LifecycleStage.Problem, LifecycleStage.Metrics];
        Assert.That(
            run.Record.Stages.Where(stage => stage.State == StageState.Reused).Select(stage => stage.Stage),
            Is.EqualTo(reuse ? unchanged : []),
            run.Explain());
    }

    [Test]
    public async Task Retrain_OptionsNameACauseAndARun_IsANewRunThatTheSignalCaused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored().Build();
        var first = await lifecycle.RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(300, seed: 9, shifted: true), "shifted");

        var run = (await lifecycle.RetrainAsync(workspace, new RunOptions { Cause = "nightly", Resume = first.Id })).Run!;

        Assert.Multiple(() =>
        {
            Assert.That(run.Record.Cause, Does.StartWith("retraining: DataDrift"));
            Assert.That(run.Id, Is.Not.EqualTo(first.Id));
        });
    }

    [Test]
    public async Task Retrain_FailsAgainAndAgain_IsGivenUpAfterThreeAttempts()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        await ServeAsync(workspace, Subscriber.Draw(600, 9, shifted: true), "shifted");
        var broken = LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes").Protect("abroad"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(100, 1)))
            .EngineerFeatures(features => features.Numeric(["no such column"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()))
            .Deployed().Monitored().Build();

        for (var attempt = 0; attempt < 3; attempt++)
        {
            await Assert.CatchAsync<MlOpsException>(async () => await broken.RetrainAsync(workspace));
        }

        Assert.Multiple(async () =>
        {
            Assert.That((await broken.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.GivenUp));
            Assert.That(
                (await workspace.MonitoringServices.Retrainings.ListAsync(SampleLifecycle.Name)).Single().Outcome,
                Does.StartWith("failed 3 times").And.Contains("no such column"));
        });
    }

    // The attempt: every row of the first holdout is served, comes back with the opposite label, and the model does
    // not even read all of its columns.
    [Test]
    public async Task Retrain_HoldoutRowsComeBackAsFeedbackWithOtherLabels_AreNeverTrainedOn()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(1_000, seed: 1);
        var lifecycle = LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data.Split(test: 0.25))
            .EngineerFeatures(features => features.Numeric(["age", "spend"]).OneHot(["plan"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring
                .DataDrift()
                .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.Zero))
            .Build();
        var first = await lifecycle.RunAsync(workspace);
        var sealedRows = await ReadAsync(workspace, first, ProcessingStage.Holdout);
        var endpoint = workspace.Endpoint(SampleLifecycle.Name);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var labels = new Dictionary<PredictionId, string>();
        for (var row = 0; row < sealedRows.RowCount; row++)
        {
            var answer = endpoint.Predict(new Dictionary<string, object?>
            {
                ["age"] = sealedRows["age"].GetNumber(row),
                ["spend"] = sealedRows["spend"].IsNull(row) ? null : sealedRows["spend"].GetNumber(row),
                ["plan"] = sealedRows["plan"].GetText(row),
            });
            labels[answer.Id] = sealedRows["left"].GetText(row) == "Yes" ? "No" : "Yes";
        }

        await ServeAsync(workspace, Subscriber.Draw(600, seed: 9, shifted: true), "shifted");
        await monitor.LabelAsync(labels);

        var second = (await lifecycle.RetrainAsync(workspace)).Run!;

        var trained = KeysOf(await ReadAsync(workspace, second, ProcessingStage.Train));
        var held = KeysOf(sealedRows);
        Assert.Multiple(() =>
        {
            Assert.That(held, Has.Count.GreaterThan(200));
            Assert.That(trained.Intersect(held), Is.Empty);
            Assert.That(second.Processing!.TrainRows, Is.GreaterThan(first.Processing!.TrainRows), "the feedback was learned from");
        });
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Retrain_DeclaredKeyThatNoFeatureReads_KeepsEveryRowOnItsSide(bool isGroup)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(800, seed: 1).Select((row, i) => new { Id = $"s{i}", row.Age, row.Spend, row.Plan, row.Left }).ToArray();
        var lifecycle = LifecycleBuilder.Create("keyed")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => _ = isGroup ? data.SplitByGroup("id", 0.25) : data.Split(0.25, "id"))
            .EngineerFeatures(features => features.Auto(except: ["id"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring
                .DataDrift()
                .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.Zero))
            .Build();
        var first = await lifecycle.RunAsync(workspace);
        var held = IdsOf(await ReadAsync(workspace, first, ProcessingStage.Holdout));
        var endpoint = workspace.Endpoint("keyed");
        var labels = new Dictionary<PredictionId, string>();

        // Every subscriber comes back changed in everything but the key.
        foreach (var (row, shifted) in rows.Zip(Subscriber.Draw(800, 9, shifted: true)))
        {
            var answer = endpoint.Predict(new Dictionary<string, object?>
            {
                ["id"] = row.Id,
                ["age"] = shifted.Age,
                ["spend"] = shifted.Spend,
                ["plan"] = shifted.Plan
            });
            labels[answer.Id] = shifted.Left;
        }

        await workspace.Monitor("keyed").CheckAsync();
        await workspace.Monitor("keyed").LabelAsync(labels);

        var second = (await lifecycle.RetrainAsync(workspace)).Run!;

        Assert.Multiple(async () =>
        {
            Assert.That(IdsOf(await ReadAsync(workspace, second, ProcessingStage.Train)).Intersect(held), Is.Empty);
            Assert.That(second.Deployment!.HoldoutRows, Is.EqualTo(2 * first.Deployment!.HoldoutRows), "fresh rows join the evaluation");
        });
    }

    [Test]
    public async Task Retrain_SplitByATimeThatNoFeatureReads_HoldsTheNewestFeedbackOut()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var begin = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Subscriber.Draw(800, seed: 1)
            .Select((row, i) => new { Id = $"s{i}", At = begin.AddHours(i), row.Age, row.Spend, row.Plan, row.Left })
            .ToArray();
        var lifecycle = LifecycleBuilder.Create("timed")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data.SplitByTime("at", 0.25))
            .EngineerFeatures(features => features.Auto(except: ["id", "at"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring
                .DataDrift()
                .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.Zero))
            .Build();
        await lifecycle.RunAsync(workspace);
        var endpoint = workspace.Endpoint("timed");
        var labels = new Dictionary<PredictionId, string>();
        foreach (var (shifted, i) in Subscriber.Draw(800, 9, shifted: true).Select((row, i) => (row, i)))
        {
            var answer = endpoint.Predict(new Dictionary<string, object?>
            {
                ["at"] = begin.AddHours(800 + i),
                ["age"] = shifted.Age,
                ["spend"] = shifted.Spend,
                ["plan"] = shifted.Plan
            });
            labels[answer.Id] = shifted.Left;
        }

        await workspace.Monitor("timed").CheckAsync();
        await workspace.Monitor("timed").LabelAsync(labels);

        var second = (await lifecycle.RetrainAsync(workspace)).Run!;

        var held = await ReadAsync(workspace, second, ProcessingStage.Holdout);
        var trained = await ReadAsync(workspace, second, ProcessingStage.Train);
        var times = (TimestampColumn)trained["at"];
        Assert.Multiple(() =>
        {
            Assert.That(held.RowCount, Is.EqualTo(200 + 400), "what was held out before, and the newest quarter of all");
            Assert.That(trained.RowCount, Is.EqualTo(1_000));
            Assert.That(
                times.Values.ToArray().Select(ticks => (new DateTime(ticks, DateTimeKind.Utc) - begin).TotalHours),
                Is.All.InRange(0, 599).Or.InRange(800, 1_199));
        });
    }

    [Test]
    public async Task Retrain_SplitByTimeHoldsAllFeedbackOut_SaysThatNothingWasLearned()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var begin = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var rows = Subscriber.Draw(800, seed: 1).Select((row, i) => new { At = begin.AddHours(i), row.Age, row.Spend, row.Left }).ToArray();
        var lifecycle = LifecycleBuilder.Create("late")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data.SplitByTime("at", 0.25))
            .EngineerFeatures(features => features.Auto(except: ["at"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring
                .DataDrift()
                .RetrainOn(Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.Zero))
            .Build();
        await lifecycle.RunAsync(workspace);
        var endpoint = workspace.Endpoint("late");
        async Task<RetrainingResult> RetrainWithAsync(int first, int count)
        {
            foreach (var (shifted, i) in Subscriber.Draw(count, 9, shifted: true).Select((row, i) => (row, i)))
            {
                var row = new Dictionary<string, object?>
                {
                    ["at"] = begin.AddHours(first + i), ["age"] = shifted.Age, ["spend"] = shifted.Spend
                };
                await workspace.Monitor("late").LabelAsync([KeyValuePair.Create(endpoint.Predict(row).Id, shifted.Left)]);
            }

            return await lifecycle.RetrainNowAsync(workspace, "labels arrived");
        }

        var few = await RetrainWithAsync(first: 800, count: 100);
        var many = await RetrainWithAsync(first: 900, count: 500);

        Assert.Multiple(() =>
        {
            Assert.That(few.Reason, Does.StartWith("The model is the same as version 1, to the last bit. It has the same 600 training " +
                "rows as that version"));
            Assert.That(many.Run!.Processing!.TrainRows, Is.GreaterThan(600));
            Assert.That(many.Reason, Does.Not.Contain("every row that was labelled"));
        });
    }

    private static Lifecycle AgeLifecycle(Action<ProcessingBuilder> steps) => LifecycleBuilder.Create("ages")
        .DefineProblem(problem => problem.Regression("age"))
        .CollectData(data => data.FromObjects(Subscriber.Draw(600, seed: 1)))
        .ProcessData(steps)
        .EngineerFeatures(features => features.Numeric(["spend"]))
        .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
        .DeployModel(deployment => deployment.ToProcess())
        .MonitorModel(monitoring => monitoring.DataDrift().RetrainOn(
            Signal.DataDrift, RetrainingData.Original.And(RetrainingData.Feedback), TimeSpan.Zero))
        .Build();

    private static async Task<IReadOnlyList<KeyValuePair<PredictionId, string>>> ServeAgesAsync(
        Workspace workspace, Func<Subscriber, double> age)
    {
        var endpoint = workspace.Endpoint("ages");
        KeyValuePair<PredictionId, string>[] labels =
        [
            .. Subscriber.Draw(300, seed: 9).Select(row => KeyValuePair.Create(
                endpoint.Predict(new Dictionary<string, object?> { ["spend"] = 10 * row.Spend }).Id,
                age(row).ToString("R", System.Globalization.CultureInfo.InvariantCulture))),
        ];
        Assert.That((await workspace.Monitor("ages").CheckAsync())!.AskedForRetraining, Is.True);
        return labels;
    }

    private static async Task<MonitoringReport> ServeAsync(Workspace workspace, Subscriber[] rows, string key)
    {
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var labels = rows
            .Select((row, i) => (Id: endpoint.Predict(UnlabelledSubscriber.Of(row), PredictionId.FromKey($"{key}-{i}")).Id, row.Left))
            .ToDictionary(pair => pair.Id, pair => pair.Left);
        var report = (await monitor.CheckAsync())!;
        var receipt = await monitor.LabelAsync(labels);
        Assert.That(receipt.Added, Is.EqualTo(rows.Length));
        return report;
    }

    private static Task<Dataset> ReadAsync(Workspace workspace, LifecycleRun run, string side) =>
        workspace.Artifacts.ReadRowsAsync(
            run.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Processing).Outputs[side],
            CancellationToken.None);

    private static HashSet<string> KeysOf(Dataset rows) => [.. Enumerable.Range(0, rows.RowCount).Select(
        row => string.Join('|', rows.Schema.Where(field => field.Name != "left").Select(field => rows[field.Name].GetText(row))))];

    private static HashSet<string> IdsOf(Dataset rows) => [.. Enumerable.Range(0, rows.RowCount).Select(row => rows["id"].GetText(row)!)];

    private sealed class InlineProgress(Action<LifecycleProgress> report) : IProgress<LifecycleProgress>
    {
        public void Report(LifecycleProgress value) => report(value);
    }

    /// <summary>A trainer that must be resolved from a scope, and not be used after it.</summary>
    private sealed class ScopedTrainer : ITrainer, IDisposable
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();

        public ScopedTrainer(List<ScopedTrainer> made) => made.Add(this);

        public string Name => "scoped";

        public string Version => _inner.Version;

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public bool IsDisposed { get; private set; }

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, this);
            return _inner.TrainAsync(context, cancellationToken);
        }

        public void Dispose() => IsDisposed = true;
    }
}
