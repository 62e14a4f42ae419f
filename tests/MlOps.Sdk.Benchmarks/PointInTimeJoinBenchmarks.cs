using BenchmarkDotNet.Attributes;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Benchmarks;

/// <summary>17,000 rows, each joined with the 1,000 features of its entity that were known at its time.</summary>
[MemoryDiagnoser]
public class PointInTimeJoinBenchmarks
{
    private const int Rows = 17_000;
    private const int Features = 1_000;
    private const int Entities = 2_000;

    private PointInTimeJoin _join = null!;
    private RecordBatch[] _requests = [];

    [GlobalSetup]
    public async Task Setup()
    {
        var random = new SeededRandom(3);
        var begin = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var entity = new IntegerColumnBuilder(Rows);
        var happened = new TimestampColumnBuilder(Rows);
        var known = new TimestampColumnBuilder(Rows);
        var asked = new TimestampColumnBuilder(Rows);
        for (var row = 0; row < Rows; row++)
        {
            var at = begin.AddMinutes(random.NextDouble() * 500_000);
            entity.Append((long)(random.NextDouble() * Entities));
            happened.Append(at);
            known.Append(at.AddMinutes(random.NextDouble() * 5_000));
            asked.Append(begin.AddMinutes(random.NextDouble() * 500_000));
        }

        var entities = entity.Build();
        var features = new Column[Features];
        for (var feature = 0; feature < Features; feature++)
        {
            var numbers = new NumberColumnBuilder(Rows);
            for (var row = 0; row < Rows; row++) numbers.Append(random.NextDouble());
            features[feature] = numbers.Build();
        }

        var fields = Enumerable.Range(0, Features).Select(feature => new Field($"f{feature}", ColumnType.Number));
        var table = new Dataset(
            new Schema([
                new Field("id", ColumnType.Integer),
                new Field("event", ColumnType.Timestamp),
                new Field("known", ColumnType.Timestamp),
                .. fields
            ]),
            [entities, happened.Build(), known.Build(), .. features]);
        var requests = new Dataset(
            new Schema(new Field("id", ColumnType.Integer), new Field("at", ColumnType.Timestamp)),
            [entities, asked.Build()]);
        _requests = [.. requests.ToBatches(8_192)];
        var reference = ReferenceTable.Of(table);
        await reference.LoadAsync([], default);
        _join = new PointInTimeJoin(reference, ["id"], "at", "event", "known", TimeSpan.FromDays(90), null, "");
    }

    /// <summary>The index and all rows; what is counted as allocated is mostly the 136 MB of the result.</summary>
    [Benchmark]
    public async Task<int> Join()
    {
        var cells = 0;
        await foreach (var batch in _join.ProcessAsync(Stream())) cells += batch.RowCount * batch.Columns.Count;
        return cells;
    }

    /// <summary>What a run adds besides: the content hash of the features, for the fingerprint.</summary>
    [Benchmark]
    public string Hash() => _join.Reference.ContentHash();

    private async IAsyncEnumerable<RecordBatch> Stream()
    {
        await Task.CompletedTask;
        foreach (var batch in _requests) yield return batch;
    }
}
