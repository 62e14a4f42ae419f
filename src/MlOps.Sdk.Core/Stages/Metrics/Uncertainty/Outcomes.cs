using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>Shares of rows with as many rows as they are worth.</summary>
internal static class Outcomes
{
    /// <summary>The share of successes among the rows that count; <see langword="null"/> where none does.</summary>
    /// <param name="evaluation">The rows, with their weights.</param>
    /// <param name="outcome">Whether a row is a success; <see langword="null"/> where it does not count.</param>
    public static Share? Share(Evaluation evaluation, Func<int, bool?> outcome)
    {
        var isWeighted = evaluation.HasUnequalWeights;
        List<double> successes = [], weights = [];
        long hits = 0, rows = 0;
        for (var row = 0; row < evaluation.RowCount; row++)
        {
            if (outcome(row) is not { } hit) continue;
            rows++;
            if (hit) hits++;
            if (!isWeighted) continue;
            successes.Add(hit ? 1 : 0);
            weights.Add(evaluation.Weights.Span[row]);
        }

        if (rows == 0) return null;
        return isWeighted ? WeightedProportion.Of([.. successes], [.. weights]) : new Share((double)hits / rows, rows);
    }

    /// <summary>The shares of successes of two models among the same rows; <see langword="null"/> where no row counts.</summary>
    /// <param name="evaluation">The rows, with their weights.</param>
    /// <param name="counts">Whether a row counts.</param>
    /// <param name="first">Whether it is a success of the first model.</param>
    /// <param name="second">Whether it is one of the second.</param>
    public static PairedShare? Share(Evaluation evaluation, Func<int, bool> counts, Func<int, bool> first, Func<int, bool> second)
    {
        if (Share(evaluation, row => counts(row) ? first(row) : null) is not { } one) return null;
        var other = Share(evaluation, row => counts(row) ? second(row) : null)!.Value;
        double both = 0, total = 0;
        for (var row = 0; row < evaluation.RowCount; row++)
        {
            if (!counts(row)) continue;
            total += evaluation.Weight(row);
            if (first(row) && second(row)) both += evaluation.Weight(row);
        }

        var spread = Math.Sqrt(one.Value * (1 - one.Value) * other.Value * (1 - other.Value));
        var correlation = spread == 0 ? 0 : Math.Clamp((both / total - one.Value * other.Value) / spread, -1, 1);
        return new PairedShare(one, other, correlation);
    }
}
