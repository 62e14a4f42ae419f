using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Rollout;

[TestFixture]
public sealed class RolloutTests
{
    [Test]
    public async Task Run_TooFewRequestsRecorded_KeepsTheCandidateBackUntilThereAreEnough()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await PredictAsync(workspace, 30);
        var better = Better(deployment => deployment.ToProcess().RollAfterReplay(requests: 40, changedAtMost: 1));

        var early = await better.RunAsync(workspace);
        var servedAfterEarly = workspace.Endpoint(SampleLifecycle.Name).Version;
        var again = await better.RunAsync(workspace);
        await PredictAsync(workspace, 10);
        var late = await better.RunAsync(workspace);
        var later = await better.RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(
                (late.Deployment!.Version, late.Deployment.Comparison),
                Is.EqualTo((early.Deployment!.Version, early.Deployment.Comparison)),
                "waiting costs neither a version nor significance");
            Assert.That(
                (later.Deployment!.IsDeployed, later.Deployment.Version),
                Is.EqualTo((true, late.Deployment.Version)),
                "what is live by now decides, not what was");
            Assert.That((early.Deployment!.IsDeployed, early.Deployment.IsKeptBack, servedAfterEarly), Is.EqualTo((false, true, 1)));
            Assert.That(early.Deployment.Reason, Does.Contain("needs 40 requests to version 1, of which 30 are recorded"));
            Assert.That(early.Deployment.Gates.Select(gate => gate.Outcome), Has.None.EqualTo(GateOutcome.Failed));
            Assert.That(
                again.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Deployment).State,
                Is.EqualTo(StageState.Reused),
                "nothing was recorded since");
            Assert.That(
                (late.Deployment!.IsDeployed, late.Deployment.IsKeptBack, workspace.Endpoint(SampleLifecycle.Name).Version),
                Is.EqualTo((true, false, late.Deployment.Version)),
                late.Deployment.Reason);
        });
    }

    [TestCase(0.0, false)]
    [TestCase(0.999, true)]
    public async Task Run_Replay_GoesLiveWhenFewEnoughAnswersChange(double changedAtMost, bool goesLive)
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await PredictAsync(workspace, 60);

        var run = await Better(deployment => deployment.ToProcess().RollAfterReplay(60, changedAtMost)).RunAsync(workspace);

        var history = await workspace.Models.AliasHistoryAsync(SampleLifecycle.Name, ModelRegistry.Champion);
        Assert.Multiple(() =>
        {
            Assert.That((run.Deployment!.IsDeployed, run.Deployment.IsKeptBack), Is.EqualTo((goesLive, !goesLive)), run.Deployment.Reason);
            Assert.That(run.Deployment.Reason, Does.Match(
                @"It is better than version 1 .*the rollout 'replay' says: it changes \d+ of the latest 60 answers of version 1"));
            Assert.That(history[0].Version, Is.EqualTo(goesLive ? 2 : 1));
            if (goesLive) Assert.That(history[0].Reason, Is.EqualTo(run.Deployment.Reason));
        });
    }

    [Test]
    public async Task Run_StrategyOfATeam_SeesWhatBothVersionsAnswerToTheLatestRequests()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await PredictAsync(workspace, 5);
        var rows = Subscriber.Draw(50, seed: 77);
        var live = await PredictAsync(workspace, rows);
        var strategy = new Recording(50);
        var better = Better(deployment => deployment.ToProcess().Roll<Recording>());
        var services = new ServiceCollection().AddSingleton(strategy).BuildServiceProvider();

        await better.RunAsync(workspace, new RunOptions { Services = services });

        var candidate = await PredictAsync(workspace, rows);
        var seen = strategy.Seen!;
        Assert.Multiple(() =>
        {
            Assert.That(
                (seen.Model, seen.LiveVersion, seen.CandidateVersion, seen.Task, seen.Requests),
                Is.EqualTo((SampleLifecycle.Name, 1, 2, TaskKind.BinaryClassification, 50)));
            Assert.That(seen.Classes, Is.EqualTo(new[] { "No", "Yes" }));
            Assert.That(seen.LiveScores.ToArray(), Is.EqualTo(live.Select(answer => answer.Score)), "to the last bit");
            Assert.That(seen.CandidateScores.ToArray(), Is.EqualTo(candidate.Select(answer => answer.Score)), "to the last bit");
            Assert.That(seen.LiveDecisions.ToArray(), Is.EqualTo(live.Select(answer => answer.Leaves ? 1 : 0)));
            Assert.That(seen.CandidateDecisions.ToArray(), Is.EqualTo(candidate.Select(answer => answer.Leaves ? 1 : 0)));
            Assert.That(seen.CandidateScores.ToArray(), Is.Not.EqualTo(seen.LiveScores.ToArray()));
        });
    }

    [Test]
    public async Task Run_CandidateReadsAColumnThatWasNotRecorded_IsKeptBackAndTheColumnIsNamed()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder, records: false);
        await PredictAsync(workspace, 20);

        var run = await Better(deployment => deployment.ToProcess().RollAfterReplay(20, 1)).RunAsync(workspace);

        Assert.That((run.Deployment!.IsKeptBack, run.Deployment.Reason), Is.EqualTo((true, run.Deployment.Reason)));
        Assert.That(run.Deployment.Reason, Does.Contain("cannot replay the requests to version 1").And.Contain("'spend'"));
    }

    [Test]
    public async Task Run_StrategyThatFailsOrGivesNothing_FailsTheRunAndTheLiveVersionStays()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await PredictAsync(workspace, 10);
        async Task<MlOpsException> FailAsync(Func<RolloutDecision?> decide) => await Assert.CatchAsync<MlOpsException>(
            async () => await Better(deployment => deployment.ToProcess().Roll(new Failing(decide))).RunAsync(workspace));

        var thrown = await FailAsync(() => throw new MlOpsException("The price service is down."));
        var nothing = await FailAsync(() => null);

        Assert.Multiple(() =>
        {
            Assert.That((thrown.Message, thrown.Stage), Is.EqualTo(("The price service is down.", LifecycleStage.Deployment)));
            Assert.That(nothing.Message, Does.Contain("'failing' returned no decision"));
            Assert.That(workspace.Endpoint(SampleLifecycle.Name).Version, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Run_StrategyFromServicesOutOfRange_FailsTheRun()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var services = new ServiceCollection().AddSingleton(new Recording(-1)).BuildServiceProvider();

        var error = await Assert.CatchAsync<MlOpsException>(async () => await Better(deployment => deployment.ToProcess().Roll<Recording>())
            .RunAsync(workspace, new RunOptions { Services = services }));

        Assert.That(error.Message, Does.Contain("requires -1 requests"));
        Assert.That((await workspace.Runs.LatestAsync(SampleLifecycle.Name))!.State, Is.EqualTo(RunState.Failed));
    }

    [Test]
    public async Task Run_CandidateOfAnotherLabel_IsKeptBack()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        await PredictAsync(workspace, 10);
        var stayed = LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("stayed", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(1_000, seed: 1)
                .Select(row => new { row.Age, row.Spend, row.Plan, row.Abroad, Stayed = row.Left == "Yes" ? "No" : "Yes" })))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable().RollAfterReplay(10, 1))
            .Monitored(monitoring => monitoring.DataDrift())
            .Build();

        var run = await stayed.RunAsync(workspace);

        Assert.That(
            (run.Deployment!.IsKeptBack, run.Deployment.Reason.Contains("another task", StringComparison.Ordinal)),
            Is.EqualTo((true, true)),
            run.Deployment.Reason);
    }

    [Test]
    public async Task Retrain_TooFewRequests_WaitsWithoutTrainingAndStaysAsked()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin()
            .Deployed(deployment => deployment.ToProcess().RollAfterReplay(601, 1))
            .Monitored(monitoring => monitoring
                .DataDrift().RetrainOn(Signal.DataDrift, RetrainingData.Original, TimeSpan.FromDays(1)))
            .Build();
        await lifecycle.RunAsync(workspace);
        await PredictAsync(workspace, Subscriber.Draw(600, seed: 9, shifted: true));

        var waiting = await Assert.CatchAsync<MlOpsException>(async () => await lifecycle.RetrainAsync(workspace));
        var runs = await workspace.Runs.ListAsync(SampleLifecycle.Name);
        await PredictAsync(workspace, Subscriber.Draw(1, seed: 10));
        var run = (await lifecycle.RetrainAsync(workspace)).Run;

        Assert.Multiple(() =>
        {
            Assert.That(waiting.Message, Does.Contain("could not go live").And.Contain("601 requests to version 1, of which 600"));
            Assert.That(runs, Has.Count.EqualTo(1), "no run was begun");
            Assert.That(run, Is.Not.Null, "it stayed asked for");
        });
    }

    [Test]
    public async Task Run_FirstVersion_GoesLiveWithoutARollout()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var run = await Better(deployment => deployment.ToProcess().Roll(new Recording(10))).RunAsync(workspace);

        Assert.That((run.Deployment!.IsDeployed, run.Deployment.IsKeptBack), Is.EqualTo((true, false)));
    }

    [TestCase(0.5, false)]
    [TestCase(2, true)]
    public void Decide_Regression_CountsPredictionsThatMoveByMoreThanTheTolerance(double tolerance, bool goesLive)
    {
        var decision = new ReplayStrategy(3, changedAtMost: 0.4, tolerance).Decide(new RolloutContext
        {
            Model = "m", LiveVersion = 1, CandidateVersion = 2, Task = TaskKind.Regression, Classes = [],
            Replay = new RolloutComparison
            {
                Model = "m", LiveVersion = 1, CandidateVersion = 2, Task = TaskKind.Regression, Classes = [], Requests = 3,
                LiveScores = new double[] { 1, 2, 3 },
                CandidateScores = new[] { 2.5, 3.5, double.NaN },
                LiveDecisions = new int[3],
                CandidateDecisions = new int[3],
            },
        });

        Assert.That(decision.Action, Is.EqualTo(goesLive ? RolloutAction.GoLive : RolloutAction.KeepBack), decision.Reason);
    }

    // The first version is poor, so that the next one is better on the same rows.
    private static async Task<Workspace> OpenAsync(TempFolder folder, bool records = true)
    {
        var workspace = await Workspace.OpenAsync(folder.Path);
        var poor = LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(1_000, seed: 1)))
            .ProcessData(data => data.Split(test: 0.25))
            .EngineerFeatures(features => _ = records
                ? features.Numeric(["age"]).Observe("spend", "plan", "abroad")
                : features.Numeric(["age"]))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Monitored(monitoring => monitoring.DataDrift()).Build();
        Assert.That((await poor.RunAsync(workspace)).Deployment!.IsDeployed, Is.True);
        return workspace;
    }

    private static Lifecycle Better(Action<DeploymentBuilder> deploy) =>
        SampleLifecycle.Begin().Deployed(deploy).Monitored(monitoring => monitoring.DataDrift()).Build();

    private static Task<Answer[]> PredictAsync(Workspace workspace, int count) => PredictAsync(workspace, Subscriber.Draw(count, seed: 5));

    private static async Task<Answer[]> PredictAsync(Workspace workspace, Subscriber[] rows)
    {
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        Answer[] answers = [.. rows.Select(row => endpoint.Predict(UnlabelledSubscriber.Of(row)).Value)];
        await workspace.Monitor(SampleLifecycle.Name).CheckAsync();
        return answers;
    }

    private sealed class Failing(Func<RolloutDecision?> decide) : IRolloutStrategy
    {
        public string Name => "failing";

        public RolloutNeeds Needs { get; } = new() { Requests = 10 };

        public RolloutDecision Decide(RolloutContext context) => decide()!;
    }

    private sealed class Recording(int requests) : IRolloutStrategy
    {
        private RolloutComparison? _seen;

        public RolloutComparison? Seen => _seen;

        public string Name => "recording";

        public RolloutNeeds Needs { get; } = new() { Requests = requests };

        public RolloutDecision Decide(RolloutContext context)
        {
            _seen = context.Replay;
            return RolloutDecision.GoLive("it was seen");
        }
    }
}
