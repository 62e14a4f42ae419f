using Microsoft.Data.Sqlite;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class AuditCommandTests
{
    private TempFolder _folder = null!;
    private Mlops _tool = null!;

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        _tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(_folder) } };
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task Verify_IntactLog_GivesTheHeadThatALaterOneStillHas()
    {
        var before = await _tool.RunAsync("audit", "verify", "--json");
        await _tool.RunAsync("rollback", SampleWorkspace.Model, "--reason", "more entries");

        var after = await _tool.RunAsync("audit", "verify", "--head", before.Json.GetProperty("headHash").GetString()!);

        Assert.That((before.Code, after.Code), Is.EqualTo((0, 0)), after.Out);
        Assert.That(before.Json.GetProperty("isIntact").GetBoolean(), Is.True);
        Assert.That(after.Lines[0], Does.StartWith("The audit log is intact. Entries: "));
    }

    [Test]
    public async Task Verify_AlteredEntry_FindsIt()
    {
        await using (var connection = new SqliteConnection($"Data Source={_folder["workspace/mlops.db"]};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var alter = connection.CreateCommand();
            alter.CommandText = "DROP TRIGGER audit_never_changes; UPDATE audit SET actor = 'bob' WHERE seq = 3";
            await alter.ExecuteNonQueryAsync();
        }

        var people = await _tool.RunAsync("audit", "verify");
        var json = await _tool.RunAsync("audit", "verify", "--json");

        Assert.That((people.Code, json.Code, people.Error), Is.EqualTo((1, 1, "")));
        Assert.That(people.Out, Does.Contain("not intact").And.Contain("First entry that is wrong: 3"));
        Assert.That(json.Json.GetProperty("firstBroken").GetInt64(), Is.EqualTo(3));
    }

    [Test]
    public async Task List_WithAndWithoutStart_HasTheFollowingOrTheLastEntries()
    {
        var last = await _tool.RunAsync("audit", "list", "--limit", "2", "--json");
        var following = await _tool.RunAsync("audit", "list", "--after", "1", "--limit", "2", "--json");
        var subject = await _tool.RunAsync("audit", "list", "--subject", "model:churn/1");

        var total = last.Json.GetProperty("entries")[1].GetProperty("sequence").GetInt64();
        Assert.Multiple(() =>
        {
            Assert.That(total, Is.GreaterThan(5));
            Assert.That(Sequences(last), Is.EqualTo(new[] { total - 1, total }));
            Assert.That(Sequences(following), Is.EqualTo(new[] { 2L, 3L }));
            Assert.That(subject.Lines.Skip(1), Has.All.Contain("model:churn/1").And.Some.Contains("contentHash: "));
        });
    }

    private static long[] Sequences(Outcome outcome) =>
        [.. outcome.Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("sequence").GetInt64())];
}
