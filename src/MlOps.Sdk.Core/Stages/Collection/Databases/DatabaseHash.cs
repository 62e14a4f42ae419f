using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>
/// Hashes what a query answers, value by value, so that two answers can be compared without keeping either. Not thread-safe.
/// </summary>
internal sealed class DatabaseHash : IDisposable
{
    private const int FullBuffer = 32 * 1024;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _buffer = new(FullBuffer);

    /// <param name="schema">The columns that the values are read into.</param>
    public DatabaseHash(Schema schema) => Text(schema.ToString());

    public void Add(IEnumerable<object> row)
    {
        foreach (var value in row) Add(value);
        if (_buffer.WrittenCount >= FullBuffer) Flush();
    }

    public ContentVersion Version()
    {
        Flush();
        return new ContentVersion($"sha256:{Convert.ToHexStringLower(_hash.GetCurrentHash())}");
    }

    public void Dispose() => _hash.Dispose();

    private void Add(object value)
    {
        switch (value)
        {
            case DBNull: Byte(0); break;
            case string text: Text(text); break;
            case long or int or short or byte or sbyte or ushort or uint:
                Word(2, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double or float: Word(3, BitConverter.DoubleToInt64Bits(Convert.ToDouble(value, CultureInfo.InvariantCulture))); break;
            case bool flag: Word(4, flag ? 1 : 0); break;
            case DateTime time: Word(5, time.Ticks); break;
            case byte[] bytes: Bytes(6, bytes); break;
            case Array array:
                Word(7, array.Length);
                foreach (var element in array) Add(element ?? DBNull.Value);
                break;
            default: Text(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""); break;
        }
    }

    private void Text(string text) => Bytes(1, Encoding.UTF8.GetBytes(text));

    private void Bytes(byte kind, ReadOnlySpan<byte> bytes)
    {
        Word(kind, bytes.Length);
        _buffer.Write(bytes);
    }

    private void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    private void Word(byte kind, long value)
    {
        Byte(kind);
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    private void Flush()
    {
        _hash.AppendData(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
