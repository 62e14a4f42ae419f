using Microsoft.ML.Data;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>A value of every type that ML.NET loads.</summary>
internal sealed class WideRow
{
    public float Single { get; set; }

    public double Double { get; set; }

    public sbyte SByte { get; set; }

    public short Int16 { get; set; }

    public int Int32 { get; set; }

    public long Int64 { get; set; }

    public byte Byte { get; set; }

    public ushort UInt16 { get; set; }

    public uint UInt32 { get; set; }

    public ulong UInt64 { get; set; }

    public bool Flag { get; set; }

    public string? Text { get; set; }

    public DateTime Time { get; set; }

    public DateTimeOffset Offset { get; set; }

    [VectorType(2)]
    public float[] Vector { get; set; } = [];

    [VectorType(2)]
    public double[] Doubles { get; set; } = [];

    [VectorType(2)]
    public byte[] Bytes { get; set; } = [];
}
