using Dapper;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class RunLogTests : StoreFixture
{
    private static readonly RunLogLimits Limits = new(LogLevel.Information, 16, RunLogLimits.LeastBytes);

    private RunHistory _history = null!;

    [SetUp]
    public void Open() => _history = new RunHistory(Store, () => "tester");

    [Test]
    public async Task Add_HalfASecondLater_IsReadByAnotherProcess()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);
        log.Stage = LifecycleStage.Training;

        log.Add("team", LogLevel.Warning, new EventId(7, "Slow"), "it is slow", null, (state, _) => state);
        Assert.That((await _history.LogAsync(tracker.RunId)).Entries, Is.Empty, "nobody waited for the disk");
        Clock.Advance(TimeSpan.FromMilliseconds(500));
        await log.TryFlushAsync();

        await using var other = await OpenAsync();
        var entry = (await new RunHistory(other, () => "tester").LogAsync(tracker.RunId)).Entries.Single();
        Assert.That(
            (entry.No, entry.Level, entry.EventId, entry.EventName, entry.Category, entry.Stage, entry.Message, entry.ExceptionType),
            Is.EqualTo((1L, LogLevel.Warning, 7, "Slow", "team", (LifecycleStage?)LifecycleStage.Training, "it is slow", (string?)null)));
    }

    [Test]
    public async Task Add_WithoutAFlush_IsWrittenByTheTimer()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);

        Say(log, "first");
        Clock.Advance(TimeSpan.FromSeconds(1));

        // The flush is in progress: waiting for one more is waiting for it.
        await log.TryFlushAsync();
        Assert.That(await MessagesAsync(tracker), Is.EqualTo(["first"]));
        Say(log, "second");
        Clock.Advance(TimeSpan.FromSeconds(1));
        await log.TryFlushAsync();
        Assert.That(await MessagesAsync(tracker), Is.EqualTo(["first", "second"]));
    }

    [Test]
    public async Task Add_SecretsInMessageAndException_AreBlanked()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);
        var failure = new MlOpsException(
            "no connection", null, new FormatException("Host=db;Password=CANARY"));

        log.Add("c", LogLevel.Error, default, "https://u:CANARY@host/", Secrets.Blank((Exception)failure), (state, _) => state);
        log.Add("c", LogLevel.Error, default, new string('x', 3_990) + " Password=CANARYCANARYCANARY", null, (state, _) => state);
        await log.TryFlushAsync();

        var entries = (await _history.LogAsync(tracker.RunId)).Entries;
        Assert.That(entries[0].Message, Does.Not.Contain("CANARY"));
        Assert.That(entries[0].ExceptionType, Is.EqualTo(typeof(MlOpsException).FullName));
        Assert.That(entries[0].Exception, Does.Contain("System.FormatException: Host=db").And.Not.Contain("CANARY"));
        Assert.That(entries[1].Message, Has.Length.LessThanOrEqualTo(4_001).And.Not.Contain("CANAR"));
    }

    [Test]
    public async Task Add_MoreThanTheBound_DropsAndCountsAlsoWhatWasStored()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);

        for (var i = 1; i <= 100; i++)
        {
            Say(log, $"{i}");
            if (i % 7 == 0) await log.TryFlushAsync();
        }
        await log.TryFlushAsync();

        var page = await _history.LogAsync(tracker.RunId);
        Assert.That(page.Entries.Select(entry => entry.No), Is.EqualTo([1, 2, 3, 4, .. Enumerable.Range(89, 12)]));
        Assert.That((page.Entries.Count, page.Dropped, page.Next), Is.EqualTo((16, 84L, (long?)null)));
    }

    [Test]
    public async Task OpenLogAsync_OfARunThatIsResumed_GoesOnWithinTheSameBounds()
    {
        string id;
        await using (var tracker = await StartAsync())
        {
            var log = await OpenAsync(tracker);
            for (var i = 1; i <= 20; i++) Say(log, $"{i}");
            id = tracker.RunId;
        }

        await using var resumed = await RunTracker.ResumeAsync(Store, NullLogger.Instance, id);
        var next = await resumed.OpenLogAsync(Limits, NullLogger.Instance, isResumed: true, default);
        for (var i = 21; i <= 30; i++) Say(next, $"{i}");
        await next.TryFlushAsync();

        var page = await _history.LogAsync(id);
        Assert.That(page.Entries.Select(entry => entry.Message), Is.EqualTo(
            ((int[])[1, 2, 3, 4, .. Enumerable.Range(19, 12)]).Select(no => $"{no}")));
        Assert.That(page.Dropped, Is.EqualTo(14));
    }

    [Test]
    public async Task TryFlushAsync_TheDatabaseRejectsIt_KeepsWhatFitsAndWritesItLater()
    {
        await using var tracker = await StartAsync();
        var events = new List<EventId>();
        var log = await tracker.OpenLogAsync(Limits, new LogWatcher(events.Add), isResumed: false, default);
        await Store.WriteAsync(connection => connection.Execute(
            "CREATE TRIGGER full BEFORE INSERT ON run_log BEGIN SELECT RAISE(ABORT, 'full'); END"));
        for (var i = 1; i <= 20; i++) Say(log, $"{i}");

        Assert.That(await log.TryFlushAsync(), Is.False);
        Assert.That(await log.TryFlushAsync(), Is.False);
        Assert.That(events.Select(each => each.Id), Is.EqualTo([2060]), "said once");
        for (var i = 21; i <= 30; i++) Say(log, $"{i}");
        await Store.WriteAsync(connection => connection.Execute("DROP TRIGGER full"));

        Assert.That(await log.TryFlushAsync(), Is.True);
        var page = await _history.LogAsync(tracker.RunId);
        Assert.That((page.Entries.Count, page.Dropped, page.Entries[^1].Message), Is.EqualTo((16, 14L, "30")));
    }

    [Test]
    public async Task TryFlushAsync_NobodyKnowsForLongWhetherItWasWritten_HoldsFewNumbersAndRemovesAll()
    {
        await using var tracker = await StartAsync();
        var fails = true;
        await using var log = new RunLog(
            Limits, tracker.RunId, tracker.No, [], Clock, NullLogger.Instance, async (write, token) =>
            {
                await Store.WriteAsync(write, token);
                if (fails) throw new MlOpsException("The answer is lost.");
            });

        for (var i = 1; i <= 400; i++)
        {
            Say(log, $"{i}");
            if (i % 10 == 0) Assert.That(await log.TryFlushAsync(), Is.False);
            Assert.That(log.Removals, Is.LessThanOrEqualTo(16));
        }
        fails = false;

        Assert.That(await log.TryFlushAsync(), Is.True);
        var page = await _history.LogAsync(tracker.RunId);
        Assert.That(page.Entries.Select(entry => entry.No), Is.EqualTo([1, 2, 3, 4, .. Enumerable.Range(389, 12)]));
    }

    [Test]
    public async Task Add_AfterARunWasTakenOver_IsNotWritten()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);
        await Store.WriteAsync(connection => connection.Execute("UPDATE runs SET owner_token = 'other'"));

        Say(log, "late");
        await log.TryFlushAsync();

        Assert.That(await MessagesAsync(tracker), Is.Empty);
    }

    [Test]
    public async Task Add_AMessageThatCannotBeFormatted_SaysSo()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);

        log.Add<object?>("c", LogLevel.Error, default, null, new Untold(), (_, _) => throw new InvalidOperationException());
        await log.TryFlushAsync();

        var entry = (await _history.LogAsync(tracker.RunId)).Entries.Single();
        Assert.That(entry.Message, Does.Contain("InvalidOperationException"));
        Assert.That((entry.ExceptionType, entry.Exception), Is.EqualTo((typeof(Untold).FullName, (string?)null)));
    }

    [Test]
    public async Task LogAsync_Pages_GoThroughAllOfALevelAndStage()
    {
        await using var tracker = await StartAsync();
        var log = await tracker.OpenLogAsync(Limits with { Entries = 1_000 }, NullLogger.Instance, isResumed: false, default);
        for (var i = 1; i <= 60; i++)
        {
            log.Stage = i % 2 == 0 ? LifecycleStage.Features : null;
            log.Add("c", i % 3 == 0 ? LogLevel.Warning : LogLevel.Information, default, $"{i}", null, (state, _) => state);
        }
        await log.TryFlushAsync();

        var query = new RunLogQuery { MinimumLevel = LogLevel.Warning, Stage = LifecycleStage.Features, Limit = 4 };
        var found = new List<long>();
        for (long? after = 0; after is { } behind;)
        {
            var page = await _history.LogAsync(tracker.RunId, query with { After = behind });
            found.AddRange(page.Entries.Select(entry => entry.No));
            after = page.Next;
        }

        Assert.That(found, Is.EqualTo(Enumerable.Range(1, 10).Select(i => 6L * i)));
        Assert.That(
            async () => await _history.LogAsync(tracker.RunId, new RunLogQuery { Limit = 0 }),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(async () => await _history.LogAsync("none"), Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task DeletingARun_TakesItsLogAway()
    {
        await using var tracker = await StartAsync();
        var log = await OpenAsync(tracker);
        for (var i = 1; i <= 20; i++) Say(log, $"{i}");
        await log.TryFlushAsync();

        await Store.WriteAsync(connection => connection.Execute("DELETE FROM runs WHERE id = @RunId", new { tracker.RunId }));

        Assert.That(
            await Store.ReadAsync(connection => connection.ExecuteScalar<long>(
                "SELECT (SELECT count(*) FROM run_log) + (SELECT count(*) FROM run_log_drops)")),
            Is.Zero);
    }

    private static void Say(RunLog log, string message) =>
        log.Add("c", LogLevel.Information, default, message, null, (state, _) => state);

    private static Task<RunLog> OpenAsync(RunTracker tracker) =>
        tracker.OpenLogAsync(Limits, NullLogger.Instance, isResumed: false, default);

    private async Task<string[]> MessagesAsync(RunTracker tracker) =>
        [.. (await _history.LogAsync(tracker.RunId)).Entries.Select(entry => entry.Message)];

    private Task<RunTracker> StartAsync() =>
        RunTracker.StartAsync(Store, NullLogger.Instance, new RunStart("churn", [LifecycleStage.Collection], 1));

    private sealed class Untold : Exception
    {
        public override string Message => throw new NotSupportedException();
    }
}
