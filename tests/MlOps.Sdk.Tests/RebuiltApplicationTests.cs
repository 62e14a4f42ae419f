using MlOps.Sdk.Metrics;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tests.Plugins;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>An application that is built again between two runs.</summary>
[TestFixture]
public sealed class RebuiltApplicationTests
{
    private const string Source = """
        using MlOps.Sdk;
        using MlOps.Sdk.Data;
        using MlOps.Sdk.Metrics;
        using MlOps.Sdk.Processing;

        public static class App
        {
            public static object Step() => new EveryFew();
            public static object Metric() => new Share();
        }

        sealed class EveryFew : IDataProcessor
        {
            public Schema Bind(Schema input) => input;

            public async IAsyncEnumerable<RecordBatch> ProcessAsync(
                IAsyncEnumerable<RecordBatch> rows,
                [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
            {
                await foreach (var batch in rows.WithCancellation(cancellationToken))
                {
                    yield return batch.Take(Enumerable.Range(0, batch.RowCount).Where(i => i % 97 != 41).ToArray());
                }
            }
        }

        sealed class Share : IMetric
        {
            public string Name => "share";
            public Direction Direction => Direction.Up;
            public MetricNeeds Needs => MetricNeeds.None;
            public MetricValue Compute(Evaluation evaluation) => new(Rates.Of(evaluation.Labels.Length));
        }

        static class Rates
        {
            public static double Of(int rows) => Math.Min(1, rows / 1000.0) * 0.5;
        }
        """;

    [Test]
    public async Task Run_NothingReachedHasChanged_ReusesEverything()
    {
        var run = await RunTwiceAsync(Source, """
            public class Early { object o = new { A = 1 }; Func<int, bool> f = i => i > 3; }
            """);

        Assert.That(run.Record.Stages.Select(stage => stage.State), Is.All.EqualTo(StageState.Reused), run.Explain());
    }

    [Test]
    public async Task Run_LambdaOfAStepHasChanged_RunsFromThereAndSaysWhy()
    {
        var run = await RunTwiceAsync(Source.Replace("!= 41", "!= 42", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(
                Computed(run),
                Is.EqualTo(new[]
                {
                    LifecycleStage.Processing, LifecycleStage.Features, LifecycleStage.Training, LifecycleStage.Deployment,
                }),
                run.Explain());
            Assert.That(run.Explain(), Does.Contain("3 Processing: ran, changed: code of step 1 (EveryFew)"));
        });
    }

    [Test]
    public async Task Run_WhatAMetricReachesHasChanged_MeasuresAnew()
    {
        var run = await RunTwiceAsync(Source.Replace("* 0.5", "* 0.25", StringComparison.Ordinal));

        Assert.Multiple(() =>
        {
            Assert.That(Computed(run), Is.EqualTo(new[] { LifecycleStage.Metrics, LifecycleStage.Deployment }), run.Explain());
            Assert.That(run.Explain(), Does.Contain("8 Deployment: ran, changed: code of metric share (Share)"));
        });
    }

    [Test]
    public async Task Run_MetricCallsThroughAnInterface_RunsAfterEachBuildAndNamesTheCall()
    {
        var source = Source
            .Replace("Rates.Of(evaluation", "((IRates)new Rates()).Of(evaluation", StringComparison.Ordinal)
            .Replace("static class Rates", "interface IRates { double Of(int rows); } class Rates : IRates", StringComparison.Ordinal)
            .Replace("public static double Of", "public double Of", StringComparison.Ordinal);
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await RunAsync(workspace, source);
        var run = await RunAsync(workspace, source, "public class Early;");

        // Read by another process.
        await using var again = await Workspace.OpenAsync(folder.Path);
        var record = await again.Runs.GetAsync(run.Id);
        Assert.Multiple(() =>
        {
            Assert.That(Computed(run), Is.EqualTo(new[] { LifecycleStage.Metrics, LifecycleStage.Deployment }), run.Explain());
            Assert.That(
                record!.Stages.Single(stage => stage.Stage == LifecycleStage.Deployment).Reason,
                Is.EqualTo(
                    "changed: code of metric share (Share) with its whole module, " +
                    "because Share.Compute calls IRates.Of through an interface"));
        });
    }

    private static async Task<LifecycleRun> RunTwiceAsync(string changed, string added = "")
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await RunAsync(workspace, Source);
        return await RunAsync(workspace, changed, added);
    }

    private static async Task<LifecycleRun> RunAsync(Workspace workspace, string source, string added = "")
    {
        using var app = BuiltApp.Build(source + added);
        return await LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(600, seed: 1)))
            .ProcessData(data => data.Apply((IDataProcessor)app.Call("Step")).Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.6).Report((IMetric)app.Call("Metric")))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed()
            .Build()
            .RunAsync(workspace);
    }

    private static IEnumerable<LifecycleStage> Computed(LifecycleRun run) =>
        run.Record.Stages.Where(stage => stage.State == StageState.Succeeded).Select(stage => stage.Stage);
}
