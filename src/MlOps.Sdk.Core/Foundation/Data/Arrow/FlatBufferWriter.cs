using System.Buffers.Binary;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>
/// Writes a FlatBuffer from front to back: a table is laid out first, and what it refers to is written behind
/// it and linked. Not thread-safe.
/// </summary>
/// <remarks>The binary format: https://flatbuffers.dev/internals/.</remarks>
internal sealed class FlatBufferWriter
{
    private byte[] _bytes = new byte[1024];
    private int _length;

    public FlatBufferWriter() => Grow(4);

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Starts again.</summary>
    public void Clear()
    {
        _length = 0;
        Grow(4);
    }

    /// <summary>Lays out a table: for each slot of its vtable the size of the field, 0 where it is left out.</summary>
    /// <returns>The table, whose fields are to be set.</returns>
    public FlatTableLayout Table(params ReadOnlySpan<byte> sizes)
    {
        var vtable = 4 + sizes.Length * 2;
        Align(8);

        // The vtable ends where the table begins, at a multiple of 8, so that every field can be aligned to its own size.
        Grow((8 - vtable % 8) % 8);
        var start = _length;
        Grow(vtable);
        var table = _length;
        var at = new int[sizes.Length];
        var end = 4;
        for (var i = 0; i < sizes.Length; i++)
        {
            if (sizes[i] == 0) continue;
            end = (end + sizes[i] - 1) / sizes[i] * sizes[i];
            at[i] = table + end;
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start + 4 + i * 2), (ushort)end);
            end += sizes[i];
        }

        Grow(end);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start), (ushort)vtable);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(start + 2), (ushort)end);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(table), table - start);
        return new FlatTableLayout(table, at);
    }

    /// <summary>Makes a table the root.</summary>
    public void Root(FlatTableLayout table) => Link(0, table.Start);

    public void SetByte(int at, byte value) => _bytes[at] = value;

    public void SetInt16(int at, short value) => BinaryPrimitives.WriteInt16LittleEndian(_bytes.AsSpan(at), value);

    public void SetInt32(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(at), value);

    public void SetInt64(int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(at), value);

    /// <summary>Lets a field refer to what is written behind it.</summary>
    public void Link(int at, int target) => SetInt32(at, target - at);

    /// <summary>Writes a text, and lets a field refer to it.</summary>
    public void Text(int at, string value)
    {
        Align(4);
        Link(at, _length);
        var length = Encoding.UTF8.GetByteCount(value);
        var start = Grow(4 + length + 1);
        SetInt32(start, length);
        Encoding.UTF8.GetBytes(value, _bytes.AsSpan(start + 4));
    }

    /// <summary>Makes room for a vector, and lets a field refer to it.</summary>
    /// <returns>Where its first element is.</returns>
    public int Vector(int at, int count, int elementSize)
    {
        // The elements are aligned to 8, their count stands before them.
        Align(8);
        Grow(4);
        Link(at, _length);
        var start = Grow(4 + checked(count * elementSize));
        SetInt32(start, count);
        return start + 4;
    }

    private void Align(int size) => Grow((size - _length % size) % size);

    private int Grow(int count)
    {
        var start = _length;
        if (_bytes.Length < start + count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + count));
        _bytes.AsSpan(start, count).Clear();
        _length += count;
        return start;
    }
}
