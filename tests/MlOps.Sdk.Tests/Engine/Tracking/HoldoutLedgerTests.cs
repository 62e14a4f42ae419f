using MlOps.Sdk.Audit;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class HoldoutLedgerTests : StoreFixture
{
    [Test]
    public async Task RecordAsync_Look_IsInTheLedgerAndInTheAuditLog()
    {
        var ledger = new HoldoutLedger(Store);
        var look = await ledger.RecordAsync("churn", "run-1", "evaluation", "abc", 1409, Clock.GetUtcNow());
        await ledger.RecordAsync("price", "run-2", "evaluation", "def", 10, Clock.GetUtcNow());
        Assert.That(await ledger.ListAsync("churn"), Is.EqualTo(new[] { look }));
        Assert.That(look, Is.EqualTo(new HoldoutLook(1, "churn", "run-1", "evaluation", "abc", 1409, Clock.GetUtcNow())));
        var entry = (await ListAsync(new AuditLog(Store).ReadAsync()))[0];
        Assert.That((entry.Actor, entry.Action, entry.Subject), Is.EqualTo(("run:run-1", "holdout.read", "lifecycle:churn")));
    }
}
