namespace MlOps.Sdk.Data;

/// <summary>A table in memory, of any number of rows. Immutable and thread-safe.</summary>
public sealed class Dataset
{
    private readonly Column[] _columns;

    internal Dataset(Schema schema, Column[] columns)
    {
        Schema = schema;
        _columns = columns;
        RowCount = columns.Length == 0 ? 0 : columns[0].Length;
    }

    /// <summary>The columns' names and types.</summary>
    public Schema Schema { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The columns, in the order of the schema.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    /// <summary>The column of that name.</summary>
    /// <param name="name">The name of a column.</param>
    /// <exception cref="MlOpsException">There is no such column.</exception>
    public Column this[string name] => _columns[Schema.IndexOf(name)];

    /// <summary>Joins batches of one schema into a table.</summary>
    /// <param name="schema">The schema of the batches.</param>
    /// <param name="batches">The rows.</param>
    public static Dataset FromBatches(Schema schema, IEnumerable<RecordBatch> batches)
    {
        var builders = NewBuilders(schema);
        foreach (var batch in batches) Append(builders, batch);
        return new Dataset(schema, Array.ConvertAll(builders, builder => builder.Build()));
    }

    /// <summary>Joins a stream of batches of one schema into a table.</summary>
    /// <param name="schema">The schema of the batches.</param>
    /// <param name="batches">The rows.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public static async Task<Dataset> FromBatchesAsync(
        Schema schema, IAsyncEnumerable<RecordBatch> batches, CancellationToken cancellationToken = default)
    {
        var builders = NewBuilders(schema);
        await foreach (var batch in batches.WithCancellation(cancellationToken).ConfigureAwait(false)) Append(builders, batch);
        return new Dataset(schema, Array.ConvertAll(builders, builder => builder.Build()));
    }

    /// <summary>Copies the given rows into a new table.</summary>
    /// <param name="rows">Row numbers, from 0, in any order, repetition allowed.</param>
    public Dataset Take(ReadOnlySpan<int> rows)
    {
        var columns = new Column[_columns.Length];
        for (var i = 0; i < columns.Length; i++) columns[i] = _columns[i].Take(rows);
        return new Dataset(Schema, columns);
    }

    /// <summary>The table with another column in the place of one of the same type and length.</summary>
    internal Dataset With(string name, Column column)
    {
        var columns = (Column[])_columns.Clone();
        columns[Schema.IndexOf(name)] = column;
        return new Dataset(Schema, columns);
    }

    /// <summary>The table without some columns; the others are shared, not copied.</summary>
    /// <param name="columns">Names of columns; those that the table does not have are ignored.</param>
    internal Dataset Without(IReadOnlyCollection<string> columns)
    {
        int[] kept = [.. Enumerable.Range(0, Schema.Count).Where(i => !columns.Contains(Schema[i].Name))];
        return new Dataset(new Schema(kept.Select(i => Schema[i])), Array.ConvertAll(kept, i => _columns[i]));
    }

    /// <summary>The table with its rows in batches.</summary>
    /// <param name="batchSize">Rows of a batch, at most <see cref="RecordBatch.MaxRows"/>.</param>
    public IEnumerable<RecordBatch> ToBatches(int batchSize = RecordBatch.MaxRows)
    {
        for (var start = 0; start < RowCount; start += batchSize)
        {
            var rows = new int[Math.Min(batchSize, RowCount - start)];
            for (var i = 0; i < rows.Length; i++) rows[i] = start + i;
            yield return new RecordBatch(Schema, Array.ConvertAll(_columns, column => column.Take(rows)));
        }
    }

    private static ColumnBuilder[] NewBuilders(
        Schema schema) => [.. schema.Select(field => ColumnBuilder.Create(field.Type, field.Length))];

    private static void Append(ColumnBuilder[] builders, RecordBatch batch)
    {
        for (var i = 0; i < builders.Length; i++)
        {
            for (var row = 0; row < batch.RowCount; row++) builders[i].Append(batch.Columns[i], row);
        }
    }
}
