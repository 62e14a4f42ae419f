using System.Buffers;
using System.Buffers.Binary;

namespace MlOps.Sdk.Training;

/// <summary>Writes a built-in model: little-endian, a header with the signature, then what the model adds.</summary>
internal readonly ref struct ModelWriter
{
    /// <summary>The bytes "MLSM", by which a file that is something else is told early.</summary>
    public const uint Magic = 0x4D534C4D;

    private readonly IBufferWriter<byte> _to;

    public ModelWriter(IBufferWriter<byte> to, ModelSignature signature)
    {
        _to = to;
        UInt32(Magic);
        Byte((byte)signature.Task);
        Int32(signature.Features);
        Int32(signature.Outputs);
    }

    public void Byte(byte value)
    {
        _to.GetSpan(1)[0] = value;
        _to.Advance(1);
    }

    public void Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_to.GetSpan(4), value);
        _to.Advance(4);
    }

    public void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_to.GetSpan(4), value);
        _to.Advance(4);
    }

    public void Single(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_to.GetSpan(4), value);
        _to.Advance(4);
    }

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_to.GetSpan(8), value);
        _to.Advance(8);
    }

    public void Doubles(ReadOnlySpan<double> values)
    {
        foreach (var value in values) Double(value);
    }
}
