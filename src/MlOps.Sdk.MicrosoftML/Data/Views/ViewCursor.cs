using System.Diagnostics.CodeAnalysis;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Moves over rows of columns. Confined to a thread, as every cursor of ML.NET.</summary>
internal abstract class ViewCursor : DataViewRowCursor
{
    private readonly ViewShape _shape;
    private readonly ColumnGetter?[] _getters;

    private protected ViewCursor(ViewShape shape, int[] active)
    {
        _shape = shape;
        _getters = new ColumnGetter[shape.Columns.Count];
        foreach (var column in active) _getters[column] = ColumnGetter.Create(shape.Readings[column], this);
    }

    /// <summary>
    /// The row in the columns that the getters are bound to; -1 when there is none. A field, as it is read for every value.
    /// </summary>
    internal int Row = -1;

    /// <inheritdoc/>
    /// <remarks>
    /// ML.NET's mappers keep what they computed until the position changes: it grows with every row, whatever the row's number is.
    /// </remarks>
    public sealed override long Position => Row < 0 ? -1 : Read;

    /// <inheritdoc/>
    public sealed override DataViewSchema Schema => _shape.Schema;

    /// <summary>The number of rows that the cursor has left behind.</summary>
    private protected abstract long Read { get; }

    /// <summary>The number of rows of the view before those that the getters are bound to.</summary>
    private protected virtual long Before => 0;

    /// <inheritdoc/>
    public sealed override bool IsColumnActive(DataViewSchema.Column column) => GetterOf(column) is not null;

    /// <inheritdoc/>
    public sealed override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        var getter = GetterOf(column)
            ?? throw new InvalidOperationException($"The column '{column.Name}' was not requested when the cursor was created.");
        return getter.Delegate as ValueGetter<TValue>
            ?? throw new InvalidOperationException(
                $"The column '{column.Name}' is {column.Type}, whose values are {column.Type.RawType.Name} and not {typeof(TValue).Name}.");
    }

    /// <inheritdoc/>
    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) =>
    {
        if (Row < 0) ThrowNoRow();
        id = new DataViewRowId((ulong)(Before + Row), 0);
    };

    /// <summary>The failure of a getter that is called before the first row, behind the last, or after the cursor is disposed.</summary>
    [DoesNotReturn]
    internal static void ThrowNoRow() =>
        throw new InvalidOperationException("There is no row to read: call MoveNext first, and read only as long as it returns true.");

    /// <summary>Gives a column to its getter.</summary>
    private protected void Bind(int column, ViewColumn values) => _getters[column]!.Bind(values);

    /// <summary>There are no more rows.</summary>
    private protected bool End()
    {
        Row = -1;
        return false;
    }

    private ColumnGetter? GetterOf(DataViewSchema.Column column) =>
        column.Index < _getters.Length && _shape.Columns[column.Index].Name == column.Name
            ? _getters[column.Index]
            : throw new InvalidOperationException($"The column '{column.Name}' is not one of this view.");
}
