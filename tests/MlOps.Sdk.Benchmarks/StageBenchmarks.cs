using BenchmarkDotNet.Attributes;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Benchmarks;

/// <summary>What the engine costs a stage, fresh and reused, and a whole lifecycle of nine stages that is reused.</summary>
public class StageBenchmarks
{
    private const int Stages = 9;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mlops-benchmarks-{Guid.NewGuid():N}");
    private readonly byte[] _page = new byte[4096];
    private Workspace _workspace = null!;
    private string _table = "";
    private Lifecycle _lifecycle = null!;
    private long _content;

    [GlobalSetup]
    public async Task Setup()
    {
        _workspace = await Workspace.OpenAsync(_folder);
        _table = ChurnTable.WriteToFile();
        _lifecycle = LifecycleBuilder.Create("customer-churn")
            .DefineProblem(problem => problem.BinaryClassification("churn", positive: "Yes").Cost(20, 100))
            .CollectData(data => data.FromCsv(_table))
            .ProcessData(data => data.DropDuplicates().Split(test: 0.2))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.8))
            .ExploreData(explore => explore.Hypothesis(
                "Those who leave pay more",
                rows => rows.Mean("monthly_charges").DiffersBetween("churn")))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring.DataDrift())
            .Build();
        await _lifecycle.RunAsync(_workspace);
        await RunAsync(0);
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _workspace.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        File.Delete(_table);
    }

    /// <summary>A page written and flushed to disk, to compare with: a stage that runs needs three of these.</summary>
    [Benchmark(Baseline = true)]
    public void FlushedWrite()
    {
        using var file = File.OpenHandle(Path.Combine(_folder, "page"), FileMode.OpenOrCreate, FileAccess.Write);
        RandomAccess.Write(file, _page, fileOffset: 0);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>A stage that runs: begun, its artifact kept, ended, all durable.</summary>
    [Benchmark(OperationsPerInvoke = Stages)]
    public Task FreshStage() => RunAsync(++_content);

    [Benchmark(OperationsPerInvoke = Stages)]
    public Task ReusedStage() => RunAsync(0);

    [Benchmark]
    public Task NineStagesReused() => _lifecycle.RunAsync(_workspace);

    private async Task RunAsync(long content)
    {
        var kinds = Enum.GetValues<LifecycleStage>().Take(Stages).ToArray();
        await using var tracker = await RunTracker.StartAsync(_workspace.Store, _workspace.Logger, new RunStart("trivial", kinds, Seed: 1));
        var context = new RunContext
        {
            Lifecycle = "trivial",
            RunId = tracker.RunId,
            Seed = 1,
            Artifacts = _workspace.Artifacts,
            Readers = _workspace.Readers,
            Time = _workspace.Time,
            Logger = _workspace.Logger,
            LogMetric = (_, _) => { },
            LogParameter = (_, _) => { },
        };
        await new StageRunner(_workspace.StageResults, tracker, context, TimeSpan.FromSeconds(5), null).RunAsync(
            [.. kinds.Select(kind => new TrivialStage(kind, content))], new StageScope(), default);
        await tracker.CompleteAsync(RunState.Succeeded);
    }
}
