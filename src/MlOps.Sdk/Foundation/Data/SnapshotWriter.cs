using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>Writes batches to a stream as a snapshot: the same bytes for the same batches. Call <see cref="BeginAsync"/>, then <see cref="WriteAsync"/>, then <see cref="CompleteAsync"/>. Not thread-safe; the stream stays open.</summary>
internal sealed class SnapshotWriter(Stream stream)
{
    private readonly ArrayBufferWriter<byte> _block = new(64 * 1024);
    private long _rows;
    private long _batches;

    /// <summary>The schema, from <see cref="BeginAsync"/> on.</summary>
    public Schema? Schema { get; private set; }

    /// <summary>The number of rows written.</summary>
    public long RowCount => _rows;

    public async ValueTask BeginAsync(Schema schema, CancellationToken ct = default)
    {
        if (Schema is not null) throw new InvalidOperationException("The snapshot has already begun.");
        Schema = schema;
        await stream.WriteAsync(SnapshotFormat.Magic.ToArray(), ct).ConfigureAwait(false);
        Begin(SnapshotFormat.SchemaBlock);
        Int32(schema.Count);
        foreach (var field in schema)
        {
            Text(field.Name);
            Byte((byte)field.Type);
            Int32(field.Length);
        }

        await EndAsync(ct).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken ct = default)
    {
        if (Schema is null) throw new InvalidOperationException("The snapshot has not begun.");
        if (!batch.Schema.Equals(Schema)) throw new ArgumentException($"The batch has the columns {batch.Schema} where the snapshot has {Schema}.", nameof(batch));
        if (batch.RowCount == 0) return;
        Begin(SnapshotFormat.BatchBlock);
        Int32(batch.RowCount);
        foreach (var column in batch.Columns) Column(column);
        await EndAsync(ct).ConfigureAwait(false);
        _rows += batch.RowCount;
        _batches++;
    }

    public async ValueTask CompleteAsync(CancellationToken ct = default)
    {
        if (Schema is null) throw new InvalidOperationException("The snapshot has not begun.");
        Begin(SnapshotFormat.EndBlock);
        Int64(_rows);
        Int64(_batches);
        await EndAsync(ct).ConfigureAwait(false);
        await stream.FlushAsync(ct).ConfigureAwait(false);
    }

    private void Column(Column column)
    {
        var rows = column.Length;
        Byte(column.NullCount > 0 ? (byte)1 : (byte)0);
        if (column.NullCount > 0)
        {
            var bits = Reserve((rows + 7) / 8);
            bits.Clear();
            for (var row = 0; row < rows; row++)
            {
                if (!column.IsNull(row)) bits[row >> 3] |= (byte)(1 << (row & 7));
            }
        }

        switch (column)
        {
            case NumberColumn numbers: Values(numbers, double.NaN); break;
            case IntegerColumn integers: Values(integers, 0); break;
            case TimestampColumn times: Values(times, 0); break;
            case BooleanColumn booleans: Values(booleans, false); break;
            case VectorColumn vectors: Values(vectors, 0); break;
            case TextColumn texts: Texts(texts); break;
        }
    }

    // What stands where there is no value is not specified in memory; here it is always the same.
    private void Values<T>(Column<T> column, T nullElement)
        where T : unmanaged
    {
        var values = column.Values;
        var bytes = Reserve(checked(values.Length * Unsafe.SizeOf<T>()));
        var target = MemoryMarshal.Cast<byte, T>(bytes);
        values.CopyTo(target);
        if (column.NullCount == 0) return;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row)) target.Slice(row * column.ElementCount, column.ElementCount).Fill(nullElement);
        }
    }

    // Codes are given anew in the order of first use, so that unused texts and the history of a builder leave no trace.
    private void Texts(TextColumn column)
    {
        var newCodes = new int[column.TextCount];
        newCodes.AsSpan().Fill(-1);
        var used = new List<string>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var codes = new int[column.Length];
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.Values[row] is not (>= 0 and var code))
            {
                codes[row] = -1;
                continue;
            }

            if (newCodes[code] < 0)
            {
                var text = column.Texts[code];
                if (!known.TryGetValue(text, out var first))
                {
                    first = used.Count;
                    known.Add(text, first);
                    used.Add(text);
                }

                newCodes[code] = first;
            }

            codes[row] = newCodes[code];
        }

        Int32(used.Count);
        foreach (var text in used) Text(text);
        MemoryMarshal.AsBytes(codes.AsSpan()).CopyTo(Reserve(codes.Length * 4));
    }

    private void Begin(byte kind)
    {
        _block.ResetWrittenCount();
        Byte(kind);
        Int32(0);
    }

    private async ValueTask EndAsync(CancellationToken ct)
    {
        Seal();
        await stream.WriteAsync(_block.WrittenMemory, ct).ConfigureAwait(false);
    }

    private void Seal()
    {
        MemoryMarshal.TryGetArray(_block.WrittenMemory, out var written);
        BinaryPrimitives.WriteInt32LittleEndian(written.AsSpan(1), written.Count - SnapshotFormat.HeaderLength);
        var (first, second) = SipHash128.Compute(written.AsSpan());
        Int64((long)first);
        Int64((long)second);
    }

    private Span<byte> Reserve(int count)
    {
        var span = _block.GetSpan(Math.Max(count, 1))[..count];
        _block.Advance(count);
        return span;
    }

    private void Byte(byte value) => Reserve(1)[0] = value;

    private void Int32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(4), value);

    private void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(8), value);

    private void Text(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Int32(length);
        Encoding.UTF8.GetBytes(value, Reserve(length));
    }
}
