using System.Text.Json;
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
        await AlterAsync("DROP TRIGGER audit_never_changes; UPDATE audit SET actor = 'bob' WHERE seq = 3");

        var people = await _tool.RunAsync("audit", "verify");
        var json = await _tool.RunAsync("audit", "verify", "--json");

        Assert.That((people.Code, json.Code, people.Error), Is.EqualTo((1, 1, "")));
        Assert.That(people.Out, Does.Contain("not intact").And.Contain("What was done: altered")
            .And.Contain("First entry that is wrong: 3"));
        Assert.That(json.Json.GetProperty("firstBroken").GetInt64(), Is.EqualTo(3));
    }

    [Test]
    public async Task VerifyAndList_EntryOfAnotherType_FindIt()
    {
        await AlterAsync("DROP TRIGGER audit_never_changes; UPDATE audit SET details = CAST(details AS BLOB) WHERE seq = 3");

        var verified = await _tool.RunAsync("audit", "verify");
        var listed = await _tool.RunAsync("audit", "list");

        Assert.That((verified.Code, verified.Error), Is.EqualTo((1, "")));
        Assert.That(verified.Out, Does.Contain("First entry that is wrong: 3"));
        Assert.That(listed.Code, Is.Zero, listed.Error);
    }

    [TestCase(
        "--action", "model.promotd", "No entry of the log has the action 'model.promotd'. Did you mean 'model.promoted'? The log has: ")]
    [TestCase("--subject", "modl:churn", "No entry of the log is about 'modl:churn'. Did you mean 'model:churn'?")]
    [TestCase("--by", "anne", "No entry of the log is by 'anne'.")]
    public async Task Export_ConditionThatNothingMeets_IsTold(string option, string value, string message)
    {
        var toFile = await _tool.RunAsync("audit", "export", option, value, "--output", _folder["empty.jsonl"]);
        var toOutput = await _tool.RunAsync("audit", "export", option, value);
        var known = await _tool.RunAsync("audit", "export", "--subject", "model:churn", "--to", "2000-01-01");

        Assert.That((toFile.Code, toOutput.Code, toOutput.Out), Is.EqualTo((0, 0, "")));
        Assert.That(toFile.Error, Does.Contain(message));
        Assert.That(toOutput.Error, Does.Contain(message));
        Assert.That(known.Error, Is.EqualTo("No entry meets the conditions.\n"));
    }

    [Test]
    public async Task List_ARequestForApproval_HasItsTimeAndNoTicks()
    {
        await SampleApprovals.AddAsync(_folder["workspace"]);

        var listed = await _tool.RunAsync("audit", "list", "--limit", "1");

        Assert.That(listed.Out, Does.Match("expiresAt: [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC"));
    }

    [Test]
    public async Task Verify_AnAnchor_ProvesTheBeginningOfTheLog()
    {
        var anchor = await _tool.RunAsync("audit", "anchor");
        _folder.Write("anchors.txt", $"something older\n{anchor.Out}\n");
        await _tool.RunAsync("rollback", SampleWorkspace.Model, "--reason", "more entries");
        var after = await _tool.RunAsync("audit", "verify", "--anchor", _folder["anchors.txt"]);
        await AlterAsync("DROP TRIGGER audit_never_shrinks; DELETE FROM audit WHERE seq > 3");
        var cut = await _tool.RunAsync("audit", "verify", "--anchor", _folder["anchors.txt"], "--json");

        Assert.That(anchor.Lines, Has.Length.EqualTo(1));
        Assert.That(anchor.Out, Does.StartWith("mlops-audit-1 "));
        Assert.That((after.Code, cut.Code), Is.EqualTo((0, 1)), after.Out + cut.Out);
        Assert.That(after.Out, Does.Contain("It begins with the "));
        Assert.That(cut.Json.GetProperty("kind").GetString(), Is.EqualTo("CutOff"));
    }

    [Test]
    public async Task Export_ToAFileOrTheOutput_IsTheSame()
    {
        await _tool.RunAsync("models", "tag", SampleWorkspace.Model, "team", SampleWorkspace.Hostile);
        var output = await _tool.RunAsync("audit", "export", "--format", "csv");
        var file = await _tool.RunAsync("audit", "export", "--output", _folder["audit.csv"], "--json");
        var lines = await _tool.RunAsync("audit", "export", "--subject", $"model:{SampleWorkspace.Model}", "--by", "ann");
        var content = await File.ReadAllTextAsync(_folder["audit.csv"]);
        var none = await _tool.RunAsync("audit", "export", "--from", "2999-01-01", "-o", _folder["audit.csv"]);

        Assert.Multiple(() =>
        {
            Assert.That(file.Json.GetProperty("entries").GetInt64(), Is.GreaterThan(5));
            Assert.That(file.Json.GetProperty("format").GetString(), Is.EqualTo("Csv"));
            Assert.That(output.Out, Is.EqualTo(content.ReplaceLineEndings("\n")));
            Assert.That(lines.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("actor").GetString()),
                Is.All.EqualTo("ann").And.Not.Empty);
            Assert.That(none.Out, Is.EqualTo($"Entries that were written to {_folder["audit.csv"]}: 0\n"), "the file is replaced");
            Assert.That(Directory.EnumerateFiles(_folder.Path, "*.partial-*"), Is.Empty);
        });
    }

    [Test]
    public async Task Export_ToATerminal_HasNothingThatItObeys()
    {
        await _tool.RunAsync("models", "tag", SampleWorkspace.Model, "team", "x", "--actor", "eve\u009b2J");
        var terminal = new Mlops { OutIsTerminal = true, Variables = { ["MLOPS_WORKSPACE"] = _folder["workspace"] } };

        var shown = await terminal.RunAsync("audit", "export", "--format", "csv");
        var piped = await _tool.RunAsync("audit", "export", "--format", "csv");

        Assert.That(piped.Out, Does.Contain("eve\u009b2J"), "another program gets what the hash is made of");
        Assert.That(shown.Out, Does.Contain("eve\ufffd2J").And.Not.Contain('\u009b'));
    }

    [Test]
    public async Task Export_ToAPlaceThatIsNoFile_LeavesNothing()
    {
        Directory.CreateDirectory(_folder["folder"]);

        var outcome = await _tool.RunAsync("audit", "export", "--output", _folder["folder"]);

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((3, "")));
        Assert.That(Directory.EnumerateFiles(_folder.Path), Is.Empty);
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

    private async Task AlterAsync(string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={_folder["workspace/mlops.db"]};Pooling=False");
        await connection.OpenAsync();
        await using var alter = connection.CreateCommand();
        alter.CommandText = sql;
        await alter.ExecuteNonQueryAsync();
    }

    private static long[] Sequences(Outcome outcome) =>
        [.. outcome.Json.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("sequence").GetInt64())];
}
