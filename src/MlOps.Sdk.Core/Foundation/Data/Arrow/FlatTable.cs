using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace MlOps.Sdk.Data;

/// <summary>Reads a table of a FlatBuffer that nobody vouches for: every offset is compared with the bytes that there are.</summary>
internal readonly ref struct FlatTable
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly Func<string, MlOpsException> _damaged;
    private readonly int _table;
    private readonly ReadOnlySpan<byte> _slots;

    private FlatTable(ReadOnlySpan<byte> bytes, int table, Func<string, MlOpsException> damaged)
    {
        _bytes = bytes;
        _damaged = damaged;
        _table = table;
        var vtable = checked((long)table - BinaryPrimitives.ReadInt32LittleEndian(At(table, 4)));
        var length = BinaryPrimitives.ReadUInt16LittleEndian(At(vtable, 4));
        if (length < 4) throw damaged("a table is too short");
        _slots = At(vtable, length)[4..];
    }

    /// <summary>The root table.</summary>
    public static FlatTable Root(ReadOnlySpan<byte> bytes, Func<string, MlOpsException> damaged)
    {
        if (bytes.Length < 4) throw damaged("a message is too short");
        var root = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (root > bytes.Length) throw damaged("an offset is outside the message");
        return new FlatTable(bytes, (int)root, damaged);
    }

    public bool Has(int slot) => Offset(slot) != 0;

    public byte Byte(int slot) => Field(slot, 1) is { Length: > 0 } field ? field[0] : (byte)0;

    public short Int16(int slot) => Field(slot, 2) is { Length: > 0 } field ? BinaryPrimitives.ReadInt16LittleEndian(field) : (short)0;

    public int Int32(int slot) => Field(slot, 4) is { Length: > 0 } field ? BinaryPrimitives.ReadInt32LittleEndian(field) : 0;

    public long Int64(int slot) => Field(slot, 8) is { Length: > 0 } field ? BinaryPrimitives.ReadInt64LittleEndian(field) : 0;

    /// <summary>A text; <see langword="null"/> when it is left out.</summary>
    public string? Text(int slot)
    {
        if (!Has(slot)) return null;
        var at = Follow(slot);
        var length = BinaryPrimitives.ReadInt32LittleEndian(At(at, 4));
        var utf8 = At(at + 4, length);
        return Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8) : throw _damaged("a name is not valid UTF-8");
    }

    /// <summary>A table that this one refers to.</summary>
    public FlatTable Table(int slot) =>
        Has(slot) ? new FlatTable(_bytes, (int)Follow(slot), _damaged) : throw _damaged("a part of a message is missing");

    /// <summary>The elements of a vector of structures; empty when it is left out.</summary>
    public ReadOnlySpan<byte> Structures(int slot, int size, out int count)
    {
        count = 0;
        if (!Has(slot)) return default;
        var at = Follow(slot);
        count = BinaryPrimitives.ReadInt32LittleEndian(At(at, 4));
        return count >= 0 ? At(at + 4, (long)count * size) : throw _damaged("a vector has a negative length");
    }

    /// <summary>A table out of a vector of tables.</summary>
    public FlatTable Element(int slot, int index)
    {
        var offsets = Structures(slot, 4, out var count);
        if (index >= count) throw _damaged("a vector is too short");
        var start = Follow(slot) + 4 + index * 4L;
        var target = start + BinaryPrimitives.ReadUInt32LittleEndian(offsets[(index * 4)..]);
        return target <= _bytes.Length ? new FlatTable(_bytes, (int)target, _damaged) : throw _damaged("an offset is outside the message");
    }

    private int Offset(int slot) => slot * 2 + 2 <= _slots.Length ? BinaryPrimitives.ReadUInt16LittleEndian(_slots[(slot * 2)..]) : 0;

    private ReadOnlySpan<byte> Field(int slot, int size) => Offset(slot) is > 0 and var offset ? At((long)_table + offset, size) : default;

    private long Follow(int slot)
    {
        var at = (long)_table + Offset(slot);
        var target = at + BinaryPrimitives.ReadUInt32LittleEndian(At(at, 4));
        return target <= _bytes.Length ? target : throw _damaged("an offset is outside the message");
    }

    private ReadOnlySpan<byte> At(long at, long count) =>
        at >= 0 && count >= 0 && at + count <= _bytes.Length
            ? _bytes.Slice((int)at, (int)count)
            : throw _damaged("an offset is outside the message");
}
