using Dapper;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exchange;

/// <summary>What was written beside runs: logs, leaderboards, starters, whose results they took.</summary>
[TestFixture]
internal sealed class ArchivedRecordTests : ArchiveFixture
{
    [Test]
    public async Task ImportArchiveAsync_SearchAndLog_SayTheSameAsAtTheOrigin()
    {
        var run = (await Searching().Build().RunAsync(Source)).Record.Id;
        var again = (await Searching().Build().RunAsync(Source)).Record.Id;
        await Source.ExportArchiveAsync(Archive);

        var report = await Target.ImportArchiveAsync(Archive);

        foreach (var id in new[] { run, again })
        {
            var (theirs, ours) = (await Source.LeaderboardAsync(id), await Target.LeaderboardAsync(id));
            Assert.That(ours!.ToString(), Is.EqualTo(theirs!.ToString()));
            Assert.That((ours.SearchedBy, ours.IsFinished), Is.EqualTo((theirs.SearchedBy, theirs.IsFinished)));
            Assert.That(ours.Trials.Select(trial => trial.RunId), Is.EqualTo(theirs.Trials.Select(trial => trial.RunId)).And.All.Not.Null);
            var log = await Target.Runs.LogAsync(id);
            Assert.That(log.ToString(), Is.EqualTo((await Source.Runs.LogAsync(id)).ToString()));
            Assert.That(log.Entries, Is.EqualTo((await Source.Runs.LogAsync(id)).Entries).And.Not.Empty);
            Assert.That(await StarterAsync(Target, id), Is.EqualTo("sara"));
            Assert.That((await Target.Runs.GetAsync(id)).ToString(), Is.EqualTo((await Source.Runs.GetAsync(id)).ToString()));
            var entry = (await Target.Audit.ReadAsync(subject: $"run:{id}").ToListAsync()).Single();
            Assert.That(entry.Action, Is.EqualTo("run.imported"), "whoever imports it did not start it");
            Assert.That(
                entry.Details,
                Does.Contain("\"startedBy\":\"sara\"")
                    .And.Contain($"\"startedAt\":\"{(await Source.Runs.GetAsync(id)).StartedAt.UtcDateTime:O}\""));
        }
        Assert.That((await Target.LeaderboardAsync(again))!.SearchedBy, Is.EqualTo(run), "the second run reused the search of the first");
        var trials = await Target.Runs.SearchAsync("kind = \"Trial\"");
        var folds = await Target.Runs.SearchAsync("kind = \"Fold\"");
        Assert.That((trials.Count, folds.Count, report.Conflicts.Count), Is.EqualTo((2, 4, 0)));
    }

    [Test]
    public async Task ImportArchiveAsync_NamesWithACharacterThatEndsTexts_AreTakenUp()
    {
        string id;
        await using (var run = await Source.StartRunAsync("notebook"))
        {
            id = run.Id;
            run.LogMetric("loss", 0.5);
            run.Logger.Log(LogLevel.Warning, new EventId(1, "a\0b"), "x", null, (state, _) => state);
            await run.CompleteAsync();
        }

        // Earlier versions of the library took such names.
        await Source.Store.WriteAsync(connection => connection.Execute("UPDATE metric_names SET name = 'a' || char(0) || 'b'"));
        await Source.ExportArchiveAsync(Archive);

        await Target.ImportArchiveAsync(Archive);

        Assert.That((await Target.Runs.SearchAsync($"id = \"{id}\"")).Single().Metrics.Keys, Is.EqualTo(new[] { "a\uFFFDb" }));
        Assert.That((await Target.Runs.LogAsync(id)).Entries.Single().EventName, Is.EqualTo("a\uFFFDb"));
    }

    [Test]
    public async Task ImportArchiveAsync_TrialsOfAnotherWorkspace_AreNotTakenOverByASearch()
    {
        await Searching().Build().RunAsync(Source);
        await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);

        var own = (await Searching().Build().RunAsync(Target)).Record.Id;

        var board = await Target.LeaderboardAsync(own);
        var trials = await Target.Runs.SearchAsync($"kind = \"Trial\" and parent = \"{own}\"");
        Assert.That(board!.Trials.Select(trial => trial.RunId), Is.EquivalentTo(trials.Select(trial => trial.Id)));
    }

    [Test]
    public async Task ExportArchiveAsync_RunThatReusedASearch_BringsTheRunThatSearched()
    {
        var run = (await Searching().Build().RunAsync(Source)).Record.Id;
        var again = (await Searching().Build().RunAsync(Source)).Record.Id;
        await Source.ExportArchiveAsync(Archive, new ArchiveSelection { RunIds = [again] });

        await Target.ImportArchiveAsync(Archive);

        Assert.That(
            (await Target.LeaderboardAsync(again))!.Trials.Select(trial => trial.RunId),
            Is.EqualTo((await Source.LeaderboardAsync(again))!.Trials.Select(trial => trial.RunId)).And.All.Not.Null);
        Assert.That((await Target.LeaderboardAsync(again))!.SearchedBy, Is.EqualTo(run));
    }

    [Test]
    public async Task ImportArchiveAsync_ResultsOfAnotherRun_SayFromWhere()
    {
        var run = (await Searching().Build().RunAsync(Source)).Record.Id;
        var stage = (await Searching().Build().RunStageAsync(Source, LifecycleStage.Training, run)).Record;
        await Source.ExportArchiveAsync(Archive);

        await Target.ImportArchiveAsync(Archive);

        var ours = await Target.Runs.GetAsync(stage.Id);
        Assert.That((ours.ResultsFrom, ours.FromStage), Is.EqualTo((run, LifecycleStage.Training)));
    }

    [Test]
    public async Task ImportArchiveAsync_RunsThatFailedOrWereInterrupted_HaveTheirLogAndState()
    {
        var failing = Searching([]).Build();
        Assert.That(async () => await failing.RunAsync(Source), Throws.InstanceOf<MlOpsException>());
        var failed = (await Source.Runs.ListAsync()).Single().Id;
        await using var killed = await Source.StartRunAsync("notebook");
        killed.LogMetric("loss", 1);
        await killed.FlushAsync();
        await AbandonAsync(killed.Id);
        await Source.ExportArchiveAsync(Archive);

        var report = await Target.ImportArchiveAsync(Archive);

        Assert.That((report.RunsAdded, report.Conflicts.Count), Is.EqualTo((2, 0)));
        foreach (var id in new[] { failed, killed.Id })
        {
            Assert.That(Testing(await Target.Runs.DetailsAsync(id)), Is.EqualTo(Testing(await Source.Runs.DetailsAsync(id))));
            var (ours, theirs) = (await Target.Runs.LogAsync(id), await Source.Runs.LogAsync(id));
            Assert.That(ours.Entries, Is.EqualTo(theirs.Entries).And.Not.Empty);
            Assert.That(ours.Dropped, Is.EqualTo(theirs.Dropped));
        }
        Assert.That((await Target.Runs.GetAsync(killed.Id)).State, Is.EqualTo(MlOps.Sdk.Tracking.RunState.Interrupted));
    }

    [Test]
    public async Task ImportArchiveAsync_OwnRun_IsNotChangedByAnArchiveThatSaysMore()
    {
        var id = await LogAsync(Source, 1);
        await Source.ExportArchiveAsync(Archive);
        var forged = Forge(
            await File.ReadAllBytesAsync(Archive),
            "runs.jsonl",
            text => text.Replace("\"cause\":", "\"fromStage\":3,\"resultsOf\":\"other\",\"cause\":", StringComparison.Ordinal));

        var report = await Source.ImportArchiveAsync(new MemoryStream(forged));

        Assert.That(report.Conflicts.Select(each => each.Subject), Does.Contain($"run:{id}"));
        Assert.That(report.Conflicts[0].Problem, Does.Contain("the run whose results it took"));
        Assert.That((await Source.Runs.GetAsync(id)).ResultsFrom, Is.Null);
    }

    [Test]
    public async Task ImportArchiveAsync_RunOfAnEarlierImport_IsCompletedOnce()
    {
        var run = (await Searching().Build().RunAsync(Source)).Record.Id;
        await Source.ExportArchiveAsync(Archive);
        await Target.ImportArchiveAsync(Archive);
        await Target.Store.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "DELETE FROM run_log; DELETE FROM search_trials;";
                command.ExecuteNonQuery();
            },
            CancellationToken.None);

        var (report, again) = (await Target.ImportArchiveAsync(Archive), await Target.ImportArchiveAsync(Archive));

        Assert.That((report.RunsAdded, report.RunsCompleted, again.RunsCompleted), Is.EqualTo((0, 1, 0)));
        Assert.That((await Target.Runs.LogAsync(run)).Entries, Is.EqualTo((await Source.Runs.LogAsync(run)).Entries));
        Assert.That((await Target.LeaderboardAsync(run))!.Trials.Select(trial => trial.RunId), Is.All.Not.Null);
        Assert.That(await StarterAsync(Target, run), Is.EqualTo("sara"));
    }

    private static LifecycleBuilder Searching(Subscriber[]? rows = null) => SampleLifecycle.Begin(
        rows ?? Subscriber.Draw(400, seed: 1),
        training => training.Try(Trainers.LogisticRegression()).Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0));

    private static Task<string?> StarterAsync(Workspace workspace, string run) =>
        workspace.Store.ReadAsync(connection => MlOps.Sdk.Audit.AuditedWork.Starter(connection, run), CancellationToken.None);

    // As if its process had been killed on another machine long ago, behind its last words.
    private Task AbandonAsync(string run) => Source.Store.WriteAsync(
        connection =>
        {
            RunLogTable.Write(
                connection,
                RunTable.NumberOf(connection, run)!.Value,
                [new RunLogRow { No = 7, At = 1, Level = 3, Category = "Acme", Message = "the last words", Size = 200 }],
                [],
                [],
                6);
            RunStageTable.Put(connection, new RunStageRow
            {
                Run = RunTable.NumberOf(connection, run)!.Value,
                Stage = 7,
                State = nameof(MlOps.Sdk.Tracking.StageState.Running),
                StartedAt = 1,
            });
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE runs SET owner_machine = 'elsewhere', lease_until = 0 WHERE id = @id";
            var id = command.CreateParameter();
            (id.ParameterName, id.Value) = ("@id", run);
            command.Parameters.Add(id);
            command.ExecuteNonQuery();
        },
        CancellationToken.None);
}
