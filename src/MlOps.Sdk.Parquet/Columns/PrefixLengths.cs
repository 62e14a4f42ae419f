namespace MlOps.Sdk.Collection;

/// <summary>
/// The lengths of the prefixes that values share with the one before: a few bits a value can describe the whole text of each, so they are
/// added up before the reader writes them out.
/// </summary>
internal static class PrefixLengths
{
    private const int LongestVarint = 70;
    private const int MostBits = 64;

    /// <param name="values">The differences of the lengths, in blocks of packed bits, whose sizes have been checked.</param>
    /// <param name="most">The values that the page says.</param>
    /// <exception cref="InvalidDataException">A length is out of range.</exception>
    public static long Sum(ReadOnlySpan<byte> values, int most)
    {
        var at = 0;
        var blockSize = (long)Varint(values, ref at);
        var miniblocks = (int)Varint(values, ref at);
        var count = Varint(values, ref at);
        var length = ZigZag(values, ref at);
        if (count > (ulong)most || length is < 0 or > int.MaxValue) throw OutOfRange();
        if (count == 0) return 0;
        var sum = length;
        for (var left = (long)count - 1; left > 0;)
        {
            var least = ZigZag(values, ref at);
            if (miniblocks > values.Length - at) throw OutOfRange();
            var widths = values.Slice(at, miniblocks);
            at += miniblocks;
            for (var i = 0; i < miniblocks && left > 0; i++)
            {
                int width = widths[i];
                if (width > MostBits) throw OutOfRange();
                var packed = values[Math.Min(at, values.Length)..];
                var size = blockSize / miniblocks;
                for (var value = 0L; value < size && left > 0; value++, left--)
                {
                    length = unchecked(length + least + (long)Bits(packed, value * width, width));
                    if (length is < 0 or > int.MaxValue) throw OutOfRange();
                    sum += length;
                }

                at = (int)Math.Min(values.Length, at + size * width / 8);
            }
        }

        return sum;
    }

    // What is behind the end is padding.
    private static ulong Bits(ReadOnlySpan<byte> packed, long from, int width)
    {
        ulong bits = 0;
        for (var i = 0; i < width; i++)
        {
            var at = (from + i) >> 3;
            if (at < packed.Length && (packed[(int)at] >> (int)((from + i) & 7) & 1) != 0) bits |= 1UL << i;
        }

        return bits;
    }

    private static long ZigZag(ReadOnlySpan<byte> bytes, ref int at) =>
        Varint(bytes, ref at) is var raw ? (long)(raw >> 1) ^ -(long)(raw & 1) : 0;

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        ulong result = 0;
        for (var shift = 0; shift < LongestVarint; shift += 7)
        {
            if (at == bytes.Length) throw new EndOfStreamException();
            result |= (ulong)(bytes[at] & 0x7F) << shift;
            if (bytes[at++] < 0x80) return result;
        }

        throw OutOfRange();
    }

    private static InvalidDataException OutOfRange() => new("the lengths of the texts of a page are out of range");
}
