using System.Buffers.Binary;

namespace MlOps.Sdk.Collection;

/// <summary>Booleans in runs, which Parquet.Net does not read, as the bits that it does.</summary>
internal static class RunLengthBooleans
{
    /// <exception cref="InvalidDataException">The runs are damaged.</exception>
    public static byte[] ToPlain(ReadOnlySpan<byte> page, int most)
    {
        if (page.Length < sizeof(int)) throw new InvalidDataException("the booleans of a page are cut off");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(page);
        if (length > page.Length - sizeof(int)) throw new InvalidDataException("the booleans of a page are cut off");
        var runs = page.Slice(sizeof(int), (int)length);
        var bits = new byte[(most + 7) / 8];
        var count = 0;
        for (var at = 0; at < runs.Length && count < most;)
        {
            uint header = 0;
            for (var shift = 0; ; shift += 7)
            {
                if (at == runs.Length || shift > 28) throw new InvalidDataException("the booleans of a page are cut off");
                header |= (uint)(runs[at] & 0x7F) << shift;
                if (runs[at++] < 0x80) break;
            }

            if ((header & 1) != 0)
            {
                for (var i = 0; i < header >> 1 && at < runs.Length; i++, at++)
                {
                    for (var bit = 0; bit < 8 && count < most; bit++) Put(bits, ref count, runs[at] >> bit & 1);
                }
            }
            else
            {
                if (at == runs.Length) throw new InvalidDataException("the booleans of a page are cut off");
                var value = runs[at++] & 1;
                for (uint i = 0; i < header >> 1 && count < most; i++) Put(bits, ref count, value);
            }
        }

        // What is behind the last value is not there.
        return bits[..((count + 7) / 8)];
    }

    private static void Put(byte[] bits, ref int count, int value)
    {
        bits[count >> 3] |= (byte)(value << (count & 7));
        count++;
    }
}
