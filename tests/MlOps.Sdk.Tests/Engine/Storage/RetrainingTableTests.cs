using MlOps.Sdk.Storage;
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

    private Task<RetrainingTrigger?> TriggerAsync(RetrainingTable table, string model) => table.TryAppendAsync(model, Clock.GetUtcNow(), "data_drift", Cooldown);
}
