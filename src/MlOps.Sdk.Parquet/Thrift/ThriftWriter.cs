using System.Buffers.Binary;

namespace MlOps.Sdk.Collection;

/// <summary>Writes structures in the compact protocol.</summary>
internal static class ThriftWriter
{
    public static byte[] ToBytes(ThriftStruct value)
    {
        var to = new MemoryStream();
        Write(to, value);
        return to.ToArray();
    }

    private static void Write(MemoryStream to, ThriftStruct value)
    {
        short last = 0;
        foreach (var (id, field) in value.Fields)
        {
            if (id - last is > 0 and <= 15 and var delta)
            {
                to.WriteByte((byte)(delta << 4 | (byte)field.Type));
            }
            else
            {
                to.WriteByte((byte)field.Type);
                WriteZigZag(to, id);
            }

            last = id;
            if (field.Type is not (ThriftType.True or ThriftType.False)) Write(to, field);
        }

        to.WriteByte(0);
    }

    private static void Write(MemoryStream to, ThriftValue value)
    {
        switch (value.Type)
        {
            case ThriftType.True or ThriftType.False or ThriftType.Byte:
                to.WriteByte(value.Type == ThriftType.Byte ? (byte)value.Bits : (byte)value.Type);
                break;
            case ThriftType.Double:
                Span<byte> number = stackalloc byte[sizeof(long)];
                BinaryPrimitives.WriteInt64LittleEndian(number, value.Bits);
                to.Write(number);
                break;
            case ThriftType.Binary:
                var bytes = (byte[])value.Content!;
                WriteVarint(to, (ulong)bytes.Length);
                to.Write(bytes);
                break;
            case ThriftType.List:
                var list = (ThriftList)value.Content!;
                to.WriteByte((byte)(Math.Min(list.Items.Count, 15) << 4 | (byte)list.Element));
                if (list.Items.Count >= 15) WriteVarint(to, (ulong)list.Items.Count);
                foreach (var item in list.Items) Write(to, item);
                break;
            case ThriftType.Struct:
                Write(to, (ThriftStruct)value.Content!);
                break;
            default:
                WriteZigZag(to, value.Bits);
                break;
        }
    }

    private static void WriteZigZag(MemoryStream to, long value) => WriteVarint(to, (ulong)(value << 1 ^ value >> 63));

    private static void WriteVarint(MemoryStream to, ulong value)
    {
        for (; value >= 0x80; value >>= 7) to.WriteByte((byte)(value | 0x80));
        to.WriteByte((byte)value);
    }
}
