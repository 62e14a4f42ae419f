using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Registry;

internal sealed class ModelRegistryTests : StoreFixture
{
    private static readonly GateResult Passed = new("roc_auc", GateOutcome.Passed, "0.84", "at least 0.80", "It is above the threshold.");
    private static readonly GateResult Failed = new("fairness", GateOutcome.Failed, "0.31", "at most 0.15", "The groups differ too much.");
    private static readonly GateResult NotApplicable = new(
        "incumbent", GateOutcome.NotApplicable, "none", "not worse", "There is no incumbent.");

    private ModelRegistry _registry = null!;

    [SetUp]
    public void Open() => _registry = new ModelRegistry(Store);

    [Test]
    public async Task RegisterAsync_NewContent_GetsTheNextNumberAndKeepsItsPackage()
    {
        var metrics = new Dictionary<string, MetricValue>
        {
            ["roc_auc"] = new(0.84, 0.82, 0.86),
            ["log_loss"] = new(double.PositiveInfinity),
            ["recall"] = MetricValue.NotDefined("no positives"),
        };
        var first = await _registry.RegisterAsync(Make("a") with { Metrics = metrics, Description = "first" }, "ann");
        var second = await _registry.RegisterAsync(Make("b"), "ann");
        Assert.That((first.Version, second.Version), Is.EqualTo((1, 2)));
        Assert.That(
            (first.Model, first.ContentHash, first.RunId, first.Description, first.CreatedAt),
            Is.EqualTo(("churn", "hash-a", "run-1", "first", Clock.GetUtcNow())));
        Assert.That((await _registry.GetAsync("churn", 1)).Metrics, Is.EqualTo(metrics));
        Assert.That((await _registry.ListAsync("churn")).Select(v => v.Version), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(await _registry.ModelsAsync(), Is.EqualTo(new[] { "churn" }));
        Assert.That(await Store.ReadAsync(c => ArtifactRefTable.IsReferenced(c, first.PackageId)), Is.True);
    }

    [Test]
    public async Task RegisterAsync_SameContentOfTheSameRun_IsTheSameVersion()
    {
        var versions = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _registry.RegisterAsync(Make("a"), "ann")));
        Assert.That(versions.Select(v => v.Version), Is.All.EqualTo(1));
        Assert.That((await _registry.RegisterAsync(Make("a") with { RunId = "run-2" }, "ann")).Version, Is.EqualTo(2));
        Assert.That((await _registry.RegisterAsync(Make("a") with { RunId = null }, "ann")).Version, Is.EqualTo(3));
        Assert.That((await _registry.RegisterAsync(Make("a") with { RunId = null }, "ann")).Version, Is.EqualTo(3));
    }

    [Test]
    public async Task RegisterAsync_IdempotencyKey_RegistersOnce()
    {
        await _registry.RegisterAsync(Make("a") with { IdempotencyKey = "k" }, "ann");
        Assert.That(
            (await _registry.RegisterAsync(Make("a") with { IdempotencyKey = "k", RunId = "run-2" }, "ann")).Version,
            Is.EqualTo(1));
        Assert.That(
            async () => await _registry.RegisterAsync(Make("b") with { IdempotencyKey = "k" }, "ann"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("other content"));
    }

    [Test]
    public async Task RegisterAsync_TwoStoresAtOnce_GetDistinctNumbersWithoutGaps()
    {
        await using var other = await OpenAsync();
        ModelRegistry[] registries = [_registry, new(other)];
        var versions = await Task.WhenAll(Enumerable.Range(0, 60).Select(i =>
            registries[i % 2].RegisterAsync(Make(i.ToString(CultureInfo.InvariantCulture)), "ann")));
        Assert.That(versions.Select(v => v.Version), Is.EquivalentTo(Enumerable.Range(1, 60)));
        foreach (var version in versions)
        {
            Assert.That((await _registry.GetAsync("churn", version.Version)).ContentHash, Is.EqualTo(version.ContentHash));
        }
    }

    [Test]
    public async Task RegisterAsync_TwoProcessesAtOnce_GetDistinctNumbers()
    {
        using var first = HostProcess.Start("register", DatabasePath, "x", "15");
        using var second = HostProcess.Start("register", DatabasePath, "y", "15");
        Assert.That((await first.ReadLineAsync(), await second.ReadLineAsync()), Is.EqualTo(("ready", "ready")));
        first.Continue();
        second.Continue();
        var versions = (await Task.WhenAll(first.FinishAsync(), second.FinishAsync()))
            .SelectMany(lines => lines)
            .Select(line => int.Parse(line, CultureInfo.InvariantCulture));
        Assert.That(versions, Is.EquivalentTo(Enumerable.Range(1, 30)));
    }

    // The store of the artifacts may be a cloud that answers slowly: a lookup that waits for a write shows that nobody holds the lock.
    [Test]
    public async Task RegisterAndPromoteAsync_StoreOfArtifactsIsSlow_KeepNoWriterWaiting()
    {
        var lookups = 0;
        var artifacts = new WorkspaceArtifacts(
            new AskedStore(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance), async () =>
            {
                await Store.WriteAsync(connection => ++lookups).WaitAsync(TimeSpan.FromSeconds(30));
                Assert.That(
                    await new ArtifactReferences(Store).TryDeleteAsync(ArtifactId.Of("package"u8), _ => Task.FromResult(true), default),
                    Is.Null,
                    "whoever is about to refer to it keeps it");
            }));
        var registry = new ModelRegistry(Store, artifacts);
        var stored = await artifacts.PutAsync("package"u8.ToArray());

        var version = await registry.RegisterAsync(Make("a") with { PackageId = stored.Id }, "ann");
        await registry.BlessAsync(version, [Passed], "ann");
        await registry.PromoteAsync(await registry.GetBlessedAsync("churn", 1), "champion", null, "ann", "x");

        Assert.That(lookups, Is.EqualTo(2));
        Assert.That(
            await Store.ReadAsync(connection => ArtifactRefTable.Owners(connection, RunArtifacts.OwnerKind)),
            Is.Empty,
            "once it is written");
    }

    [Test]
    public async Task RegisterAsync_Fails_LeavesNoReference()
    {
        var artifacts = new WorkspaceArtifacts(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance));

        Assert.That(
            async () => await new ModelRegistry(Store, artifacts).RegisterAsync(Make("a"), "ann"), Throws.TypeOf<MlOpsException>());

        Assert.That(await Store.ReadAsync(connection => ArtifactRefTable.Owners(connection, RunArtifacts.OwnerKind)), Is.Empty);
    }

    [Test]
    public async Task CollectGarbageAsync_WhoeverWasAboutToRegisterWasKilled_CollectsAfterAnHour()
    {
        var artifacts = new WorkspaceArtifacts(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance));
        var stored = await artifacts.PutAsync("package"u8.ToArray());
        Clock.Advance(TimeSpan.FromHours(2));
        await new ArtifactReferences(Store).KeepAsync(RunArtifacts.OwnerKind, PassingReference.Next(Clock), [stored.Id]);
        var collector = new ArtifactCollector(Store, artifacts, NullLogger.Instance);

        Assert.That((await collector.CollectGarbageAsync(dryRun: false)).Artifacts, Is.Empty);
        Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        Assert.That((await collector.CollectGarbageAsync(dryRun: true)).Artifacts, Has.Count.EqualTo(1));
        Assert.That((await collector.CollectGarbageAsync(dryRun: false)).Artifacts, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task RegisterAsync_PackageIsNotThere_IsRefusedOrPutAgain()
    {
        var artifacts = new WorkspaceArtifacts(new FileArtifactStore(Folder["artifacts"], Clock, NullLogger.Instance));
        var registry = new ModelRegistry(Store, artifacts);
        var package = "package"u8.ToArray();
        var request = Make("a") with { PackageId = ArtifactId.Of(package) };

        Assert.That(
            async () => await registry.RegisterAsync(request, "ann"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(request.PackageId.Hex));
        Assert.That(await registry.ListAsync("churn"), Is.Empty);
        Assert.That(
            async () => await registry.RegisterAsync(request with { Package = "other"u8.ToArray() }, "ann"),
            Throws.TypeOf<MlOpsException>());

        var version = await registry.RegisterAsync(request with { Package = package }, "ann");
        Assert.That(await artifacts.ReadAllAsync(version.PackageId), Is.EqualTo(package));

        await registry.BlessAsync(version, [Passed], "ann");
        var blessed = await registry.GetBlessedAsync("churn", 1);
        artifacts.Delete(version.PackageId);
        Assert.That(
            async () => await registry.PromoteAsync(blessed, "champion", null, "ann", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(request.PackageId.Hex));
        Assert.That(await registry.AliasHistoryAsync("churn", "champion"), Is.Empty);
        await registry.PromoteAsync(blessed, "champion", null, "ann", "x", package);
        Assert.That(await artifacts.ReadAllAsync(version.PackageId), Is.EqualTo(package));
    }

    [Test]
    public async Task GetBlessedAsync_AllGatesPassedOrDoNotApply_GivesTheModel()
    {
        var version = await _registry.RegisterAsync(Make("a"), "ann");
        var blessing = await _registry.BlessAsync(version, [Passed, NotApplicable], "ann");
        Assert.That(blessing.IsBlessed, Is.True);
        var blessed = await _registry.GetBlessedAsync("churn", 1);
        Assert.That(blessed.Version.PackageId, Is.EqualTo(version.PackageId));
        Assert.That(blessed.Blessing.Gates, Is.EqualTo(new[] { Passed, NotApplicable }));
        Assert.That(
            (blessed.Blessing.ContentHash, blessed.Blessing.Actor, blessed.Blessing.IssuedAt),
            Is.EqualTo(("hash-a", "ann", Clock.GetUtcNow())));
    }

    [Test]
    public async Task GetBlessedAsync_FailedOrNeverJudged_NamesWhy()
    {
        var version = await _registry.RegisterAsync(Make("a"), "ann");
        Assert.That(
            async () => await _registry.GetBlessedAsync("churn", 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no gate has judged"));
        Assert.That((await _registry.BlessAsync(version, [Passed, Failed], "ann")).IsBlessed, Is.False);
        Assert.That(
            async () => await _registry.GetBlessedAsync("churn", 1),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("fairness (0.31, required at most 0.15)"));
        await _registry.BlessAsync(version, [Passed], "ann");
        await _registry.GetBlessedAsync("churn", 1);
        Assert.That((await _registry.BlessingsAsync("churn", 1)).Select(b => b.IsBlessed), Is.EqualTo(new[] { true, false }));
        Assert.That(
            async () => await _registry.GetBlessedAsync("churn", 2),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no version 2"));
    }

    [Test]
    public async Task BlessAsync_WithoutGates_IsRefused()
    {
        var version = await _registry.RegisterAsync(Make("a"), "ann");
        Assert.That(async () => await _registry.BlessAsync(version, [], "ann"), Throws.ArgumentException);
    }

    [Test]
    public async Task PromoteAsync_Moves_AreOneCommitWithHistoryRouteAndAudit()
    {
        var first = await BlessedAsync("a");
        var second = await BlessedAsync("b");
        var one = await _registry.PromoteAsync(first, "champion", null, "ann", "first model");
        Clock.Advance(TimeSpan.FromDays(1));
        var two = await _registry.PromoteAsync(second, "champion", 1, "bob", "better");
        Assert.That(two, Is.EqualTo(new AliasChange("churn", "champion", 2, 1, Clock.GetUtcNow(), "bob", "better")));
        Assert.That((await _registry.FindByAliasAsync("churn", "champion"))!.Version, Is.EqualTo(2));
        Assert.That(await _registry.FindByAliasAsync("churn", "challenger"), Is.Null);
        Assert.That(await _registry.AliasHistoryAsync("churn", "champion"), Is.EqualTo(new[] { two, one }));
        Assert.That(await _registry.AliasesAsync("churn"), Is.EqualTo(new[] { two }));
        var route = await _registry.RouteAsync("churn", "champion");
        Assert.That(route, Is.EqualTo(new DesiredRoute("churn", "champion", 2, second.Version.PackageId, "hash-b", 2, Clock.GetUtcNow())));
        var log = new AuditLog(Store);
        var last = (await ListAsync(log.ReadAsync()))[^1];
        Assert.That((last.Actor, last.Action, last.Subject), Is.EqualTo(("bob", "model.promoted", "model:churn/2")));
        Assert.That(last.Details, Does.Contain("\"previous\":\"1\"").And.Contain("\"reason\":\"better\""));
        Assert.That((await log.VerifyAsync()).IsIntact, Is.True);
    }

    [Test]
    public async Task PromoteAsync_ExpectationIsWrong_ChangesNothing()
    {
        var first = await BlessedAsync("a");
        var second = await BlessedAsync("b");
        Assert.That(
            async () => await _registry.PromoteAsync(first, "champion", 1, "ann", "x"),
            Throws.TypeOf<ConcurrencyException>().With.Message.Contains("does not exist"));
        await _registry.PromoteAsync(first, "champion", null, "ann", "x");
        var audited = await ListAsync(new AuditLog(Store).ReadAsync());
        foreach (var wrong in new int?[] { null, 2 })
        {
            Assert.That(
                async () => await _registry.PromoteAsync(second, "champion", wrong, "ann", "x"),
                Throws.TypeOf<ConcurrencyException>()
                    .With.Property("Actual")
                    .EqualTo(1)
                    .And.Property("Expected")
                    .EqualTo(wrong)
                    .And.Message.Contains("points to version 1"));
        }

        Assert.That(await _registry.AliasHistoryAsync("churn", "champion"), Has.Count.EqualTo(1));
        Assert.That((await _registry.RouteAsync("churn", "champion"))!.Generation, Is.EqualTo(1));
        Assert.That(await ListAsync(new AuditLog(Store).ReadAsync()), Is.EqualTo(audited));
    }

    [Test]
    public async Task PromoteAsync_ManyAtOnceFromTwoStores_OneWins()
    {
        await using var other = await OpenAsync();
        ModelRegistry[] registries = [_registry, new(other)];
        var model = await BlessedAsync("a");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await registries[i % 2].PromoteAsync(model, "champion", null, "ann", "race");
                return true;
            }
            catch (ConcurrencyException)
            {
                return false;
            }
        }));
        Assert.That(outcomes.Count(won => won), Is.EqualTo(1));
        Assert.That(await _registry.AliasHistoryAsync("churn", "champion"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task PromoteAsync_RefusedSinceItWasBlessed_IsRefused()
    {
        var model = await BlessedAsync("a");
        await _registry.BlessAsync(model.Version, [Failed], "ann");
        Assert.That(
            async () => await _registry.PromoteAsync(model, "champion", null, "ann", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("not blessed"));
        Assert.That(await _registry.FindByAliasAsync("churn", "champion"), Is.Null);
    }

    [Test]
    public void BlessedModel_Constructors_AreNotPublic() => Assert.That(typeof(BlessedModel).GetConstructors(), Is.Empty);

    private static NewModelVersion Make(string content) =>
        new(
            "churn",
            ArtifactId.Of(System.Text.Encoding.UTF8.GetBytes(content)),
            "hash-" + content,
            "run-1",
            new Dictionary<string, MetricValue>());

    private async Task<BlessedModel> BlessedAsync(string content)
    {
        var version = await _registry.RegisterAsync(Make(content), "ann");
        await _registry.BlessAsync(version, [Passed], "ann");
        return await _registry.GetBlessedAsync("churn", version.Version);
    }
}
