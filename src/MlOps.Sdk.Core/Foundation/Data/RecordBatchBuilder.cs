namespace MlOps.Sdk.Data;

/// <summary>Collects rows, column by column, into batches. Not thread-safe.</summary>
public sealed class RecordBatchBuilder
{
    private readonly ColumnBuilder[] _columns;

    /// <summary>Creates a builder.</summary>
    /// <param name="schema">The columns to build.</param>
    /// <param name="capacity">How many rows to make room for.</param>
    public RecordBatchBuilder(Schema schema, int capacity = 16)
    {
        Schema = schema;
        _columns = [.. schema.Select(field => ColumnBuilder.Create(field.Type, field.Length, capacity))];
    }

    /// <summary>The columns that are built.</summary>
    public Schema Schema { get; }

    /// <summary>The number of complete rows so far.</summary>
    public int Count => _columns.Length == 0 ? 0 : _columns.Min(column => column.Count);

    /// <summary>The builder of a column; cast it to its type (<see cref="NumberColumnBuilder"/>, …) to append values.</summary>
    /// <param name="index">The position of the column.</param>
    public ColumnBuilder this[int index] => _columns[index];

    /// <summary>Appends a row of another batch with the same schema.</summary>
    /// <param name="source">The batch to copy from.</param>
    /// <param name="row">The row to copy, from 0.</param>
    public void Append(RecordBatch source, int row)
    {
        for (var i = 0; i < _columns.Length; i++) _columns[i].Append(source.Columns[i], row);
    }

    /// <summary>Hands the rows over as a batch; the builder starts again empty.</summary>
    public RecordBatch Build() => new(Schema, Array.ConvertAll(_columns, column => column.Build()));
}
