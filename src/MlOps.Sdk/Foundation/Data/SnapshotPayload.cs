using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace MlOps.Sdk.Data;

/// <summary>Decodes the payload of one block; every count is compared with the bytes that are left before memory is taken for it.</summary>
internal sealed class SnapshotPayload(ReadOnlyMemory<byte> bytes, Func<string, MlOpsException> damaged)
{
    private int _at;

    public Schema Schema()
    {
        var count = Int32();
        if (count is < 0 or > SnapshotFormat.MaxColumns) throw damaged("the number of columns is out of range");
        var fields = new List<Field>();
        for (var i = 0; i < count; i++)
        {
            var name = Text();
            var type = (ColumnType)Take(1)[0];
            var length = Int32();
            if (!Enum.IsDefined(type) || length is < 1 or > SnapshotFormat.MaxVectorLength || type != ColumnType.Vector && length != 1) throw damaged("a column's type is unknown");
            fields.Add(new Field(name, type, length));
        }

        if (_at != bytes.Length) throw damaged("a block is longer than its content");
        return new Schema(fields);
    }

    public RecordBatch Batch(Schema schema)
    {
        var rows = Int32();
        if (rows is < 1 or > RecordBatch.MaxRows) throw damaged("the number of rows of a batch is out of range");
        var columns = new Column[schema.Count];
        for (var i = 0; i < columns.Length; i++) columns[i] = Column(schema[i], rows);
        if (_at != bytes.Length) throw damaged("a block is longer than its content");
        return new RecordBatch(schema, columns);
    }

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    private int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    private Column Column(Field field, int rows)
    {
        var flag = Take(1)[0];
        if (flag > 1) throw damaged("a validity flag is out of range");
        var validity = flag == 1 ? Validity(rows) : null;
        Column column = field.Type switch
        {
            ColumnType.Number => new NumberColumn { Buffer = Values<double>(rows) },
            ColumnType.Integer => new IntegerColumn { Buffer = Values<long>(rows) },
            ColumnType.Timestamp => new TimestampColumn { Buffer = Values<long>(rows) },
            ColumnType.Boolean => new BooleanColumn { Buffer = Booleans(rows) },
            ColumnType.Vector => new VectorColumn(field.Length) { Buffer = Values<float>((long)rows * field.Length) },
            _ => Texts(rows),
        };
        column.Length = rows;
        column.Validity = validity;
        if (validity is not null) column.NullCount = rows - validity.Sum(BitOperations.PopCount);
        Check(column);
        return column;
    }

    private void Check(Column column)
    {
        if (column is TextColumn texts)
        {
            for (var row = 0; row < texts.Length; row++)
            {
                if (texts.Buffer[row] >= texts.TextCount || texts.Buffer[row] < 0 != texts.IsNull(row)) throw damaged("a text code is out of range");
            }
        }
        else if (column is TimestampColumn times && times.Buffer.AsSpan().ContainsAnyExceptInRange(0L, DateTime.MaxValue.Ticks))
        {
            throw damaged("a point in time is out of range");
        }
    }

    private ulong[] Validity(int rows)
    {
        var packed = Take((rows + 7) / 8);
        var bits = new ulong[(rows + 63) / 64];
        packed.CopyTo(MemoryMarshal.AsBytes(bits.AsSpan()));
        if ((rows & 63) != 0 && bits[^1] >> (rows & 63) != 0) throw damaged("a validity bit is set behind the last row");
        return bits;
    }

    private T[] Values<T>(long count)
        where T : unmanaged
    {
        var size = count * Unsafe.SizeOf<T>();
        if (size > bytes.Length - _at) throw damaged("a block is shorter than its content");
        return MemoryMarshal.Cast<byte, T>(Take((int)size)).ToArray();
    }

    private bool[] Booleans(int rows)
    {
        var values = Take(rows);
        if (values.ContainsAnyExceptInRange((byte)0, (byte)1)) throw damaged("a boolean is neither 0 nor 1");
        return MemoryMarshal.Cast<byte, bool>(values).ToArray();
    }

    private TextColumn Texts(int rows)
    {
        var count = Int32();
        if (count < 0 || count > rows) throw damaged("the number of texts is out of range");
        var texts = new string[count];
        for (var i = 0; i < texts.Length; i++) texts[i] = Text();
        return new TextColumn { Texts = texts, TextCount = count, Buffer = Values<int>(rows) };
    }

    private string Text()
    {
        var utf8 = Take(Int32());
        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw damaged("a text is not valid UTF-8");
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > bytes.Length - _at) throw damaged("a block is shorter than its content");
        var taken = bytes.Span.Slice(_at, count);
        _at += count;
        return taken;
    }
}
