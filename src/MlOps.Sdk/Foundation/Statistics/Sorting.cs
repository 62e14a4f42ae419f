namespace MlOps.Sdk.Statistics;

/// <summary>Sorts samples. Long ones by radix on flipped bits, which is several times as fast as comparing.</summary>
internal static class Sorting
{
    private const int RadixFrom = 2048;
    private const int Bits = 11;
    private const int Buckets = 1 << Bits;
    private const int Passes = 6;

    /// <summary>A sorted copy; the values must not contain NaN.</summary>
    public static double[] Sorted(ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        if (sorted.Length < RadixFrom) Array.Sort(sorted);
        else RadixSort(sorted);
        return sorted;
    }

    private static void RadixSort(double[] values)
    {
        var keys = new ulong[values.Length];
        var spare = new ulong[values.Length];
        var counts = new int[Passes * Buckets];
        for (var i = 0; i < values.Length; i++)
        {
            // Negative numbers: all bits turned; others: the sign bit. The order of the bits is then that of the numbers.
            var bits = BitConverter.DoubleToInt64Bits(values[i]);
            var key = (ulong)(bits ^ ((bits >> 63) | long.MinValue));
            keys[i] = key;
            for (var pass = 0; pass < Passes; pass++) counts[pass * Buckets + (int)(key >> (pass * Bits) & (Buckets - 1))]++;
        }

        for (var pass = 0; pass < Passes; pass++)
        {
            var ofPass = counts.AsSpan(pass * Buckets, Buckets);
            var shift = pass * Bits;
            if (ofPass[(int)(keys[0] >> shift & (Buckets - 1))] == keys.Length) continue;
            var start = 0;
            for (var b = 0; b < Buckets; b++) (ofPass[b], start) = (start, start + ofPass[b]);
            foreach (var key in keys) spare[ofPass[(int)(key >> shift & (Buckets - 1))]++] = key;
            (keys, spare) = (spare, keys);
        }

        for (var i = 0; i < values.Length; i++)
        {
            var key = (long)keys[i];
            values[i] = BitConverter.Int64BitsToDouble(key ^ (~(key >> 63) | long.MinValue));
        }
    }
}
