using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Processing;

/// <summary>
/// Hashes rows, or some of their columns, into 128 bits (SipHash under a key made from a salt and the columns' names).
/// Columns are taken in the order of their names, so the order of columns does not matter, and equal numbers hash alike
/// whether they are stored as Integer or Number. NaN hashes as a missing value does. Not thread-safe: it reuses a buffer.
/// </summary>
internal sealed class RowKeyHasher : IRowKeyHasher
{
    private readonly int[] _columns;
    private readonly bool _required;
    private readonly ulong _key0;
    private readonly ulong _key1;
    private byte[] _buffer = new byte[512];
    private int _length;

    /// <summary>Creates a hasher.</summary>
    /// <param name="schema">The columns of the rows.</param>
    /// <param name="key">The columns to hash, which must have values; empty for all columns.</param>
    /// <param name="salt">What makes the keys of one lifecycle different from those of another.</param>
    /// <param name="wantedBy">Who needs the columns, for messages.</param>
    /// <param name="required">Whether a row without any value in the key's columns has no key.</param>
    public RowKeyHasher(Schema schema, IReadOnlyList<string> key, string salt, string wantedBy, bool required)
    {
        foreach (var name in key)
        {
            if (!schema.Contains(name)) throw NearestName.MissingColumn(name, wantedBy, schema);
        }

        var names = (key.Count > 0 ? key.Distinct(StringComparer.Ordinal) : schema.Select(field => field.Name))
            .Order(StringComparer.Ordinal)
            .ToArray();
        _columns = Array.ConvertAll(names, schema.IndexOf);
        _required = required && key.Count > 0;
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes($"{salt}\0{string.Join('\0', names)}"));
        _key0 = BinaryPrimitives.ReadUInt64LittleEndian(seed);
        _key1 = BinaryPrimitives.ReadUInt64LittleEndian(seed.AsSpan(8));
    }

    /// <summary>Computes the key of each row; the default key where a row has none.</summary>
    public void Compute(RecordBatch batch, Span<RowKey> keys)
    {
        for (var row = 0; row < batch.RowCount; row++)
        {
            _length = 0;
            var hasValue = false;
            foreach (var column in _columns) hasValue |= Write(batch.Columns[column], row);
            if (_required && !hasValue)
            {
                keys[row] = default;
                continue;
            }

            var (high, low) = SipHash128.Compute(_buffer.AsSpan(0, _length), _key0, _key1);
            keys[row] = new RowKey(high, low);
        }
    }

    private bool Write(Column column, int row)
    {
        if (column.IsMissing(row))
        {
            Reserve(1)[0] = 0;
            return false;
        }

        switch (column)
        {
            case IntegerColumn integers: Word(1, integers.Values[row]); break;
            case NumberColumn numbers: Number(numbers.Values[row]); break;
            case BooleanColumn booleans: Word(3, booleans.Values[row] ? 1 : 0); break;
            case TimestampColumn times: Word(5, times.Values[row]); break;
            case TextColumn texts: Bytes(4, MemoryMarshal.AsBytes(texts.Dictionary[texts.Values[row]].AsSpan())); break;
            case VectorColumn vectors: Vector(vectors.GetVector(row)); break;
        }

        return true;
    }

    private void Number(double value)
    {
        if (Math.Floor(value) == value && value is >= -9.2e18 and <= 9.2e18) Word(1, (long)value);
        else Word(2, BitConverter.DoubleToInt64Bits(value));
    }

    // By bytes −0 would be no 0.
    private void Vector(ReadOnlySpan<float> values)
    {
        Bytes(6, MemoryMarshal.AsBytes(values));
        var size = values.Length * sizeof(float);
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(_buffer.AsSpan(_length - size, size))) value += 0f;
    }

    private void Word(byte kind, long value)
    {
        var span = Reserve(9);
        span[0] = kind;
        BinaryPrimitives.WriteInt64LittleEndian(span[1..], value);
    }

    private void Bytes(byte kind, ReadOnlySpan<byte> bytes)
    {
        var span = Reserve(5 + bytes.Length);
        span[0] = kind;
        BinaryPrimitives.WriteInt32LittleEndian(span[1..], bytes.Length);
        bytes.CopyTo(span[5..]);
    }

    private Span<byte> Reserve(int count)
    {
        if (_length + count > _buffer.Length) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + count));
        _length += count;
        return _buffer.AsSpan(_length - count, count);
    }
}
