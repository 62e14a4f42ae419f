using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

/// <summary>What people say of models and versions.</summary>
[TestFixture]
public sealed class RegistryCommandTests
{
    private const string Model = SampleWorkspace.Model;

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
    public async Task Tag_OfAModelAndAVersion_IsFoundAndRemoved()
    {
        var model = await _tool.RunAsync("models", "tag", Model, "team", "retention");
        var again = await _tool.RunAsync("models", "tag", Model, "team", "retention", "--json");
        var version = await _tool.RunAsync("models", "tag", Model, "reviewed", "yes", "--version", "1");
        var found = await _tool.RunAsync("models", "list", "--tag", "team=retention", "--json");
        var other = await _tool.RunAsync("models", "list", "--tag", "team=growth");
        var show = await _tool.RunAsync("models", "show", Model, "1");
        var versions = await _tool.RunAsync("models", "versions", Model);
        var removed = await _tool.RunAsync("models", "untag", Model, "team");
        var missing = await _tool.RunAsync("models", "untag", Model, "team");
        var changes = await _tool.RunAsync("models", "changes", Model);

        Assert.Multiple(() =>
        {
            Assert.That(model.Out, Is.EqualTo("The tag 'team' of churn is 'retention'.\n"), model.Error);
            Assert.That(again.Json.GetProperty("isChanged").GetBoolean(), Is.False);
            Assert.That(version.Out, Is.EqualTo("The tag 'reviewed' of version 1 of churn is 'yes'.\n"), version.Error);
            Assert.That(found.Json.GetProperty("models").GetArrayLength(), Is.EqualTo(1));
            Assert.That(other.Out, Is.EqualTo("No models were found.\n"));
            Assert.That(show.Out, Does.Contain("Tag reviewed: yes\n"));
            Assert.That(versions.Lines[0], Is.EqualTo("Tag team: retention"));
            Assert.That(removed.Out, Is.EqualTo("The tag 'team' of churn is removed.\n"));
            Assert.That((missing.Code, missing.Out), Is.EqualTo((0, "There was no tag 'team' of churn.\n")));
            Assert.That(changes.Lines, Has.Length.EqualTo(4));
            Assert.That(changes.Lines[1], Does.Match("tag team +retention +bea$"), "the newest first");
        });
    }

    [Test]
    public async Task Describe_AModel_IsShownUntilItIsTakenAway()
    {
        var said = await _tool.RunAsync("models", "describe", Model, "Whom the retention team calls.");
        var same = await _tool.RunAsync("models", "describe", Model, "Whom the retention team calls.");
        var version = await _tool.RunAsync("models", "describe", Model, "The second one.", "--version", "2", "--json");
        var versions = await _tool.RunAsync("models", "versions", Model);
        var gone = await _tool.RunAsync("models", "describe", Model, "");

        Assert.Multiple(() =>
        {
            Assert.That(said.Out, Is.EqualTo("The description of churn is recorded.\n"), said.Error);
            Assert.That(same.Out, Is.EqualTo("The description of churn was the same already.\n"));
            Assert.That(version.Json.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(versions.Lines[0], Is.EqualTo("Description: Whom the retention team calls."));
            Assert.That(versions.Lines[2], Does.EndWith("The second one."));
            Assert.That(gone.Out, Is.EqualTo("The description of churn is taken away.\n"));
        });
    }

    [Test]
    public async Task Describe_SeveralLines_LookLikeNoFactsOfTheTool()
    {
        await _tool.RunAsync(
            "models", "describe", SampleWorkspace.Model, "Tag approved-by: cara\nTag approved-by: cara\nVersion 1 blessed");

        var shown = await _tool.RunAsync("models", "versions", SampleWorkspace.Model);

        Assert.That(
            shown.Lines.Take(3),
            Is.EqualTo(new[] { "Description: Tag approved-by: cara", "  Tag approved-by: cara", "  Version 1 blessed" }), shown.Error);
    }

    [Test]
    public async Task Alias_SetByTwo_SecondOneIsTold()
    {
        var set = await _tool.RunAsync("models", "alias", "set", Model, "candidate", "1", "--reason", "r", "--expected", "0");
        var late = await _tool.RunAsync("models", "alias", "set", Model, "candidate", "2", "--reason", "r", "--expected", "0");
        var moved = await _tool.RunAsync("models", "alias", "set", Model, "candidate", "2", "--reason", "r", "--json");
        var removed = await _tool.RunAsync("models", "alias", "remove", Model, "candidate", "--reason", "over");
        var history = await _tool.RunAsync("models", "history", Model, "--alias", "candidate");

        Assert.Multiple(() =>
        {
            Assert.That(set.Out, Is.EqualTo("'candidate' points to version 1 of churn.\n"), set.Error);
            Assert.That((late.Code, late.Out), Is.EqualTo((3, "")));
            Assert.That(late.Error, Does.Contain("candidate").And.Contain("1"));
            Assert.That(moved.Json.GetProperty("previous").GetInt32(), Is.EqualTo(1));
            Assert.That(history.Lines, Has.Length.EqualTo(4));
            Assert.That(history.Lines[1], Does.Match(" removed +2  bea  over$"));
            Assert.That(removed.Out, Is.EqualTo("'candidate' is removed. It pointed to version 2 of churn.\n"));
        });
    }

    [Test]
    public async Task Alias_OfTheLiveVersion_IsMovedByOtherCommands()
    {
        var outcome = await _tool.RunAsync("models", "alias", "set", Model, "champion", "1", "--reason", "r");

        Assert.That(outcome.Code, Is.EqualTo(2));
        Assert.That(outcome.Error, Does.Contain("mlops rollback").And.Not.Contain("Async").And.Not.Contain("Parameter"));
    }

    [Test]
    public async Task ArchiveAndDelete_AVersion_LeaveItsRecord()
    {
        var live = await _tool.RunAsync("models", "archive", Model, "2", "--reason", "replaced");
        var archived = await _tool.RunAsync("models", "archive", Model, "1", "--reason", "replaced");
        var list = await _tool.RunAsync("models", "versions", Model, "--json");
        var all = await _tool.RunAsync("models", "versions", Model, "--all");
        var back = await _tool.RunAsync("models", "unarchive", Model, "1", "--reason", "needed");
        var never = await _tool.RunAsync("models", "unarchive", Model, "1", "--reason", "needed");
        var guarded = await _tool.RunAsync("models", "delete", Model, "1", "--reason", "erased rows");
        await _tool.RunAsync("models", "archive", Model, "1", "--reason", "replaced");
        var deleted = await _tool.RunAsync("models", "delete", Model, "1", "--reason", "erased rows", "--json");
        var show = await _tool.RunAsync("models", "show", Model, "1");

        Assert.Multiple(() =>
        {
            Assert.That((live.Code, live.Out), Is.EqualTo((3, "")), "it is live");
            Assert.That(archived.Out, Is.EqualTo("Version 1 of churn is archived.\n"), archived.Error);
            Assert.That(list.Json.GetProperty("versions").GetArrayLength(), Is.EqualTo(1));
            Assert.That(list.Json.GetProperty("about").GetProperty("archivedVersions").GetInt32(), Is.EqualTo(1));
            Assert.That(all.Lines[2], Does.Match("^ +1 +archived "));
            Assert.That(back.Out, Is.EqualTo("Version 1 of churn is in the lists again.\n"));
            Assert.That((never.Code, never.Out), Is.EqualTo((0, "Version 1 of churn was not archived.\n")));
            Assert.That((guarded.Code, guarded.Out), Is.EqualTo((3, "")), "a rollback goes back to it");
            Assert.That(deleted.Json.GetProperty("deletion").GetProperty("actor").GetString(), Is.EqualTo("bea"), deleted.Error);
            Assert.That(show.Out, Does.Match("Deleted .* UTC by bea: erased rows\n"));
        });
    }

    [Test]
    public async Task Compare_TwoVersions_ShowsOnlyWhatDiffers()
    {
        var people = await _tool.RunAsync("models", "compare", Model, "1", "2", "--html", _folder["versions.html"]);
        var json = await _tool.RunAsync("models", "compare", Model, "1", "2", "--json");

        Assert.Multiple(() =>
        {
            Assert.That(people.Lines[0], Does.Match("^ +version 1 +version 2"), people.Error);
            Assert.That(people.Out, Does.Contain("training trainer").And.EndWith($"The page is in {_folder["versions.html"]}.\n"));
            Assert.That(File.ReadAllText(_folder["versions.html"]), Does.Contain("<html").IgnoreCase);
            Assert.That(json.Json.GetProperty("differences").GetArrayLength(), Is.Positive);
            Assert.That(json.Json.GetProperty("second").GetProperty("version").GetInt32(), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Card_OfTheLiveVersion_SaysWhatIsMissingAndWhatToType()
    {
        var before = await _tool.RunAsync("card", Model);
        await _tool.RunAsync("models", "tag", Model, "card.caveats", SampleWorkspace.Hostile);
        var after = await _tool.RunAsync("card", Model, "2", "--html", _folder["card.html"]);
        var markdown = await _tool.RunAsync("card", Model, "--markdown", "--html", _folder["card.html"]);
        var json = await _tool.RunAsync("card", Model, "--json");

        Assert.Multiple(() =>
        {
            Assert.That(before.Lines[0], Is.EqualTo("churn, version 2"), before.Error);
            Assert.That(before.Out, Does.Contain("What is missing").And.Contain("mlops models tag model card.caveats …"));
            Assert.That(after.Out, Does.Contain(@"[red]x[/] \u001b]0;title").And.Not.Contain("card.caveats"));
            Assert.That(after.Out, Does.EndWith($"The page is in {_folder["card.html"]}.\n"));
            Assert.That(markdown.Out, Does.StartWith("# Model card: churn, version 2\n").And.Not.Contain("The page is in"));
            Assert.That(before.Out + after.Out + markdown.Out, Does.Not.Contain('\u001b').And.Not.Contain('\u202e'));
            Assert.That(File.ReadAllText(_folder["card.html"]), Does.Contain("Model card: churn"));
            Assert.That(json.Json.GetProperty("sections").GetArrayLength(), Is.Positive);
        });
    }
}
