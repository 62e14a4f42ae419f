using System.Text.RegularExpressions;
using MlOps.Sdk.Evidence;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Evidence;

internal sealed partial class ModelCardTests
{
    private const string Hostile =
        "<script>alert(1)</script> | `code` [x](javascript:y) *b* _i_ http://evil.example www.evil.example\n# title\u202e";

    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ann");
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task CardAsync_VersionOfALifecycle_SaysWhatIsRecordedAndListsTheRest()
    {
        var run = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(_workspace);

        var card = await _workspace.Models.CardAsync(SampleLifecycle.Name, 1);

        Assert.That((card.Model, card.Version, card.ContentHash), Is.EqualTo((SampleLifecycle.Name, 1, run.Deployment!.ContentHash)));
        Assert.That(card.Sections.Select(section => section.Title), Is.EqualTo(new[]
        {
            "Model details", "Intended use", "Factors", "Metrics", "Evaluation data", "Training data", "Quantitative analyses",
            "Ethical considerations", "Caveats", "Monitoring", "Approvals", "Provenance",
        }));
        Assert.That(Fact(card, "Model details", "aliases"), Is.EqualTo("champion"));
        Assert.That(Fact(card, "Intended use", "cost of a false negative"), Is.EqualTo("3"));
        Assert.That(Fact(card, "Factors", "protected columns"), Is.EqualTo("abroad"));
        Assert.That(Fact(card, "Evaluation data", "rows"), Is.EqualTo($"{run.Processing!.HoldoutRows}"));
        Assert.That(Fact(card, "Provenance", "run"), Is.EqualTo(run.Id));
        Assert.That(Fact(card, "Provenance", "content hash"), Is.EqualTo(card.ContentHash));
        var metrics = Section(card, "Metrics").Tables.Single();
        Assert.That(metrics.Rows.Select(row => row[0]), Does.Contain(run.Training!.Leaderboard.Metric));
        Assert.That(metrics.Rows.All(row => row.Count == metrics.Columns.Count), Is.True);
        Assert.That(Section(card, "Quantitative analyses").Tables[1].Rows, Has.Count.EqualTo(2), "a row for each group");
        Assert.That(
            Section(card, "Approvals").Tables.Single().Rows.Select(row => row[2]),
            Is.EqualTo(new[] { "model.promoted", "model.blessed", "model.registered", "run.started" }), "the newest first");
        Assert.That(card.Missing.Select(gap => gap.What), Has.Some.Contains("what predictions are good for")
            .And.Some.Contains("not signed").And.Some.Contains("out of scope").And.Some.Contains("no expectation"));
        Assert.That(card.Missing.All(gap => gap.Remedy.Length > 10), Is.True);
        Assert.That(card.ToString(), Does.Contain($"{card.Missing.Count} statements missing"));
    }

    [Test]
    public async Task CardAsync_GapsThatAreFilled_AreNotListedAnyMore()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        var before = await _workspace.Models.CardAsync(SampleLifecycle.Name, 1);

        foreach (var tag in (string[])["users", "out-of-scope", "ethics", "caveats", "contact"])
        {
            await _workspace.Models.SetTagAsync(SampleLifecycle.Name, $"card.{tag}", $"said of {tag}");
        }
        await _workspace.Models.SetTagAsync(SampleLifecycle.Name, "card.ethics", "said of the version", version: 1);
        await _workspace.Models.DescribeAsync(SampleLifecycle.Name, "Calls those who leave.");

        var card = await _workspace.Models.CardAsync(SampleLifecycle.Name, 1);
        Assert.That(card.Missing, Has.Count.EqualTo(before.Missing.Count - 6));
        Assert.That(Fact(card, "Ethical considerations", "said"), Is.EqualTo("said of the version"));
        Assert.That(Fact(card, "Intended use", "out of scope"), Is.EqualTo("said of out-of-scope"));
        Assert.That(Fact(card, "Model details", "description"), Is.EqualTo("Calls those who leave."));
    }

    [TestCase(null, null)]
    [TestCase(RiskLevel.Minimal, "minimal")]
    [TestCase(RiskLevel.High, "high")]
    public async Task CardAsync_Risk_IsWhatSomebodyStated(RiskLevel? risk, string? shown)
    {
        var run = await LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem =>
            {
                problem.BinaryClassification("left", positive: "Yes");
                if (risk is { } stated) problem.Risk(stated);
            })
            .CollectData(data => data.FromObjects(Subscriber.Draw(400, seed: 1)))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Build().RunAsync(_workspace);

        var card = await _workspace.Models.CardAsync(SampleLifecycle.Name, run.Deployment!.Version);

        Assert.That(Fact(card, "Intended use", "risk"), Is.EqualTo(shown));
        Assert.That(card.Missing.Any(gap => gap.What.Contains("what risk", StringComparison.Ordinal)), Is.EqualTo(risk is null));
        Assert.That(run.ToHtml().Contains(">risk<", StringComparison.Ordinal), Is.EqualTo(risk is not null));
    }

    [Test]
    public void Join_MoreThanAPageShows_EndsWithAWholeElement()
    {
        string[] columns = [.. Enumerable.Range(1, 60).Select(i => $"column_{i:00} (number)")];

        Assert.That(ModelCardBuilder.Join(columns.Take(17)), Is.EqualTo(string.Join(", ", columns.Take(17))));
        Assert.That(ModelCardBuilder.Join(columns), Is.EqualTo($"{string.Join(", ", columns.Take(17))} and 43 more"));
        Assert.That(ModelCardBuilder.Join([new string('x', 900)]), Has.Length.EqualTo(900));
    }

    [Test]
    public async Task CardAsync_HostileTexts_StayTexts()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await _workspace.Models.DescribeAsync(SampleLifecycle.Name, Hostile, version: 1);
        await _workspace.Models.SetTagAsync(SampleLifecycle.Name, "card.ethics", Hostile);
        await _workspace.Models.SetAliasAsync(SampleLifecycle.Name, "candidate", 1, Hostile);

        var card = await _workspace.Models.CardAsync(SampleLifecycle.Name, 1);
        var html = card.ToHtml(Hostile);
        Assert.That(html, Does.Not.Contain("<script").And.Not.Contain("\u202e").And.Contain("&lt;script&gt;"));

        var lines = card.ToMarkdown().Split('\n');
        Assert.That(lines, Has.None.StartsWith("# title"));
        Assert.That(lines.Count(line => line.StartsWith("# ", StringComparison.Ordinal)), Is.EqualTo(1));
        foreach (var line in lines)
        {
            Assert.That(line, Does.Not.Contain("<").And.Not.Contain("\u202e"));
            Assert.That(Bare().IsMatch(line), Is.False, line);
            if (line.StartsWith('|')) Assert.That(Cells().Count(line), Is.InRange(2, 8), line);
        }

        var approvals = lines.SkipWhile(line => line != "## Approvals").TakeWhile(line => line != "## Provenance")
            .Where(line => line.StartsWith('|')).ToArray();
        Assert.That(approvals.Select(line => Cells().Count(line)).Distinct().Count(), Is.EqualTo(1), "a pipe is no cell");
    }

    [Test]
    public async Task CardAsync_DeletedVersion_SaysSo()
    {
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(_workspace);
        await SampleLifecycle.Begin(Subscriber.Draw(900, seed: 4)).Deployed(deploy => deploy.ToProcess()).Build().RunAsync(_workspace);
        var other = (await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, "champion"))!.Version == 1 ? 2 : 1;
        await _workspace.Models.ArchiveAsync(SampleLifecycle.Name, other, "old");
        await _workspace.Models.DeleteAsync(SampleLifecycle.Name, other, "rows of others");

        var card = await _workspace.Models.CardAsync(SampleLifecycle.Name, other);
        Assert.That(Fact(card, "Model details", "deleted"), Does.Contain("by ann: rows of others"));
        Assert.That(card.Missing.Select(gap => gap.What), Has.Some.Contains("The version was deleted"));

        var compared = await _workspace.Models.CompareAsync(SampleLifecycle.Name, 1, 2);
        Assert.That(compared.Notes, Has.Some.Contains("was deleted"));
        Assert.That((compared.Drift.Count, compared.Answers), Is.EqualTo((0, (AnswerComparison?)null)));
    }

    [Test]
    public void CardAsync_UnknownVersion_SaysWhatThereIs() => Assert.That(
        async () => await _workspace.Models.CardAsync("nothing", 1),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("There is no model 'nothing'"));

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Cells();

    [GeneratedRegex(@"(?<!\\)\[|(?<!\\)`|[^\\]://|(?i)(?<=www)\.")]
    private static partial Regex Bare();

    private static ModelCardSection Section(ModelCard card, string title) => card.Sections.Single(section => section.Title == title);

    private static string? Fact(ModelCard card, string section, string name) =>
        Section(card, section).Facts.SingleOrDefault(fact => fact.Name == name)?.Value;
}
