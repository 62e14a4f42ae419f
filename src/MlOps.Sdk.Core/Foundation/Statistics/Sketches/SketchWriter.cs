using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MlOps.Sdk.Statistics;

/// <summary>Writes sketches: little-endian, lengths before contents, the same bytes for the same state.</summary>
internal readonly ref struct SketchWriter(IBufferWriter<byte> to)
{
    public void Byte(byte value)
    {
        to.GetSpan(1)[0] = value;
        to.Advance(1);
    }

    public void Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to.GetSpan(4), value);
        to.Advance(4);
    }

    public void Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(to.GetSpan(8), value);
        to.Advance(8);
    }

    public void Doubles(ReadOnlySpan<double> values)
    {
        Int(values.Length);
        foreach (var value in values) Double(value);
    }

    public void Longs(ReadOnlySpan<long> values)
    {
        Int(values.Length);
        foreach (var value in values) Long(value);
    }

    public void Text(string value)
    {
        if (value.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') >= 0 && Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value)) != value)
        {
            // Half a surrogate pair has no UTF-8: two such texts would become one. The negative length says that UTF-16 follows.
            Int(-value.Length);
            foreach (var c in value)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(to.GetSpan(2), c);
                to.Advance(2);
            }

            return;
        }

        Int(Encoding.UTF8.GetByteCount(value));
        Encoding.UTF8.GetBytes(value, to);
    }
}
