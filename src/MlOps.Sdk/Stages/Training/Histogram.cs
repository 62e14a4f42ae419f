using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MlOps.Sdk.Training;

/// <summary>Sums packed gradients per feature and bin.</summary>
internal static unsafe class Histogram
{
    /// <summary>Slots from a feature to the next: 256 bins and 8 to spare, so that like bins of neighbouring features do not compete for the same cache lines.</summary>
    public const int Stride = 264;

    private const int Ahead = 12;

    /// <summary>Adds rows to a histogram of all features.</summary>
    public static void Add(byte[] bins, int width, long[] packed, ReadOnlySpan<int> rows, long[] histogram)
    {
        fixed (byte* binsAt = bins)
        fixed (long* packedAt = packed)
        fixed (int* rowsAt = rows)
        fixed (long* histogramAt = histogram)
        {
            var ahead = Sse.IsSupported ? Math.Max(0, rows.Length - Ahead) : 0;
            for (var i = 0; i < ahead; i++)
            {
                Sse.Prefetch0(binsAt + (nint)rowsAt[i + Ahead] * width);
                AddRow(binsAt + (nint)rowsAt[i] * width, width, packedAt[rowsAt[i]], histogramAt);
            }

            for (var i = ahead; i < rows.Length; i++) AddRow(binsAt + (nint)rowsAt[i] * width, width, packedAt[rowsAt[i]], histogramAt);
        }
    }

    /// <summary>Adds rows to a histogram of some features.</summary>
    public static void Add(byte[] bins, int width, long[] packed, ReadOnlySpan<int> rows, long[] histogram, ReadOnlySpan<int> slots)
    {
        fixed (byte* binsAt = bins)
        fixed (long* histogramAt = histogram)
        {
            foreach (var row in rows)
            {
                var value = packed[row];
                var ofRow = binsAt + (nint)row * width;
                foreach (var slot in slots) histogramAt[slot * Stride + ofRow[slot]] += value;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow(byte* bins, int width, long value, long* to)
    {
        var end = bins + width;
        for (; bins + 8 <= end; bins += 8, to += 8 * Stride)
        {
            var eight = *(ulong*)bins;
            to[(byte)eight] += value;
            (to + Stride)[(byte)(eight >> 8)] += value;
            (to + 2 * Stride)[(byte)(eight >> 16)] += value;
            (to + 3 * Stride)[(byte)(eight >> 24)] += value;
            (to + 4 * Stride)[(byte)(eight >> 32)] += value;
            (to + 5 * Stride)[(byte)(eight >> 40)] += value;
            (to + 6 * Stride)[(byte)(eight >> 48)] += value;
            (to + 7 * Stride)[eight >> 56] += value;
        }

        for (; bins < end; bins++, to += Stride) to[*bins] += value;
    }
}
