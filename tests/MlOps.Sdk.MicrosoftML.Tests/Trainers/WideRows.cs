using MlOps.Sdk.Features;

namespace MlOps.Sdk.MLNet.Tests;

/// <summary>Rows as texts make them: more than 100,000 sparse features, few of them in a row, a handful of which tell the class.</summary>
internal static class WideRows
{
    public const int Width = 115_000;
    public const int Count = 1_000;
    private const int PerRow = 60;
    private const int Telling = 8;

    /// <summary>What an array of all values would take, as single precision.</summary>
    public const long BytesOfAllValues = (long)Width * Count * sizeof(float);

    public static (FeatureMatrix Features, double[] Labels) Create(int seed)
    {
        var random = new Random(seed);
        var (starts, slots, values) = (new int[Count + 1], new List<int>(), new List<float>());
        var labels = new double[Count];
        for (var row = 0; row < Count; row++)
        {
            labels[row] = random.Next(2);
            // Most words are rare, as those of a text are.
            var words = new SortedSet<int>();
            while (words.Count < PerRow) words.Add(2 * Telling + (int)(Math.Pow(random.NextDouble(), 3) * (Width - 2 * Telling)));
            for (var word = 0; word < Telling; word++)
            {
                if (random.NextDouble() < 0.5) words.Add(labels[row] > 0 ? word : Telling + word);
            }

            slots.AddRange(words);
            values.AddRange(words.Select(_ => (float)(0.05 + 0.1 * random.NextDouble())));
            starts[row + 1] = slots.Count;
        }

        return (
            new FeatureMatrix(
                [.. Enumerable.Range(0, Width).Select(slot => new FeatureSlot($"word {slot}", "text"))],
                Count,
                [],
                new SparseFeatures(starts, [.. slots], [.. values])),
            labels);
    }

    /// <summary>How often a row of the positive class has the higher score, of all pairs of the two classes.</summary>
    public static double Auc(double[] scores, double[] labels)
    {
        var positive = scores.Where((_, row) => labels[row] > 0).ToArray();
        var negative = scores.Where((_, row) => labels[row] == 0).ToArray();
        var won = positive.Sum(high => negative.Sum(low => high > low ? 1 : high == low ? 0.5 : 0));
        return won / ((double)positive.Length * negative.Length);
    }
}
