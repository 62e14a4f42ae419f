using Dapper;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Audit;

internal sealed class AuditLogTests : StoreFixture
{
    private AuditLog _log = null!;

    [SetUp]
    public async Task WriteTen()
    {
        _log = new AuditLog(Store);
        for (var i = 1; i <= 10; i++) await _log.AppendAsync("ann", "test.write", $"thing:{i % 2}", $$"""{"i":"{{i}}"}""");
    }

    [Test]
    public async Task ReadAsync_Appended_AreInOrder()
    {
        var entries = await ListAsync(_log.ReadAsync());
        Assert.That(entries.Select(e => e.Sequence), Is.EqualTo(Enumerable.Range(1, 10)));
        Assert.That(
            (entries[2].Actor, entries[2].Action, entries[2].Subject, entries[2].Details, entries[2].At),
            Is.EqualTo(("ann", "test.write", "thing:1", """{"i":"3"}""", Clock.GetUtcNow())));
        Assert.That(await ListAsync(_log.ReadAsync(after: 8)), Has.Count.EqualTo(2));
        Assert.That(
            (await ListAsync(_log.ReadAsync(subject: "thing:0"))).Select(e => e.Sequence),
            Is.EqualTo(new long[] { 2, 4, 6, 8, 10 }));
    }

    [Test]
    public async Task VerifyAsync_Untouched_IsIntact()
    {
        var verification = await _log.VerifyAsync();
        var last = (await ListAsync(_log.ReadAsync()))[^1];
        Assert.That(verification, Is.EqualTo(new AuditVerification(10, null, null, last.Hash)));
    }

    [Test]
    public async Task VerifyAsync_EmptyLog_IsIntact()
    {
        await using var empty = await Sdk.Storage.RelationalStore.OpenAsync(
            Folder["empty.db"], Clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Assert.That(await new AuditLog(empty).VerifyAsync(), Is.EqualTo(new AuditVerification(0, null, null, "")));
    }

    [TestCase("UPDATE audit SET actor = 'bob' WHERE seq = 4", 4)]
    [TestCase("UPDATE audit SET at = at + 1 WHERE seq = 4", 4)]
    [TestCase("UPDATE audit SET details = '{}' WHERE seq = 10", 10)]
    [TestCase("UPDATE audit SET action = 'test.writet', subject = 'hing:0' WHERE seq = 6", 6)]
    [TestCase("DELETE FROM audit WHERE seq = 1", 1)]
    [TestCase("DELETE FROM audit WHERE seq = 7", 7)]
    [TestCase("DELETE FROM audit WHERE seq > 8", 9)]
    [TestCase("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 2) WHERE seq = 3", 3)]
    public async Task VerifyAsync_Tampered_NamesTheFirstBrokenEntry(string tampering, long firstBroken)
    {
        await TamperAsync(tampering);
        var verification = await _log.VerifyAsync();
        Assert.That(
            (verification.IsIntact, verification.FirstBroken, verification.Entries),
            Is.EqualTo((false, (long?)firstBroken, firstBroken - 1)));
        Assert.That(verification.Problem, Is.Not.Null);
    }

    [Test]
    public async Task VerifyAsync_KnownHead_ProvesThatNothingBeforeWasRewritten()
    {
        var head = (await _log.VerifyAsync()).HeadHash;
        await _log.AppendAsync("ann", "test.write", "thing:1", "{}");
        Assert.That((await _log.VerifyAsync(head)).IsIntact, Is.True);

        // A forger who also mends the head is found by a hash that was kept outside.
        await TamperAsync(
            "DELETE FROM audit WHERE seq >= 10; UPDATE audit_head SET seq = 9, hash = (SELECT hash FROM audit WHERE seq = 9)");
        Assert.That((await _log.VerifyAsync()).IsIntact, Is.True);
        Assert.That((await _log.VerifyAsync(head)).IsIntact, Is.False);
    }

    [TestCase("abc")]
    [TestCase("deadbeef")]
    [TestCase("zz00000000000000000000000000000000000000000000000000000000000000")]
    public void VerifyAsync_WhatIsNoHash_IsAMistakeOfTheCallerAndNoForgery(string head) => Assert.That(
        async () => await _log.VerifyAsync(head),
        Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{head}' is no hash of an audit log.")
            .And.Message.Contains("64 hexadecimal digits"));

    [Test]
    public async Task VerifyAsync_HeadInCapitalsWithABlank_IsTheSame()
    {
        var head = (await _log.VerifyAsync()).HeadHash;

        Assert.That((await _log.VerifyAsync($"{head.ToUpperInvariant()}\n")).IsIntact, Is.True);
    }

    [TestCase("UPDATE audit SET actor = 'bob' WHERE seq = 4")]
    [TestCase("DELETE FROM audit WHERE seq = 4")]
    public void Database_ChangeOfAnEntry_IsRefused(string sql) =>
        Assert.That(
            async () => await Store.WriteAsync(c => { c.Execute(sql); }),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("append-only"));

    private Task TamperAsync(string sql) =>
        Store.WriteAsync(c => { c.Execute("DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks; " + sql); });
}
