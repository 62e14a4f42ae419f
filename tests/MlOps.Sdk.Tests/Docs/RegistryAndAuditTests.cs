using Acme;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

[TestFixture]
public sealed class RegistryAndAuditTests
{
    [Test]
    public async Task RegistryAndAudit_Snippets_DoWhatThePagesSay()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var workspace = temporary.Workspace;
        for (var i = 1; i <= 3; i++)
        {
            var package = await workspace.Artifacts.PutAsync(new byte[] { (byte)i });
            await workspace.Models.RegisterAsync(
                new NewModelVersion("customer-churn", package.Id, $"hash-{i}", null, new Dictionary<string, MetricValue>()), "ann");
        }

        Assert.That((await RegistryAndAudit.NameAsync(workspace))!.Version, Is.EqualTo(2));
        Assert.That((await RegistryAndAudit.DescribeAsync(workspace)).Single().Version, Is.EqualTo(2));
        Assert.That((await RegistryAndAudit.CleanUpAsync(workspace, 3)).Reason, Does.Contain("erased"));
        var compared = await RegistryAndAudit.CompareAsync(workspace);
        Assert.That(compared.Differences.Select(difference => difference.Name), Does.Contain("tag reviewed").And.Contain("content hash"));
        var card = await RegistryAndAudit.WriteCardAsync(workspace);
        Assert.That(card.Missing.Select(gap => gap.What), Has.None.Contains("out of scope").And.Some.Contains("No run is recorded"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(workspace.Path, "card.md")), Does.StartWith("# Model card: customer-churn"));
        var verification = await RegistryAndAudit.AnchorAsync(workspace, Path.Combine(workspace.Path, "anchors.txt"));
        Assert.That((verification.IsIntact, verification.Kind), Is.EqualTo((true, (AuditProblemKind?)null)));
        Assert.That(await RegistryAndAudit.ExportAsync(workspace, Path.Combine(workspace.Path, "audit.jsonl")), Is.GreaterThan(10));
        Assert.That((await RegistryAndAudit.PlanAsync(workspace)).IsDryRun, Is.True);
    }
}
