using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>The fields of a structure by their numbers. Not thread-safe.</summary>
internal sealed class ThriftStruct
{
    // A file has many, of few fields each: a dictionary of each would be most of its memory.
    private (short Id, ThriftValue Value)[] _fields = [];
    private int _count;

    /// <summary>The fields in the order of their numbers.</summary>
    public IEnumerable<(short Id, ThriftValue Value)> Fields => _fields.Take(_count).OrderBy(known => known.Id);

    /// <summary>How many fields there are.</summary>
    public int Count => _count;

    public ThriftValue this[short id]
    {
        set
        {
            var at = IndexOf(id);
            if (at < 0)
            {
                if (_count == _fields.Length) Array.Resize(ref _fields, Math.Max(4, _count * 2));
                at = _count++;
            }
            _fields[at] = (id, value);
        }
    }

    public bool Has(short id) => IndexOf(id) >= 0;

    public void Remove(short id)
    {
        if (IndexOf(id) is >= 0 and var at) _fields[at] = _fields[--_count];
    }

    public long? Int64(short id) => TryGetValue(id, out var value)
        ? value.Type is ThriftType.Byte or ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64 ? value.Bits : throw Wrong(id)
        : null;

    public int? Int32(short id) => Int64(id) is { } value
        ? value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong(id)
        : null;

    public bool? Flag(short id) => TryGetValue(id, out var value)
        ? value.Type is ThriftType.True or ThriftType.False ? value.Type == ThriftType.True : throw Wrong(id)
        : null;

    public byte[]? Bytes(short id) => Get(id, ThriftType.Binary) as byte[];

    public string? Text(short id) => Bytes(id) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public ThriftStruct? Struct(short id) => Get(id, ThriftType.Struct) as ThriftStruct;

    public IReadOnlyList<ThriftValue>? List(short id, ThriftType element) => Get(id, ThriftType.List) is ThriftList list
        ? list.Items.Count == 0 || list.Element == element ? list.Items : throw Wrong(id)
        : null;

    public IEnumerable<ThriftStruct>? Structs(short id) => List(id, ThriftType.Struct)?.Select(item => (ThriftStruct)item.Content!);

    private object? Get(short id, ThriftType type) => TryGetValue(id, out var value)
        ? value.Type == type ? value.Content : throw Wrong(id)
        : null;

    private bool TryGetValue(short id, out ThriftValue value)
    {
        var at = IndexOf(id);
        value = at < 0 ? default : _fields[at].Value;
        return at >= 0;
    }

    private int IndexOf(short id)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_fields[i].Id == id) return i;
        }

        return -1;
    }

    private static InvalidDataException Wrong(short id) => new(FormattableString.Invariant($"field {id} has the wrong type"));
}
