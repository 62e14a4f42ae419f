using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>The values of a row as ML.NET reads them: which columns are bound, and which row is read. Confined to a thread.</summary>
internal sealed class InputValues
{
    private readonly InputReader?[] _readers;

    /// <summary>Creates the values of columns.</summary>
    /// <param name="schema">The columns.</param>
    /// <param name="isActive">Which of them are read.</param>
    public InputValues(InputSchema schema, Func<int, bool> isActive)
    {
        Schema = schema.Schema;
        _readers = [.. schema.Columns.Select((column, i) => isActive(i) ? InputReaders.Create(column, this) : null)];
    }

    /// <summary>The columns as ML.NET sees them.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>The row of the columns that is read; -1 when there is none.</summary>
    public int Row { get; set; } = -1;

    /// <summary>Sets the column that is read at a position of the schema.</summary>
    public void Bind(int index, Column? column)
    {
        if (_readers[index] is { } reader) reader.Source = column;
    }

    /// <summary>Whether a column is read.</summary>
    public bool IsActive(DataViewSchema.Column column) => _readers[column.Index] is not null;

    /// <summary>The getter of a column.</summary>
    /// <exception cref="InvalidOperationException">The column is not read, or is of another type.</exception>
    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column) =>
        (_readers[column.Index] ?? throw new InvalidOperationException($"The column '{column.Name}' is not active.")).Getter
            as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"The column '{column.Name}' is {column.Type}, but is requested as {typeof(TValue).Name}.");

    /// <summary>The failure to read where there is no row.</summary>
    public static InvalidOperationException NoRow() => new("There is no row to read.");
}
