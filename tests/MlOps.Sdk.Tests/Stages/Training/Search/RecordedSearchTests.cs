using System.Data.Common;
using Dapper;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Trials are runs of their own, and a search that was interrupted takes over those that have ended.</summary>
[NonParallelizable]
internal sealed class RecordedSearchTests
{
    private static readonly TrainingWatch _watch = new();

    // Five settings on two folds, and the last fit.
    private const int All = 5 * 2 + 1;

    private TemporaryWorkspace _temporary = null!;

    private Workspace Workspace => _temporary.Workspace;

    [SetUp]
    public async Task OpenAsync()
    {
        _temporary = await TemporaryWorkspace.OpenAsync();
        (_watch.BeforeTraining, _watch.Trainings) = (_ => { }, 0);
    }

    [TearDown]
    public async Task CloseAsync() => await _temporary.DisposeAsync();

    [Test]
    public async Task RunAsync_Search_RecordsTrialsAndFoldsAsRuns()
    {
        var run = await Build().RunAsync(Workspace);

        var trials = await Workspace.Runs.SearchAsync(
            $"kind = \"Trial\" and parent = \"{run.Id}\" and metrics.roc_auc > 0.5 and params.trainer = \"counted\"",
            RunOrder.Largest("roc_auc"));
        var folds = await Workspace.Runs.SearchAsync($"parent = \"{trials[0].Id}\"", RunOrder.Oldest);
        var winner = run.Training!.Leaderboard.Trials[0];
        Assert.That(trials, Has.Count.EqualTo(5));
        Assert.That(trials.Select(trial => trial.State), Is.All.EqualTo(RunState.Succeeded));
        Assert.That(trials.Select(trial => trial.Lifecycle), Is.All.EqualTo(SampleLifecycle.Name));
        Assert.That(trials.All(trial => trial.EndedAt >= trial.StartedAt), Is.True);
        Assert.That(trials[0].Metrics["roc_auc"], Is.EqualTo(winner.Metrics["roc_auc"].Value));
        Assert.That(trials[0].Parameters["l2"], Is.EqualTo(winner.Parameters["l2"].ToString()));
        Assert.That(trials[0].Parameters["trainer_version"], Is.EqualTo("1"));
        Assert.That(trials[0].Tags["trial"], Is.EqualTo($"{winner.Trial}"));
        Assert.That(trials[0].Metrics["roc_auc.fold_mean"], Is.EqualTo(winner.FoldMetrics["roc_auc"].Average(fold => fold.Value)));
        Assert.That(folds.Select(fold => fold.Kind), Is.EqualTo(new[] { RunKind.Fold, RunKind.Fold }));
        Assert.That(
            folds.OrderBy(fold => fold.Parameters["fold"]).Select(fold => fold.Metrics["roc_auc"]),
            Is.EqualTo(winner.FoldMetrics["roc_auc"].Select(fold => fold.Value)));
        Assert.That(
            folds.Select(fold => int.Parse(fold.Parameters["validation_rows"])).Sum(), Is.EqualTo(run.Processing!.TrainRows));
        Assert.That((await Workspace.Runs.SearchAsync("started > 2000-01-01")).Select(found => found.Id), Is.EqualTo(new[] { run.Id }));
        Assert.That((await Workspace.Runs.ListAsync()).Select(found => found.Id), Is.EqualTo(new[] { run.Id }));
        Assert.That((await Workspace.Runs.DetailsAsync(run.Id)).Children, Has.Count.EqualTo(5));
        Assert.That((await Workspace.Runs.DetailsAsync(trials[0].Id)).Environment, Is.Not.Null);
        Assert.That(
            async () => await Build().ResumeAsync(Workspace, trials[0].Id),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("kind Trial"));
    }

    [Test]
    public async Task RunAsync_FailingTrial_IsRecordedWithItsError()
    {
        var run = await SampleLifecycle.Begin(train: training => training
            .Try(Trainers.Baseline()).Try(new FailingTrainer(_ => Task.CompletedTask)).CrossValidate(2).Trials(0)).Build()
            .RunAsync(Workspace);

        var failed = (await Workspace.Runs.SearchAsync($"parent = \"{run.Id}\" and state = Failed")).Single();
        var board = (await Workspace.LeaderboardAsync(run.Id))!;
        Assert.That(failed.Error, Does.Contain("The disk is full."));
        Assert.That(failed.Parameters["trainer"], Is.EqualTo("failing"));
        Assert.That(board.Trials.Select(trial => trial.State), Is.EqualTo(new[] { RunState.Succeeded, RunState.Failed }));
        Assert.That(board.Trials[1].RunId, Is.EqualTo(failed.Id));
        Assert.That(board.Trials[1].Value, Is.NaN);
    }

    [Test]
    public async Task ResumeAsync_CancelledSearch_TakesOverWhatEnded()
    {
        var undisturbed = await UndisturbedAsync();
        var cancelled = await CancelAsync(after: 7);
        var board = (await Workspace.LeaderboardAsync(cancelled.Id))!;

        _watch.Trainings = 0;
        var resumed = await Build().ResumeAsync(Workspace, cancelled.Id);

        var states = (await Workspace.Runs.SearchAsync($"kind = \"Trial\" and parent = \"{cancelled.Id}\"", RunOrder.Oldest))
            .Select(trial => trial.State);
        Assert.That(board.Trials, Has.Count.EqualTo(3));
        Assert.That(board.IsFinished, Is.False);
        Assert.That(board.ToString(), Does.Contain("has not ended"));
        Assert.That(states, Is.EqualTo(new[]
        {
            RunState.Succeeded, RunState.Succeeded, RunState.Succeeded, RunState.Cancelled, RunState.Succeeded, RunState.Succeeded,
        }));
        Assert.That(_watch.Trainings, Is.EqualTo(All - 6));
        Assert.That(resumed.Explain(), Does.Contain($"resumed with 3 trials of run {cancelled.Id}"));
        AssertSame(resumed, undisturbed);
        Assert.That((await Workspace.LeaderboardAsync(resumed.Id))!.IsFinished, Is.True);
    }

    [Test]
    public async Task ResumeAsync_ScoresOfTheBestLost_TrainsThatTrialAgain()
    {
        var undisturbed = await UndisturbedAsync();
        var cancelled = await CancelAsync(after: All);
        var scores = ArtifactId.Parse(await QueryAsync("SELECT scores FROM search_trials WHERE scores IS NOT NULL"));
        await Workspace.Files.DeleteAnywayAsync(scores, default);

        _watch.Trainings = 0;
        var resumed = await Build().ResumeAsync(Workspace, cancelled.Id);

        Assert.That(_watch.Trainings, Is.EqualTo(2 + 1));
        AssertSame(resumed, undisturbed);
    }

    [TestCase("UPDATE search_trials SET result = '{\"metric\":' WHERE no = (SELECT min(no) FROM search_trials)")]
    [TestCase("UPDATE search_trials SET result = replace(result, 'roc_auc', 'other') WHERE no = (SELECT min(no) FROM search_trials)")]
    public async Task ResumeAsync_DamagedResult_TrainsThatTrialAgain(string damage)
    {
        var undisturbed = await UndisturbedAsync();
        var cancelled = await CancelAsync(after: 7);
        await QueryAsync(damage);

        _watch.Trainings = 0;
        var resumed = await Build().ResumeAsync(Workspace, cancelled.Id);

        Assert.That(_watch.Trainings, Is.EqualTo(All - 4));
        Assert.That(resumed.Explain(), Does.Contain("resumed with 2 trials"));
        AssertSame(resumed, undisturbed);
    }

    [Test]
    public async Task RunAsync_MoreTrials_TakesOverThoseThereAre()
    {
        await Build().RunAsync(Workspace);
        _watch.Trainings = 0;

        var more = await Build(trials: 6).RunAsync(Workspace);

        Assert.That(_watch.Trainings, Is.InRange(2 * 2 + 1, 3 * 2 + 1));
        Assert.That(more.Training!.Leaderboard.Trials, Has.Count.EqualTo(7));
        Assert.That(more.Explain(), Does.Contain("changed: search, resumed with 5 trials of run"));
    }

    [Test]
    public async Task RunAsync_OtherRowsOrSettings_TakesOverNothing()
    {
        await CancelAsync(after: 7);
        _watch.Trainings = 0;

        await Build(rows: Subscriber.Draw(1_000, seed: 2)).RunAsync(Workspace);
        await Build(folds: 3).RunAsync(Workspace);
        await Build().RunAsync(Workspace, new RunOptions { Reuse = false });

        Assert.That(_watch.Trainings, Is.EqualTo(All + (5 * 3 + 1) + All));
    }

    [Test]
    public async Task LeaderboardAsync_ReusedSearch_SaysOfWhichRun()
    {
        var first = await Build().RunAsync(Workspace);
        var second = await Build().RunAsync(Workspace);

        var board = (await Workspace.LeaderboardAsync(second.Id))!;

        Assert.That(second.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Training).State, Is.EqualTo(StageState.Reused));
        Assert.That(board.SearchedBy, Is.EqualTo(first.Id));
        Assert.That(board.ToString(), Does.Contain($"Reused from run {first.Id}"));
        Assert.That(board.Trials.Select(trial => trial.Rank), Is.EqualTo(new[] { 1, 2, 3, 4, 5 }));
        Assert.That(board.Trials.Select(trial => trial.Value), Is.Ordered.Descending);
        Assert.That(board.Trials.Select(trial => trial.FoldDeviation), Is.All.GreaterThan(0));
        Assert.That(board.Trials.Select(trial => trial.Duration), Is.All.GreaterThan(TimeSpan.Zero));
        Assert.That(
            board.Trials.Select(trial => trial.RunId), Is.EquivalentTo((await Workspace.Runs.DetailsAsync(first.Id)).Children));
        Assert.That(async () => await Workspace.LeaderboardAsync("none"), Throws.TypeOf<MlOpsException>());
    }

    [TestCase("no JSON")]
    [TestCase("null")]
    [TestCase("{\"name\":\"a report of something else\"}")]
    [TestCase("{\"trainer\":\"x\",\"parameters\":{},\"modelFormat\":\"x\",\"labels\":null,\"leaderboard\":null}")]
    [TestCase(
        "{\"trainer\":\"x\",\"parameters\":{},\"modelFormat\":\"x\",\"labels\":null," +
        "\"leaderboard\":{\"metric\":\"x\",\"direction\":0,\"trials\":[null]}}")]
    public async Task LeaderboardAsync_SummaryOfSomethingElse_IsADamagedRecord(string content)
    {
        var run = await Build(trials: 1).RunAsync(Workspace);
        var ours = run.Record.OutputOf(LifecycleStage.Training, "summary");
        var foreign = await Workspace.Artifacts.PutAsync(System.Text.Encoding.UTF8.GetBytes(content));
        await Workspace.Store.WriteAsync(connection => connection.Execute(
            "UPDATE run_stages SET outputs = replace(outputs, @ours, @foreign)", new { ours = ours.Hex, foreign = foreign.Id.Hex }));

        var failure = await Assert.CatchAsync<MlOpsException>(async () => await Workspace.LeaderboardAsync(run.Id));

        Assert.That(failure!.Message, Does.Contain("is damaged").And.Contain("Restore the database from a backup"));
    }

    private static Lifecycle Build(int trials = 4, int folds = 2, Subscriber[]? rows = null) => SampleLifecycle.Begin(
        rows, training => training
            .Try(new CountedTrainer(_watch), search => search.LogUniform("l2", 0.001, 1_000))
            .CrossValidate(folds).Trials(trials).Threads(1)).Deployed().Build();

    private static void AssertSame(LifecycleRun run, LifecycleRun expected)
    {
        Assert.That(run.Deployment!.ContentHash, Is.EqualTo(expected.Deployment!.ContentHash));
        Assert.That(
            run.Training!.Leaderboard.Trials.Select(trial => (trial.Trial, trial.Metrics["roc_auc"], trial.Threshold)),
            Is.EqualTo(expected.Training!.Leaderboard.Trials.Select(trial => (trial.Trial, trial.Metrics["roc_auc"], trial.Threshold))));
    }

    private static async Task<LifecycleRun> UndisturbedAsync()
    {
        await using var other = await TemporaryWorkspace.OpenAsync();
        return await Build().RunAsync(other.Workspace);
    }

    private async Task<RunRecord> CancelAsync(int after)
    {
        using var cancellation = new CancellationTokenSource();
        _watch.Trainings = 0;
        _watch.BeforeTraining = number =>
        {
            if (number == after) cancellation.Cancel();
        };
        Assert.That(
            async () => await Build().RunAsync(Workspace, cancellationToken: cancellation.Token),
            Throws.InstanceOf<OperationCanceledException>());
        _watch.BeforeTraining = _ => { };
        return (await Workspace.Runs.LatestAsync(SampleLifecycle.Name))!;
    }

    private Task<string> QueryAsync(string sql) => Workspace.Store.WriteAsync(connection => Query(connection, sql));

    private static string Query(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string ?? "";
    }
}
