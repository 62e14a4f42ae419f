using Dapper;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Audit;

/// <summary>Whatever is done to the log behind the library's back, the first entry concerned is named, and what was done to it.</summary>
internal sealed class AuditTamperingTests : StoreFixture
{
    private const string Fields = "at, actor, action, subject, details, hash";

    private AuditLog _log = null!;

    [SetUp]
    public async Task WriteTwenty()
    {
        _log = new AuditLog(Store);
        for (var i = 1; i <= 20; i++) await _log.AppendAsync("ann", "test.write", $"thing:{i % 3}", $$"""{"i":"{{i}}"}""");
    }

    [TestCase("UPDATE audit SET at = at + 1 WHERE seq = 7", 7)]
    [TestCase("UPDATE audit SET actor = 'bob' WHERE seq = 7", 7)]
    [TestCase("UPDATE audit SET action = 'test.read' WHERE seq = 7", 7)]
    [TestCase("UPDATE audit SET subject = 'thing:9' WHERE seq = 7", 7)]
    [TestCase("UPDATE audit SET details = '{}' WHERE seq = 7", 7)]
    [TestCase("UPDATE audit SET hash = upper(hash) WHERE seq = 7", 7)]
    [TestCase("UPDATE audit SET details = '{}' WHERE seq = 1", 1)]
    [TestCase("UPDATE audit SET details = '{}' WHERE seq = 20", 20)]
    public Task VerifyAsync_FieldChanged_IsAltered(string sql, long first) => ExpectAsync(sql, AuditProblemKind.Altered, first);

    [TestCase("details = CAST(details AS BLOB)")]
    [TestCase("hash = CAST(hash AS BLOB)")]
    [TestCase("hash = x'00ff'")]
    [TestCase("actor = x'ff'")]
    [TestCase("at = 'abc'")]
    [TestCase("at = 0.5")]
    [TestCase("at = 9223372036854775807")]
    [TestCase("at = -1")]
    public async Task VerifyAsync_FieldOfAnotherType_IsAlteredAndTheOthersAreRead(string change)
    {
        await ExpectAsync($"UPDATE audit SET {change} WHERE seq = 10", AuditProblemKind.Altered, 10);

        var listed = await _log.ReadAsync().ToListAsync();
        Assert.That(listed.Select(entry => entry.Sequence), Is.EqualTo(Enumerable.Range(1, 20)));
        Assert.That((await _log.ReadAsync(new AuditFilter()).ToListAsync()), Is.EqualTo(listed));
        using var exported = new MemoryStream();
        Assert.That(await _log.ExportAsync(exported, AuditFormat.JsonLines), Is.EqualTo(20));
        Assert.That(await _log.ExportAsync(exported, AuditFormat.Csv), Is.EqualTo(20));
    }

    [TestCase("seq = 'abc'")]
    [TestCase("hash = x'00'")]
    public Task VerifyAsync_HeadOfAnotherType_IsCutOff(string change) =>
        ExpectAsync($"UPDATE audit_head SET {change}", AuditProblemKind.CutOff, 21);

    [TestCase("DELETE FROM audit WHERE seq = 1", 1)]
    [TestCase("DELETE FROM audit WHERE seq = 9", 9)]
    [TestCase("DELETE FROM audit WHERE seq BETWEEN 9 AND 12", 9)]
    [TestCase("DELETE FROM audit WHERE seq = 9; UPDATE audit SET seq = seq - 1 WHERE seq > 9", 9)]
    [TestCase("DELETE FROM audit WHERE seq BETWEEN 9 AND 12; UPDATE audit SET seq = seq - 4 WHERE seq > 12", 9)]
    public Task VerifyAsync_EntryRemoved_IsMissing(string sql, long first) => ExpectAsync(sql, AuditProblemKind.Missing, first);

    [TestCase(5, 6)]
    [TestCase(5, 15)]
    [TestCase(19, 20)]
    [TestCase(3, 20)]
    [TestCase(1, 2)]
    public Task VerifyAsync_TwoEntriesExchanged_AreReordered(int one, int other) => ExpectAsync(
        $"UPDATE audit SET seq = 1000 WHERE seq = {one}; UPDATE audit SET seq = {one} WHERE seq = {other}; " +
        $"UPDATE audit SET seq = {other} WHERE seq = 1000",
        AuditProblemKind.Reordered,
        one);

    [Test]
    public Task VerifyAsync_EntryMovedForwards_IsReordered() => ExpectAsync(
        "UPDATE audit SET seq = 1000 WHERE seq = 5; UPDATE audit SET seq = seq - 1 WHERE seq BETWEEN 6 AND 10; " +
        "UPDATE audit SET seq = 10 WHERE seq = 1000",
        AuditProblemKind.Reordered,
        5);

    [TestCase(1)]
    [TestCase(8)]
    [TestCase(20)]
    public Task VerifyAsync_EntryInserted_IsFound(int place) => ExpectAsync(
        $"UPDATE audit SET seq = -seq WHERE seq >= {place}; UPDATE audit SET seq = 1 - seq WHERE seq < 0; " +
        $"INSERT INTO audit(seq, {Fields}) SELECT {place}, {Fields} FROM audit WHERE seq = 5; " +
        "UPDATE audit_head SET seq = seq + 1",
        AuditProblemKind.Inserted,
        place);

    [Test]
    public async Task VerifyAsync_EntryBelowTheFirst_IsInserted()
    {
        var forged = new AuditRow
        {
            Sequence = -3, At = 1, Actor = "bob", Action = "model.blessed", Subject = "model:churn/1", Details = "{}",
        };
        forged = forged with { Hash = AuditChain.Hash("", forged) };
        await TamperAsync(connection => connection.Execute(
            $"INSERT INTO audit(seq, {Fields}) VALUES (@Sequence, @At, @Actor, @Action, @Subject, @Details, @Hash)", forged));

        var verification = await _log.VerifyAsync();

        Assert.That(verification.Kind, Is.EqualTo(AuditProblemKind.Inserted));
        Assert.That(await Store.ReadAsync(connection => AuditedModel.Read(connection, "churn").CompareTraffic(connection)), Is.Not.Null);
    }

    [Test]
    public async Task VerifyAsync_EntryAddedBehindTheHead_IsInserted()
    {
        await TamperAsync(connection =>
        {
            var head = AuditTable.Head(connection)!;
            var row = new AuditRow { Sequence = 21, At = 1, Actor = "bob", Action = "a", Subject = "s", Details = "{}" };
            row = row with { Hash = AuditChain.Hash(head.Hash, row) };
            connection.Execute(
                $"INSERT INTO audit(seq, {Fields}) VALUES (@Sequence, @At, @Actor, @Action, @Subject, @Details, @Hash)", row);
        });

        await ExpectAsync("SELECT 1", AuditProblemKind.Inserted, 21);
    }

    [TestCase("DELETE FROM audit WHERE seq > 15")]
    [TestCase("DELETE FROM audit WHERE seq > 15; DELETE FROM audit_head")]
    public Task VerifyAsync_EndCut_IsCutOff(string sql) => ExpectAsync(sql, AuditProblemKind.CutOff, 16);

    [Test]
    public Task VerifyAsync_AllRemoved_IsCutOff() => ExpectAsync("DELETE FROM audit", AuditProblemKind.CutOff, 1);

    [Test]
    public async Task VerifyAsync_EndCutAndHeadMended_OnlyTheAnchorKnows()
    {
        var anchor = AuditAnchor.Parse((await _log.AnchorAsync()).ToString());
        await TamperAsync(
            "DELETE FROM audit WHERE seq > 15; UPDATE audit_head SET seq = 15, hash = (SELECT hash FROM audit WHERE seq = 15)");

        Assert.That((await _log.VerifyAsync()).IsIntact, Is.True);
        var verification = await _log.VerifyAsync(anchor);
        Assert.That((verification.Kind, verification.FirstBroken), Is.EqualTo((AuditProblemKind.CutOff, (long?)16)));

        // Cut and grown again behind it.
        for (var i = 0; i < 10; i++) await _log.AppendAsync("bob", "test.write", "thing:1", "{}");
        Assert.That((await _log.VerifyAsync()).IsIntact, Is.True);
        verification = await _log.VerifyAsync(anchor);
        Assert.That((verification.Kind, verification.FirstBroken), Is.EqualTo((AuditProblemKind.Rewritten, (long?)20)));
        Assert.That(verification.Problem, Does.Contain("20"));
    }

    [Test]
    public async Task VerifyAsync_EndRewrittenWithoutItsHead_IsRewritten()
    {
        await TamperAsync(connection =>
        {
            var rows = AuditTable.Read(connection, 18, null, 2);
            var previous = AuditTable.Read(connection, 17, null, 1)[0].Hash;
            foreach (var row in rows)
            {
                var forged = row with { Actor = "bob" };
                forged = forged with { Hash = AuditChain.Hash(previous, forged) };
                connection.Execute("UPDATE audit SET actor = @Actor, hash = @Hash WHERE seq = @Sequence", forged);
                previous = forged.Hash;
            }
        });

        await ExpectAsync("SELECT 1", AuditProblemKind.Rewritten, 20);
    }

    [Test]
    public async Task VerifyAsync_AnchorOfAGrownLog_IsIntact()
    {
        var empty = new AuditAnchor((await _log.AnchorAsync()).WorkspaceId, 0, "", Clock.GetUtcNow());
        var anchor = await _log.AnchorAsync();
        await _log.AppendAsync("ann", "test.write", "thing:1", "{}");
        Assert.That((await _log.VerifyAsync(anchor)).Problem, Is.Null);
        Assert.That((await _log.VerifyAsync(empty)).Problem, Is.Null);

        var foreign = await _log.VerifyAsync(anchor with { WorkspaceId = new string('0', 32) });
        Assert.That((foreign.Kind, foreign.Problem), Is.EqualTo((AuditProblemKind.Rewritten, foreign.Problem)));
        Assert.That(foreign.Problem, Does.Contain(anchor.WorkspaceId));
    }

    [Test]
    public async Task VerifyAsync_AppendedMeanwhile_IsIntact()
    {
        var more = true;
        var appending = Task.Run(async () =>
        {
            while (Volatile.Read(ref more)) await _log.AppendAsync("ann", "test.write", "thing:1", "{}");
        });
        for (var i = 0; i < 20; i++) Assert.That((await _log.VerifyAsync()).Problem, Is.Null);
        Volatile.Write(ref more, false);
        await appending;
    }

    [Test]
    public async Task VerifyAsync_AppendedBehindAFullPage_IsIntact()
    {
        await Store.WriteAsync(connection =>
        {
            for (var i = 20; i < 1_000; i++) AuditLog.Append(connection, Clock.GetUtcNow(), "ann", "test.write", "thing:1", "{}");
        });
        var reports = 0;
        var verification = await _log.VerifyAsync(null, new Heard(_ =>
        {
            // Nothing was behind the page when it was read, and is when the head is.
            if (++reports == 2) _log.AppendAsync("ann", "test.write", "thing:1", "{}").GetAwaiter().GetResult();
        }));
        Assert.That((verification.Problem, verification.Entries), Is.EqualTo(((string?)null, 1_001L)));
    }

    [Test]
    public async Task VerifyAsync_EndCutBehindAFullPage_IsCutOff()
    {
        await Store.WriteAsync(connection =>
        {
            for (var i = 20; i < 1_005; i++) AuditLog.Append(connection, Clock.GetUtcNow(), "ann", "test.write", "thing:1", "{}");
        });
        await ExpectAsync("DELETE FROM audit WHERE seq > 1000", AuditProblemKind.CutOff, 1_001);
    }

    [Test]
    public async Task VerifyAsync_LongLog_ReportsProgressAndIsCancelled()
    {
        var count = LongForm.Of(1_000_000, 5_000);
        await Store.WriteAsync(connection =>
        {
            for (var i = 0; i < count; i++)
            {
                AuditLog.Append(connection, Clock.GetUtcNow(), "ann", "test.write", "model:churn/1", """{"reason":"many"}""");
            }
        });
        var reported = new List<long>();
        Assert.That((await _log.VerifyAsync(null, new Heard(reported.Add))).Entries, Is.EqualTo(count + 20));
        Assert.That(reported, Is.Ordered.And.Not.Empty);
        Assert.That(reported[^1], Is.EqualTo(count + 20));
        Assert.That(reported, Has.Count.GreaterThanOrEqualTo(count / 1000));

        using var end = new CancellationTokenSource();
        Assert.That(
            async () => await _log.VerifyAsync(null, new Heard(_ => end.Cancel()), end.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("")]
    [TestCase("mlops-audit-1 x 1 y z")]
    [TestCase("mlops-audit-1 00000000000000000000000000000000 1 - 2026-01-01T00:00:00.0000000Z")]
    [TestCase("mlops-audit-2 00000000000000000000000000000000 0 - 2026-01-01T00:00:00.0000000Z")]
    [TestCase("mlops-audit-1 00000000000000000000000000000000 -1 - 2026-01-01T00:00:00.0000000Z")]
    public void Parse_NotAnAnchor_IsRejected(string text)
    {
        Assert.That(AuditAnchor.TryParse(text, out _), Is.False);
        Assert.That(() => AuditAnchor.Parse(text), Throws.TypeOf<FormatException>());
    }

    [Test]
    public async Task Parse_TextOfAnAnchor_IsTheAnchor()
    {
        var anchor = await _log.AnchorAsync();
        Assert.That(AuditAnchor.Parse(anchor + Environment.NewLine), Is.EqualTo(anchor));
        var empty = anchor with { Sequence = 0, Hash = "" };
        Assert.That(AuditAnchor.Parse(empty.ToString()), Is.EqualTo(empty));
    }

    private async Task ExpectAsync(string sql, AuditProblemKind kind, long first)
    {
        await TamperAsync(sql);
        var verification = await _log.VerifyAsync();
        Assert.That(
            (verification.Kind, verification.FirstBroken), Is.EqualTo(((AuditProblemKind?)kind, (long?)first)), verification.Problem);
        Assert.That(verification.IsIntact, Is.False);
    }

    private Task TamperAsync(string sql) => TamperAsync(connection => connection.Execute(sql));

    private Task TamperAsync(Action<System.Data.Common.DbConnection> tamper) => Store.WriteAsync(connection =>
    {
        connection.Execute("DROP TRIGGER IF EXISTS audit_never_changes; DROP TRIGGER IF EXISTS audit_never_shrinks");
        tamper(connection);
    });

    private sealed class Heard(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
