using MlOps.Sdk.Exploration;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class FileCommandTests
{
    private TempFolder _folder = null!;
    private Mlops _tool = null!;

    [SetUp]
    public void Begin()
    {
        _folder = new TempFolder();
        _tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task Profile_ACsvFile_DescribesItsColumns()
    {
        var people = await new Mlops().RunAsync("profile", SampleWorkspace.Rows, "--html", _folder["profile.html"]);
        var json = await new Mlops().RunAsync("profile", SampleWorkspace.Rows, "--json");

        var profile = DatasetProfile.FromJson(System.Text.Encoding.UTF8.GetBytes(json.Out));
        Assert.Multiple(() =>
        {
            Assert.That(people.Lines[0], Is.EqualTo("600 rows, 5 columns"));
            Assert.That(people.Out, Does.Match("amount +Number").And.Match("plan +Text .*basic"));
            Assert.That(File.Exists(_folder["profile.html"]), Is.True);
            Assert.That(profile.RowCount, Is.EqualTo(600));
        });
    }

    [TestCase("a;b\n1;2\n", "rows.csv", ";")]
    [TestCase("a\tb\n1\t2\n", "rows.tsv", null)]
    [TestCase("a\tb\n1\t2\n", "rows.csv", "\\t")]
    [TestCase("{\"a\":1,\"b\":2}\n", "rows.jsonl", null)]
    public async Task Profile_AFormat_IsReadByItsName(string content, string name, string? delimiter)
    {
        var file = _folder.Write(name, content);

        var outcome = await new Mlops().RunAsync(
            ["profile", file, "--json", .. delimiter is null ? Array.Empty<string>() : ["--delimiter", delimiter]]);

        Assert.That(outcome.Code, Is.Zero, outcome.Error);
        Assert.That(
            outcome.Json.GetProperty("columns").EnumerateArray().Select(column => column.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "a", "b" }));
    }

    [Test]
    public async Task Drift_ShiftedRows_NamesTheColumn()
    {
        var outcome = await new Mlops().RunAsync("drift", SampleWorkspace.Rows, SampleWorkspace.Shifted, "--html", _folder["drift.html"]);
        var json = await new Mlops().RunAsync("drift", SampleWorkspace.Rows, SampleWorkspace.Shifted, "--json");
        var tolerant = await new Mlops().RunAsync("drift", SampleWorkspace.Rows, SampleWorkspace.Shifted, "--material", "50");

        var changed = json.Json.GetProperty("findings").EnumerateArray()
            .Where(finding => finding.GetProperty("verdict").GetString() == "Changed")
            .Select(finding => finding.GetProperty("measurement").GetProperty("subject").GetString());
        Assert.Multiple(() =>
        {
            Assert.That((outcome.Code, json.Code, tolerant.Code), Is.EqualTo((1, 1, 0)));
            Assert.That(outcome.Out, Does.Match("amount +Changed").And.Match("visits +Stable"));
            Assert.That(changed, Is.EqualTo(new[] { "amount" }));
            Assert.That(File.Exists(_folder["drift.html"]), Is.True);
        });
    }

    [Test]
    public async Task Drift_AgainstWhatARunCollected_FindsTheMissingLabel()
    {
        var runs = await _tool.RunAsync("runs", "list", "--kind", "lifecycle", "--json");
        var id = runs.Json.GetProperty("runs")[0].GetProperty("id").GetString()!;

        var outcome = await _tool.RunAsync("drift", $"run:{id[^8..]}", SampleWorkspace.Rows);

        Assert.That(outcome.Code, Is.EqualTo(1), outcome.Error);
        Assert.That(outcome.Out, Does.Contain("- outcome: Text before, absent now").And.Match("amount +Stable"));
    }

    // Two columns look like other types than those that the model reads: a text of digits, and whole numbers.
    [TestCase("scores.csv")]
    [TestCase("scores.parquet")]
    [TestCase("scores.arrow")]
    public async Task Score_RowsWhoseTypesAreNotTold_HaveThoseOfTheModel(string name)
    {
        var rows = _folder.Write(
            "rows.csv",
            "customer,amount,visits,member,plan,since\n7,100,3,true,1,2024-01-01\n8,120,4,false,2,2024-01-02\n");

        var outcome = await _tool.RunAsync(
            "score", SampleWorkspace.Model, rows, "--output", _folder[name], "--keep", "customer", "--key", "customer", "--json");
        var profile = await new Mlops().RunAsync("profile", _folder[name]);

        Assert.Multiple(() =>
        {
            Assert.That(outcome.Code, Is.Zero, outcome.Error);
            Assert.That(outcome.Json.GetProperty("rows").GetInt64(), Is.EqualTo(2));
            Assert.That(outcome.Json.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(profile.Out, Does.Match("customer +Integer").And.Match("score +Number").And.Contain("prediction_id"));
            Assert.That(profile.Out, Does.Not.Contain("visits"));
        });
    }

    [Test]
    public async Task Score_RowsWithoutAColumn_WritesNothing()
    {
        var rows = _folder.Write("rows.csv", "amount,visits\n100,3\n");

        var outcome = await _tool.RunAsync("score", SampleWorkspace.Model, rows, "-o", _folder["scores.csv"]);

        Assert.That(outcome.Code, Is.EqualTo(3));
        Assert.That(outcome.Error, Does.Contain("'plan'"));
        Assert.That(File.Exists(_folder["scores.csv"]), Is.False);
    }

    [Test]
    public async Task Score_MalformedRows_FailOrAreLeftOut()
    {
        var rows = _folder.Write(
            "rows.csv", "amount,visits,member,plan,since\n100,3,true,basic,2024-01-01\n100,many,true,basic,2024-01-01\n");

        var failed = await _tool.RunAsync("score", SampleWorkspace.Model, rows, "-o", _folder["scores.csv"]);
        var skipped = await _tool.RunAsync("score", SampleWorkspace.Model, rows, "-o", _folder["scores.csv"], "--skip-malformed");

        Assert.That(failed.Code, Is.EqualTo(3));
        Assert.That(failed.Error, Does.Contain("line 3").And.Contain("visits"));
        Assert.That(
            skipped.Out, Does.StartWith("1 row scored by version 2 of churn").And.Contain("Left out because they cannot be read: 1"));
    }
}
