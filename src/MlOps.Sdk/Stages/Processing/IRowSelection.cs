using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A set-wise step that keeps some rows and changes none, so that each kept row keeps its key.</summary>
internal interface IRowSelection : IDataProcessor
{
    /// <summary>Begins a pass over rows of a schema.</summary>
    /// <param name="schema">The columns.</param>
    /// <returns>Says which rows of the next batch are kept, by their numbers in the batch.</returns>
    Func<RecordBatch, IReadOnlyList<int>> Begin(Schema schema);

    Schema IDataProcessor.Bind(Schema input)
    {
        _ = Begin(input);
        return input;
    }

    async IAsyncEnumerable<RecordBatch> IDataProcessor.ProcessAsync(IAsyncEnumerable<RecordBatch> rows, [EnumeratorCancellation] CancellationToken ct)
    {
        Func<RecordBatch, IReadOnlyList<int>>? select = null;
        await foreach (var batch in rows.WithCancellation(ct).ConfigureAwait(false))
        {
            select ??= Begin(batch.Schema);
            var kept = select(batch);
            if (kept.Count > 0) yield return kept.Count == batch.RowCount ? batch : batch.Take([.. kept]);
        }
    }
}
