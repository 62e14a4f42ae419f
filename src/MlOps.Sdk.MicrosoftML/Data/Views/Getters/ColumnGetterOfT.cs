using System.Runtime.CompilerServices;
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
    private protected readonly ViewCursor Cursor;
    private TElement[] _values = [];
    private ValueGetter<TValue>? _getter;

    private protected ColumnGetter(ViewCursor cursor) => Cursor = cursor;

    /// <inheritdoc/>
    public sealed override Delegate Delegate => _getter ??= Read;

    /// <inheritdoc/>
    public override void Bind(ViewColumn column)
    {
        var memory = ((Column<TElement>)column.Column).Memory;
        _values = MemoryMarshal.TryGetArray(memory, out var segment) && segment.Offset == 0 ? segment.Array! : memory.ToArray();
    }

    /// <summary>Reads the value of the cursor's row.</summary>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    private protected abstract void Read(ref TValue value);

    /// <summary>What the column stores for the cursor's row.</summary>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    /// <remarks>
    /// Called for every value. The compiler inlines getters into the loop of the caller, and forgets there that the bound has been checked:
    /// it would check it again.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private protected TElement Element()
    {
        var values = _values;
        var row = Cursor.Row;
        if ((uint)row >= (uint)values.Length) ViewCursor.ThrowNoRow();
        return Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(values), (uint)row);
    }

    /// <summary>What the column stores for the cursor's row, where that is several elements.</summary>
    /// <param name="length">How many elements a row has.</param>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    private protected ReadOnlySpan<TElement> Elements(int length)
    {
        if (Cursor.Row < 0) ViewCursor.ThrowNoRow();
        return _values.AsSpan(Cursor.Row * length, length);
    }
}
