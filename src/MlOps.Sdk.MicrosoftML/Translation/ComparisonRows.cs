namespace MlOps.Sdk.MLNet;

/// <summary>
/// The rows on which a translation is compared with the library: those that were given, and others that provoke a difference, at the
/// thresholds of the model, just beside them, with missing values, and with nothing but them. The same every time.
/// </summary>
internal static class ComparisonRows
{
    private const int MostGiven = 1000;
    private const int MostMade = 1000;
    private const int LeastMade = 30;

    /// <summary>So many numbers are made at most, unless that were too few rows: 100,000 features of a text take memory.</summary>
    private const int MostNumbers = 4_000_000;
    private const int MostEdges = 100_000;

    public static List<float[]> Create(int width, IReadOnlyList<float[]> given, IEnumerable<(int Feature, float Value)> edges)
    {
        var random = new Random(width);
        var rows = Spread(given, MostGiven).ToList();
        rows.Add(new float[width]);
        rows.Add([.. Enumerable.Repeat(float.NaN, width)]);
        rows.Add([.. Enumerable.Repeat(1f, width)]);
        var known = rows.Count;
        var edgesOf = edges.Take(MostEdges).ToLookup(edge => edge.Feature, edge => edge.Value);
        var values = Enumerable.Range(0, width).Select(feature => edgesOf[feature].ToArray()).ToArray();
        var made = Math.Clamp(MostNumbers / Math.Max(width, 1), LeastMade, MostMade);
        for (var i = 0; i < made; i++)
        {
            var row = (float[])rows[random.Next(known)].Clone();
            // Of rows that are missing here and there, some models say nothing but NaN: half of the rows are complete.
            var missing = i % 2 == 0 ? 0 : random.NextDouble() / 2;
            for (var feature = 0; feature < width; feature++)
            {
                if (random.NextDouble() < missing) row[feature] = float.NaN;
                else if (random.Next(2) == 0) row[feature] = Value(values[feature], row[feature]);
                else if (float.IsNaN(row[feature]) && missing == 0) row[feature] = (float)(random.NextDouble() * 4 - 2);
            }

            rows.Add(row);
        }

        return rows;

        float Value(float[] edgesHere, float otherwise)
        {
            if (edgesHere.Length == 0) return random.Next(4) == 0 ? random.Next(2) : float.IsNaN(otherwise) ? 0 : otherwise;
            var edge = edgesHere[random.Next(edgesHere.Length)];
            return random.Next(3) switch
            {
                0 => float.BitDecrement(edge),
                1 => edge,
                _ => float.BitIncrement(edge),
            };
        }
    }

    /// <summary>At most so many, spread over all.</summary>
    private static IEnumerable<float[]> Spread(IReadOnlyList<float[]> rows, int most)
    {
        var count = Math.Min(rows.Count, most);
        for (var i = 0; i < count; i++) yield return rows[(int)((long)i * rows.Count / count)];
    }
}
