using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class TrackedRunTests
{
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task OpenAsync()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ada");
    }

    [TearDown]
    public async Task CloseAsync()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task DetailsAsync_WhatWasLogged_IsThere()
    {
        await using var run = await _workspace.StartRunAsync(
            "churn-notebook", new TrackedRunOptions { Seed = 7, Tags = new Dictionary<string, string> { ["team"] = "retention" } });
        await run.LogParametersAsync(
            [new("leaves", 31), new("rate", 0.05), new("bagging", true), new("since", new DateTime(2026, 1, 2)), new("none", null)]);
        for (var step = 0; step < 3; step++) run.LogMetric("loss", 1.0 / (step + 1), step);
        await run.SetTagAsync("stage", "draft");
        await run.SetTagAsync("stage", "final");
        await run.AddNoteAsync("Looks overfitted.");
        var artifact = await run.LogArtifactAsync("plots/roc.txt", Encoding.UTF8.GetBytes("roc"));
        var rows = Dataset.FromBatches(new Schema([new Field("x", ColumnType.Number)]), []);
        await run.LogDatasetAsync("customers", rows, "holdout");
        await using (var child = await run.StartChildAsync("fold 1")) await child.CompleteAsync();
        await run.CompleteAsync();

        var details = await _workspace.Runs.DetailsAsync(run.Id);

        Assert.That(
            (details.Run.Lifecycle, details.Run.State, details.Run.Kind, details.Run.Seed),
            Is.EqualTo(("churn-notebook", RunState.Succeeded, RunKind.Experiment, 7L)));
        Assert.That(details.Parameters, Is.EqualTo(new Dictionary<string, string>
        {
            ["leaves"] = "31",
            ["rate"] = "0.05",
            ["bagging"] = "true",
            ["since"] = "2026-01-02T00:00:00.0000000",
            ["none"] = "null",
        }));
        Assert.That(details.Metrics["loss"], Is.EqualTo(1.0 / 3));
        Assert.That(details.Tags, Is.EqualTo(new Dictionary<string, string> { ["team"] = "retention", ["stage"] = "final" }));
        Assert.That(details.Notes.Select(note => (note.Actor, note.Text)), Is.EqualTo(new[] { ("ada", "Looks overfitted.") }));
        Assert.That(details.Artifacts, Is.EqualTo(new[] { artifact }));
        Assert.That(await _workspace.Artifacts.ReadAllAsync(artifact.Id), Is.EqualTo("roc"u8.ToArray()));
        Assert.That(
            details.Datasets.Select(each => (each.Name, each.Role, each.Columns)),
            Is.EqualTo(new[] { ("customers", "holdout", "x: Number") }));
        Assert.That(details.Children, Has.Count.EqualTo(1));
        Assert.That(details.Environment!.Packages, Contains.Key("Dapper"));
        Assert.That(details.Environment.Framework, Does.StartWith(".NET 10"));
        Assert.That(details.Environment.GitCommit, Is.Null.Or.Length.EqualTo(40));
    }

    [Test]
    public async Task LogParameterAsync_Again_OnlyTheSameValueIsTaken()
    {
        await using var run = await _workspace.StartRunAsync("x");
        await run.LogParameterAsync("leaves", 31);
        await run.LogParameterAsync("leaves", 31);

        Assert.That(
            async () => await run.LogParametersAsync([new("other", 1), new("leaves", 32)]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'leaves'").And.Message.Contains("'31'").And.Message.Contains("'32'"));

        Assert.That((await _workspace.Runs.ParametersAsync(run.Id)).Keys, Is.EqualTo(new[] { "leaves" }), "All or none.");
    }

    [Test]
    public async Task DisposeAsync_NotCompleted_IsInterruptedWithItsMetrics()
    {
        string id;
        await using (var run = await _workspace.StartRunAsync("x"))
        {
            id = run.Id;
            run.LogMetric("loss", 0.5);
        }

        var details = await _workspace.Runs.DetailsAsync(id);
        Assert.That((details.Run.State, details.Metrics["loss"]), Is.EqualTo((RunState.Interrupted, 0.5)));
    }

    [Test]
    public async Task FailAsync_Run_IsFailedAndTakesNothingMore()
    {
        await using var run = await _workspace.StartRunAsync("x");
        await run.FailAsync("The data is late.");

        Assert.That(async () => await run.LogParameterAsync("a", 1), Throws.TypeOf<MlOpsException>().With.Message.Contains("has ended"));
        var says = $"The run '{run.Id}' has ended";
        Assert.That(() => run.LogMetric("a", 1), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        Assert.That(async () => await run.CompleteAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        Assert.That(async () => await run.StartChildAsync("fold"), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        Assert.That(await _workspace.Runs.ListAsync("fold"), Is.Empty);
        Assert.That((await _workspace.Runs.GetAsync(run.Id)).Error, Is.EqualTo("The data is late."));
    }

    [Test]
    public async Task Tags_AfterTheEnd_CanBeSetAndRemoved()
    {
        await using var run = await _workspace.StartRunAsync("x");
        await run.CompleteAsync();

        await _workspace.Runs.SetTagAsync(run.Id, "reviewed", "yes");
        await _workspace.Runs.AddNoteAsync(run.Id, "Good.");
        Assert.That(await _workspace.Runs.SearchAsync("tag.reviewed = yes"), Has.Count.EqualTo(1));
        await _workspace.Runs.SetTagAsync(run.Id, "reviewed", null);
        Assert.That(await _workspace.Runs.SearchAsync("tag.reviewed exists"), Is.Empty);
        Assert.That(async () => await _workspace.Runs.SetTagAsync("none", "a", "b"), Throws.TypeOf<MlOpsException>());
    }

    [Test]
    public async Task CollectGarbageAsync_ArtifactOfARun_IsKept()
    {
        await using var run = await _workspace.StartRunAsync("x");
        var artifact = await run.LogArtifactAsync("a", new byte[] { 1, 2, 3 });
        await run.CompleteAsync();

        await _workspace.CollectGarbageAsync(dryRun: false);

        Assert.That(await _workspace.Artifacts.ReadAllAsync(artifact.Id), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("a\0b")]
    [TestCase("half of a pair")]
    public async Task Names_ThatCannotBeStored_AreRejected(string name)
    {
        if (name.StartsWith("half", StringComparison.Ordinal)) name = "a\ud800";
        await using var run = await _workspace.StartRunAsync("x");

        Assert.That(async () => await _workspace.StartRunAsync(name), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await run.LogParameterAsync(name, 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await run.SetTagAsync(name, "a"), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await run.AddNoteAsync(name), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => run.LogMetric(name, 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(async () => await run.LogArtifactAsync(name, new byte[1]), Throws.InstanceOf<ArgumentException>());
    }

    [Test]
    public async Task LogFileAsync_Missing_SaysSo()
    {
        await using var run = await _workspace.StartRunAsync("x");

        Assert.That(
            async () => await run.LogFileAsync(Path.Combine(_folder.Path, "none.txt")),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be read"));
    }
}
