using MlOps.Sdk.Tests.Exchange;
using NUnit.Framework;

namespace MlOps.Sdk.Tool.Tests;

[TestFixture]
public sealed class ExchangeCommandTests
{
    private TempFolder _folder = null!;
    private Mlops _tool = null!;
    private Mlops _other = null!;

    [SetUp]
    public async Task Begin()
    {
        _folder = new TempFolder();
        _tool = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Path } };
        _other = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = _folder["other"] } };
        await (await Workspace.OpenAsync(_folder["other"])).DisposeAsync();
    }

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task ExportAndImport_Everything_IsAddedOnce()
    {
        var exported = await _tool.RunAsync("export", _folder["all.zip"]);
        var again = await _tool.RunAsync("export", _folder["all.zip"]);
        var dry = await _other.RunAsync("import", _folder["all.zip"], "--dry-run");
        var empty = await _other.RunAsync("runs", "list");
        var imported = await _other.RunAsync("import", _folder["all.zip"], "--json");
        var twice = await _other.RunAsync("import", _folder["all.zip"], "--json");
        var models = await _other.RunAsync("models", "list", "--json");

        Assert.Multiple(() =>
        {
            Assert.That(exported.Out, Does.Match("^Written to .*all.zip: [0-9]+ runs, 2 versions, "), exported.Error);
            Assert.That((again.Code, again.Out), Is.EqualTo((3, "")), "nothing is written over");
            Assert.That(dry.Out, Does.Match("Versions that would be added: 2, known: 0\n- churn, version 1\n"));
            Assert.That(empty.Out, Is.EqualTo("No runs were found.\n"));
            Assert.That(imported.Code, Is.Zero, imported.Error + imported.Out);
            Assert.That(imported.Json.GetProperty("runsAdded").GetInt32(), Is.GreaterThan(4));
            Assert.That(twice.Json.GetProperty("runsAdded").GetInt32(), Is.Zero);
            Assert.That(models.Json.GetProperty("models")[0].GetProperty("liveVersion").ValueKind.ToString(), Is.EqualTo("Null"));
        });
    }

    [Test]
    public async Task Import_VersionDeletedThere_SaysWhoDeletedItAndWhatElseWasTakenUp()
    {
        var there = new Mlops { Variables = { ["MLOPS_WORKSPACE"] = SampleWorkspace.Copy(_folder) } };
        await there.RunAsync("models", "tag", SampleWorkspace.Model, "team", "retention");
        await there.RunAsync("models", "archive", SampleWorkspace.Model, "1", "--reason", "old");
        await there.RunAsync("models", "delete", SampleWorkspace.Model, "1", "--reason", "too old", "--actor", "ann");
        await there.RunAsync("export", _folder["all.zip"]);

        var dry = await _other.RunAsync("import", _folder["all.zip"], "--dry-run");
        var imported = await _other.RunAsync("import", _folder["all.zip"]);
        var twice = await _other.RunAsync("import", _folder["all.zip"], "--json");

        Assert.Multiple(() =>
        {
            Assert.That(imported.Out, Does.Match("Runs that were added: [0-9]+, known: 0, completed: 0\n"), imported.Error);
            Assert.That(imported.Out, Does.Match("Tags and notes of known runs that were added: 0\n"));
            Assert.That(imported.Out, Does.Match("Versions that were deleted there: 1\n- churn, version 1, on .* UTC by ann: too old\n"));
            Assert.That(imported.Out, Does.Match("Tags, descriptions and archivings of models that were added: [1-9]"));
            Assert.That(dry.Out, Does.Match("Tags, descriptions and archivings of models that would be added: [1-9]"));
            var deletion = twice.Json.GetProperty("versionsDeleted")[0].GetProperty("deletion");
            Assert.That(deletion.GetProperty("actor").GetString(), Is.EqualTo("ann"));
        });
    }

    [Test]
    public async Task Export_APart_HasOnlyThat()
    {
        var run = await _tool.RunAsync("export", _folder["run.zip"], "--run", SampleWorkspace.Experiments[0][^8..], "--json");
        var filter = await _tool.RunAsync("export", _folder["filter.zip"], "params.leaves = 31", "--json");
        var model = await _tool.RunAsync("export", _folder["model.zip"], "--model", SampleWorkspace.Model, "--json");

        Assert.Multiple(() =>
        {
            Assert.That(Number(run, "runs"), Is.EqualTo(1), run.Error);
            Assert.That(Number(filter, "runs"), Is.EqualTo(2), filter.Error);
            Assert.That((Number(filter, "versions"), Number(model, "versions")), Is.EqualTo((0, 2)), model.Error);
        });
    }

    [Test]
    public async Task Import_WhatIsOtherwiseHere_EndsWithOneAndLeavesIt()
    {
        await _tool.RunAsync("export", _folder["all.zip"], "lifecycle = notebook");
        await _other.RunAsync("import", _folder["all.zip"]);
        var id = SampleWorkspace.Experiments[0];
        await using (var workspace = await Workspace.OpenAsync(_folder["other"]))
        {
            await workspace.Runs.SetTagAsync(id, "team", SampleWorkspace.Hostile);
        }

        var outcome = await _other.RunAsync("import", _folder["all.zip"]);
        var json = await _other.RunAsync("import", _folder["all.zip"], "--json");

        Assert.Multiple(() =>
        {
            Assert.That((outcome.Code, json.Code, outcome.Error), Is.EqualTo((1, 1, "")));
            Assert.That(outcome.Out, Does.Contain("Left as it is here: 1 conflict").And.Contain($"- run:{id}: ").And.Not.Contain('\u001b'));
            Assert.That(json.Json.GetProperty("conflicts").GetArrayLength(), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Import_ADamagedFile_AddsNothing()
    {
        await _tool.RunAsync("export", _folder["all.zip"], "lifecycle = notebook");
        var bytes = await File.ReadAllBytesAsync(_folder["all.zip"]);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(_folder["all.zip"], bytes);

        var outcome = await _other.RunAsync("import", _folder["all.zip"]);

        Assert.That((outcome.Code, outcome.Out), Is.EqualTo((3, "")));
        Assert.That((await _other.RunAsync("runs", "list")).Out, Is.EqualTo("No runs were found.\n"));
    }

    [Test]
    public async Task ExportMlflow_Runs_AreSentOnceWithTheHeaderOfTheVariables()
    {
        await using var server = new FakeMlflow();
        _tool.Variables["MLFLOW_TRACKING_URI"] = server.Address.ToString();
        _tool.Variables["MLFLOW_TRACKING_TOKEN"] = "secret-token\n";

        var first = await _tool.RunAsync("export", "mlflow", "lifecycle = notebook", "--experiment", "shared");
        var second = await _tool.RunAsync("export", "mlflow", "lifecycle = notebook", "--experiment", "shared", "--json");
        _tool.Variables["MLFLOW_TRACKING_USERNAME"] = "ann";
        _tool.Variables["MLFLOW_TRACKING_PASSWORD"] = "pass:word";
        server.Requests.Clear();
        await _tool.RunAsync("export", "mlflow", "lifecycle = notebook", "--experiment", "shared");

        Assert.Multiple(() =>
        {
            Assert.That(first.Lines[0], Is.EqualTo("Runs that were made: 3, completed: 0, there already: 0"), first.Error);
            Assert.That((Number(second, "created"), Number(second, "unchanged")), Is.EqualTo((0, 3)), second.Error);
            Assert.That(
                server.Requests.Select(request => request.Headers["Authorization"]),
                Is.All.EqualTo($"Basic {Convert.ToBase64String("ann:pass:word"u8)}").And.Not.Empty);
        });
    }

    [Test]
    public async Task ExportMlflow_ServerThatRejects_NamesTheVariablesAndNoSecret()
    {
        await using var server = new FakeMlflow { Trouble = _ => (401, "{}") };
        _tool.Variables["MLFLOW_TRACKING_TOKEN"] = "secret-token";

        var outcome = await _tool.RunAsync("export", "mlflow", "--server", server.Address.ToString());
        var typed = await _tool.RunAsync("export", "mlflow", "--server", "https://ann:secret-word@127.0.0.1/");

        Assert.That((outcome.Code, typed.Code), Is.EqualTo((3, 2)));
        Assert.That(outcome.Error, Does.Contain("MLFLOW_TRACKING_TOKEN").And.Not.Contain("secret-token"));
        Assert.That(typed.Error, Does.Not.Contain("secret-word"));
        Assert.That(server.Requests.Select(request => request.Headers["Authorization"]), Is.All.EqualTo("Bearer secret-token"));
    }

    private static long Number(Outcome outcome, string name) => outcome.Json.GetProperty(name).GetInt64();
}
