using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MlOps.Sdk.Data;

/// <summary>Writes what is saved in binary form: little-endian, lengths before contents, the same bytes for the same state.</summary>
internal readonly ref struct BinaryOutput(IBufferWriter<byte> to)
{
    public void Byte(byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public void Single(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    /// <summary>Values whose number the reader knows.</summary>
    public void Values(ReadOnlySpan<double> values)
    {
        foreach (var value in values) Double(value);
    }

    public void Doubles(ReadOnlySpan<double> values)
    {
        Int32(values.Length);
        Values(values);
    }

    public void Counts(ReadOnlySpan<long> values)
    {
        Int32(values.Length);
        foreach (var value in values) Int64(value);
    }

    public void Text(string value)
    {
        if (value.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0 && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)) != value)
        {
            // Half a surrogate pair has no UTF-8: two such texts would become one. The negative length says that UTF-16 follows.
            Int32(-value.Length);
            foreach (var c in value)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(to.GetSpan(2), c);
                to.Advance(2);
            }

            return;
        }

        Int32(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, to);
    }
}
