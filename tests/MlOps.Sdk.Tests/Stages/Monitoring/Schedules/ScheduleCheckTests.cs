using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>When schedules request a retraining, over restarts, several processes and clocks that are set.</summary>
[TestFixture]
public sealed class ScheduleCheckTests
{
    private const string Nightly = "0 3 * * *";

    private TempFolder _folder = null!;
    private FakeTimeProvider _clock = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = new TempFolder();
        _clock = new FakeTimeProvider(Time("2026-05-01T12:00Z"));
    }

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public async Task Check_TimeComes_RequestsOneRetrainingWithItsEntry()
    {
        await using var workspace = await OpenAsync();
        var lifecycle = Scheduled(Nightly, "Europe/Berlin");

        var first = (await lifecycle.CheckScheduleAsync(workspace)).Single();
        _clock.SetUtcNow(Time("2026-05-02T00:59:59Z"));
        var early = (await lifecycle.CheckScheduleAsync(workspace)).Single();
        _clock.SetUtcNow(Time("2026-05-02T01:00Z"));
        var due = (await lifecycle.CheckScheduleAsync(workspace)).Single();
        var again = (await lifecycle.CheckScheduleAsync(workspace)).Single();

        var asked = await AskedAsync(workspace);
        var entry = (await workspace.Audit.ReadAsync(subject: $"lifecycle:{SampleLifecycle.Name}").ToListAsync()).Single();
        Assert.Multiple(() =>
        {
            Assert.That(
                first,
                Is.EqualTo(new MlOps.Sdk.Monitoring.RetrainingSchedule(
                    Nightly, "Europe/Berlin", null, Time("2026-05-02T03:00+02:00"), false)));
            Assert.That(early.AskedForRetraining, Is.False);
            Assert.That(due.AskedForRetraining, Is.True);
            Assert.That(due.LastDue, Is.EqualTo(Time("2026-05-02T03:00+02:00")));
            Assert.That(due.NextDue, Is.EqualTo(Time("2026-05-03T03:00+02:00")));
            Assert.That(again.AskedForRetraining, Is.False);
            Assert.That(asked, Is.EqualTo(new[] { "Schedule '0 3 * * *' (Europe/Berlin): due at 2026-05-02 03:00 +02:00" }));
            Assert.That((entry.Actor, entry.Action, entry.Details), Is.EqualTo(("schedule", AuditLog.RetrainingRequested, asked[0])));
        });
    }

    [TestCase(MissedRuns.RunOnce, 1)]
    [TestCase(MissedRuns.Skip, 0)]
    public async Task Check_TimesWereMissedWhileNoProcessRan_RunsOnceOrSkips(MissedRuns missed, int retrainings)
    {
        await using (var workspace = await OpenAsync()) await Scheduled(Nightly, missed: missed).CheckScheduleAsync(workspace);

        _clock.SetUtcNow(Time("2026-05-11T10:00Z"));
        await using var later = await OpenAsync();
        var state = (await Scheduled(Nightly, missed: missed).CheckScheduleAsync(later)).Single();

        var asked = await AskedAsync(later);
        Assert.That(asked, Has.Count.EqualTo(retrainings));
        Assert.That(asked, Has.All.Contains("due at 2026-05-11 03:00").And.All.Contains("missed, and found at 2026-05-11 10:00"));
        Assert.That(state.LastDue, Is.EqualTo(Time("2026-05-11T03:00Z")));
        Assert.That(state.NextDue, Is.EqualTo(Time("2026-05-12T03:00Z")));
    }

    [Test]
    public async Task Check_SkipAndFoundAFewMinutesLate_RunsAllTheSame()
    {
        await using var workspace = await OpenAsync();
        var lifecycle = Scheduled(Nightly, missed: MissedRuns.Skip);
        await lifecycle.CheckScheduleAsync(workspace);

        _clock.SetUtcNow(Time("2026-05-02T03:05Z"));
        await lifecycle.CheckScheduleAsync(workspace);

        Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Check_SeveralProcessesAtOnce_OneRequests()
    {
        const int Processes = 4;
        var workspaces = new List<Workspace>();
        for (var i = 0; i < Processes; i++) workspaces.Add(await OpenAsync());
        try
        {
            var lifecycles = workspaces.ConvertAll(_ => Scheduled("*/10 * * * *"));
            for (var i = 0; i < Processes; i++) await lifecycles[i].CheckScheduleAsync(workspaces[i]);
            for (var round = 0; round < 5; round++)
            {
                _clock.Advance(TimeSpan.FromMinutes(10));
                var looks = await Task.WhenAll(workspaces.Select((workspace, i) =>
                    Task.Run(() => lifecycles[i].CheckScheduleAsync(workspace))));
                Assert.That(looks.Count(look => look.Single().AskedForRetraining), Is.EqualTo(1));
                await AnswerAsync(workspaces[round % Processes]);
            }

            Assert.That(await AskedAsync(workspaces[0]), Has.Count.EqualTo(5));
            Assert.That((await workspaces[0].Audit.VerifyAsync()).IsIntact, Is.True);
        }
        finally
        {
            foreach (var workspace in workspaces) await workspace.DisposeAsync();
        }
    }

    [Test]
    public async Task Check_RequestStillWaits_RequestsNoOther()
    {
        await using var workspace = await OpenAsync();
        var lifecycle = Scheduled(Nightly);
        await lifecycle.CheckScheduleAsync(workspace);
        for (var day = 0; day < 3; day++)
        {
            _clock.Advance(TimeSpan.FromDays(1));
            await lifecycle.CheckScheduleAsync(workspace);
        }

        Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(1));

        await AnswerAsync(workspace);
        _clock.Advance(TimeSpan.FromDays(1));
        await lifecycle.CheckScheduleAsync(workspace);
        Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Check_ClockIsSetBackOverADueTime_DoesNotRepeatIt()
    {
        await using var workspace = await OpenAsync();
        var lifecycle = Scheduled(Nightly);
        await lifecycle.CheckScheduleAsync(workspace);
        Set("2026-05-02T03:00:10Z");
        await lifecycle.CheckScheduleAsync(workspace);
        await AnswerAsync(workspace);

        Set("2026-05-02T02:00Z");
        var back = (await lifecycle.CheckScheduleAsync(workspace)).Single();
        Set("2026-05-02T03:01Z");
        await lifecycle.CheckScheduleAsync(workspace);

        Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(1));
        Assert.That(back.NextDue, Is.EqualTo(Time("2026-05-03T03:00Z")));
        Set("2026-05-03T03:00Z");
        await lifecycle.CheckScheduleAsync(workspace);
        Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Check_ClockStoodYearsAhead_IsNotSilentForYears()
    {
        await using var workspace = await OpenAsync();
        var lifecycle = Scheduled(Nightly);
        Set("2036-05-01T12:00Z");
        await lifecycle.CheckScheduleAsync(workspace);

        Set("2026-05-01T12:00Z");
        var restarted = (await lifecycle.CheckScheduleAsync(workspace)).Single();
        Set("2026-05-02T03:00Z");
        await lifecycle.CheckScheduleAsync(workspace);

        Assert.That(restarted.NextDue, Is.EqualTo(Time("2026-05-02T03:00Z")));
        Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Check_ExpressionChanges_BeginsAnewAlsoWhenItChangesBack()
    {
        await using (var workspace = await OpenAsync()) await Scheduled(Nightly).CheckScheduleAsync(workspace);
        Set("2026-05-03T12:00Z");
        await using (var workspace = await OpenAsync())
        {
            var state = (await Scheduled("0 5 * * *").CheckScheduleAsync(workspace)).Single();
            Assert.That((state.LastDue, state.NextDue), Is.EqualTo(((DateTimeOffset?)null, Time("2026-05-04T05:00Z"))));
        }
        Set("2026-05-04T04:00Z");
        await using (var workspace = await OpenAsync())
        {
            await Scheduled(Nightly).CheckScheduleAsync(workspace);

            Assert.That(await AskedAsync(workspace), Is.Empty, "what it missed while another expression was in effect is not its own");
            Set("2026-05-05T03:00Z");
            await Scheduled(Nightly).CheckScheduleAsync(workspace);
            Assert.That(await AskedAsync(workspace), Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task Check_ScheduleIsRemovedAndComesBack_DoesNotMakeUpForWhatWasBetween()
    {
        await using (var workspace = await OpenAsync()) await Scheduled(Nightly).CheckScheduleAsync(workspace);
        await using (var workspace = await OpenAsync())
        {
            Assert.That(await SampleLifecycle.Begin().Deployed().Monitored().Build().CheckScheduleAsync(workspace), Is.Empty);
        }
        Set("2026-05-09T12:00Z");
        await using var later = await OpenAsync();

        var state = (await Scheduled(Nightly).CheckScheduleAsync(later)).Single();

        Assert.That((state.AskedForRetraining, state.NextDue), Is.EqualTo((false, Time("2026-05-10T03:00Z"))));
    }

    [Test]
    public async Task Check_NewProcessHasAnotherExpression_OldOneGoesOnMeanwhile()
    {
        await using var old = await OpenAsync();
        await using var next = await OpenAsync();
        var lifecycle = Scheduled(Nightly);
        await lifecycle.CheckScheduleAsync(old);
        await Scheduled("0 5 * * *").CheckScheduleAsync(next);

        Set("2026-05-02T03:00Z");
        await lifecycle.CheckScheduleAsync(old);

        Assert.That(await AskedAsync(old), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Retrain_ScheduleAsked_RunsItAndNamesTheSchedule()
    {
        await using var workspace = await OpenAsync();
        var lifecycle = Scheduled(Nightly);
        await lifecycle.RunAsync(workspace);
        await lifecycle.CheckScheduleAsync(workspace);
        _clock.Advance(TimeSpan.FromDays(1));
        await lifecycle.CheckScheduleAsync(workspace);

        var result = await lifecycle.RetrainAsync(workspace);

        Assert.That(result.Outcome, Is.EqualTo(RetrainingOutcome.Ran), result.Reason);
        Assert.That(result.Run!.Record.Cause, Does.StartWith("retraining: Schedule '0 3 * * *' (UTC): due at"));
        Assert.That(result.Run.Monitoring!.RetrainsAt, Is.EqualTo(new[] { "0 3 * * * (UTC)" }));
        Assert.That((await lifecycle.RetrainAsync(workspace)).Outcome, Is.EqualTo(RetrainingOutcome.NotAsked));
    }

    private Task<Workspace> OpenAsync() => Workspace.OpenAsync(_folder.Path, options => options.Time = _clock);

    // Time is set back, too, which the clock itself refuses.
    private void Set(string time) => _clock.AdjustTime(Time(time));

    private static Lifecycle Scheduled(string expression, string zone = "UTC", MissedRuns missed = MissedRuns.RunOnce) =>
        SampleLifecycle.Begin().Deployed()
            .Monitored(monitoring => monitoring.RetrainAt(expression, RetrainingData.Original, zone, missed)).Build();

    private static async Task<List<string>> AskedAsync(Workspace workspace) =>
        [.. (await workspace.MonitoringServices.Retrainings.ListAsync(SampleLifecycle.Name)).Select(trigger => trigger.Signal)];

    private static async Task AnswerAsync(Workspace workspace)
    {
        var retrainings = workspace.MonitoringServices.Retrainings;
        RetrainingTrigger? open;
        while ((open = await retrainings.FindOpenAsync(SampleLifecycle.Name)) is not null)
        {
            await retrainings.SetOutcomeAsync(open.No, null, "answered");
        }
    }

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
