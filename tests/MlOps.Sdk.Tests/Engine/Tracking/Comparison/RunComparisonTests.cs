using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class RunComparisonTests
{
    private TemporaryWorkspace _temporary = null!;

    private RunHistory Runs => _temporary.Workspace.Runs;

    [SetUp]
    public async Task OpenAsync() => _temporary = await TemporaryWorkspace.OpenAsync();

    [TearDown]
    public async Task CloseAsync() => await _temporary.DisposeAsync();

    [Test]
    public async Task CompareAsync_Runs_HasOnlyWhatDiffers()
    {
        var first = await AddAsync(31, 0.81, "retention", rows: 2);
        var second = await AddAsync(63, 0.8, null, rows: 3);
        var third = await AddAsync(31, 0.81, "retention", rows: 2);

        var comparison = await Runs.CompareAsync([second, first, third]);

        Assert.That(comparison.Runs.Select(run => run.Id), Is.EqualTo(new[] { second, first, third }));
        Assert.That(
            comparison.Differences.Select(difference => (difference.Kind, difference.Name)),
            Is.EqualTo(new[]
            {
                (RunDifferenceKind.Parameter, "leaves"),
                (RunDifferenceKind.Metric, "auc"),
                (RunDifferenceKind.Tag, "team"),
                (RunDifferenceKind.Dataset, "training: customers"),
            }));
        Assert.That(comparison.Differences[0].Values, Is.EqualTo(new[] { "63", "31", "31" }));
        Assert.That(comparison.Differences[1].Values, Is.EqualTo(new[] { "0.8", "0.81", "0.81" }));
        Assert.That(comparison.Differences[2].Values, Is.EqualTo(new[] { null, "retention", "retention" }));
        Assert.That(comparison.Differences[3].Values[0], Does.StartWith("3 rows, "));
    }

    [Test]
    public async Task CompareAsync_EqualRuns_HaveNoDifference()
    {
        var comparison = await Runs.CompareAsync(
            [await AddAsync(31, double.NaN, "a", rows: 1), await AddAsync(31, double.NaN, "a", rows: 1)]);

        Assert.That(comparison.Differences, Is.Empty);
        Assert.That(comparison.ToHtml(), Does.Contain("do not differ"));
        Assert.That(comparison.ToString(), Does.Contain("They do not differ in anything that is recorded."));
    }

    [Test]
    public async Task CompareAsync_MetricThatIsNoNumber_IsNotCalledAbsent()
    {
        var comparison = await Runs.CompareAsync(
            [await AddAsync(31, double.NaN, "a", rows: 1), await AddAsync(31, 0.04726664030359092, "a", rows: 1)]);

        Assert.That(comparison.Differences.Single().Values, Is.EqualTo(new[] { "NaN", "0.04726664030359092" }));
        Assert.That(comparison.ToHtml(), Does.Contain(">NaN</td>").And.Contain(">0.04727</td>").And.Not.Contain(">–</td>"));
        Assert.That(comparison.ToString(), Does.Match("metric auc +NaN +0\\.04727").And.Not.Contain("state"));
    }

    [Test]
    public async Task ToString_MetricsThatDifferFarBehindThePoint_AreToldApart()
    {
        var comparison = await Runs.CompareAsync(
            [await AddAsync(31, 0.8123456, "a", rows: 1), await AddAsync(31, 0.8123457, "a", rows: 1)]);

        Assert.That(comparison.ToString(), Does.Match("metric auc +0\\.8123456 +0\\.8123457"));
    }

    [Test]
    public async Task ToHtml_HostileNames_AreEscaped()
    {
        var first = await AddAsync(1, 0.5, "<script>alert(1)</script>", rows: 1);
        var second = await AddAsync(2, 0.25, "x", rows: 1);

        var comparison = await Runs.CompareAsync([first, second]);

        Assert.That(comparison.ToHtml(), Does.Not.Contain("<script>").And.Contain("&lt;script&gt;"));
        var lines = comparison.ToString().Split(Environment.NewLine);
        Assert.That(lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), Is.EqualTo(new[] { first, second }));
        Assert.That(lines, Has.Some.StartsWith("metric auc"));
        Assert.That(lines, Has.None.EndsWith(" "));
    }

    [Test]
    public async Task ToString_NamesThatATerminalObeys_AreClean()
    {
        var first = await AddAsync(1, 0.5, "x", rows: 1);
        var second = await AddAsync(2, 0.25, "x", rows: 1);
        await Runs.SetTagAsync(first, "\u001b[31mred\u001b[0m\u202e", "x");

        var text = (await Runs.CompareAsync([first, second])).ToString();

        Assert.That(text, Does.Not.Contain("\u001b").And.Not.Contain("\u202e").And.Contain("tag \\u001b[31mred"));
    }

    [Test]
    public async Task CompareAsync_Mistakes_AreRejected()
    {
        var run = await AddAsync(1, 1, null, rows: 1);

        Assert.That(async () => await Runs.CompareAsync([run]), Throws.ArgumentException.With.Message.Contains("2 to 1,000"));
        Assert.That(async () => await Runs.CompareAsync([run, run]), Throws.ArgumentException.With.Message.Contains("once"));
        Assert.That(async () => await Runs.CompareAsync([run, "none"]), Throws.TypeOf<MlOpsException>().With.Message.Contains("'none'"));
    }

    private async Task<string> AddAsync(int leaves, double auc, string? team, int rows)
    {
        await using var run = await _temporary.Workspace.StartRunAsync("churn");
        await run.LogParametersAsync([new("leaves", leaves), new("same", "x")]);
        run.LogMetric("auc", auc);
        if (team is not null) await run.SetTagAsync("team", team);
        var table = await DataSources.Objects(Enumerable.Range(0, rows).Select(i => new { X = i }), "rows").ReadAllAsync();
        await run.LogDatasetAsync("customers", table);
        await run.CompleteAsync();
        return run.Id;
    }
}
