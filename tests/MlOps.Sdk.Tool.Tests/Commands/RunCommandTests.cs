using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class RunCommandTests
{
    private static readonly Mlops s_tool = new() { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };

    [Test]
    public async Task List_AllRuns_NewestFirstInPages()
    {
        var first = await s_tool.RunAsync("runs", "list", "--limit", "2", "--json");
        var next = first.Json.GetProperty("next").GetString();
        var second = await s_tool.RunAsync("runs", "list", "--limit", "10", "--after", next!, "--json");
        var people = await s_tool.RunAsync("runs", "list", "--limit", "2");

        Assert.Multiple(() =>
        {
            Assert.That(Ids(first), Is.EqualTo(new[] { SampleWorkspace.Experiments[2], SampleWorkspace.Experiments[1] }));
            Assert.That(Ids(second)[0], Is.EqualTo(SampleWorkspace.Experiments[0]));
            Assert.That(Ids(second), Has.Length.EqualTo(3), "and two runs of the lifecycle");
            Assert.That(second.Json.GetProperty("next").ValueKind, Is.EqualTo(System.Text.Json.JsonValueKind.Null));
            Assert.That(people.Lines[1], Does.StartWith($"{SampleWorkspace.Experiments[2]}  notebook  Experiment  Succeeded  "));
            Assert.That(people.Lines[^1], Is.EqualTo($"There are more: --after {next}"));
        });
    }

    [Test]
    public async Task List_ARunThatBelongsToAnother_NamesIt()
    {
        using var folder = new TempFolder();
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(folder) } };
        string parent;
        await using (var workspace = await Workspace.OpenAsync(folder["workspace"]))
        await using (var run = await workspace.StartRunAsync("outer"))
        {
            parent = run.Id;
            await using var child = await run.StartChildAsync("fold-0");
        }

        var of = await tool.RunAsync("runs", "list", "--limit", "2");
        var alone = await tool.RunAsync("search", "lifecycle = \"outer\"");

        Assert.That(of.Lines[0], Does.Contain("belongs to"));
        Assert.That(of.Lines[1], Does.EndWith($" {parent}"));
        Assert.That(alone.Lines[0], Does.Not.Contain("belongs to"));
    }

    [Test]
    public async Task Search_OrderedByAMetric_ShowsItAndLeavesOutRunsWithoutIt()
    {
        var largest = await s_tool.RunAsync("search", "lifecycle = notebook", "--order-by", "metrics.roc_auc", "--desc");
        var smallest = await s_tool.RunAsync("search", "lifecycle = notebook", "--order-by", "metrics.roc_auc", "--json");
        var shown = await s_tool.RunAsync("search", "params.leaves = 63", "--show", "params.leaves", "--show", "tag.team");

        Assert.Multiple(() =>
        {
            Assert.That(largest.Lines[0], Does.EndWith("metrics.roc_auc"));
            Assert.That(largest.Lines[1], Does.StartWith(SampleWorkspace.Experiments[1]).And.EndWith("  0.84"));
            Assert.That(Ids(smallest), Is.EqualTo(SampleWorkspace.Experiments[..2]));
            Assert.That(shown.Lines[1], Does.EndWith("63             retention"));
        });
    }

    [TestCase("metrics.roc_auc > 0.8 and paramz.leaves = 31", 26, "Did you mean 'params.leaves'?")]
    [TestCase("metrics.roc_auc >", 17, "a value was expected")]
    public async Task Search_WrongFilter_MarksThePlace(string filter, int place, string hint)
    {
        var outcome = await s_tool.RunAsync("search", filter);

        var lines = outcome.Error.Split('\n');
        var mark = Array.FindIndex(lines, line => line.Trim() == "^");
        Assert.That(outcome.Code, Is.EqualTo(2));
        Assert.That(lines[0], Does.StartWith("The filter is wrong: ").And.Contain(hint));
        Assert.That(lines[mark - 1], Is.EqualTo($"  {filter}"));
        Assert.That(lines[mark].IndexOf('^', StringComparison.Ordinal), Is.EqualTo(place + 2));
    }

    [Test]
    public async Task Show_PartOfAnId_ShowsWhatIsRecorded()
    {
        var id = SampleWorkspace.Experiments[0];

        var byEnd = await s_tool.RunAsync("runs", "show", id[^8..]);
        var byId = await s_tool.RunAsync("runs", "show", id, "--json");

        Assert.Multiple(() =>
        {
            Assert.That(byEnd.Lines[0], Is.EqualTo($"notebook: run {id}"));
            Assert.That(byEnd.Out, Does.Match("leaves +31").And.Match("roc_auc +0.81").And.Match("team +retention")
                .And.Contain("notes.txt").And.Contain("Note of retention"));
            Assert.That(byId.Json.GetProperty("run").GetProperty("id").GetString(), Is.EqualTo(id));
        });
    }

    [Test]
    public async Task Show_PartOfSeveralIds_NamesThem()
    {
        var outcome = await s_tool.RunAsync("runs", "show", SampleWorkspace.Experiments[0][..4]);

        Assert.That(outcome.Code, Is.EqualTo(2));
        Assert.That(outcome.Error, Does.Contain(SampleWorkspace.Experiments[2]).And.Contain("Type more"));
    }

    [Test]
    public async Task Metrics_OfARun_AreSeries()
    {
        var all = await s_tool.RunAsync("runs", "metrics", SampleWorkspace.Experiments[2], "--json");
        var loss = await s_tool.RunAsync("runs", "metrics", SampleWorkspace.Experiments[2], "--name", "loss");

        var values = all.Json.GetProperty("metrics").EnumerateArray().Select(metric => metric.GetProperty("value").ToString()).ToArray();
        Assert.That(values, Has.Length.EqualTo(4).And.Contains("NaN"));
        Assert.That(loss.Lines, Has.Length.EqualTo(4));
        Assert.That(loss.Lines[3], Does.StartWith("loss       2  0.333333  "));
    }

    [Test]
    public async Task Compare_TwoRuns_ShowsOnlyWhatDiffers()
    {
        using var folder = new TempFolder();
        var page = folder["comparison.html"];

        var outcome = await s_tool.RunAsync(
            "compare", SampleWorkspace.Experiments[0], SampleWorkspace.Experiments[1][^8..], "--html", page);

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Code, Is.Zero, outcome.Error);
            Assert.That(outcome.Out, Does.Match("parameter leaves +31 +63").And.Match("metric roc_auc +0.81 +0.84"));
            Assert.That(outcome.Out, Does.Not.Contain("loss").And.Not.Contain("retention"), "these are alike");
            Assert.That(outcome.Out, Does.EndWith($"The page is in {page}.\n"));
            Assert.That(File.ReadAllText(page), Does.StartWith("<!DOCTYPE html>").IgnoreCase.And.Contain("leaves"));
        });
    }

    [Test]
    public async Task Compare_ARunWithItself_IsAMistake()
    {
        var id = SampleWorkspace.Experiments[0];

        var outcome = await s_tool.RunAsync("compare", id, id[^8..]);

        Assert.That((outcome.Code, outcome.Error), Is.EqualTo((2, "A run is named twice.\nName each run once.\n")));
    }

    [Test]
    public async Task Compare_TwoModels_ComparesThemOnTheSameRows()
    {
        var outcome = await s_tool.RunAsync(["compare", .. SampleWorkspace.Lifecycles]);

        Assert.That(outcome.Out, Does.Contain($"On the same rows of the holdout, against {SampleWorkspace.Lifecycles[0]}\n")
            .And.Match($"roc_auc +{SampleWorkspace.Lifecycles[1]} +[0-9]+ "), outcome.Error);
    }

    [Test]
    public async Task Log_OfARun_IsFilteredAndPrintable()
    {
        using var folder = new TempFolder();
        var path = SampleWorkspace.Copy(folder);
        string id;
        await using (var workspace = await Workspace.OpenAsync(path))
        {
            await using var run = await workspace.StartRunAsync("noisy");
            id = run.Id;
            var hostile = SampleWorkspace.Hostile;
            run.Logger.LogInformation("it begins");
            run.Logger.LogError(new InvalidOperationException(hostile), "it failed at {Row}", hostile);
            await run.CompleteAsync();
        }
        var tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = path } };

        var all = await tool.RunAsync("runs", "log", id);
        var errors = await tool.RunAsync("runs", "log", id[^8..], "--level", "error", "--json");
        var stage = await tool.RunAsync("runs", "log", SampleWorkspace.Lifecycles[1], "--stage", "Training");
        var none = await tool.RunAsync("runs", "log", id, "--stage", "Training");

        var error = errors.Json.GetProperty("entries")[0];
        Assert.Multiple(() =>
        {
            Assert.That(all.Lines, Has.Some.EndsWith("Information         it begins"), all.Error);
            Assert.That(all.Lines.Skip(1), Has.All.Match("^ *[0-9]+  20"), "each message is a line");
            Assert.That(all.Out, Does.Contain("InvalidOperationException: [red]x[/]").And.Not.Contain('\u001b').And.Not.Contain('\u202e'));
            Assert.That(errors.Json.GetProperty("entries").GetArrayLength(), Is.EqualTo(1));
            Assert.That(error.GetProperty("level").GetString(), Is.EqualTo("Error"));
            Assert.That(stage.Lines.Skip(1), Has.All.Contain("  Training  ").And.Not.Empty);
            Assert.That(none.Out, Is.EqualTo("No messages were found.\n"));
        });
    }

    [Test]
    public async Task Leaderboard_OfASearch_HasTheBestTrialFirst()
    {
        var people = await s_tool.RunAsync("runs", "leaderboard", SampleWorkspace.Lifecycles[1]);
        var json = await s_tool.RunAsync("runs", "leaderboard", SampleWorkspace.Lifecycles[1][^8..], "--json");
        var none = await s_tool.RunAsync("runs", "leaderboard", SampleWorkspace.Experiments[0]);

        Assert.Multiple(() =>
        {
            Assert.That(people.Lines[0], Does.StartWith("rank  candidate").And.Contain("roc_auc"), people.Error);
            Assert.That(people.Lines[1], Does.Match("^ +1  .* Succeeded  20"));
            Assert.That(json.Json.GetProperty("trials")[0].GetProperty("rank").GetInt32(), Is.EqualTo(1));
            Assert.That(json.Json.GetProperty("isFinished").GetBoolean(), Is.True);
            Assert.That((none.Code, none.Out), Is.EqualTo((3, "")));
            Assert.That(none.Error, Does.StartWith($"No trial of run {SampleWorkspace.Experiments[0]} has ended.\n"));
        });
    }

    private static string[] Ids(Outcome outcome) =>
        [.. outcome.Json.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("id").GetString()!)];
}
