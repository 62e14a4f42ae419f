using BenchmarkDotNet.Attributes;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Benchmarks;

/// <summary>The profile of a column of a million numbers, 1 % of them missing, and its parts.</summary>
[MemoryDiagnoser]
public class ProfileBenchmarks
{
    private const int Cells = 1_000_000;

    private Column _column = null!;
    private double[] _values = null!;

    [GlobalSetup]
    public void Setup()
    {
        var random = new SeededRandom(7);
        var builder = new NumberColumnBuilder(Cells);
        _values = new double[Cells];
        for (var i = 0; i < Cells; i++)
        {
            _values[i] = Math.Exp(random.NextDouble() * 6) + random.NextDouble();
            if (i % 100 == 0) builder.AppendNull();
            else builder.Append(_values[i]);
        }

        _column = builder.Build();
    }

    [Benchmark(OperationsPerInvoke = Cells, Baseline = true)]
    public ColumnProfile Profile() => ColumnProfile.Of(_column);

    [Benchmark(OperationsPerInvoke = Cells)]
    public double MomentsAlone()
    {
        var moments = new Moments();
        for (var at = 0; at < Cells; at += 1000) moments.Add(_values.AsSpan(at, 1000));
        return moments.Mean;
    }

    [Benchmark(OperationsPerInvoke = Cells)]
    public double QuantilesAlone()
    {
        var sketch = new QuantileSketch();
        sketch.Add(_values);
        return sketch.Maximum;
    }

    [Benchmark(OperationsPerInvoke = Cells)]
    public DistinctSketch DistinctAlone()
    {
        var sketch = new DistinctSketch();
        foreach (var value in _values) sketch.Add(value);
        return sketch;
    }
}
