using System.Text.Json;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class ModelCommandTests
{
    private TempFolder _folder = null!;
    private Mlops _tool = null!;

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        _tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(_folder), ["MLOPS_ACTOR"] = "bea" } };
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task List_AModelWithTwoVersions_NamesTheLiveOne()
    {
        var json = await _tool.RunAsync("models", "list", "--json");
        var people = await _tool.RunAsync("models", "list");

        var model = json.Json.GetProperty("models")[0];
        Assert.Multiple(() =>
        {
            Assert.That(model.GetProperty("name").GetString(), Is.EqualTo(SampleWorkspace.Model));
            Assert.That(model.GetProperty("liveVersion").GetInt32(), Is.EqualTo(2));
            Assert.That(model.GetProperty("versions").GetInt32(), Is.EqualTo(2));
            Assert.That(people.Lines[1], Does.Match("^churn +2 +20..-"));
        });
    }

    [Test]
    public async Task ShowAndVersions_OfAModel_HaveGatesAndAliases()
    {
        var live = await _tool.RunAsync("models", "show", SampleWorkspace.Model, "--json");
        var first = await _tool.RunAsync("models", "show", SampleWorkspace.Model, "1");
        var versions = await _tool.RunAsync("models", "versions", SampleWorkspace.Model);

        Assert.Multiple(() =>
        {
            Assert.That(live.Json.GetProperty("version").GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(live.Json.GetProperty("aliases")[0].GetString(), Is.EqualTo("champion"));
            Assert.That(live.Json.GetProperty("isBlessed").GetBoolean(), Is.True);
            Assert.That(first.Lines[0], Is.EqualTo("churn, version 1"));
            Assert.That(first.Out, Does.Match("load and predict +Passed"));
            Assert.That(versions.Lines[1], Does.Match("^ +2  champion  yes "));
            Assert.That(versions.Lines[2], Does.Match("^ +1 +yes "));
        });
    }

    [Test]
    public async Task PromoteAndRollback_ByHand_AreInTheAuditLogWithActorAndReason()
    {
        var back = await _tool.RunAsync("rollback", SampleWorkspace.Model, "--reason", "complaints");
        var forth = await _tool.RunAsync("promote", SampleWorkspace.Model, "2", "--reason", "it was the data", "--json");
        var named = await _tool.RunAsync("rollback", SampleWorkspace.Model, "--to", "1", "--reason", "no");
        var log = await _tool.RunAsync("audit", "list", "--limit", "3", "--json");
        var history = await _tool.RunAsync("models", "history", SampleWorkspace.Model);

        var entries = log.Json.GetProperty("entries").EnumerateArray().ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(back.Lines[0], Is.EqualTo("Version 1 of churn is live instead of version 2."));
            Assert.That(forth.Json.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(named.Code, Is.Zero, named.Error);
            Assert.That(
                entries.Select(entry => Text(entry, "action")),
                Is.EqualTo(new[] { "model.rolled-back", "model.promoted", "model.rolled-back" }));
            Assert.That(entries.Select(entry => Text(entry, "actor")), Is.All.EqualTo("bea"));
            Assert.That(Text(entries[1], "details"), Does.Contain("it was the data"));
            Assert.That(history.Lines[1], Does.EndWith("  bea  no"));
        });
    }

    [Test]
    public async Task Promote_TheLiveVersion_IsRefused()
    {
        var outcome = await _tool.RunAsync("promote", SampleWorkspace.Model, "2", "--reason", "again");

        Assert.That(outcome.Code, Is.EqualTo(3));
        Assert.That(outcome.Error, Does.StartWith("Version 2 of 'churn' is already live.\n"));
    }

    [Test]
    public async Task Show_MistypedModel_SuggestsTheRightOne()
    {
        var outcome = await _tool.RunAsync("models", "show", "chrun");

        Assert.That(outcome.Error, Does.Contain("There is no model 'chrun'.").And.Contain("Did you mean 'churn'?"));
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString()!;
}
