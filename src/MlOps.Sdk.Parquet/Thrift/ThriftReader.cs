using System.Buffers.Binary;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Reads structures of the compact protocol, and never beyond its bytes: the reader of Parquet.Net does not notice their end, and loses its
/// place at structures that it does not know. Not thread-safe.
/// </summary>
/// <param name="bytes">The bytes.</param>
/// <param name="maxItems">The most structures and elements of lists: each takes far more memory than the byte that it may have.</param>
internal sealed class ThriftReader(ReadOnlyMemory<byte> bytes, int maxItems = ThriftReader.MaxItems)
{
    // The descriptions of 400,000 columns of row groups.
    private const int MaxItems = 4_000_000;
    private const int FieldsPerItem = 4;

    // The format has 20 at most.
    private const int MaxFields = 1_000;
    private const int MaxDepth = 32;
    private int _items;
    private int _fields;
    private int _at;
    private int _depth;

    /// <summary>The bytes that were read.</summary>
    public int Position => _at;

    /// <exception cref="EndOfStreamException">The structure does not end within the bytes.</exception>
    /// <exception cref="InvalidDataException">It is not a structure.</exception>
    /// <exception cref="NotSupportedException">It has too many parts.</exception>
    public ThriftStruct ReadStruct()
    {
        if (++_depth > MaxDepth) throw new InvalidDataException("structures are nested too deeply");
        var read = new ThriftStruct();
        short id = 0;
        while (NextByte() is var header and not 0)
        {
            id = header >> 4 is > 0 and var delta ? (short)(id + delta) : (short)ReadZigZag();
            if (read.Count == MaxFields || _fields++ / FieldsPerItem > maxItems) throw TooMany();
            read[id] = ReadValue((ThriftType)(header & 0xF), isField: true);
        }

        _depth--;
        return read;
    }

    private ThriftValue ReadValue(ThriftType type, bool isField)
    {
        switch (type)
        {
            // A field has its value in its type, an element of a list in a byte.
            case ThriftType.True or ThriftType.False:
                return isField ? new ThriftValue(type, 0, null) : ThriftValue.Of(NextByte() == 1);
            case ThriftType.Byte: return new ThriftValue(type, (sbyte)NextByte(), null);
            case ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64: return new ThriftValue(type, ReadZigZag(), null);
            case ThriftType.Double: return new ThriftValue(type, BinaryPrimitives.ReadInt64LittleEndian(Next(sizeof(double))), null);
            case ThriftType.Binary: return ThriftValue.Of(Next(ReadLength()).ToArray());
            case ThriftType.List or ThriftType.Set: return new ThriftValue(ThriftType.List, 0, ReadList());
            case ThriftType.Struct:
                if (isField) Take(1);
                return ThriftValue.Of(ReadStruct());
            default: throw new InvalidDataException("a field has an unknown type");
        }
    }

    private ThriftList ReadList()
    {
        if (++_depth > MaxDepth) throw new InvalidDataException("lists are nested too deeply");
        var header = NextByte();
        var size = header >> 4 is < 15 and var few ? few : ReadLength();

        // An element has one byte at least.
        if (size > bytes.Length - _at) throw new EndOfStreamException();
        Take(size);
        var element = (ThriftType)(header & 0xF);
        var items = new ThriftValue[size];
        for (var i = 0; i < size; i++) items[i] = ReadValue(element, isField: false);
        _depth--;
        return new ThriftList(element, items);
    }

    private void Take(int items)
    {
        _items += items;
        if (_items > maxItems) throw TooMany();
    }

    private static NotSupportedException TooMany() => new("a description has too many parts");

    private int ReadLength() => ReadVarint() is <= int.MaxValue and var length
        ? (int)length
        : throw new InvalidDataException("a length is out of range");

    private long ReadZigZag() => ReadVarint() is var raw ? (long)(raw >> 1) ^ -(long)(raw & 1) : 0;

    private ulong ReadVarint()
    {
        ulong result = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = NextByte();
            result |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return result;
        }

        throw new InvalidDataException("a number does not end");
    }

    private byte NextByte() => _at < bytes.Length ? bytes.Span[_at++] : throw new EndOfStreamException();

    private ReadOnlySpan<byte> Next(int count)
    {
        if (count > bytes.Length - _at) throw new EndOfStreamException();
        _at += count;
        return bytes.Span.Slice(_at - count, count);
    }
}
