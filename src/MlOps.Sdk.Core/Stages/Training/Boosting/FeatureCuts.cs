using MlOps.Sdk.Features;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Training;

/// <summary>Where a feature's values are cut into bins: a value is in the bin whose number is the count of edges at or below it.</summary>
internal static class FeatureCuts
{
    private const int MostSampled = 100_000;

    /// <summary>
    /// Finds at most <paramref name="maxBins"/> - 1 edges: between all distinct values where those are few, else so that
    /// bins hold about equally many rows.
    /// </summary>
    public static float[] Find(FeatureMatrix features, int slot, int maxBins, int seed)
    {
        var sample = Sample(features.Column(slot), slot, seed);
        Array.Sort(sample);
        var missing = 0;
        while (missing < sample.Length && float.IsNaN(sample[missing])) missing++;
        return Cut(sample.AsSpan(missing), maxBins);
    }

    private static float[] Sample(ReadOnlySpan<float> column, int slot, int seed)
    {
        if (column.Length <= MostSampled) return column.ToArray();
        // One row from each of equally long stretches: spread over the whole file, and blind to any period in it.
        var random = SeededRandom.For(seed, slot, second: 1);
        var sample = new float[MostSampled];
        for (var i = 0; i < sample.Length; i++) sample[i] = column[(int)((i + random.NextDouble()) * column.Length / MostSampled)];
        return sample;
    }

    /// <summary>Cuts sorted values without missing ones.</summary>
    public static float[] Cut(ReadOnlySpan<float> sorted, int maxBins)
    {
        var edges = new List<float>(maxBins);
        var distinct = 1;
        for (var i = 1; i < sorted.Length && distinct <= maxBins; i++) distinct += sorted[i] > sorted[i - 1] ? 1 : 0;
        var left = sorted.Length;
        var target = distinct <= maxBins ? 0 : (double)left / maxBins;
        var inBin = 0;
        for (var i = 0; i + 1 < sorted.Length && edges.Count < maxBins - 1; i++)
        {
            inBin++;
            left--;
            if (inBin < target || !(sorted[i + 1] > sorted[i])) continue;
            edges.Add(Between(sorted[i], sorted[i + 1]));
            inBin = 0;
            // A value that fills a bin alone leaves the others fewer rows to share.
            if (target > 0) target = (double)left / (maxBins - edges.Count);
        }

        return [.. edges];
    }

    /// <summary>A number above the lower and not above the upper one.</summary>
    private static float Between(float lower, float upper)
    {
        var middle = (float)(((double)lower + upper) / 2);
        return middle > lower ? middle : upper;
    }
}
