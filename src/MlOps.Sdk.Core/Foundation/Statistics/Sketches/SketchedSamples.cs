namespace MlOps.Sdk.Statistics;

/// <summary>
/// Two-sample tests from sketches, where the raw values are gone. A distance between sketches is known up to their rank errors, so only
/// what exceeds the errors counts as evidence: the p-values are never smaller than those of the raw samples would be, except with the
/// probability that a sketch breaks its error bound (1 %).
/// </summary>
public static class SketchedSamples
{
    /// <summary>
    /// Kolmogorov–Smirnov: D is the largest distance between the sketched distribution functions; p is that of max(0, D − ε₁ − ε₂) under
    /// the finite-n Kolmogorov distribution, with ε the rank errors of the sketches. Where both still have every value, it is the test of
    /// those. Effect: D.
    /// </summary>
    /// <param name="a">One sample.</param>
    /// <param name="b">The other.</param>
    /// <returns>NaN for statistic and p where a sample is empty.</returns>
    public static TestResult KolmogorovSmirnov(QuantileSketch a, QuantileSketch b)
    {
        const string test = "Kolmogorov-Smirnov (sketched)";
        if (a.Count == 0 || b.Count == 0)
        {
            return new TestResult(test, double.NaN, double.NaN, double.NaN, "D", a.Count, b.Count, "A sample has no values.");
        }
        var (valuesA, weightsA) = a.Sorted();
        var (valuesB, weightsB) = b.Sorted();
        long belowA = 0, belowB = 0;
        var distance = 0.0;
        for (int i = 0, j = 0; i < valuesA.Length || j < valuesB.Length;)
        {
            var value = j == valuesB.Length || (i < valuesA.Length && valuesA[i] <= valuesB[j]) ? valuesA[i] : valuesB[j];
            while (i < valuesA.Length && valuesA[i] <= value) belowA += weightsA[i++];
            while (j < valuesB.Length && valuesB[j] <= value) belowB += weightsB[j++];
            distance = Math.Max(distance, Math.Abs((double)belowA / a.Count - (double)belowB / b.Count));
        }

        var error = a.RankError + b.RankError;
        if (error == 0)
        {
            // The sketches still have all values. Of few of them, the distribution of one sample tells too small a p.
            return TwoSample.KolmogorovSmirnov(valuesA, valuesB) with { Test = test };
        }
        var effective = Math.Max(1, Math.Round((double)a.Count * b.Count / (a.Count + b.Count)));
        var p = KolmogorovDistribution.Tail((int)Math.Min(effective, int.MaxValue), Math.Max(0, distance - error));
        return new TestResult(
            test,
            distance,
            p,
            distance,
            "D",
            a.Count,
            b.Count,
            FormattableString.Invariant($"D ± {error:0.####} from sketches."));
    }
}
