namespace MlOps.Sdk.Statistics;

/// <summary>Corrects p-values for the number of tests. Thread-safe.</summary>
public static class MultipleTesting
{
    /// <summary>The adjusted p-values: a test is significant at α after correction when its adjusted p-value is at most α.</summary>
    /// <param name="pValues">P-values between 0 and 1. NaN (undefined) stays NaN and does not count as a test.</param>
    /// <param name="correction">The method. Default: Benjamini–Hochberg.</param>
    /// <returns>One value per input, in its order.</returns>
    /// <exception cref="ArgumentException">A p-value lies outside 0 to 1.</exception>
    public static double[] Adjust(ReadOnlySpan<double> pValues, Correction correction = Correction.BenjaminiHochberg)
    {
        var adjusted = pValues.ToArray();
        var order = new List<int>(adjusted.Length);
        for (var i = 0; i < adjusted.Length; i++)
        {
            if (double.IsNaN(adjusted[i])) continue;
            if (adjusted[i] is < 0 or > 1) throw new ArgumentException("A p-value lies outside 0 to 1.", nameof(pValues));
            order.Add(i);
        }

        order.Sort((a, b) => (adjusted[a], a).CompareTo((adjusted[b], b)));
        var n = order.Count;
        switch (correction)
        {
            case Correction.Bonferroni:
                foreach (var i in order) adjusted[i] = Math.Min(1, adjusted[i] * n);
                break;
            case Correction.Holm:
                var largest = 0.0;
                for (var rank = 0; rank < n; rank++)
                {
                    largest = Math.Max(largest, adjusted[order[rank]] * (n - rank));
                    adjusted[order[rank]] = Math.Min(1, largest);
                }

                break;
            default:
                var factor = 1.0;
                if (correction == Correction.BenjaminiYekutieli)
                {
                    for (var k = 2; k <= n; k++) factor += 1.0 / k;
                }

                var smallest = 1.0;
                for (var rank = n - 1; rank >= 0; rank--)
                {
                    smallest = Math.Min(smallest, adjusted[order[rank]] * n / (rank + 1) * factor);
                    adjusted[order[rank]] = smallest;
                }

                break;
        }

        return adjusted;
    }
}
