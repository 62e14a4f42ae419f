using BenchmarkDotNet.Attributes;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.Benchmarks;

/// <summary>What recording a prediction of 19 columns costs its caller.</summary>
[MemoryDiagnoser, SimpleJob(warmupCount: 30, iterationCount: 30)]
public class RecordingBenchmarks
{
    private const int Calls = 12_288;

    private ServedModel _served = null!;
    private ColumnBuilder[] _inputs = null!;

    [GlobalSetup]
    public async Task Setup()
    {
        _served = await ServedModel.TrainAsync(Trainers.Baseline());
        _inputs = _served.BindOne();
    }

    [GlobalCleanup]
    public void Cleanup() => _served.Dispose();

    [IterationSetup]
    public void Drain() => _served.Drain();

    [Benchmark(OperationsPerInvoke = Calls)]
    public void Record()
    {
        Span<double> score = [0.25];
        for (var i = 0; i < Calls; i++) _served.Recorder.Record(PredictionId.New(), _inputs, 0, score, 1, generation: 0);
    }
}
