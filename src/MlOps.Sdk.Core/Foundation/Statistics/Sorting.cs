using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>
    /// Sorts some hundred values in place without a single unpredictable branch: Batcher's merge exchange (Knuth, volume 3, algorithm
    /// 5.2.2M) sorts four columns side by side in vectors, and two rounds of merging from both ends join them.
    /// </summary>
    /// <param name="values">The values, without NaN.</param>
    /// <param name="spare">Working memory: at least twice as long as <paramref name="values"/>, filled up to a multiple of four.</param>
    public static void SortSome(Span<double> values, Span<double> spare)
    {
        var rows = (values.Length + 3) / 4;
        var padded = rows * 4;
        var first = spare[..padded];
        var second = spare.Slice(padded, padded);
        values.CopyTo(first);
        first[values.Length..].Fill(double.PositiveInfinity);
        SortColumns(MemoryMarshal.Cast<double, Vector256<double>>(first));
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < 4; column++) second[column * rows + row] = first[row * 4 + column];
        }

        MergeHalves(second[..(2 * rows)], first[..(2 * rows)]);
        MergeHalves(second[(2 * rows)..], first[(2 * rows)..]);
        MergeHalves(first, second);
        second[..values.Length].CopyTo(values);
    }

    private static void SortColumns(Span<Vector256<double>> rows)
    {
        var top = (int)BitOperations.RoundUpToPowerOf2((uint)rows.Length) / 2;
        for (var p = top; p > 0; p /= 2)
        {
            for (int q = top, r = 0, d = p; ; d = q - p, q /= 2, r = p)
            {
                for (var start = r; start < rows.Length - d; start += 2 * p)
                {
                    var low = rows[start..Math.Min(start + p, rows.Length - d)];
                    var high = rows.Slice(start + d, low.Length);
                    for (var i = 0; i < low.Length; i++)
                    {
                        (low[i], high[i]) = (Vector256.MinNative(low[i], high[i]), Vector256.MaxNative(low[i], high[i]));
                    }
                }

                if (q == p) break;
            }
        }
    }

    /// <summary>
    /// Merges two sorted halves. Half of the values are taken from the front and half from the back, so no index leaves the halves.
    /// </summary>
    private static void MergeHalves(ReadOnlySpan<double> from, Span<double> to)
    {
        var half = from.Length / 2;
        int left = 0, right = half, leftEnd = half - 1, rightEnd = from.Length - 1;
        for (var i = 0; i < half; i++)
        {
            var (a, b) = (from[left], from[right]);
            to[i] = double.MinNative(a, b);
            var isLeft = a < b ? 1 : 0;
            left += isLeft;
            right += 1 - isLeft;
            (a, b) = (from[leftEnd], from[rightEnd]);
            to[to.Length - 1 - i] = double.MaxNative(a, b);
            isLeft = a >= b ? 1 : 0;
            leftEnd -= isLeft;
            rightEnd -= 1 - isLeft;
        }
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
