namespace MlOps.Sdk.Data;

/// <summary>
/// Up to <see cref="MaxRows"/> rows of a table, column by column. Whoever receives a batch owns it. Reading is thread-safe.
/// </summary>
public sealed class RecordBatch
{
    /// <summary>The largest number of rows of one batch.</summary>
    public const int MaxRows = 65_536;

    /// <summary>Creates a batch.</summary>
    /// <param name="schema">The columns' names and types.</param>
    /// <param name="columns">One column per field, of its type, all of the same length.</param>
    /// <exception cref="ArgumentException">The columns do not fit the schema, or there are too many rows.</exception>
    public RecordBatch(Schema schema, IReadOnlyList<Column> columns)
    {
        if (schema.Count != columns.Count)
        {
            throw new ArgumentException($"The schema has {schema.Count} columns, the batch {columns.Count}.", nameof(columns));
        }
        RowCount = columns.Count == 0 ? 0 : columns[0].Length;
        if (RowCount > MaxRows) throw new ArgumentException($"A batch holds up to {MaxRows} rows, not {RowCount}.", nameof(columns));
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i].Type != schema[i].Type || columns[i].ElementCount != schema[i].Length)
            {
                throw new ArgumentException(
                    $"Column '{schema[i].Name}' is {columns[i].Type} where the schema says {schema[i].Type}.",
                    nameof(columns));
            }
            if (columns[i].Length != RowCount)
            {
                throw new ArgumentException(
                    $"Column '{schema[i].Name}' has {columns[i].Length} rows where the first has {RowCount}.",
                    nameof(columns));
            }
        }

        Schema = schema;
        Columns = columns;
    }

    /// <summary>The columns' names and types.</summary>
    public Schema Schema { get; }

    /// <summary>The columns, in the order of the schema.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>The number of rows.</summary>
    public int RowCount { get; }

    /// <summary>The column of that name.</summary>
    /// <param name="name">The name of a column.</param>
    /// <exception cref="MlOpsException">There is no such column.</exception>
    public Column this[string name] => Columns[Schema.IndexOf(name)];

    /// <summary>Copies the given rows into a new batch.</summary>
    /// <param name="rows">Row numbers, from 0, in any order.</param>
    public RecordBatch Take(ReadOnlySpan<int> rows)
    {
        var columns = new Column[Columns.Count];
        for (var i = 0; i < columns.Length; i++) columns[i] = Columns[i].Take(rows);
        return new RecordBatch(Schema, columns);
    }
}
