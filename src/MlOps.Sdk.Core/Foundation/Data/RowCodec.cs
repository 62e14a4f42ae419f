using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>
/// Writes single rows of a known schema as bytes and reads them back. Little-endian; a leading byte per column
/// says whether there is a value.
/// </summary>
internal static class RowCodec
{
    private const int MaxTextBytes = 16 * 1024 * 1024;

    /// <exception cref="MlOpsException">A text is longer than what <see cref="Read"/> takes.</exception>
    public static void Write(ReadOnlySpan<Column> columns, int row, IBufferWriter<byte> to)
    {
        foreach (var column in columns)
        {
            if (column.IsNull(row))
            {
                to.GetSpan(1)[0] = 0;
                to.Advance(1);
                continue;
            }

            to.GetSpan(1)[0] = 1;
            to.Advance(1);
            switch (column)
            {
                case NumberColumn number: WriteLong(BitConverter.DoubleToInt64Bits(number.Values[row]), to); break;
                case IntegerColumn integer: WriteLong(integer.Values[row], to); break;
                case TimestampColumn timestamp: WriteLong(timestamp.Values[row], to); break;
                case BooleanColumn boolean:
                    to.GetSpan(1)[0] = boolean.Values[row] ? (byte)1 : (byte)0;
                    to.Advance(1);
                    break;
                case TextColumn text: WriteText(text.GetText(row)!, to); break;
                case VectorColumn vector:
                    var bytes = MemoryMarshal.AsBytes(vector.GetVector(row));
                    bytes.CopyTo(to.GetSpan(bytes.Length));
                    to.Advance(bytes.Length);
                    break;
            }
        }
    }

    /// <summary>Appends one row and returns how many bytes it took.</summary>
    /// <exception cref="MlOpsException">The bytes are not a row of the schema.</exception>
    public static int Read(ReadOnlySpan<byte> bytes, Schema schema, ReadOnlySpan<ColumnBuilder> to)
    {
        var at = 0;
        for (var i = 0; i < schema.Count; i++)
        {
            if (Take(bytes, ref at, 1)[0] == 0)
            {
                to[i].AppendNull();
                continue;
            }

            switch (to[i])
            {
                case NumberColumnBuilder number: number.Append(BinaryPrimitives.ReadDoubleLittleEndian(Take(bytes, ref at, 8))); break;
                case IntegerColumnBuilder integer: integer.Append(BinaryPrimitives.ReadInt64LittleEndian(Take(bytes, ref at, 8))); break;
                case TimestampColumnBuilder timestamp:
                    var ticks = BinaryPrimitives.ReadInt64LittleEndian(Take(bytes, ref at, 8));
                    if (ticks < 0 || ticks > DateTime.MaxValue.Ticks) throw Damaged();
                    timestamp.Append(new DateTime(ticks, DateTimeKind.Utc));
                    break;
                case BooleanColumnBuilder boolean: boolean.Append(Take(bytes, ref at, 1)[0] != 0); break;
                case TextColumnBuilder text:
                    var length = BinaryPrimitives.ReadInt32LittleEndian(Take(bytes, ref at, 4));
                    if (length is < 0 or > MaxTextBytes) throw Damaged();
                    text.AppendUtf8(Take(bytes, ref at, length));
                    break;
                case VectorColumnBuilder vector:
                    vector.Append(MemoryMarshal.Cast<byte, float>(Take(bytes, ref at, schema[i].Length * sizeof(float))));
                    break;
            }
        }

        return at;
    }

    private static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> bytes, ref int at, int count)
    {
        if (count > bytes.Length - at) throw Damaged();
        var taken = bytes.Slice(at, count);
        at += count;
        return taken;
    }

    private static void WriteLong(long value, IBufferWriter<byte> to)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    private static void WriteText(string text, IBufferWriter<byte> to)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length > MaxTextBytes)
        {
            throw new MlOpsException("A text of a row is longer than 16 MB.", "Shorten the column's texts before they reach the model.");
        }
        var span = to.GetSpan(4 + length);
        BinaryPrimitives.WriteInt32LittleEndian(span, length);
        Encoding.UTF8.GetBytes(text, span[4..]);
        to.Advance(4 + length);
    }

    private static MlOpsException Damaged() =>
        new("A stored row is damaged.", "Restore the workspace from a backup, or leave the row out.");
}
