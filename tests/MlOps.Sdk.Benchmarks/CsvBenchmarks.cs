using System.Globalization;
using BenchmarkDotNet.Attributes;
using CsvHelper;
using MlOps.Sdk.Collection;

namespace MlOps.Sdk.Benchmarks;

/// <summary>
/// A CSV file of 200,000 rows and seven columns, checked, hashed and read into typed columns, compared with
/// two bare passes over its records.
/// </summary>
public class CsvBenchmarks
{
    private const int Rows = 200_000;
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"mlops-benchmarks-{Guid.NewGuid():N}.csv");

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        using var file = new StreamWriter(_path);
        file.Write("id,name,amount,member,since,contract,charge\n");
        for (var i = 0; i < Rows; i++)
        {
            file.Write(string.Create(
                CultureInfo.InvariantCulture,
                $"{i},\"name {random.Next(5_000)}\",{random.Next(100_000) / 100.0},{(random.Next(2) == 0 ? "true" : "false")},2024-0" +
                    $"{random.Next(1, 10)}-1{random.Next(10)},{(random.Next(2) == 0 ? "Month-to-month" : "One year")}," +
                    $"{random.NextDouble() * 100}\n"));
        }
    }

    [GlobalCleanup]
    public void Cleanup() => File.Delete(_path);

    /// <summary>What is there to do at the least: the file is read once to be checked and once to be delivered.</summary>
    [Benchmark(Baseline = true)]
    public int TwoBarePasses() => Pass() + Pass();

    [Benchmark]
    public async Task<long> ReadBatches()
    {
        var rows = 0L;
        await using var scan = await DataSources.Csv(_path).OpenAsync(ReadRequest.All);
        await foreach (var batch in scan.ReadAsync()) rows += batch.RowCount;
        return rows;
    }

    private int Pass()
    {
        var fields = 0;
        using var file = File.OpenRead(_path);
        using var reader = CsvReader.Create(file, new CsvReaderOptions { Separator = ',', HasHeader = false }, leaveOpen: true);
        while (reader.Read()) fields += reader.FieldCount;
        return fields;
    }
}
