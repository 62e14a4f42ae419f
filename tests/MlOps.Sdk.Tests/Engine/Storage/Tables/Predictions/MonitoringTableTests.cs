using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Storage;

internal sealed class MonitoringTableTests : StoreFixture
{
    private MonitoringTable _monitoring = null!;

    [SetUp]
    public void Open() => _monitoring = new MonitoringTable(Store);

    [Test]
    public async Task VerdictsAsync_Appended_AreListedNewestFirst()
    {
        var now = Clock.GetUtcNow();
        var first = new VerdictRow("churn", 1, now, now.AddHours(-1), now, """{"drift":false}""", null);
        var second = first with { Version = 2, Artifact = ArtifactId.Of("report"u8) };
        await _monitoring.AppendVerdictAsync(first);
        await _monitoring.AppendVerdictAsync(second);
        Assert.That(await _monitoring.VerdictsAsync("churn"), Is.EqualTo(new[] { second, first }));
        Assert.That(await _monitoring.VerdictsAsync("churn", version: 1), Is.EqualTo(new[] { first }));
        Assert.That(await _monitoring.VerdictsAsync("churn", limit: 1), Is.EqualTo(new[] { second }));
        Assert.That(await Store.ReadAsync(c => ArtifactRefTable.IsReferenced(c, second.Artifact!.Value)), Is.True);
    }

    [Test]
    public async Task AlertsAsync_StateChanges_AreKept()
    {
        var alert = new AlertRow("a1", "churn", Clock.GetUtcNow(), "Critical", "data_drift", "tenure has drifted", "Open");
        Assert.That(await Store.WriteAsync(connection => AlertTable.Insert(connection, alert)), Is.True);
        Assert.That(await Store.WriteAsync(connection => AlertTable.Insert(connection, alert with { Message = "again" })), Is.False);
        Assert.That(await _monitoring.AlertsAsync("churn", "Open"), Is.EqualTo(new[] { alert }));
        Assert.That(await Store.WriteAsync(connection => AlertTable.SetDelivery(connection, "a1", "Resolved", null)), Is.True);
        Assert.That(await Store.WriteAsync(connection => AlertTable.SetDelivery(connection, "a2", "Resolved", null)), Is.False);
        Assert.That(await _monitoring.AlertsAsync("churn", "Open"), Is.Empty);
        Assert.That(await _monitoring.AlertsAsync("churn"), Is.EqualTo(new[] { alert with { State = "Resolved" } }));
    }
}
