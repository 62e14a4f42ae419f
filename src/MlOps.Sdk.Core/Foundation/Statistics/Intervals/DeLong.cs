namespace MlOps.Sdk.Statistics;

/// <summary>
/// The variance of areas under ROC curves (DeLong, DeLong and Clarke-Pearson 1988), in n log n by midranks (Sun and Xu 2014).
/// Thread-safe.
/// </summary>
/// <remarks>
/// The variance is that of a mean over the rows of each class, so with few rows of one class it is itself uncertain: quantiles are those
/// of Student's t with one degree of freedom less than the smaller class has rows. An area near 1 is skewed, so its interval is made on
/// the logit scale. A normal interval covers 75 to 94 % instead of 95 % where 5 % of 100 to 300 rows are positive, and nearly all that it
/// misses lies below it, which is the side that a gate reads; see docs/benchmarks for the coverage of this one.
/// </remarks>
public static class DeLong
{
    /// <summary>The area with its variance and its interval on the logit scale.</summary>
    /// <param name="labels">1 for positive, 0 for negative rows.</param>
    /// <param name="scores">A score per row, higher for positives; no NaN.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is NaN.</exception>
    public static AucEstimate Auc(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, double level = 0.95)
    {
        Samples.RequireProbability(level, nameof(level));
        var (auc, positives, negatives) = Components(labels, scores);
        var variance = Variance(positives) / positives.Length + Variance(negatives) / negatives.Length;
        return new AucEstimate(auc, variance, OfLogit(auc, variance, Degrees(positives, negatives), level));
    }

    /// <summary>Compares two scores of the same rows: the difference of the areas, B minus A.</summary>
    /// <param name="labels">1 for positive, 0 for negative rows.</param>
    /// <param name="scoresA">The first score per row.</param>
    /// <param name="scoresB">The second score per row.</param>
    /// <param name="level">The confidence. Default: 0.95.</param>
    /// <returns>
    /// The comparison. Scores that rank alike have difference 0, standard error 0 and p 1; with fewer than two rows of a class
    /// all except the difference is NaN.
    /// </returns>
    /// <exception cref="ArgumentException">The lengths differ, a label is neither 0 nor 1, or a score is NaN.</exception>
    public static PairedComparison Compare(
        ReadOnlySpan<double> labels, ReadOnlySpan<double> scoresA, ReadOnlySpan<double> scoresB, double level = 0.95)
    {
        Samples.RequireProbability(level, nameof(level));
        var (aucA, positivesA, negativesA) = Components(labels, scoresA);
        var (aucB, positivesB, negativesB) = Components(labels, scoresB);
        for (var i = 0; i < positivesA.Length; i++) positivesB[i] -= positivesA[i];
        for (var i = 0; i < negativesA.Length; i++) negativesB[i] -= negativesA[i];
        var difference = aucB - aucA;

        // The variance of the difference is that of the components' differences: no cancellation between nearly equal models.
        var error = Math.Sqrt(Variance(positivesB) / positivesB.Length + Variance(negativesB) / negativesB.Length);
        var degrees = Degrees(positivesB, negativesB);
        var z = error == 0 && difference == 0 ? 0 : difference / error;
        if (double.IsNaN(error))
            return new PairedComparison(difference, error, z, double.NaN, new ConfidenceInterval(double.NaN, double.NaN, level));
        var half = Distribution.StudentQuantile(0.5 + level / 2, degrees) * error;
        return new PairedComparison(
            difference,
            error,
            z,
            Distribution.StudentP(z, degrees, Alternative.TwoSided),
            new ConfidenceInterval(difference - half, difference + half, level));
    }

    private static double Degrees(double[] positives, double[] negatives) => Math.Min(positives.Length, negatives.Length) - 1;

    private static ConfidenceInterval OfLogit(double auc, double variance, double degrees, double level)
    {
        if (double.IsNaN(variance)) return new ConfidenceInterval(double.NaN, double.NaN, level);
        if (variance == 0) return new ConfidenceInterval(auc, auc, level);
        var logit = Math.Log(auc / (1 - auc));
        var half = Distribution.StudentQuantile(0.5 + level / 2, degrees) * Math.Sqrt(variance) / (auc * (1 - auc));
        return new ConfidenceInterval(1 / (1 + Math.Exp(half - logit)), 1 / (1 + Math.Exp(-half - logit)), level);
    }

    /// <summary>The area, and per row the share of the other class that it is ranked right against (ties count half).</summary>
    private static (double Auc, double[] Positives, double[] Negatives) Components(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores)
    {
        Samples.RequirePaired(labels.Length, scores.Length, nameof(scores));
        if (Samples.HasNaN(scores)) throw new ArgumentException("A score is NaN.", nameof(scores));
        var positives = new List<double>();
        var negatives = new List<double>();
        for (var i = 0; i < labels.Length; i++)
        {
            if (labels[i] != 0 && labels[i] != 1) throw new ArgumentException("Labels must be 0 or 1.", nameof(labels));
            (labels[i] == 1 ? positives : negatives).Add(scores[i]);
        }

        var all = Ranks.Of([.. positives, .. negatives], out _);
        var withinPositives = Ranks.Of([.. positives], out _);
        var withinNegatives = Ranks.Of([.. negatives], out _);
        var ofPositives = new double[positives.Count];
        var ofNegatives = new double[negatives.Count];
        var sum = 0.0;
        for (var i = 0; i < ofPositives.Length; i++) sum += ofPositives[i] = (all[i] - withinPositives[i]) / negatives.Count;
        for (var i = 0; i < ofNegatives.Length; i++) ofNegatives[i] = 1 - (all[positives.Count + i] - withinNegatives[i]) / positives.Count;
        return (negatives.Count == 0 ? double.NaN : sum / positives.Count, ofPositives, ofNegatives);
    }

    private static double Variance(double[] x)
    {
        if (x.Length < 2) return double.NaN;
        return Samples.SquaredDeviations(x, Samples.Mean(x)) / (x.Length - 1);
    }
}
