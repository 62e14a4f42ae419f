using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>The rows of an Arrow file as a source gives them: from a position on, in batches of a size.</summary>
internal static class ArrowBatches
{
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        ArrowReader reader, Schema columns, long from, int batchSize, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in reader.ReadAsync(columns, cancellationToken).ConfigureAwait(false))
        {
            if (from >= batch.RowCount)
            {
                from -= batch.RowCount;
                continue;
            }

            if (from == 0 && batch.RowCount <= batchSize)
            {
                yield return batch;
                continue;
            }

            for (var start = (int)from; start < batch.RowCount; start += batchSize)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return batch.Take([.. Enumerable.Range(start, Math.Min(batchSize, batch.RowCount - start))]);
            }

            from = 0;
        }
    }
}
