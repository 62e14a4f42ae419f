using BenchmarkDotNet.Attributes;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Benchmarks;

/// <summary>The Kolmogorov–Smirnov test of a million values against a million.</summary>
public class KolmogorovSmirnovBenchmarks
{
    private readonly double[] _first = new double[1_000_000];
    private readonly double[] _second = new double[1_000_000];

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandom(3);
        for (var i = 0; i < _first.Length; i++) (_first[i], _second[i]) = (random.NextDouble() - 0.5, random.NextDouble() - 0.499);
    }

    [Benchmark]
    public TestResult Test() => TwoSample.KolmogorovSmirnov(_first, _second);

    /// <summary>Sorting both with the framework, which a test by hand begins with.</summary>
    [Benchmark(Baseline = true)]
    public double ArraySort()
    {
        double[] first = [.. _first], second = [.. _second];
        Array.Sort(first);
        Array.Sort(second);
        return first[0] + second[0];
    }
}
