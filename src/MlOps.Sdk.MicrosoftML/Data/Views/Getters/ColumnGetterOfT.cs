using System.Runtime.InteropServices;
using Microsoft.ML;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.MLNet;

/// <summary>Reads the values of a column of one type.</summary>
/// <typeparam name="TElement">What the column stores.</typeparam>
/// <typeparam name="TValue">What ML.NET reads.</typeparam>
internal abstract class ColumnGetter<TElement, TValue> : ColumnGetter
    where TElement : unmanaged
{
    // Getters are called for every value: they read fields, and the bounds of the array are all that they check.
    private protected readonly ViewCursor Cursor;
    private protected TElement[] Values = [];
    private ValueGetter<TValue>? _getter;

    private protected ColumnGetter(ViewCursor cursor) => Cursor = cursor;

    /// <inheritdoc/>
    public sealed override Delegate Delegate => _getter ??= Read;

    /// <inheritdoc/>
    public override void Bind(ViewColumn column)
    {
        var memory = ((Column<TElement>)column.Column).Memory;
        Values = MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 ? segment.Array! : memory.ToArray();
    }

    /// <summary>Reads the value of the cursor's row.</summary>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    private protected abstract void Read(ref TValue value);
}
