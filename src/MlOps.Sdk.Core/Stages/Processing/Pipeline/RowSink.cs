using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Collects rows into batches of a fixed size, so that a snapshot's bytes do not depend on how its rows arrived. Not thread-safe.
/// </summary>
internal sealed class RowSink(ArrowWriter writer, Schema schema)
{
    private const int BatchRows = 16_384;
    private readonly RecordBatchBuilder _rows = new(schema);
    private int _count;

    public long RowCount { get; private set; }

    public ValueTask BeginAsync(CancellationToken cancellationToken) => writer.BeginAsync(schema, cancellationToken);

    /// <summary>Appends a row of a batch with the sink's columns.</summary>
    public ValueTask AddAsync(RecordBatch batch, int row, CancellationToken cancellationToken)
    {
        _rows.Append(batch, row);
        return NextAsync(cancellationToken);
    }

    /// <summary>Appends a row whose columns the caller fills.</summary>
    public ValueTask AddAsync(Action<RecordBatchBuilder> fill, CancellationToken cancellationToken)
    {
        fill(_rows);
        return NextAsync(cancellationToken);
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (_count > 0) await FlushAsync(cancellationToken).ConfigureAwait(false);
        await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private ValueTask NextAsync(CancellationToken cancellationToken)
    {
        RowCount++;
        return ++_count == BatchRows ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    private ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _count = 0;
        return writer.WriteAsync(_rows.Build(), cancellationToken);
    }
}
