using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace MlOps.Sdk.Training;

/// <summary>Sums packed gradients per feature and bin.</summary>
internal static unsafe class Histogram
{
    /// <summary>
    /// Slots from a feature to the next: 256 bins and 8 to spare, so that like bins of neighbouring features do not
    /// compete for the same cache lines.
    /// </summary>
    public const int Stride = 264;

    /// <summary>
    /// How many rows ahead memory is requested: a leaf's rows are scattered, and waiting for them took a quarter of the time.
    /// </summary>
    private const int Ahead = 16;

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
                var next = (nint)rowsAt[i + Ahead];
                Sse.Prefetch0(binsAt + next * width);
                Sse.Prefetch0(binsAt + next * width + (width - 1));
                Sse.Prefetch0(packedAt + next);
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
        for (; bins + 4 <= end; bins += 4, to += 4 * Stride)
        {
            to[bins[0]] += value;
            (to + Stride)[bins[1]] += value;
            (to + 2 * Stride)[bins[2]] += value;
            (to + 3 * Stride)[bins[3]] += value;
        }

        for (; bins < end; bins++, to += Stride) to[*bins] += value;
    }
}
