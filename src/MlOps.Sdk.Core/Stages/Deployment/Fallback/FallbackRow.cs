using MlOps.Sdk.Data;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// A row that a <see cref="FallbackRule"/> answers, after the input contract of the model. It is there for the call only.
/// </summary>
public readonly ref struct FallbackRow
{
    private readonly ReadOnlySpan<ColumnBuilder> _columns;
    private readonly int _row;

    internal FallbackRow(Schema schema, ReadOnlySpan<ColumnBuilder> columns, int row)
    {
        Schema = schema;
        _columns = columns;
        _row = row;
    }

    /// <summary>The columns.</summary>
    public Schema Schema { get; }

    /// <summary>
    /// The value as a number: booleans are 0 and 1, timestamps seconds since 1970-01-01 UTC. NaN where there is none, or the column is not
    /// numeric.
    /// </summary>
    /// <param name="column">The column.</param>
    /// <exception cref="MlOpsException">There is no such column.</exception>
    public double Number(string column) => Of(column).GetNumber(_row);

    /// <summary>The value as text, independent of culture; <see langword="null"/> where there is none.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="MlOpsException">There is no such column.</exception>
    public string? Text(string column) => Of(column).GetText(_row);

    /// <summary>Whether there is no value.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="MlOpsException">There is no such column.</exception>
    public bool IsMissing(string column) => Of(column).IsMissing(_row);

    private Column Of(string column) =>
        Schema.TryGetIndex(column, out var at)
            ? _columns[at].View
            : throw NearestName.MissingColumn(column, "The fallback rule", Schema);
}
