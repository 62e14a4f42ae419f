namespace MlOps.Sdk.Statistics;

/// <summary>Draws rows with replacement.</summary>
internal static class Resampling
{
    /// <summary>The statistic over each resample, in ascending order, without those where it is NaN.</summary>
    public static double[] Run(int rowCount, Func<ReadOnlyMemory<int>, double> statistic, int resamples, int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var rows = new int[rowCount];
        var values = new List<double>(resamples);
        for (var b = 0; b < resamples; b++)
        {
            for (var i = 0; i < rows.Length; i++) rows[i] = random.Next(rowCount);
            var value = statistic(rows);
            if (!double.IsNaN(value)) values.Add(value);
        }

        values.Sort();
        return [.. values];
    }
}
