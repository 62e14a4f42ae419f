namespace MlOps.Sdk.Data;

/// <summary>Collects the values of a column row by row. Not thread-safe.</summary>
public abstract class ColumnBuilder
{
    private protected ColumnBuilder()
    {
    }

    /// <summary>The number of rows appended so far.</summary>
    public int Count => Target.Length;

    private protected abstract Column Target { get; }

    /// <summary>Creates a builder.</summary>
    /// <param name="type">The type of the column.</param>
    /// <param name="elementCount">The length of a vector; 1 for every other type.</param>
    /// <param name="capacity">How many rows to make room for.</param>
    public static ColumnBuilder Create(ColumnType type, int elementCount = 1, int capacity = 16) => type switch
    {
        ColumnType.Number => new NumberColumnBuilder(capacity),
        ColumnType.Integer => new IntegerColumnBuilder(capacity),
        ColumnType.Boolean => new BooleanColumnBuilder(capacity),
        ColumnType.Text => new TextColumnBuilder(capacity),
        ColumnType.Timestamp => new TimestampColumnBuilder(capacity),
        ColumnType.Vector => new VectorColumnBuilder(elementCount, capacity),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>Appends a row without a value.</summary>
    public abstract void AppendNull();

    /// <summary>Appends a row of another column of the same type.</summary>
    /// <param name="source">The column to copy from.</param>
    /// <param name="row">The row to copy, from 0.</param>
    public abstract void Append(Column source, int row);

    /// <summary>Hands the rows over as a separate column; the builder starts again empty.</summary>
    public abstract Column Build();

    /// <summary>
    /// The column under construction, without a copy: it changes with the builder.
    /// For buffers that are filled, read and cleared again, as an endpoint does.
    /// </summary>
    internal Column View => Target;

    /// <summary>
    /// Receives the rows whose value the column cannot hold, with the value; <see langword="null"/> where such a value is an error.
    /// </summary>
    internal List<(int Row, object? Value)>? Misfits { get; set; }

    /// <summary>Forgets all rows and keeps the memory.</summary>
    internal abstract void Clear();

    /// <summary>Sets the value of a row that was appended before to that of another column of the same type, which has one.</summary>
    internal abstract void Put(int row, Column source, int sourceRow);
}
