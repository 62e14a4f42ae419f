using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace MlOps.Sdk.Data;

/// <summary>
/// The nodes and buffers of one record batch, handed out in order; every length is compared with the bytes that there are.
/// </summary>
internal sealed class ArrowBody
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly Func<string, MlOpsException> _damaged;
    private readonly (long Length, long Nulls)[] _nodes;
    private readonly (long Offset, long Length)[] _buffers;
    private readonly long _rows;
    private int _node;
    private int _buffer;
    private long _end;

    public ArrowBody(FlatTable batch, ReadOnlyMemory<byte> body, string source, Func<string, MlOpsException> damaged)
    {
        _body = body;
        _damaged = damaged;
        if (batch.Has(3))
        {
            throw new MlOpsException(
                "The Arrow file is compressed, which is not supported.",
                "Write it without compression.") { DataSource = source };
        }
        _rows = batch.Int64(0);
        if (_rows < 0) throw damaged("the number of rows of a batch is out of range");
        _nodes = Pairs(batch.Structures(1, 16, out var nodes), nodes);
        _buffers = Pairs(batch.Structures(2, 16, out var buffers), buffers);
    }

    /// <summary>The columns of a batch.</summary>
    public ArrowRows Rows(ArrowColumn[] columns, Dictionary<long, ArrowDictionary> dictionaries)
    {
        var parts = new ArrowPart[columns.Length];
        for (var i = 0; i < parts.Length; i++) parts[i] = Part(columns[i], dictionaries);
        return new ArrowRows(columns.Length == 0 ? 0 : _rows, parts, _damaged);
    }

    /// <summary>The texts of a dictionary.</summary>
    public List<string?> Dictionary()
    {
        var part = Part(new ArrowColumn(new Field("texts", ColumnType.Text)), []);
        var texts = new List<string?>();
        for (var i = 0; i < part.Rows; i++) texts.Add(part.IsNull(i) ? null : Text(part, i, _damaged));
        return texts;
    }

    internal static string Text(ArrowPart part, int row, Func<string, MlOpsException> damaged)
    {
        var utf8 = Utf8Of(part, row, damaged);
        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw damaged("a text is not valid UTF-8");
    }

    internal static ReadOnlySpan<byte> Utf8Of(ArrowPart part, int row, Func<string, MlOpsException> damaged)
    {
        var offsets = MemoryMarshal.Cast<byte, int>(part.Values.Span);
        var (start, end) = (offsets[row], offsets[row + 1]);
        return start >= 0 && end >= start && end <= part.Texts.Length
            ? part.Texts.Span[start..end]
            : throw damaged("an offset of a text is out of range");
    }

    private static (long, long)[] Pairs(ReadOnlySpan<byte> bytes, int count)
    {
        var pairs = new (long, long)[count];
        for (var i = 0; i < count; i++)
        {
            pairs[i] = (
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * 16)..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * 16 + 8)..]));
        }
        return pairs;
    }

    private ArrowPart Part(ArrowColumn column, Dictionary<long, ArrowDictionary> dictionaries)
    {
        var (rows, nulls) = Node();
        if (rows != _rows) throw _damaged("a column has a different number of rows than its batch");
        var validity = Buffer();
        if (validity.Length == 0 && nulls > 0) throw _damaged("a column has nulls and no validity");
        if (validity.Length > 0 && validity.Length < (rows + 7) / 8) throw _damaged("a buffer is too short");
        ArrowDictionary? dictionary = null;
        if (column.Dictionary is { } id && !dictionaries.TryGetValue(id, out dictionary))
        {
            throw _damaged("a batch comes before its dictionary");
        }
        var elements = rows * column.Field.Length;
        if (column.Field.Type == ColumnType.Vector)
        {
            if (Node().Length < elements) throw _damaged("a list is too short");
            CheckElements(validity, rows, Buffer(), column.Field.Length);
        }

        if (column.Field.Type == ColumnType.Text && dictionary is null)
        {
            // The offsets may be left out when there is no row.
            var offsets = Buffer();
            var texts = Buffer();
            if (rows > 0 && offsets.Length < (rows + 1) * sizeof(int)) throw _damaged("a buffer is too short");
            return new ArrowPart(column, rows, validity, offsets, texts, null);
        }

        var values = Buffer();
        var needed = column.Field.Type switch
        {
            ColumnType.Boolean => (elements + 7) / 8,
            ColumnType.Text => rows * column.IndexSize,
            ColumnType.Vector => elements * sizeof(float),
            _ => rows * sizeof(long),
        };
        return values.Length >= needed
            ? new ArrowPart(column, rows, validity, values, default, dictionary)
            : throw _damaged("a buffer is too short");
    }

    // What a list that is null itself holds does not matter.
    private void CheckElements(ReadOnlyMemory<byte> lists, long rows, ReadOnlyMemory<byte> elements, int length)
    {
        if (elements.Length == 0) return;
        if (elements.Length < (rows * length + 7) / 8) throw _damaged("a buffer is too short");
        for (var i = 0L; i < rows * length; i++)
        {
            if (!IsSet(elements, i) && (lists.Length == 0 || IsSet(lists, i / length))) throw _damaged("an element of a list is null");
        }

        static bool IsSet(ReadOnlyMemory<byte> bits, long at) => (bits.Span[(int)(at >> 3)] >> (int)(at & 7) & 1) != 0;
    }

    private (long Length, long Nulls) Node()
    {
        if (_node == _nodes.Length) throw _damaged("a batch has too few columns");
        var (length, nulls) = _nodes[_node++];
        return length >= 0 && length <= (long)int.MaxValue * 8 && nulls >= 0 && nulls <= length
            ? (length, nulls)
            : throw _damaged("the number of rows of a column is out of range");
    }

    private ReadOnlyMemory<byte> Buffer()
    {
        if (_buffer == _buffers.Length) throw _damaged("a batch has too few buffers");
        var (offset, length) = _buffers[_buffer++];
        if (offset < 0 || length < 0 || offset > _body.Length || length > _body.Length - offset)
        {
            throw _damaged("a buffer exceeds its batch");
        }

        // Columns that shared their bytes could take a thousand times the memory of the file.
        if (length > 0 && offset < _end) throw _damaged("buffers overlap");
        if (length > 0) _end = offset + length;
        return _body.Slice((int)offset, (int)length);
    }
}
