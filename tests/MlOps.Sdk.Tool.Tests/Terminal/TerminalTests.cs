using System.Text.RegularExpressions;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed partial class TerminalTests
{
    private static string[] HostileRun => ["runs", "show", SampleWorkspace.Experiments[2]];

    private static string[] HostileList => ["search", "lifecycle = notebook", "--show", "tag.team"];

    [Test]
    public async Task Output_ForAnotherProgram_HasNoSequencesAndOneLineForEachRow()
    {
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

        var list = await tool.RunAsync(HostileList);
        var show = await tool.RunAsync(HostileRun);

        Assert.Multiple(() =>
        {
            Assert.That(list.Lines, Has.Length.EqualTo(4), "a header and three runs");
            Assert.That(list.Lines[1], Does.EndWith(@"[red]x[/] \u001b]0;title\u0007\u001b[2J \u202etxt\u000arow"));
            Assert.That(list.Out + show.Out, Does.Not.Contain('\u001b').And.Not.Contain('\u0007').And.Not.Contain('\u202e'));
            Assert.That(list.Lines, Has.None.EndsWith(" "));
        });
    }

    [Test]
    public async Task Output_ForATerminal_HasColoursAndNothingOfTheData()
    {
        var tool = new Mlops { OutIsTerminal = true, Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

        var models = await tool.RunAsync("models", "history", SampleWorkspace.Model);
        var list = await tool.RunAsync(HostileList);
        var show = await tool.RunAsync(HostileRun);

        Assert.Multiple(() =>
        {
            Assert.That(models.Out, Does.Contain("\u001b[").And.Contain("╭"));
            Assert.That(list.Out, Does.Contain("[red]x[/]"), "it is too wide for a frame");
            Assert.That(
                Colour().Replace(list.Out + show.Out, ""),
                Does.Not.Contain('\u001b').And.Not.Contain('\u0007').And.Not.Contain('\u202e'));
            Assert.That(
                SampleWorkspace.Experiments.Where(id => !list.Out.Contains(id, StringComparison.Ordinal)), Is.Empty, "ids stay whole");
        });
    }

    [TestCase("NO_COLOR", "1")]
    [TestCase("TERM", "dumb")]
    public async Task Output_ForATerminalWithoutColours_HasNone(string variable, string value)
    {
        var tool = new Mlops
        {
            OutIsTerminal = true,
            ErrorIsTerminal = true,
            Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path, [variable] = value },
        };

        var list = await tool.RunAsync(HostileList);
        var mistake = await tool.RunAsync("search", "metrics");

        Assert.That(list.Out + mistake.Error, Does.Not.Match("\u001b\\[[0-9;]*3[0-9]"));
    }

    [Test]
    public async Task Progress_WhereSomebodyLooks_IsOnTheErrorOutputOnly()
    {
        var outcome = await new Mlops { ErrorIsTerminal = true }.RunAsync("profile", SampleWorkspace.Rows, "--json");
        var unseen = await new Mlops().RunAsync("profile", SampleWorkspace.Rows, "--json");

        Assert.That(outcome.Error, Does.Contain("Profiling "));
        Assert.That(outcome.Out, Is.EqualTo(unseen.Out));
        Assert.That(unseen.Error, Is.Empty);
    }

    [Test]
    public async Task Line_WiderThanTheTerminal_HasNoBreakOfItsOwn()
    {
        var tool = new Mlops { OutIsTerminal = true, ErrorIsTerminal = true, Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

        var page = await tool.RunAsync("runs", "list", "--limit", "1");
        var missing = await tool.RunAsync("runs", "list", "-w", $"/{new string('x', 200)}");
        var next = await tool.RunAsync("runs", "list", "--limit", "1", "--json");

        Assert.That(page.Lines[^1], Is.EqualTo($"There are more: --after {next.Json.GetProperty("next").GetString()}"));
        Assert.That(missing.Error, Does.Contain(new string('x', 200)));
    }

    [Test]
    public async Task Complaint_WithHostileText_IsPrintable()
    {
        var outcome = await new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } }.RunAsync(
            "models", "show", SampleWorkspace.Hostile);

        Assert.That(outcome.Code, Is.EqualTo(3));
        Assert.That(outcome.Error, Does.Contain(@"[red]x[/] \u001b]0;title").And.Not.Contain('\u001b'));
    }

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colour();
}
