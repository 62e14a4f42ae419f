using System.Text;
using Dapper;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Registry;

internal sealed class ModelCatalogTests : StoreFixture
{
    private static readonly GateResult Passed = new("auc", GateOutcome.Passed, "0.84", "at least 0.80", "It is above.");

    private ModelRegistry _registry = null!;

    [SetUp]
    public async Task RegisterThree()
    {
        _registry = new ModelRegistry(Store);
        foreach (var content in (string[])["a", "b", "c"]) await BlessedAsync(content);
        await _registry.PromoteAsync(await _registry.GetBlessedAsync("churn", 1), "champion", null, "ann", "first");
        await _registry.PromoteAsync(await _registry.GetBlessedAsync("churn", 2), "champion", 1, "ann", "better");
    }

    [TearDown]
    public async Task VerifyLog() => Assert.That((await new AuditLog(Store).VerifyAsync()).Problem, Is.Null.Or.Contains("not agree"));

    [Test]
    public async Task SetAliasAsync_MovedAndRemoved_HasItsHistoryAndServesNothing()
    {
        var set = await _registry.SetAliasAsync("churn", "candidate", 3, "to be tried");
        await _registry.SetAliasAsync("churn", "candidate", 1, "back", expected: 3);

        Assert.That((set.Version, set.Previous, set.IsRemoval, set.Actor), Is.EqualTo((3, (int?)null, false, Environment.UserName)));
        Assert.That((await _registry.FindByAliasAsync("churn", "candidate"))!.Version, Is.EqualTo(1));
        Assert.That(await _registry.RouteAsync("churn", "candidate"), Is.Null);
        Assert.That(await _registry.FindBlessedByAliasAsync("churn", "candidate", default), Is.Null);
        Assert.That((await _registry.AliasesAsync("churn")).Select(alias => alias.Alias), Is.EqualTo(new[] { "candidate", "champion" }));

        await _registry.RemoveAliasAsync("churn", "candidate", "done", expected: 1);
        Assert.That(await _registry.FindByAliasAsync("churn", "candidate"), Is.Null);
        Assert.That((await _registry.AliasesAsync("churn")).Select(alias => alias.Alias), Is.EqualTo(new[] { "champion" }));
        Assert.That(
            (await _registry.AliasHistoryAsync("churn", "candidate")).Select(move => (move.Version, move.Previous, move.IsRemoval)),
            Is.EqualTo(new[] { (1, (int?)1, true), (1, 3, false), (3, null, false) }));
        var actions = (await ListAsync(new AuditLog(Store).ReadAsync())).TakeLast(3).Select(entry => (entry.Action, entry.Subject));
        Assert.That(actions, Is.EqualTo(new[]
        {
            ("version.aliased", "model:churn/3"), ("version.aliased", "model:churn/1"), ("version.unaliased", "model:churn/1"),
        }));
    }

    [Test]
    public async Task SetAliasAsync_UnblessedVersion_IsANameOnly()
    {
        await _registry.RegisterAsync(Make("d"), "ann");
        await _registry.SetAliasAsync("churn", "candidate", 4, "x");
        Assert.That((await _registry.FindByAliasAsync("churn", "candidate"))!.Version, Is.EqualTo(4));
    }

    [Test]
    public async Task SetAliasAsync_ExpectsAnother_ChangesNothing()
    {
        await _registry.SetAliasAsync("churn", "candidate", 3, "x", expected: 0);
        foreach (var wrong in (int[])[0, 1, 2])
        {
            Assert.That(
                async () => await _registry.SetAliasAsync("churn", "candidate", 1, "x", wrong),
                Throws.TypeOf<ConcurrencyException>().With.Property("Actual").EqualTo(3));
        }
        Assert.That(
            async () => await _registry.RemoveAliasAsync("churn", "candidate", "x", 1), Throws.TypeOf<ConcurrencyException>());
        Assert.That(await _registry.AliasHistoryAsync("churn", "candidate"), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task SetAliasAsync_ManyAtOnceFromTwoStores_MovesAreAChain()
    {
        await using var other = await OpenAsync();
        ModelRegistry[] registries = [_registry, new(other)];
        var won = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            var registry = registries[i % 2];
            for (var round = 0; round < LongForm.Of(200, 15); round++)
            {
                var seen = await registry.FindByAliasAsync("churn", "candidate");
                try
                {
                    await registry.SetAliasAsync("churn", "candidate", 1 + ((i + round) % 3), $"{i}", seen?.Version ?? 0);
                    Interlocked.Increment(ref won);
                }
                catch (ConcurrencyException)
                {
                }
            }
        })));

        var moves = (await _registry.AliasHistoryAsync("churn", "candidate")).Reverse().ToArray();
        Assert.That(moves, Has.Length.EqualTo(won));
        Assert.That(moves[0].Previous, Is.Null);
        for (var i = 1; i < moves.Length; i++) Assert.That(moves[i].Previous, Is.EqualTo(moves[i - 1].Version));
        Assert.That((await _registry.FindByAliasAsync("churn", "candidate"))!.Version, Is.EqualTo(moves[^1].Version));
    }

    [TestCase("champion")]
    [TestCase("7")]
    [TestCase("Candidate")]
    [TestCase("a b")]
    public void SetAliasAsync_NotAName_IsRejected(string alias) =>
        Assert.That(async () => await _registry.SetAliasAsync("churn", alias, 1, "x"), Throws.ArgumentException);

    [Test]
    public async Task SetAliasAsync_AliasThatServes_IsRejected()
    {
        await _registry.PromoteAsync(await _registry.GetBlessedAsync("churn", 3), "staging", null, "ann", "x");
        Assert.That(
            async () => await _registry.SetAliasAsync("churn", "staging", 1, "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("what is served"));
    }

    [Test]
    public async Task SetTagAsync_ModelAndVersion_AreFoundByTheirTags()
    {
        Assert.That(await _registry.SetTagAsync("churn", "team", "retention"), Is.True);
        Assert.That(await _registry.SetTagAsync("churn", "team", "retention"), Is.False, "nothing changes");
        await _registry.SetTagAsync("churn", "stage", "test", version: 1);
        await _registry.SetTagAsync("churn", "stage", "test", version: 3);
        await _registry.SetTagAsync("churn", "stage", "live", version: 3);
        await _registry.SetTagAsync("churn", "note", "", version: 3);

        Assert.That(
            (await _registry.GetAsync("churn", 3)).Tags,
            Is.EqualTo(new Dictionary<string, string> { ["stage"] = "live", ["note"] = "" }));
        Assert.That(await _registry.FindModelsAsync("team"), Is.EqualTo(new[] { "churn" }));
        Assert.That(await _registry.FindModelsAsync("team", "other"), Is.Empty);
        Assert.That(await NumbersAsync(("stage", null)), Is.EqualTo(new[] { 3, 1 }));
        Assert.That(await NumbersAsync(("stage", "live"), ("note", null)), Is.EqualTo(new[] { 3 }));
        Assert.That(await NumbersAsync(("stage", "test"), ("note", null)), Is.Empty);
        Assert.That(await NumbersAsync(("team", null)), Is.Empty, "a tag of the model is not one of its versions");

        Assert.That(await _registry.RemoveTagAsync("churn", "stage", version: 3), Is.True);
        Assert.That(await _registry.RemoveTagAsync("churn", "stage", version: 3), Is.False);
        Assert.That(await NumbersAsync(("stage", null)), Is.EqualTo(new[] { 1 }));
        var model = await _registry.FindModelAsync("churn");
        Assert.That(model!.Tags, Is.EqualTo(new Dictionary<string, string> { ["team"] = "retention" }));
        Assert.That((model.Versions, model.Aliases["champion"]), Is.EqualTo((3, 2)));
        Assert.That(await _registry.FindModelAsync("chur"), Is.Null);

        async Task<IEnumerable<int>> NumbersAsync(params (string, string?)[] tags) => (await _registry.SearchAsync(
            new VersionQuery { Model = "churn", Tags = tags.ToDictionary(tag => tag.Item1, tag => tag.Item2) }))
            .Select(version => version.Version);
    }

    [Test]
    public async Task DescribeAsync_Changed_KeepsWhatWasSaidBefore()
    {
        await _registry.RegisterAsync(Make("d") with { Description = "as registered" }, "ann");
        await _registry.DescribeAsync("churn", "of the model");
        await _registry.DescribeAsync("churn", "better", version: 4);
        Assert.That((await _registry.GetAsync("churn", 4)).Description, Is.EqualTo("better"));
        await _registry.DescribeAsync("churn", null, version: 4);
        Assert.That((await _registry.GetAsync("churn", 4)).Description, Is.Null);
        Assert.That(await _registry.DescribeAsync("churn", null, version: 4), Is.False);
        Assert.That((await _registry.FindModelAsync("churn"))!.Description, Is.EqualTo("of the model"));
        await _registry.DescribeAsync("churn", null);
        Assert.That((await _registry.FindModelAsync("churn"))!.Description, Is.Null);
        Assert.That(
            (await _registry.ChangesAsync("churn", 4)).Select(change => (change.Property, change.Previous)),
            Is.EqualTo(new[] { ("description", "better"), ("description", "as registered") }));
        Assert.That(await _registry.ChangesAsync("churn"), Has.Count.EqualTo(4));
    }

    [Test]
    public async Task ArchiveAsync_Version_IsHiddenAndCannotGoLiveUntilItIsTakenBack()
    {
        Assert.That(await _registry.ArchiveAsync("churn", 1, "old"), Is.True);
        Assert.That(await _registry.ArchiveAsync("churn", 1, "old"), Is.False);

        Assert.That((await _registry.ListAsync("churn")).Select(version => version.Version), Is.EqualTo(new[] { 3, 2 }));
        Assert.That(
            (await _registry.SearchAsync(new VersionQuery { IncludeArchived = true })).Select(version => version.Version),
            Is.EqualTo(new[] { 3, 2, 1 }));
        Assert.That((await _registry.GetAsync("churn", 1)).IsArchived, Is.True);
        Assert.That(
            async () => await _registry.GetBlessedAsync("churn", 1), Throws.TypeOf<MlOpsException>().With.Message.Contains("archived"));
        Assert.That(
            async () => await _registry.FindEarlierAsync("churn", "champion", default),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("No earlier version"), "a rollback goes over it");
        Assert.That(
            async () => await _registry.SetAliasAsync("churn", "candidate", 1, "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("archived"));

        Assert.That(await _registry.UnarchiveAsync("churn", 1, "needed"), Is.True);
        Assert.That((await _registry.FindEarlierAsync("churn", "champion", default)).Version.Version, Is.EqualTo(1));
        Assert.That(await _registry.ListAsync("churn"), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task ArchiveAsync_ArchivedAfterItWasRead_IsNotPromoted()
    {
        var blessed = await _registry.GetBlessedAsync("churn", 3);
        await _registry.ArchiveAsync("churn", 3, "old");
        Assert.That(
            async () => await _registry.PromoteAsync(blessed, "champion", 2, "ann", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("archived"));
    }

    [Test]
    public async Task ArchiveAsync_VersionInUse_SaysWhatUsesIt()
    {
        Assert.That(Archive(2), Throws.TypeOf<MlOpsException>().With.Message.Contains("is live"));
        await _registry.SetAliasAsync("churn", "candidate", 3, "x");
        Assert.That(Archive(3), Throws.TypeOf<MlOpsException>().With.Message.Contains("alias 'candidate'"));
        await _registry.RemoveAliasAsync("churn", "candidate", "x");

        var traffic = new TrafficRegistry(Store);
        await traffic.SetAsync("churn", [new TrafficArm("b", 3, 0.1)], 2, null, "ann", "x", null, default);
        Assert.That(Archive(3), Throws.TypeOf<MlOpsException>().With.Message.Contains("share of the calls"));
        Assert.That(Delete(3), Throws.TypeOf<MlOpsException>().With.Message.Contains("share of the calls"));
        await traffic.SetAsync("churn", [], 2, null, "ann", "x", null, default);

        await new FallbackRegistry(Store).SetAsync("churn", ModelFallback.ToVersion(3), 2, "ann", "x", default);
        Assert.That(Archive(3), Throws.TypeOf<MlOpsException>().With.Message.Contains("fallback"));
        await new FallbackRegistry(Store).SetAsync("churn", null, 2, "ann", "x", default);

        await Store.WriteAsync(connection => RolloutTable.Insert(
            connection, new RolloutRow { Model = "churn", Version = 3, Live = 2, Strategy = "canary", State = "Running" }));
        Assert.That(Archive(3), Throws.TypeOf<MlOpsException>().With.Message.Contains("rollout"));
        await Store.WriteAsync(connection => RolloutTable.Insert(
            connection, new RolloutRow { Rollout = 1, Model = "churn", Version = 3, Live = 2, Strategy = "canary", State = "Cancelled" }));
        Assert.That(Archive(3), Throws.Nothing);

        Func<Task> Archive(int version) => async () => await _registry.ArchiveAsync("churn", version, "x");
        Func<Task> Delete(int version) => async () => await _registry.DeleteAsync("churn", version, "x");
    }

    [Test]
    public async Task SetTagAsync_WhileAnotherWrites_ReadsTheLogBesideTheWriter()
    {
        await _registry.SetTagAsync("churn", "a", "b");
        await Store.WriteAsync(connection => connection.Execute("UPDATE registry_values SET value = 'c'"));
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource();
        var other = Store.WriteAsync(_ =>
        {
            writing.SetResult();
            goOn.Task.Wait(TimeSpan.FromSeconds(60));
        });
        await writing.Task;
        try
        {
            Assert.That(
                async () => await _registry.SetTagAsync("churn", "d", "e").WaitAsync(TimeSpan.FromSeconds(20)),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("is not what was set"));
        }
        finally
        {
            goOn.SetResult();
            await other;
        }
    }

    [Test]
    public async Task SetTagAsync_LogGrewWhileItWaited_IsVerifiedInTheWrite()
    {
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource();
        var other = Store.WriteAsync(connection =>
        {
            writing.SetResult();
            goOn.Task.Wait(TimeSpan.FromSeconds(60));
            AuditLog.Append(connection, Clock.GetUtcNow(), "bob", "model.tagged", "model:churn", "{}");
        });
        await writing.Task;
        var waits = _registry.SetTagAsync("churn", "d", "e");
        goOn.SetResult();
        await other;

        // An entry without its record: what is said of the model does not agree with the log any more.
        Assert.That(async () => await waits, Throws.TypeOf<MlOpsException>().With.Message.Contains("of what is said of 'churn'"));
    }

    [Test]
    public async Task DeleteAsync_Version_LeavesItsRecordAndFreesItsPackage()
    {
        var version = await _registry.GetAsync("churn", 3);
        await Store.WriteAsync(connection =>
        {
            ArtifactRefTable.Add(connection, "run", "run-1", [version.PackageId]);
            ArtifactRefTable.Add(connection, "stage-result", "7", [version.PackageId]);
        });

        var deletion = await _registry.DeleteAsync("churn", 3, "trained on rows of others");

        Assert.That((deletion.Reason, deletion.At), Is.EqualTo(("trained on rows of others", Clock.GetUtcNow())));
        Assert.That(await Store.ReadAsync(connection => ArtifactRefTable.IsReferenced(connection, version.PackageId)), Is.False);
        Assert.That((await _registry.ListAsync("churn")).Select(each => each.Version), Is.EqualTo(new[] { 2, 1 }));
        Assert.That(await _registry.SearchAsync(new VersionQuery { IncludeArchived = true }), Has.Count.EqualTo(2));
        Assert.That(await _registry.SearchAsync(new VersionQuery { IncludeDeleted = true }), Has.Count.EqualTo(3));
        Assert.That((await _registry.GetAsync("churn", 3)).Deletion, Is.EqualTo(deletion));
        Assert.That(await _registry.BlessingsAsync("churn", 3), Has.Count.EqualTo(1));
        Assert.That((await _registry.FindModelAsync("churn"))!.DeletedVersions, Is.EqualTo(1));
        foreach (var deed in (Func<Task>[])
        [
            () => _registry.GetBlessedAsync("churn", 3),
            () => _registry.SetAliasAsync("churn", "candidate", 3, "x"),
            () => _registry.SetTagAsync("churn", "a", "b", 3),
            () => _registry.DescribeAsync("churn", "b", 3),
            () => _registry.ArchiveAsync("churn", 3, "x"),
            () => _registry.DeleteAsync("churn", 3, "x"),
            () => _registry.RegisterAsync(Make("c") with { Version = 3 }, "ann"),
        ])
        {
            Assert.That(deed, Throws.TypeOf<MlOpsException>().With.Message.Contains("deleted by").And.Message.Contains("rows of others"));
        }

        // The same content again is another version: the number is not given again.
        Assert.That((await _registry.RegisterAsync(Make("c"), "ann")).Version, Is.EqualTo(4));
    }

    [Test]
    public async Task DeleteAsync_PackageOfAnotherVersion_IsKept()
    {
        var twin = await _registry.RegisterAsync(Make("c") with { RunId = "run-2" }, "ann");
        await Store.WriteAsync(connection => ArtifactRefTable.Add(connection, "run", "run-2", [twin.PackageId]));
        await _registry.DeleteAsync("churn", 3, "x");
        Assert.That(await Store.ReadAsync(connection => ArtifactRefTable.Holds(connection, "run", "run-2", [twin.PackageId])), Is.True);
        Assert.That(
            await Store.ReadAsync(connection => ArtifactRefTable.Holds(connection, "model-version", "churn/4", [twin.PackageId])), Is.True);
    }

    [Test]
    public async Task DeleteAsync_KeyOfADeletedVersion_CanBeUsedAgain()
    {
        await _registry.RegisterAsync(Make("d") with { IdempotencyKey = "k" }, "ann");
        await _registry.DeleteAsync("churn", 4, "x");
        Assert.That((await _registry.RegisterAsync(Make("e") with { IdempotencyKey = "k" }, "ann")).Version, Is.EqualTo(5));
    }

    [Test]
    public async Task DeleteAsync_VersionOfARollback_MustBeArchivedFirst()
    {
        Assert.That(
            async () => await _registry.DeleteAsync("churn", 1, "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("rollback").And.Message.Contains("Archive it first"));
        await _registry.ArchiveAsync("churn", 1, "x");
        await _registry.DeleteAsync("churn", 1, "x");
        Assert.That((await _registry.GetAsync("churn", 1)).Deletion, Is.Not.Null);
    }

    [Test]
    public async Task Changes_ActorWhoMayNot_AreRefusedAndNothingIsWritten()
    {
        var guarded = new ModelRegistry(Store) { Acting = new CurrentActor(new Nobody(), "x") };
        var head = (await new AuditLog(Store).VerifyAsync()).HeadHash;
        foreach (var (deed, verb) in (IEnumerable<(Func<Task>, string)>)
        [
            (() => guarded.SetAliasAsync("churn", "candidate", 3, "x"), "aliases"),
            (() => guarded.RemoveAliasAsync("churn", "candidate", "x"), "aliases"),
            (() => guarded.SetTagAsync("churn", "a", "b"), "tag"),
            (() => guarded.RemoveTagAsync("churn", "a", 1), "tag"),
            (() => guarded.DescribeAsync("churn", "b"), "describe"),
            (() => guarded.ArchiveAsync("churn", 1, "x"), "archive"),
            (() => guarded.UnarchiveAsync("churn", 1, "x"), "archive"),
            (() => guarded.DeleteAsync("churn", 3, "x"), "delete"),
        ])
        {
            Assert.That(deed, Throws.InstanceOf<MlOpsException>().With.Message.Contains("'nobody' may not").And.Message.Contains(verb));
        }
        Assert.That((await new AuditLog(Store).VerifyAsync()).HeadHash, Is.EqualTo(head));
    }

    [Test]
    public void Changes_UnknownModelOrVersion_SayWhatThereIs()
    {
        Assert.That(
            async () => await _registry.SetTagAsync("chrun", "a", "b"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Did you mean 'churn'"));
        Assert.That(
            async () => await _registry.SetTagAsync("churn", "a", "b", 9),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("version 9"));
        Assert.That(
            async () => await _registry.RemoveAliasAsync("churn", "gone", "x"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no alias"));
    }

    [TestCase("UPDATE registry_values SET value = 'x' WHERE property = 'tag' AND version = 1", "tag of version 1 'a' of 'churn' is not")]
    [TestCase("DELETE FROM registry_values WHERE property = 'archived'", "archived of version 3")]
    [TestCase("DELETE FROM registry_values WHERE property = 'deleted'", "deleted of version 4")]
    [TestCase("INSERT INTO registry_values VALUES ('churn', 2, 'archived', '', 'true')", "never set")]
    [TestCase("UPDATE registry_values SET value = '2' WHERE property = 'alias'", "alias 'candidate'")]
    [TestCase("UPDATE registry_changes SET reason = 'because' WHERE property = 'deleted'", "change 6")]
    [TestCase("UPDATE registry_changes SET actor = 'bob' WHERE property = 'tag' AND version = 0", "change 1")]
    [TestCase("DELETE FROM registry_changes WHERE property = 'alias'", "change 4")]
    [TestCase(
        "INSERT INTO registry_changes SELECT no + 99, model, 3, property, name, 'true', previous, at, actor, reason "
            + "FROM registry_changes LIMIT 1", "change 7")]
    [TestCase("UPDATE registry_changes SET at = at - 36000000000 WHERE property = 'tag'", "change 1")]
    public async Task Records_ChangedBesideTheLog_AreFoundAndNotBuiltOn(string sql, string problem)
    {
        await _registry.SetTagAsync("churn", "team", "x");
        await _registry.SetTagAsync("churn", "a", "b", 1);
        await _registry.DescribeAsync("churn", "b", 1);
        await _registry.SetAliasAsync("churn", "candidate", 1, "x");
        await _registry.ArchiveAsync("churn", 3, "x");
        await _registry.RegisterAsync(Make("d"), "ann");
        await _registry.DeleteAsync("churn", 4, "x");
        Assert.That((await new AuditLog(Store).VerifyAsync()).Problem, Is.Null);

        await Store.WriteAsync(connection => { connection.Execute(sql); });

        var verification = await new AuditLog(Store).VerifyAsync();
        Assert.That(verification.Kind, Is.EqualTo(AuditProblemKind.RecordDiffers));
        Assert.That(verification.Problem, Does.Contain(problem));
        Assert.That(
            async () => await _registry.GetBlessedAsync("churn", 2), Throws.TypeOf<MlOpsException>().With.Message.Contains("audit log"));
        Assert.That(
            async () => await _registry.SetTagAsync("churn", "new", "b"),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("audit log"));
    }

    private static NewModelVersion Make(string content) => new(
        "churn", ArtifactId.Of(Encoding.UTF8.GetBytes(content)), "hash-" + content, "run-1", new Dictionary<string, MetricValue>());

    private async Task BlessedAsync(string content) =>
        await _registry.BlessAsync(await _registry.RegisterAsync(Make(content), "ann"), [Passed], "ann");

    private sealed class Nobody : IActorProvider
    {
        public string Actor => "nobody";

        public bool May(ReleaseAction action, string model) => false;
    }
}
