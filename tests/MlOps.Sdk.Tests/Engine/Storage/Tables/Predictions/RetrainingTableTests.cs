using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class RetrainingTableTests : StoreFixture
{
    private static readonly TimeSpan Cooldown = TimeSpan.FromDays(1);

    [Test]
    public async Task TryAppendAsync_WithinTheCooldown_GivesNothing()
    {
        var table = new RetrainingTable(Store);
        Assert.That(await TriggerAsync(table, "churn"), Is.Not.Null);
        Clock.Advance(TimeSpan.FromHours(23));
        Assert.That(await TriggerAsync(table, "churn"), Is.Null);
        Assert.That(await TriggerAsync(table, "other"), Is.Not.Null);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.That(await TriggerAsync(table, "churn"), Is.Not.Null);
        Assert.That(await table.ListAsync("churn"), Has.Count.EqualTo(2));
    }

    [Test]
    public async Task TryAppendAsync_ManyAtOnceFromTwoStores_OneWins()
    {
        await using var other = await OpenAsync();
        RetrainingTable[] tables = [new(Store), new(other)];
        var triggers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TriggerAsync(tables[i % 2], "churn")));
        Assert.That(triggers.Count(trigger => trigger is not null), Is.EqualTo(1));
    }

    [Test]
    public async Task SetOutcomeAsync_Trigger_RemembersItsRun()
    {
        var table = new RetrainingTable(Store);
        var trigger = await TriggerAsync(table, "churn");
        await table.SetOutcomeAsync(trigger!.No, "run-1", "{}");
        Assert.That(await table.ListAsync("churn"), Is.EqualTo(new[] { trigger with { RunId = "run-1", Outcome = "{}" } }));
    }

    [Test]
    public async Task FindOpenAsync_ManyNewerOnesAreAnswered_GivesTheOldOne()
    {
        var table = new RetrainingTable(Store);
        var open = await TriggerAsync(table, "churn");
        for (var i = 0; i < 101; i++)
        {
            Clock.Advance(Cooldown);
            await table.SetOutcomeAsync((await TriggerAsync(table, "churn"))!.No, "run", "trained");
        }

        Assert.That(await table.FindOpenAsync("churn"), Is.EqualTo(open));
    }

    [Test]
    public async Task TryClaim_RunIsWorkedOn_IsGivenToNoOther()
    {
        var trigger = (await TriggerAsync(new RetrainingTable(Store), "churn"))!;
        await using var other = await OpenAsync();
        var start = new RunStart("churn", [], 1) { Trigger = trigger.No };
        var trackers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(i => RunTracker.TryStartAsync(i % 2 == 0 ? Store : other, NullLogger.Instance, start)));
        var owner = trackers.Single(tracker => tracker is not null)!;
        Assert.That((await new RetrainingTable(Store).FindOpenAsync("churn"))!.RunId, Is.EqualTo(owner.RunId));
        await owner.CompleteAsync(RunState.Failed);
        await owner.DisposeAsync();
        await using var next = await RunTracker.TryStartAsync(Store, NullLogger.Instance, start);
        Assert.That(next, Is.Not.Null, "its run is no longer worked on");
    }

    [Test]
    public async Task TryClaim_EveryAttemptWasKilledOrCancelled_GivesUpTheKilledOnly()
    {
        var table = new RetrainingTable(Store);
        var trigger = (await TriggerAsync(table, "churn"))!;
        for (var i = 0; i < 5; i++)
        {
            var run = await ClaimAsync(trigger.No, $"cancelled {i}");
            Assert.That(run, Is.True);
            await table.FailAsync(trigger.No, $"cancelled {i}", "cancelled", isCancelled: true);
        }

        for (var i = 0; i < RetrainingTable.MaxAttempts; i++) Assert.That(await ClaimAsync(trigger.No, $"killed {i}"), Is.True);
        Assert.That(await ClaimAsync(trigger.No, "one more"), Is.False);
        Assert.That(await table.FindOpenAsync("churn"), Is.Null);
        Assert.That((await table.ListAsync("churn")).Single().Outcome, Does.Contain("3 attempts").And.Contains("killed 2"));
    }

    private Task<bool> ClaimAsync(long no, string run) =>
        Store.WriteAsync(connection => RetrainingTable.TryClaim(connection, no, run, _ => false));

    private Task<RetrainingTrigger?> TriggerAsync(RetrainingTable table, string model) =>
        table.TryAppendAsync(model, Clock.GetUtcNow(), "data_drift", Cooldown);
}
