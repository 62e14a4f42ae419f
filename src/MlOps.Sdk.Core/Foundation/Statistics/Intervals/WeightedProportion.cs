namespace MlOps.Sdk.Statistics;

/// <summary>The uncertainty of shares of rows that do not count alike.</summary>
internal static class WeightedProportion
{
    /// <summary>
    /// How many rows of equal weight say as much: (Σw)²/Σw² (Kish 1965), for outcomes that do not depend on the weights; NaN without rows.
    /// </summary>
    public static double EffectiveSize(ReadOnlySpan<double> weights)
    {
        if (weights.IsEmpty) return double.NaN;
        Samples.Balance(ref weights);
        double sum = 0, squares = 0;
        foreach (var weight in weights)
        {
            sum += weight;
            squares += weight * weight;
        }

        return sum * sum / squares;
    }

    /// <summary>
    /// Wilson's score interval of a weighted share p over its effective number of rows, p(1 − p)/V with the linearized variance
    /// V = Σw²(x − p)²/(Σw)², at most the number of rows (Korn and Graubard 1998; Franco, Little, Louis and Slud 2019). Where all outcomes
    /// agree, V says nothing, and the number is Kish's. With equal weights it is Wilson's own interval.
    /// </summary>
    /// <param name="successes">1 for a success, else 0, per row; at least one row.</param>
    /// <param name="weights">The weight per row.</param>
    /// <param name="level">The confidence.</param>
    public static ConfidenceInterval Wilson(ReadOnlySpan<double> successes, ReadOnlySpan<double> weights, double level)
    {
        var share = Of(successes, weights);
        return Intervals.Wilson(share.Value, share.Rows, level);
    }

    /// <summary>The weighted share with its effective number of rows, as for <see cref="Wilson"/>.</summary>
    public static Share Of(ReadOnlySpan<double> successes, ReadOnlySpan<double> weights)
    {
        var rows = EffectiveSize(weights);
        Samples.Balance(ref weights);
        double right = 0, wrong = 0;
        for (var i = 0; i < successes.Length; i++)
        {
            if (successes[i] == 1) right += weights[i];
            else wrong += weights[i];
        }

        var share = right / (right + wrong);
        if (right > 0 && wrong > 0)
        {
            var spread = 0.0;
            for (var i = 0; i < successes.Length; i++)
            {
                var gap = weights[i] * (successes[i] - share);
                spread += gap * gap;
            }

            // Not p(1 - p)·(Σw)², where 1 - p would lose the digits of a small rest.
            rows = Math.Min(successes.Length, right * wrong / spread);
        }

        return new Share(share, rows);
    }
}
