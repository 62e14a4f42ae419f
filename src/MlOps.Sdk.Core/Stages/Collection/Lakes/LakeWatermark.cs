using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Which objects have been read, with the content of each, and what columns they had together. Of a key 56 bits of its hash are kept, and
/// 40 of that of its version: a run keeps its watermark, and a lake may have millions of objects.
/// </summary>
internal sealed class LakeWatermark
{
    private const string Kind = "objects:2";
    private const int KeyBytes = 7;
    private const int VersionBytes = 5;

    // Of what is gone, as many are remembered as are there, or as many as this.
    private const int LeastRemembered = 100_000;
    private readonly Dictionary<long, long> _present = [];
    private readonly Dictionary<long, long> _gone = [];
    private readonly List<(long Key, long Version)> _goneInOrder = [];
    private readonly List<long> _tables = [];
    private readonly HashSet<long> _knownTables = [];

    private LakeWatermark(Schema files, Schema partition) => (Files, Partition) = (files, partition);

    /// <summary>The columns of the objects themselves.</summary>
    public Schema Files { get; }

    /// <summary>The columns of their keys.</summary>
    public Schema Partition { get; }

    public static LakeWatermark Parse(Watermark watermark, string name)
    {
        if (watermark.Value.Split('\n') is [Kind, var files, var partition, var present, var gone, var tables]
            && SchemaOf(files) is { } first
            && SchemaOf(partition) is { } second
            && BytesOf(present, KeyBytes + VersionBytes) is { } presentBytes
            && BytesOf(gone, KeyBytes + VersionBytes) is { } goneBytes
            && BytesOf(tables, KeyBytes) is { } tableBytes)
        {
            var read = new LakeWatermark(first, second);
            foreach (var (key, version) in ObjectsOf(presentBytes)) read._present[key] = version;
            foreach (var (key, version) in ObjectsOf(goneBytes)) read.AddGone(key, version);
            for (var at = 0; at < tableBytes.Length; at += KeyBytes) read.AddTable(Number(tableBytes.AsSpan(at, KeyBytes)));
            return read;
        }

        throw new MlOpsException(
            "The watermark of the last run cannot be used for objects of a store.",
            "Run once without OnlyNew, and then with it again.") { DataSource = name };
    }

    /// <summary>
    /// What was read now, and before. Objects that are gone are remembered, so that they are not read again when they come back; those that
    /// have no rows yet are not.
    /// </summary>
    public static Watermark Of(
        Schema files, Schema partition, IEnumerable<(string Key, string Version)> read, IReadOnlySet<string> empty, LakeWatermark? earlier)
    {
        var all = new LakeWatermark(files, partition);
        var listed = new HashSet<long>();
        foreach (var table in earlier?._tables ?? []) all.AddTable(table);
        foreach (var (key, version) in read)
        {
            var hash = HashOf(key, KeyBytes);
            listed.Add(hash);
            if (empty.Contains(key)) continue;
            all._present[hash] = HashOf(version, VersionBytes);
            if (LakeFile.Of(key) is { } file) all.AddTable(HashOf(file.Table, KeyBytes));
        }

        foreach (var (key, version) in earlier?._goneInOrder ?? [])
        {
            if (!listed.Contains(key)) all.AddGone(key, version);
        }

        foreach (var (key, version) in (earlier?._present ?? []).OrderBy(known => known.Key))
        {
            if (!listed.Contains(key)) all.AddGone(key, version);
        }

        var most = Math.Max(LeastRemembered, all._present.Count);
        return new Watermark(string.Join(
            '\n',
            Kind,
            TextOf(files),
            TextOf(partition),
            TextOf(all._present.OrderBy(known => known.Key).Select(known => (known.Key, known.Value))),
            TextOf(all._goneInOrder.TakeLast(most)),
            TextOf(all._tables.TakeLast(most))));
    }

    /// <summary>Whether an object was read, with whatever content.</summary>
    public bool Knows(string key) => HashOf(key, KeyBytes) is var hash && (_present.ContainsKey(hash) || _gone.ContainsKey(hash));

    /// <summary>Whether an object was read with its content.</summary>
    public bool Knows(string key, string version)
    {
        var hash = HashOf(key, KeyBytes);
        return (_present.TryGetValue(hash, out var known) || _gone.TryGetValue(hash, out known))
            && known == HashOf(version, VersionBytes);
    }

    /// <summary>Whether a file of a table of a lake was read.</summary>
    public bool KnowsTable(string table) => _knownTables.Contains(HashOf(table, KeyBytes));

    /// <summary>How many objects were there the last time that are not among some keys.</summary>
    public int CountGone(IEnumerable<string> keys) => _present.Count - keys.Count(key => _present.ContainsKey(HashOf(key, KeyBytes)));

    private void AddGone(long key, long version)
    {
        if (_gone.TryAdd(key, version)) _goneInOrder.Add((key, version));
    }

    private void AddTable(long table)
    {
        if (_knownTables.Add(table)) _tables.Add(table);
    }

    private static long HashOf(string text, int bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return Number(hash[..bytes]);
    }

    private static long Number(ReadOnlySpan<byte> bytes)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        number.Clear();
        bytes.CopyTo(number[(sizeof(long) - bytes.Length)..]);
        return BinaryPrimitives.ReadInt64BigEndian(number);
    }

    private static string TextOf(IEnumerable<(long Key, long Version)> objects)
    {
        var bytes = new MemoryStream();
        foreach (var (key, version) in objects)
        {
            Write(bytes, key, KeyBytes);
            Write(bytes, version, VersionBytes);
        }

        return Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string TextOf(IEnumerable<long> tables)
    {
        var bytes = new MemoryStream();
        foreach (var table in tables) Write(bytes, table, KeyBytes);
        return Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(MemoryStream to, long value, int bytes)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, value);
        to.Write(number[(sizeof(long) - bytes)..]);
    }

    private static IEnumerable<(long Key, long Version)> ObjectsOf(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length; at += KeyBytes + VersionBytes)
        {
            yield return (Number(bytes.AsSpan(at, KeyBytes)), Number(bytes.AsSpan(at + KeyBytes, VersionBytes)));
        }
    }

    private static byte[]? BytesOf(string text, int size)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) && length % size == 0 ? bytes[..length] : null;
    }

    private static string TextOf(Schema schema) => string.Join(' ', schema.Select(field =>
        string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(field.Name)}:{field.Type}:{field.Length}")));

    private static Schema? SchemaOf(string text)
    {
        var fields = new List<Field>();
        foreach (var field in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (field.Split(':') is not [var name, var type, var length]
                || !Enum.TryParse<ColumnType>(type, out var parsed)
                || !Enum.IsDefined(parsed)
                || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            {
                return null;
            }
            fields.Add(new Field(Uri.UnescapeDataString(name), parsed, count));
        }

        return new Schema(fields);
    }
}
