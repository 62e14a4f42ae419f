using BenchmarkDotNet.Attributes;

namespace MlOps.Sdk.Benchmarks;

/// <summary>One prediction of a customer: the bare model, through the endpoint, and through the endpoint with recording.</summary>
[MemoryDiagnoser, SimpleJob(warmupCount: 30, iterationCount: 30)]
public class EndpointBenchmarks
{
    // As many as the ring holds without a reader.
    private const int Calls = 12_288;

    private ServedModel _served = null!;

    /// <summary>The model that is served.</summary>
    [Params("logistic", "100 trees x 31 leaves")]
    public string Model { get; set; } = "";

    [GlobalSetup]
    public async Task Setup() => _served = Model == "logistic"
        ? await ServedModel.TrainAsync(Trainers.LogisticRegression())
        : await ServedModel.TrainAsync(Trainers.GradientBoosting(), ("trees", 100), ("leaves", 31));

    [GlobalCleanup]
    public void Cleanup() => _served.Dispose();

    [IterationSetup]
    public void Drain() => _served.Drain();

    [Benchmark(Baseline = true, OperationsPerInvoke = Calls)]
    public double BareModel() => _served.PredictBare(Calls);

    [Benchmark(OperationsPerInvoke = Calls)]
    public double Endpoint() => _served.Predict(_served.Endpoint, Calls);

    [Benchmark(OperationsPerInvoke = Calls)]
    public double EndpointWithRecorder() => _served.Predict(_served.RecordedEndpoint, Calls);
}
