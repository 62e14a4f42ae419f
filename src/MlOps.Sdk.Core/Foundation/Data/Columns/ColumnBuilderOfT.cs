namespace MlOps.Sdk.Data;

/// <summary>Collects fixed-size values. Not thread-safe.</summary>
/// <typeparam name="T">The type of a stored element.</typeparam>
public abstract class ColumnBuilder<T> : ColumnBuilder
    where T : unmanaged
{
    private protected Column<T> Column;

    private protected ColumnBuilder(Column<T> column, int capacity)
    {
        Column = column;
        column.Buffer = new T[Math.Max(capacity, 1) * column.ElementCount];
    }

    private protected sealed override Column Target => Column;

    private protected virtual T NullElement => default;

    /// <inheritdoc/>
    public sealed override void AppendNull()
    {
        Reserve().Fill(NullElement);
        MarkNull();
    }

    /// <inheritdoc/>
    public override void Append(Column source, int row)
    {
        if (source.IsNull(row))
        {
            AppendNull();
            return;
        }

        var width = Column.ElementCount;
        ((Column<T>)source).Values.Slice(row * width, width).CopyTo(Reserve());
        MarkValue();
    }

    /// <inheritdoc/>
    public override Column Build()
    {
        var built = Column;
        var used = built.Length * built.ElementCount;
        if (built.Buffer.Length > used + used / 8 + 16) built.Buffer = built.Buffer[..used];
        _spareBits = null;
        Column = NewColumn();
        _rowsBefore = built.Length;
        return built;
    }

    private protected abstract Column<T> NewColumn();

    internal override void Put(int row, Column source, int sourceRow)
    {
        var width = Column.ElementCount;
        ((Column<T>)source).Values.Slice(sourceRow * width, width).CopyTo(Column.Buffer.AsSpan(row * width, width));
        MarkPut(row);
    }

    internal override void Clear()
    {
        Column.Length = 0;
        Column.NullCount = 0;
        Column.Validity = null;
    }

    private protected Span<T> Reserve()
    {
        var width = Column.ElementCount;
        var start = Column.Length * width;
        if (start + width > Column.Buffer.Length)
        {
            var buffer = Column.Buffer;
            Array.Resize(ref buffer, Math.Max(buffer.Length == 0 ? Math.Max(16, _rowsBefore) * width : buffer.Length * 2, start + width));
            Column.Buffer = buffer;
        }

        return Column.Buffer.AsSpan(start, width);
    }

    /// <summary>Appends a value of one element.</summary>
    private protected void Add(T value)
    {
        var buffer = Column.Buffer;
        var row = Column.Length;
        if ((uint)row < (uint)buffer.Length) buffer[row] = value;
        else Reserve()[0] = value;
        MarkValue();
    }

    private protected void MarkValue()
    {
        var row = Column.Length++;
        if (Column.Validity is { } bits)
        {
            EnsureBits(ref bits, row);
            bits[row >> 6] |= 1UL << (row & 63);
        }
    }

    private protected void MarkPut(int row)
    {
        if (!Column.IsNull(row)) return;
        Column.Validity![row >> 6] |= 1UL << (row & 63);
        Column.NullCount--;
    }

    private void MarkNull()
    {
        var row = Column.Length++;
        Column.NullCount++;
        var bits = Column.Validity;
        if (bits is null)
        {
            bits = _spareBits ?? [];
            Array.Clear(bits);
            EnsureBits(ref bits, row);
            for (var i = 0; i < row; i++) bits[i >> 6] |= 1UL << (i & 63);
            _spareBits = bits;
        }

        EnsureBits(ref bits, row);
    }

    // Batches mostly have as many rows as those before.
    private int _rowsBefore;

    // Kept across Clear, so that a buffer that is filled again and again allocates its bits once.
    private ulong[]? _spareBits;

    private void EnsureBits(ref ulong[] bits, int row)
    {
        if (row >> 6 >= bits.Length) Array.Resize(ref bits, Math.Max(bits.Length * 2, (row >> 6) + 1));
        Column.Validity = bits;
        _spareBits = bits;
    }
}
