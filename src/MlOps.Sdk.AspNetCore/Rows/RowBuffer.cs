using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;

namespace MlOps.Sdk.AspNetCore;

/// <summary>
/// The rows of a request as columns, before a version predicts them, with the ids and the key that came with them. Not thread-safe.
/// </summary>
internal sealed class RowBuffer
{
    private readonly ColumnBuilder[] _columns;
    private readonly int[] _filled;

    public RowBuffer(Schema schema, ColumnIndex index)
    {
        (Schema, Index) = (schema, index);
        _columns = [.. schema.Select(field => ColumnBuilder.Create(field.Type, field.Length, capacity: 4))];
        _filled = new int[schema.Count];
        Views = [.. _columns.Select(column => column.View)];
    }

    public Schema Schema { get; }

    public ColumnIndex Index { get; }

    /// <summary>The columns that are filled.</summary>
    public ReadOnlySpan<ColumnBuilder> Columns => _columns;

    /// <summary>The same, to be read.</summary>
    public Column[] Views { get; }

    /// <summary>The number of rows.</summary>
    public int Count { get; private set; }

    /// <summary>The ids of the rows; empty for new ones.</summary>
    public List<PredictionId> Ids { get; } = [];

    /// <summary>What decides which arm answers; <see langword="null"/> where the body does not say.</summary>
    public string? Key { get; set; }

    /// <summary>Begins a row, column by column in any order.</summary>
    /// <exception cref="Rejection">There are too many.</exception>
    public void Begin(int most)
    {
        if (Count >= most) throw Rejection.TooManyRows(most);
        Count++;
    }

    /// <summary>Notes that the present row has a value of a column.</summary>
    /// <returns>Whether it is the first one.</returns>
    public bool Fill(int column)
    {
        if (_filled[column] == Count) return false;
        _filled[column] = Count;
        return true;
    }

    public bool IsFilled(int column) => _filled[column] == Count;

    /// <summary>Says that all rows are there, whose columns were filled one after the other.</summary>
    public void Complete(int rows) => Count = rows;

    /// <summary>Forgets the rows and keeps the memory.</summary>
    public void Clear()
    {
        foreach (var column in _columns) column.Clear();
        Array.Clear(_filled);
        Count = 0;
        Ids.Clear();
        Key = null;
    }
}
