using System.Text;

namespace MlOps.Sdk.Collection;

/// <summary>The fields of a structure by their numbers. Not thread-safe.</summary>
internal sealed class ThriftStruct
{
    private readonly SortedList<short, ThriftValue> _fields = [];

    public IEnumerable<KeyValuePair<short, ThriftValue>> Fields => _fields;

    public ThriftValue this[short id]
    {
        set => _fields[id] = value;
    }

    public bool Has(short id) => _fields.ContainsKey(id);

    public void Remove(short id) => _fields.Remove(id);

    public long? Int64(short id) => _fields.TryGetValue(id, out var value)
        ? value.Type is ThriftType.Byte or ThriftType.Int16 or ThriftType.Int32 or ThriftType.Int64 ? value.Bits : throw Wrong(id)
        : null;

    public int? Int32(short id) => Int64(id) is { } value
        ? value is >= int.MinValue and <= int.MaxValue ? (int)value : throw Wrong(id)
        : null;

    public bool? Flag(short id) => _fields.TryGetValue(id, out var value)
        ? value.Type is ThriftType.True or ThriftType.False ? value.Type == ThriftType.True : throw Wrong(id)
        : null;

    public byte[]? Bytes(short id) => Get(id, ThriftType.Binary) as byte[];

    public string? Text(short id) => Bytes(id) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    public ThriftStruct? Struct(short id) => Get(id, ThriftType.Struct) as ThriftStruct;

    public IReadOnlyList<ThriftValue>? List(short id, ThriftType element) => Get(id, ThriftType.List) is ThriftList list
        ? list.Items.Count == 0 || list.Element == element ? list.Items : throw Wrong(id)
        : null;

    public IEnumerable<ThriftStruct>? Structs(short id) => List(id, ThriftType.Struct)?.Select(item => (ThriftStruct)item.Content!);

    private object? Get(short id, ThriftType type) => _fields.TryGetValue(id, out var value)
        ? value.Type == type ? value.Content : throw Wrong(id)
        : null;

    private static InvalidDataException Wrong(short id) => new(FormattableString.Invariant($"field {id} has the wrong type"));
}
