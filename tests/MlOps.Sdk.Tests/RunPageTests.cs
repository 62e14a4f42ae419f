using System.Text.Json;
using System.Text.RegularExpressions;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>The page of a run shows what the run kept, and nothing else.</summary>
[TestFixture]
public sealed class RunPageTests
{
    private static readonly TempFolder s_folder = new();
    private static LifecycleRun s_run = null!;

    [OneTimeSetUp]
    public static async Task Run()
    {
        await using var workspace = await Workspace.OpenAsync(s_folder["runs"]);
        s_run = await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
    }

    [OneTimeTearDown]
    public static void Remove() => s_folder.Dispose();

    [Test]
    public void ToHtml_WholeRun_HasEveryPart()
    {
        var page = s_run.ToHtml();

        Assert.That(Headings(page), Is.SupersetOf(new[]
        {
            "Problem", "Decision", "Gates", "Metrics on the holdout", "Errors on the holdout", "Classes on the holdout",
            "Fairness by abroad", "Leaderboard", "Exploration", "Rows", "Monitoring", "Why each stage ran",
        }));
        Assert.That(page, Does.Contain($"<title>subscribers: run {s_run.Id}</title>").And.Contain($"<h1>subscribers: run {s_run.Id}</h1>"));
        Assert.That(page, Does.Contain($"Begun {s_run.Record.StartedAt:yyyy-MM-dd HH:mm} UTC").And.Contain("cause: manual; data from "));
        foreach (var card in new[] { "Confusion matrix", "ROC curve", "Precision and recall", "Calibration" })
        {
            Assert.That(page, Does.Contain($"<h3>{card}</h3>"));
        }
        foreach (var gate in s_run.Deployment!.Gates) Assert.That(page, Does.Contain($">{gate.Name}</td>"));
        foreach (var stage in s_run.Record.Stages) Assert.That(page, Does.Contain($"{(int)stage.Stage} {stage.Stage}</td>"));
        Assert.That(s_run.ToHtml("My run"), Does.Contain("<title>My run</title>"));
    }

    [Test]
    public void ToHtml_Confusion_ShowsTheCountsOfTheHoldout()
    {
        var evaluation = s_run.Deployment!.Evaluation!;

        Assert.That(evaluation.Rows, Is.EqualTo(s_run.Deployment.HoldoutRows));
        Assert.That(evaluation.Confusion.Sum(row => row.Sum()), Is.EqualTo(s_run.Deployment.HoldoutRows));
        Assert.That(evaluation.Threshold, Is.EqualTo(s_run.Training!.Threshold));
        var page = s_run.ToHtml();
        foreach (var count in evaluation.Confusion.SelectMany(row => row)) Assert.That(page, Does.Contain($"%\">{count:N0}</td>"));
    }

    [Test]
    public async Task ToHtml_RunWithoutCharts_LeavesThemOut()
    {
        await using var workspace = await Workspace.OpenAsync(s_folder["old"]);
        var run = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var written = JsonSerializer.SerializeToNode(run.Deployment!, DeploymentJson.Default.DeploymentReport)!.AsObject();
        Assert.That(written.Remove("evaluation"), Is.True);

        var old = written.Deserialize(DeploymentJson.Default.DeploymentReport)!;
        var page = await ReadAsync(workspace, run, old);

        Assert.That(old.Evaluation, Is.Null);
        Assert.That(old.Holdout.Keys, Is.EqualTo(run.Deployment!.Holdout.Keys));
        Assert.That(Headings(page), Does.Contain("Gates").And.Contain("Metrics on the holdout"));
        Assert.That(Headings(page), Does.Not.Contain("Errors on the holdout").And.Not.Contain("Fairness by abroad"));
    }

    [Test]
    public async Task ToHtml_RunThatFailed_SaysWhyAndWhereItEnded()
    {
        await using var workspace = await Workspace.OpenAsync(s_folder["failed"]);
        var lifecycle = LifecycleBuilder.Create("failing")
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(200, seed: 1)))
            .ProcessData(data => data.Expect(rows => rows.Column("plan").In("<script>alert(1)</script>")).Split(test: 0.25))
            .Build();
        var failure = (await Assert.ThrowsAsync<ExpectationFailedException>(() => lifecycle.RunAsync(workspace)))!;
        var record = (await workspace.Runs.LatestAsync("failing"))!;

        var page = (await workspace.LifecycleRunAsync(record.Id)).ToHtml();

        Assert.That(record.State, Is.EqualTo(RunState.Failed));
        Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Processing));
        Assert.That(page, Does.Contain("class=\"alarm\"").And.Contain("&lt;script&gt;").And.Contain("failing: run"));
        Assert.That(page, Does.Not.Contain("<script"));
        Assert.That(Headings(page), Does.Contain("Why each stage ran").And.Not.Contain("Gates").And.Not.Contain("Leaderboard"));
        Assert.That(page, Does.Contain(">failed</td>"));
    }

    [Test]
    public async Task ToHtml_Regression_ShowsResiduals()
    {
        await using var workspace = await Workspace.OpenAsync(s_folder["regression"]);
        var run = await LifecycleBuilder.Create("spend")
            .DefineProblem(problem => problem.Regression("spend"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(600, seed: 1)))
            .ProcessData(data => data.Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.Rmse))
            .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .Build().RunAsync(workspace);

        var page = run.ToHtml();

        var residuals = run.Deployment!.Evaluation!.Residuals;
        Assert.That(
            Math.Sqrt(residuals.Sum(bin => bin.Weight * bin.RootMeanSquare * bin.RootMeanSquare)),
            Is.EqualTo(run.Deployment.Holdout["rmse"].Value).Within(1e-9));
        Assert.That(page, Does.Contain("<h3>Residuals against predictions</h3>").And.Not.Contain("Confusion matrix"));
        Assert.That(Headings(page), Does.Not.Contain("Classes on the holdout"));
    }

    private static string[] Headings(string page) =>
        [.. Regex.Matches(page, "<h2[^>]*>([^<]*)</h2>").Select(match => match.Groups[1].Value)];

    // A run whose report is another one, as a version of the library before would have written it.
    private static async Task<string> ReadAsync(Workspace workspace, LifecycleRun run, DeploymentReport report)
    {
        var saved = await workspace.Artifacts.PutAsync(
            JsonSerializer.SerializeToUtf8Bytes(report, DeploymentJson.Default.DeploymentReport));
        var record = run.Record with
        {
            Stages =
            [
                .. run.Record.Stages.Select(stage => stage.Stage != LifecycleStage.Deployment
                    ? stage
                    : stage with { Outputs = new Dictionary<string, ArtifactId>(stage.Outputs) { ["report"] = saved.Id } }),
            ],
        };
        return (await LifecycleRun.ReadAsync(record, workspace.Runs, workspace.Models, workspace.Artifacts, null, default)).ToHtml();
    }
}
