using Dapper;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Audit;

/// <summary>Who changes the records behind the library's back is found by the log.</summary>
internal sealed class AuditedRecordsTests : StoreFixture
{
    private ModelRegistry _registry = null!;
    private HoldoutLedger _ledger = null!;

    [SetUp]
    public async Task PromoteTwo()
    {
        _registry = new ModelRegistry(Store);
        _ledger = new HoldoutLedger(Store);
        await PromoteAsync("churn", "a", null);
        await PromoteAsync("churn", "b", 1);
        await PromoteAsync("churn/2", "c", null);
        var refused = await RegisterAsync("churn", "d");
        await _registry.BlessAsync(refused, [new GateResult("auc", GateOutcome.Failed, "0.5", "0.8", "Too low.")], "ann");
        await _ledger.RecordAsync("churn", "run-1", "gates", new string('a', 64), 10, Clock.GetUtcNow());
        await _ledger.RecordAsync("churn", "run-2", "gates", new string('b', 64), 10, Clock.GetUtcNow());
    }

    [Test]
    public async Task Verify_NothingWasChanged_IsIntact()
    {
        await _registry.RollBackAsync(await _registry.GetBlessedAsync("churn", 1), "champion", 2, "ann", "worse", default);
        Assert.That(await new AuditLog(Store).VerifyAsync(), Has.Property("IsIntact").True.And.Property("Problem").Null);
        Assert.That((await _registry.FindBlessedByAliasAsync("churn", "champion", default))!.Value.Model.Version.Version, Is.EqualTo(1));
        Assert.That(await _ledger.ListAuditedAsync("churn", default), Has.Count.EqualTo(2));
    }

    [TestCase("UPDATE aliases SET version = 1", "points to version 1")]
    [TestCase("UPDATE aliases SET version = 3 WHERE model = 'churn'", "points to version 3")]
    [TestCase("DELETE FROM aliases WHERE model = 'churn'", "points to no version")]
    [TestCase("DELETE FROM alias_history", "move 1")]
    [TestCase("DELETE FROM alias_history WHERE version = 1 AND model = 'churn'", "move 1")]
    [TestCase("UPDATE alias_history SET version = 1", "move 2")]
    [TestCase("UPDATE alias_history SET reason = 'because'", "move 1")]
    [TestCase("UPDATE alias_history SET actor = 'bob' WHERE version = 2", "move 2")]
    [TestCase("UPDATE alias_history SET at = at - 36000000000", "move 1")]
    [TestCase("UPDATE desired_routes SET version = 1, content_hash = 'hash-a' WHERE model = 'churn'", "the route")]
    [TestCase("UPDATE desired_routes SET generation = 7", "the route")]
    [TestCase("UPDATE desired_routes SET package = (SELECT package FROM model_versions WHERE version = 1)", "the route")]
    [TestCase("DELETE FROM desired_routes", "the route")]
    [TestCase("INSERT INTO alias_history SELECT no + 9, model, alias, 1, 2, at, actor, reason FROM alias_history LIMIT 1", "move 3")]
    [TestCase(
        "UPDATE model_versions SET (package, content_hash) = (SELECT package, content_hash FROM model_versions WHERE no = 1) "
            + "WHERE content_hash = 'hash-b'", "version 2")]
    [TestCase(
        "UPDATE model_versions SET (package, content_hash) = (SELECT package, content_hash FROM model_versions WHERE no = 1) "
            + "WHERE content_hash = 'hash-b'; UPDATE blessings SET content_hash = 'hash-a' WHERE model = 'churn'", "version 2")]
    [TestCase(
        "INSERT INTO model_versions SELECT NULL, model, 4, package, 'foreign', run_id, created_at, metrics, description, NULL "
            + "FROM model_versions WHERE version = 2; INSERT INTO blessings SELECT NULL, model, 4, 'foreign', issued_at, actor, gates "
            + "FROM blessings WHERE version = 2", "version 4", 4)]
    [TestCase("UPDATE model_versions SET metrics = '{\"auc\":{\"value\":0.99}}'", "version 1")]
    [TestCase("UPDATE model_versions SET run_id = 'other' WHERE version = 2", "version 2")]
    [TestCase("UPDATE model_versions SET created_at = created_at + 36000000000 WHERE version = 2", "version 2")]
    [TestCase("UPDATE blessings SET gates = '[]'", "attestation 1")]
    [TestCase("UPDATE blessings SET gates = replace(gates, '0.84', '0.94') WHERE version = 2", "attestation 1 over version 2")]
    [TestCase("UPDATE blessings SET actor = 'bob' WHERE version = 2", "attestation 1 over version 2")]
    [TestCase("UPDATE blessings SET content_hash = 'hash-x' WHERE version = 2", "attestation 1 over version 2")]
    [TestCase("DELETE FROM blessings WHERE version = 2", "attestation 1 over version 2")]
    [TestCase("UPDATE blessings SET gates = replace(gates, 'Failed', 'Passed')", "version 3", 3)]
    [TestCase("DELETE FROM blessings WHERE version = 3", "version 3", 3)]
    [TestCase("INSERT INTO blessings SELECT NULL, model, 3, 'hash-d', issued_at, actor, gates FROM blessings LIMIT 1", "version 3", 3)]
    public async Task Records_ChangedBesideTheLog_AreFoundAndNotServed(string sql, string problem, int version = 2)
    {
        await Store.WriteAsync(connection => { connection.Execute(sql); });

        var verification = await new AuditLog(Store).VerifyAsync();

        Assert.That(verification.IsIntact, Is.False);
        Assert.That(verification.Problem, Does.Contain(problem));
        if (version == 2)
        {
            Assert.That(
                async () => await _registry.FindBlessedByAliasAsync("churn", "champion", default),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("audit log").Or.Message.Contains(problem),
                "it is not served");
        }
        else
        {
            Assert.That(
                async () => await _registry.GetBlessedAsync("churn", version),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("audit log"),
                "it is not blessed");
        }
    }

    [TestCase("DELETE FROM holdout_looks", "look 1")]
    [TestCase("DELETE FROM holdout_looks WHERE run_id = 'run-2'", "look 2")]
    [TestCase("UPDATE holdout_looks SET rows_hash = replace(rows_hash, 'b', 'c')", "look 2")]
    [TestCase("UPDATE holdout_looks SET purpose = 'nothing' WHERE run_id = 'run-1'", "look 1")]
    [TestCase("UPDATE holdout_looks SET row_count = 9", "look 1")]
    [TestCase("INSERT INTO holdout_looks SELECT NULL, lifecycle, run_id, purpose, rows_hash, 1, at FROM holdout_looks LIMIT 1", "look 3")]
    public async Task Looks_ChangedBesideTheLog_AreFoundAndNotReliedOn(string sql, string problem)
    {
        await Store.WriteAsync(connection => { connection.Execute(sql); });

        Assert.That((await new AuditLog(Store).VerifyAsync()).Problem, Does.Contain(problem));
        Assert.That(
            async () => await _ledger.ListAuditedAsync("churn", default), Throws.TypeOf<MlOpsException>().With.Message.Contains(problem));
    }

    [Test]
    public async Task Promote_AliasWasMovedBesideTheLog_IsRefused()
    {
        var blessed = await _registry.GetBlessedAsync("churn", 2);
        await Store.WriteAsync(connection => { connection.Execute("UPDATE aliases SET version = 1"); });

        Assert.That(
            async () => await _registry.PromoteAsync(blessed, "champion", 1, "ann", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("audit log"));
    }

    private async Task PromoteAsync(string model, string content, int? expected)
    {
        var version = await RegisterAsync(model, content);
        await _registry.BlessAsync(version, [new GateResult("auc", GateOutcome.Passed, "0.84", "0.80", "Good.")], "ann");
        await _registry.PromoteAsync(await _registry.GetBlessedAsync(model, version.Version), "champion", expected, "ann", "better");
    }

    private Task<ModelVersion> RegisterAsync(string model, string content) => _registry.RegisterAsync(
        new NewModelVersion(
            model,
            ArtifactId.Of(System.Text.Encoding.UTF8.GetBytes(content)),
            $"hash-{content}",
            "run-1",
            new Dictionary<string, MetricValue> { ["auc"] = new(0.84) }),
        "ann");
}
