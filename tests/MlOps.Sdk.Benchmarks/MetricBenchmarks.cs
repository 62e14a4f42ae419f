using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Benchmarks;

/// <summary>Logging metrics: what the caller pays, and how many become durable in a second.</summary>
[MemoryDiagnoser]
public class MetricBenchmarks
{
    private const int Calls = 4_000;
    private const int Durable = 400_000;

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"mlops-benchmarks-{Guid.NewGuid():N}");
    private RelationalStore _store = null!;
    private RunTracker _tracker = null!;
    private long _step;

    [GlobalSetup]
    public async Task Setup()
    {
        Directory.CreateDirectory(_folder);
        _store = await RelationalStore.OpenAsync(Path.Combine(_folder, "mlops.db"), TimeProvider.System, NullLogger.Instance);
        _tracker = await RunTracker.StartAsync(_store, NullLogger.Instance, new RunStart("benchmark", [LifecycleStage.Training], Seed: 1));
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        await _tracker.DisposeAsync();
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [IterationSetup]
    public void Flush() => _tracker.FlushAsync().GetAwaiter().GetResult();

    /// <summary>Fewer calls than the buffer holds, so that nobody waits for the disk.</summary>
    [Benchmark(OperationsPerInvoke = Calls)]
    public void LogMetric()
    {
        for (var i = 0; i < Calls; i++) _tracker.LogMetric("loss", i, _step++);
    }

    /// <summary>From the first call to the last commit.</summary>
    [Benchmark(OperationsPerInvoke = Durable)]
    public async Task LogMetricAndFlush()
    {
        for (var i = 0; i < Durable; i++) _tracker.LogMetric("loss", i, _step++);
        await _tracker.FlushAsync();
    }
}
