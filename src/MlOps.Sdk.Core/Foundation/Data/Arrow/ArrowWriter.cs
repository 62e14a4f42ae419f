using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>
/// Writes batches to a stream as an Arrow IPC file, or as an Arrow IPC stream, which is the same without
/// its frame: the same bytes for the same batches. Call <see cref="BeginAsync"/>, then
/// <see cref="WriteAsync(RecordBatch, CancellationToken)"/>, then <see cref="CompleteAsync"/>. Texts are coded by one dictionary
/// per column, which grows from batch to batch; a column whose first batch hardly repeats a text is written without one. Not
/// thread-safe; the stream stays open.
/// </summary>
internal sealed class ArrowWriter(Stream stream, bool asStream = false)
{
    private readonly FlatBufferWriter _message = new();
    private readonly ArrayBufferWriter<byte> _body = new(64 * 1024);
    private readonly List<(long Length, long Nulls)> _nodes = [];
    private readonly List<(long Offset, long Length)> _buffers = [];
    private readonly List<(long Offset, int Metadata, long Body)> _dictionaries = [];
    private readonly List<(long Offset, int Metadata, long Body)> _batches = [];
    private ArrowColumn[]? _columns;
    private Dictionary<string, int>?[] _codes = [];
    private long _at;

    /// <summary>The schema, from <see cref="BeginAsync"/> on.</summary>
    public Schema? Schema { get; private set; }

    /// <summary>The number of rows written.</summary>
    public long RowCount { get; private set; }

    public ValueTask BeginAsync(Schema schema, CancellationToken cancellationToken = default)
    {
        if (Schema is not null) throw new InvalidOperationException("The file has already begun.");
        Schema = schema;
        if (asStream) return ValueTask.CompletedTask;
        var start = new byte[8];
        ArrowFormat.Magic.CopyTo(start);
        return WriteAsync(start, cancellationToken);
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken = default)
    {
        if (Schema is null) throw new InvalidOperationException("The file has not begun.");
        if (!batch.Schema.Equals(Schema))
        {
            throw new ArgumentException($"The batch has the columns {batch.Schema} where the file has {Schema}.", nameof(batch));
        }
        if (batch.RowCount == 0) return;
        if (_columns is null) await WriteSchemaAsync(batch, cancellationToken).ConfigureAwait(false);
        var codes = new int[batch.Columns.Count][];
        for (var i = 0; i < codes.Length; i++)
        {
            if (_codes[i] is { } known)
            {
                codes[i] = await CodeAsync(i, known, (TextColumn)batch.Columns[i], cancellationToken).ConfigureAwait(false);
            }
        }

        BeginBody();
        for (var i = 0; i < codes.Length; i++) Column(batch.Columns[i], codes[i]);
        _batches.Add(await WriteBatchAsync(batch.RowCount, null, cancellationToken).ConfigureAwait(false));
        RowCount += batch.RowCount;
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        if (Schema is null) throw new InvalidOperationException("The file has not begun.");
        if (_columns is null) await WriteSchemaAsync(null, cancellationToken).ConfigureAwait(false);
        if (asStream)
        {
            // A message of length 0.
            await WriteAsync(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0 }, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        _message.Clear();
        var footer = _message.Table(2, 4, 4, 4); // File.fbs: version, schema, dictionaries, recordBatches
        _message.Root(footer);
        _message.SetInt16(footer[0], ArrowFormat.Version5);
        ArrowSchema.Write(_message, footer[1], _columns!);
        Blocks(footer[2], _dictionaries);
        Blocks(footer[3], _batches);
        var written = _message.Written;
        var end = new byte[8 + written.Length + 4 + ArrowFormat.Magic.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(end, ArrowFormat.Continuation); // the end of the stream: a message of length 0
        written.CopyTo(end.AsMemory(8));
        BinaryPrimitives.WriteInt32LittleEndian(end.AsSpan(8 + written.Length), written.Length);
        ArrowFormat.Magic.CopyTo(end.AsSpan(12 + written.Length));
        await WriteAsync(end, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private void Blocks(int at, List<(long Offset, int Metadata, long Body)> blocks)
    {
        var start = _message.Vector(at, blocks.Count, 24);
        for (var i = 0; i < blocks.Count; i++)
        {
            _message.SetInt64(start + i * 24, blocks[i].Offset);
            _message.SetInt32(start + i * 24 + 8, blocks[i].Metadata);
            _message.SetInt64(start + i * 24 + 16, blocks[i].Body);
        }
    }

    // Whether a text column has a dictionary is decided by the first batch; a dictionary of texts that hardly
    // repeat would only take memory.
    private async ValueTask WriteSchemaAsync(RecordBatch? first, CancellationToken cancellationToken)
    {
        _columns = [.. Schema!.Select((field, i) => new ArrowColumn(
            field,
            field.Type == ColumnType.Text && (first is null || Repeats((TextColumn)first.Columns[i])) ? i : null))];
        _codes = [.. _columns.Select(column => column.Dictionary is null ? null : new Dictionary<string, int>(StringComparer.Ordinal))];
        _message.Clear();
        BeginBody();
        var message = _message.Table(2, 1, 4, 8); // Message.fbs: version, header_type, header, bodyLength
        _message.Root(message);
        _message.SetInt16(message[0], ArrowFormat.Version5);
        _message.SetByte(message[1], ArrowFormat.SchemaMessage);
        ArrowSchema.Write(_message, message[2], _columns);
        await WriteMessageAsync(cancellationToken).ConfigureAwait(false);

        // Readers expect every dictionary before the first batch.
        for (var i = 0; i < _codes.Length; i++)
        {
            if (_codes[i] is not null) await WriteDictionaryAsync(i, [], isDelta: false, cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool Repeats(TextColumn column)
    {
        const int small = 256;
        if (column.Length <= small) return true;
        var used = new HashSet<int>(column.Values.ToArray());
        return used.Count * 2 <= column.Length;
    }

    private async ValueTask<int[]> CodeAsync(
        int index, Dictionary<string, int> known, TextColumn column, CancellationToken cancellationToken)
    {
        var ofCode = new int[column.TextCount];
        ofCode.AsSpan().Fill(-1);
        var codes = new int[column.Length];
        var added = new List<string?>();
        for (var row = 0; row < codes.Length; row++)
        {
            if (column.Values[row] is not (>= 0 and var code)) continue;
            if (ofCode[code] < 0)
            {
                var text = column.Texts[code];
                if (!known.TryGetValue(text, out var global))
                {
                    global = known.Count;
                    known.Add(text, global);
                    added.Add(text);
                }

                ofCode[code] = global;
            }

            codes[row] = ofCode[code];
        }

        if (added.Count > 0) await WriteDictionaryAsync(index, added, isDelta: true, cancellationToken).ConfigureAwait(false);
        return codes;
    }

    private async ValueTask WriteDictionaryAsync(int index, List<string?> texts, bool isDelta, CancellationToken cancellationToken)
    {
        BeginBody();
        _nodes.Add((texts.Count, 0));
        Buffer(0);
        Texts(texts.Count, CollectionsMarshal.AsSpan(texts));
        _dictionaries.Add(await WriteBatchAsync(texts.Count, (index, isDelta), cancellationToken).ConfigureAwait(false));
    }

    private void Column(Column column, int[]? codes)
    {
        _nodes.Add((column.Length, column.NullCount));
        Validity(column);
        switch (column)
        {
            case NumberColumn numbers: Values(numbers, double.NaN); break;
            case IntegerColumn integers: Values(integers, 0); break;
            case TimestampColumn times: Timestamps(times); break;
            case BooleanColumn booleans: Booleans(booleans); break;
            case TextColumn when codes is not null:
                codes.CopyTo(MemoryMarshal.Cast<byte, int>(Buffer((long)codes.Length * sizeof(int))));
                break;
            case TextColumn texts:
                Texts(texts.Length, Array.ConvertAll(texts.Values.ToArray(), code => code < 0 ? null : texts.Texts[code]));
                break;
            case VectorColumn vectors:
                _nodes.Add(((long)vectors.Length * vectors.ElementCount, 0));
                Buffer(0);
                Values(vectors, 0);
                break;
        }
    }

    private void Validity(Column column)
    {
        if (column.NullCount == 0)
        {
            Buffer(0);
            return;
        }

        var bits = Buffer((column.Length + 7) / 8);
        for (var row = 0; row < column.Length; row++)
        {
            if (!column.IsNull(row)) bits[row >> 3] |= (byte)(1 << (row & 7));
        }
    }

    // What stands where there is no value is not specified in memory; here it is always the same.
    private void Values<T>(Column<T> column, T nullElement)
        where T : unmanaged
    {
        var values = column.Values;
        var target = MemoryMarshal.Cast<byte, T>(Buffer((long)values.Length * Unsafe.SizeOf<T>()));
        values.CopyTo(target);
        if (column.NullCount == 0) return;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.IsNull(row)) target.Slice(row * column.ElementCount, column.ElementCount).Fill(nullElement);
        }
    }

    private void Timestamps(TimestampColumn column)
    {
        var target = MemoryMarshal.Cast<byte, long>(Buffer((long)column.Length * sizeof(long)));
        for (var row = 0; row < target.Length; row++)
        {
            target[row] = column.IsNull(row) ? 0 : (column.Values[row] - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
        }
    }

    private void Booleans(BooleanColumn column)
    {
        var bits = Buffer((column.Length + 7) / 8);
        for (var row = 0; row < column.Length; row++)
        {
            if (column.Values[row] && !column.IsNull(row)) bits[row >> 3] |= (byte)(1 << (row & 7));
        }
    }

    private void Texts(int count, ReadOnlySpan<string?> texts)
    {
        var offsets = new int[count + 1];
        long length = 0;
        for (var i = 0; i < count; i++)
        {
            if (texts[i] is { } text) length += Encoding.UTF8.GetByteCount(text);
            if (length > int.MaxValue)
            {
                throw new MlOpsException("The texts of one batch take more than 2 GB.", "Read the source in smaller batches.");
            }
            offsets[i + 1] = (int)length;
        }

        MemoryMarshal.AsBytes(offsets.AsSpan()).CopyTo(Buffer((count + 1) * (long)sizeof(int)));
        var bytes = Buffer(length);
        for (var i = 0; i < count; i++)
        {
            if (texts[i] is { } text) Encoding.UTF8.GetBytes(text, bytes[offsets[i]..]);
        }
    }

    private void BeginBody()
    {
        _nodes.Clear();
        _buffers.Clear();
        _body.ResetWrittenCount();
    }

    // Adds a buffer of zeros to the body.
    private Span<byte> Buffer(long length)
    {
        var padded = (length + ArrowFormat.Alignment - 1) / ArrowFormat.Alignment * ArrowFormat.Alignment;
        if (padded + _body.WrittenCount > Array.MaxLength)
        {
            throw new MlOpsException("A batch takes more than 2 GB.", "Read the source in smaller batches.");
        }
        _buffers.Add((_body.WrittenCount, length));
        if (length == 0) return default;
        var span = _body.GetSpan((int)padded)[..(int)padded];
        span.Clear();
        _body.Advance((int)padded);
        return span[..(int)length];
    }

    private async ValueTask<(long Offset, int Metadata, long Body)> WriteBatchAsync(
        long rows, (int Id, bool IsDelta)? dictionary, CancellationToken cancellationToken)
    {
        _message.Clear();
        var message = _message.Table(2, 1, 4, 8); // Message.fbs: version, header_type, header, bodyLength
        _message.Root(message);
        _message.SetInt16(message[0], ArrowFormat.Version5);
        _message.SetByte(message[1], dictionary is null ? ArrowFormat.BatchMessage : ArrowFormat.DictionaryMessage);
        _message.SetInt64(message[3], _body.WrittenCount);
        var at = message[2];
        if (dictionary is var (id, isDelta))
        {
            var header = _message.Table(8, 4, 1); // DictionaryBatch: id, data, isDelta
            _message.Link(at, header.Start);
            _message.SetInt64(header[0], id);
            _message.SetByte(header[2], isDelta ? (byte)1 : (byte)0);
            at = header[1];
        }

        var batch = _message.Table(8, 4, 4); // RecordBatch: length, nodes, buffers
        _message.Link(at, batch.Start);
        _message.SetInt64(batch[0], rows);
        var nodes = _message.Vector(batch[1], _nodes.Count, 16);
        for (var i = 0; i < _nodes.Count; i++)
        {
            _message.SetInt64(nodes + i * 16, _nodes[i].Length);
            _message.SetInt64(nodes + i * 16 + 8, _nodes[i].Nulls);
        }

        var buffers = _message.Vector(batch[2], _buffers.Count, 16);
        for (var i = 0; i < _buffers.Count; i++)
        {
            _message.SetInt64(buffers + i * 16, _buffers[i].Offset);
            _message.SetInt64(buffers + i * 16 + 8, _buffers[i].Length);
        }

        return await WriteMessageAsync(cancellationToken).ConfigureAwait(false);
    }

    // A message: the continuation marker, the length of the metadata, the metadata padded so that the body begins
    // at a multiple of 64, the body.
    private async ValueTask<(long Offset, int Metadata, long Body)> WriteMessageAsync(CancellationToken cancellationToken)
    {
        var start = _at;
        var written = _message.Written;
        var end = (start + 8 + written.Length + ArrowFormat.Alignment - 1) / ArrowFormat.Alignment * ArrowFormat.Alignment;
        var head = new byte[end - start];
        BinaryPrimitives.WriteUInt32LittleEndian(head, ArrowFormat.Continuation);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(4), head.Length - 8);
        written.CopyTo(head.AsMemory(8));
        await WriteAsync(head, cancellationToken).ConfigureAwait(false);
        var body = _body.WrittenCount;
        if (body > 0) await WriteAsync(_body.WrittenMemory, cancellationToken).ConfigureAwait(false);
        return (start, head.Length, body);
    }

    private ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _at += bytes.Length;
        return stream.WriteAsync(bytes, cancellationToken);
    }
}
