using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Puts rows into the order of a time column; rows of the same time keep their order. All rows are held in memory.</summary>
internal sealed class SortByTime(string column) : IDataProcessor
{
    private const int BatchRows = 16_384;

    public bool NeedsAllRows => true;

    public Schema Bind(Schema input)
    {
        _ = new EventTime(input, column, ToString());
        return input;
    }

    public async IAsyncEnumerable<RecordBatch> ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var batches = new List<RecordBatch>();
        var times = new List<long>();
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var clock = new EventTime(batch.Schema, column, ToString());
            clock.Check(batch, times.Count);
            times.AddRange(clock.Of(batch));
            batches.Add(batch);
        }

        if (batches.Count == 0) yield break;
        var all = Dataset.FromBatches(batches[0].Schema, batches);
        batches.Clear();

        // OrderBy is stable.
        int[] order = [.. Enumerable.Range(0, times.Count).OrderBy(row => times[row])];
        for (var start = 0; start < order.Length; start += BatchRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var taken = order.AsMemory(start, Math.Min(BatchRows, order.Length - start));
            yield return new RecordBatch(all.Schema, [.. all.Columns.Select(values => values.Take(taken.Span))]);
        }
    }

    public override string ToString() => $"sort-by-time({column})";
}
