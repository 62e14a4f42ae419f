using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>Writes both sides of the processed rows to a sink, with a column that says which.</summary>
internal static class RowCopy
{
    /// <summary>The name of the column.</summary>
    public const string SplitColumn = "split";

    /// <param name="sink">The sink.</param>
    /// <param name="table">The name of the table.</param>
    /// <param name="sides">The snapshots, by what the column says.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The rows cannot be written.</exception>
    public static async Task WriteAsync(
        ITableSink sink, string table, IReadOnlyList<(string Side, Stream Rows)> sides, CancellationToken cancellationToken)
    {
        SinkWriter? writer = null;
        Schema? columns = null;
        try
        {
            foreach (var (side, rows) in sides)
            {
                var reader = await ArrowReader.OpenAsync(rows, $"the {side} rows", cancellationToken).ConfigureAwait(false);
                if (writer is null)
                {
                    columns = ColumnsOf(reader.Schema, sink);
                    writer = await SinkWriter.OpenAsync(sink, columns, table, cancellationToken).ConfigureAwait(false);
                }
                await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    await writer.WriteAsync(
                        new RecordBatch(columns!, [.. batch.Columns, Constant(side, batch.RowCount)]), cancellationToken)
                        .ConfigureAwait(false);
                }
            }

            await writer!.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (writer is not null) await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Schema ColumnsOf(Schema rows, IDataSink sink) => rows.Contains(SplitColumn)
        ? throw new MlOpsException(
            $"The rows have a column '{SplitColumn}', which a copy adds to say which side a row is on.", "Rename the column.")
        {
            DataSource = sink.Name,
            Column = SplitColumn,
        }
        : new Schema([.. rows, new Field(SplitColumn, ColumnType.Text)]);

    private static Column Constant(string side, int count)
    {
        var texts = (TextColumnBuilder)ColumnBuilder.Create(ColumnType.Text, 1, count);
        for (var row = 0; row < count; row++) texts.Append(side);
        return texts.Build();
    }
}
