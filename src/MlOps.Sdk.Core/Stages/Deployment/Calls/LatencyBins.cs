using System.Diagnostics;
using System.Numerics;

namespace MlOps.Sdk.Deployment;

/// <summary>
/// The bins that durations of calls are counted in: 16 to a doubling from 128 ns to 2 minutes, so that an edge is at most 6.3 % above the
/// durations in its bin.
/// </summary>
internal static class LatencyBins
{
    private const int FirstOctave = 7;
    private const int Octaves = 30;
    private const int PartBits = 4;

    public const int Count = 2 + (Octaves << PartBits);

    private static readonly double s_nanoseconds = 1e9 / Stopwatch.Frequency;

    private static readonly double[] s_edges = [.. Enumerable.Range(0, Count).Select(EdgeOf)];

    /// <summary>The upper edges, in seconds; that of the last bin is infinity.</summary>
    public static ReadOnlySpan<double> Edges => s_edges;

    /// <summary>The bin of a duration in ticks of <see cref="Stopwatch"/>.</summary>
    public static int Of(long ticks)
    {
        var nanoseconds = (ulong)(Math.Max(0, ticks) * s_nanoseconds);
        if (nanoseconds < 1UL << FirstOctave) return 0;
        var octave = BitOperations.Log2(nanoseconds);
        if (octave >= FirstOctave + Octaves) return Count - 1;
        return 1 + ((octave - FirstOctave) << PartBits) + (int)((nanoseconds >> (octave - PartBits)) & ((1 << PartBits) - 1));
    }

    private static double EdgeOf(int bin)
    {
        if (bin == Count - 1) return double.PositiveInfinity;
        var (octave, part) = (FirstOctave + (bin >> PartBits), bin & ((1 << PartBits) - 1));
        return Math.ScaleB(1 + (part / (double)(1 << PartBits)), octave) * 1e-9;
    }
}
