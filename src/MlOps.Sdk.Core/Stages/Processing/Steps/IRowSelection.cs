using System.Runtime.CompilerServices;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>A set-wise step that keeps some rows and changes none, so that each kept row keeps its key.</summary>
internal interface IRowSelection : IDataProcessor
{
    /// <summary>Begins a pass over rows of a schema.</summary>
    /// <param name="schema">The columns.</param>
    SelectionPass Begin(Schema schema);

    Schema IDataProcessor.Bind(Schema input)
    {
        _ = Begin(input);
        return input;
    }

    async IAsyncEnumerable<RecordBatch> IDataProcessor.ProcessAsync(
        IAsyncEnumerable<RecordBatch> rows,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SelectionPass? pass = null;
        var waiting = new List<RecordBatch>();
        await foreach (var batch in rows.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            pass ??= Begin(batch.Schema);
            pass.Observe?.Invoke(batch);
            if (pass.Observe is not null) waiting.Add(batch);
            else if (pass.Select(batch) is { Count: > 0 } kept) yield return Take(batch, kept);
        }

        foreach (var batch in waiting)
        {
            if (pass!.Select(batch) is { Count: > 0 } kept) yield return Take(batch, kept);
        }

        static RecordBatch Take(RecordBatch batch, IReadOnlyList<int> kept) => kept.Count == batch.RowCount ? batch : batch.Take([.. kept]);
    }
}
