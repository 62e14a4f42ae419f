using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;
using SQLitePCL;

namespace MlOps.Sdk.Tests.Registry;

/// <summary>
/// While the only writer has the lock, what it reads of the audit log does not grow with the age of a model. What the database computes on
/// the writer is counted; an entry that is read takes some fifty steps.
/// </summary>
internal sealed class LockedReadingTests : StoreFixture
{
    private const string Model = "churn";
    private const int Short = 4;
    private const int Long = 204;

    private ModelRegistry _registry = null!;

    [SetUp]
    public async Task RegisterThree()
    {
        _registry = new ModelRegistry(Store);
        for (var i = 0; i < 3; i++)
        {
            var version = await _registry.RegisterAsync(
                new NewModelVersion(Model, ArtifactId.Of([(byte)i]), $"hash-{i}", "run-1", new Dictionary<string, MetricValue>()), "ann");
            await _registry.BlessAsync(version, [new GateResult("auc", GateOutcome.Passed, "0.84", "0.80", "Good.")], "ann");
        }
    }

    [Test]
    public async Task Move_OfALongHistory_ReadsAsMuchInTheLockAsOfAShortOne()
    {
        var (few, many) = await CountAsync(live => PromoteAsync(live == 1 ? 2 : 1, live));

        Assert.That(many, Is.LessThan(few + 2 * Long), "steps");
    }

    [Test]
    public async Task Division_OfALongHistory_ReadsAsMuchInTheLockAsOfAShortOne()
    {
        var traffic = new TrafficRegistry(Store);

        var (few, many) = await CountAsync(
            live => traffic.SetAsync(Model, [new TrafficArm("canary", 3, 0.1)], live, null, "ann", "x", null, default));

        Assert.That(many, Is.LessThan(few + 2 * Long), "steps");
    }

    [Test]
    public async Task Fallback_OfALongHistory_ReadsAsMuchInTheLockAsOfAShortOne()
    {
        var fallbacks = new FallbackRegistry(Store);

        var (few, many) = await CountAsync(
            live => fallbacks.SetAsync(Model, ModelFallback.ToVersion(live == 1 ? 2 : 1), live, "ann", "x", default));

        Assert.That(many, Is.LessThan(few + 2 * Long), "steps");
    }

    [Test]
    public async Task Decisions_OfALongHistory_ReadAsMuchInTheLockAsOfAShortOne()
    {
        var approvals = new ApprovalRegistry(Store, new CurrentActor(null, "bob", ["owner"]));
        var version = await _registry.GetAsync(Model, 3);
        var policy = new ApprovalPolicy { Roles = ["owner", "owner"] };

        var (few, many) = await CountAsync(async live =>
        {
            var request = new NewApproval(version, ApprovalKind.Promotion, live, policy, new ActingPerson("dan", "dan"), "x", null);
            var approval = await approvals.RequestAsync(request, default);
            await approvals.ApproveAsync(approval.Id, "fine", default);
            await approvals.RejectAsync(approval.Id, "not fine", default);
        });

        Assert.That(many, Is.LessThan(few + 2 * Long), "steps");
    }

    [Test]
    public async Task Tags_OfALongHistory_ReadAsMuchInTheLockAsOfAShortOne()
    {
        var tags = 0;

        var (few, many) = await CountAsync(_ => _registry.SetTagAsync(Model, "tag", $"{tags++}", 3));

        Assert.That(many, Is.LessThan(few + 2 * Long), "steps");
    }

    [Test]
    public async Task ReadOn_EntriesOfMeanwhile_AreReadAndCompared()
    {
        await PromoteAsync(1, null);
        var ahead = await AuditedModel.ReadAheadAsync(Store, Model, ModelRegistry.Champion, default);
        await PromoteAsync(2, 1);
        await _registry.SetTagAsync(Model, "team", "retention", 3);

        Assert.That(await Store.WriteAsync(connection => Compare(connection, ahead)), Is.Null);
        await Store.WriteAsync(connection => Execute(connection, "UPDATE alias_history SET reason = 'y' WHERE version = 2"));
        var again = await AuditedModel.ReadAheadAsync(Store, Model, ModelRegistry.Champion, default);
        Assert.That(await Store.WriteAsync(connection => Compare(connection, again)), Does.Contain("move 2"));
    }

    [TestCase("UPDATE aliases SET version = 1", "points to version 1")]
    [TestCase("UPDATE desired_routes SET version = 1", "the route")]
    [TestCase("INSERT INTO approval_decisions(approval, decision, actor, actor_id, roles, at, reason) VALUES " +
        "(1, 'Approved', 'ann', 'ann', '[\"owner\"]', 1, 'x')", "decisions on approvals")]
    [TestCase("UPDATE approvals SET live = 1", "requests for approval")]
    [TestCase(
        "INSERT INTO approval_policies(model, policy, at, actor, reason) VALUES ('churn', 'null', 1, 'dan', 'x')", "required approvals")]
    [TestCase("DROP TRIGGER audit_never_changes; UPDATE audit SET hash = 'x' WHERE seq = (SELECT max(seq) FROM audit)", "a moment ago")]
    [TestCase("DROP TRIGGER audit_never_shrinks; DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)", "a moment ago")]
    [TestCase(
        "INSERT INTO audit SELECT seq + 1, at, actor, 'model.promoted', 'model:churn/1', '{\"alias\":\"champion\"}', hash FROM audit " +
        "ORDER BY seq DESC LIMIT 1", "does not match its hash")]
    public async Task ReadOn_ChangedAfterItWasCompared_IsFound(string sql, string problem)
    {
        await PromoteAsync(1, null);
        await PromoteAsync(2, 1);
        var approvals = new ApprovalRegistry(Store, new CurrentActor(null, "bob", ["owner"]));
        await approvals.RequestAsync(
            new NewApproval(
                await _registry.GetAsync(Model, 3), ApprovalKind.Promotion, 2, new ApprovalPolicy { Roles = ["owner"] },
                new ActingPerson("dan", "dan"), "x", null),
            default);
        var ahead = await AuditedModel.ReadAheadAsync(Store, Model, ModelRegistry.Champion, default);

        await Store.WriteAsync(connection => Execute(connection, sql));

        Assert.That(await Store.WriteAsync(connection => Compare(connection, ahead)), Does.Contain(problem));
    }

    private static string? Compare(System.Data.Common.DbConnection connection, AuditedModel ahead)
    {
        var audited = ahead.ReadOn(connection);
        return (audited.CompareAlias(connection, ModelRegistry.Champion) ?? audited.CompareApprovals(connection)
            ?? audited.CompareCatalog(connection))?.Problem;
    }

    private static int Execute(System.Data.Common.DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteNonQuery();
    }

    // Each once before it is counted, so that what is prepared once is prepared.
    private async Task<(long Few, long Many)> CountAsync(Func<int, Task> deed)
    {
        var live = await MoveAsync(Short, null);
        await deed(live);
        live = await MoveAsync(2, (await _registry.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version);
        var few = await StepsAsync(() => deed(live));
        live = await MoveAsync(Long, (await _registry.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version);
        return (few, await StepsAsync(() => deed(live)));
    }

    private async Task<long> StepsAsync(Func<Task> work)
    {
        var steps = 0L;
        await Store.WriteAsync(connection => raw.sqlite3_progress_handler(
            connection.Handle,
            1,
            _ =>
            {
                steps++;
                return 0;
            },
            null));
        await work();
        await Store.WriteAsync(connection => raw.sqlite3_progress_handler(connection.Handle, 0, null, null));
        return steps;
    }

    private async Task<int> MoveAsync(int moves, int? live)
    {
        for (var i = 0; i < moves; i++)
        {
            var next = live == 1 ? 2 : 1;
            await PromoteAsync(next, live);
            live = next;
        }
        return live!.Value;
    }

    private async Task PromoteAsync(int version, int? live) => await _registry.PromoteAsync(
        await _registry.GetBlessedAsync(Model, version), ModelRegistry.Champion, live, "ann", "x");
}
