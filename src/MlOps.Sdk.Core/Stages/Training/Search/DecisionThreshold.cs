using MlOps.Sdk.Problem;

namespace MlOps.Sdk.Training;

/// <summary>Chooses the score from which a binary classifier decides positive.</summary>
public static class DecisionThreshold
{
    /// <summary>
    /// The threshold at which the errors on the given rows cost least. Candidates are the midpoints between neighbouring scores, with 0 and
    /// 1 as the outermost neighbours; among equally good ones, the nearest to 0.5 (the lower one if two are equally near).
    /// </summary>
    /// <param name="labels">1 = positive, 0 = negative; at least one row.</param>
    /// <param name="scores">P(positive) per row, from rows that the model was not trained on.</param>
    /// <param name="costs">What errors cost; <see langword="null"/> when both kinds cost the same.</param>
    /// <returns>
    /// A threshold for "positive when score ≥ threshold"; above the largest score when it is cheapest never to decide positive.
    /// </returns>
    /// <exception cref="ArgumentException">The lengths differ, there is no row, or a score is NaN.</exception>
    public static double Choose(ReadOnlySpan<double> labels, ReadOnlySpan<double> scores, ErrorCosts? costs = null)
    {
        if (labels.Length != scores.Length)
        {
            throw new ArgumentException($"{labels.Length} labels have {scores.Length} scores.", nameof(scores));
        }
        if (labels.IsEmpty) throw new ArgumentException("There are no rows.", nameof(labels));
        if (scores.ContainsNaN()) throw new ArgumentException("A score is not a number.", nameof(scores));
        costs ??= new ErrorCosts(1, 1);
        var sorted = scores.ToArray();
        var truths = labels.ToArray();
        Array.Sort(sorted, truths);

        // From "all are positive" upward: each row that falls below the threshold turns from a false positive into a true negative, or from
        // a true positive into a false negative.
        var falsePositives = 0;
        foreach (var truth in truths) falsePositives += truth == 1 ? 0 : 1;
        var falseNegatives = 0;
        var best = Below(sorted[0]);
        var leastCost = falsePositives * costs.FalsePositive;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (truths[i] == 1) falseNegatives++;
            else falsePositives--;
            if (i + 1 < sorted.Length && sorted[i + 1] == sorted[i]) continue;
            var threshold = i + 1 < sorted.Length ? Between(sorted[i], sorted[i + 1]) : Above(sorted[i]);
            var cost = falsePositives * costs.FalsePositive + falseNegatives * costs.FalseNegative;
            if (cost > leastCost || (cost == leastCost && Math.Abs(threshold - 0.5) >= Math.Abs(best - 0.5))) continue;
            best = threshold;
            leastCost = cost;
        }

        return best;
    }

    private static bool ContainsNaN(this ReadOnlySpan<double> values)
    {
        foreach (var value in values)
        {
            if (double.IsNaN(value)) return true;
        }

        return false;
    }

    private static double Below(double lowest) => lowest > 0 ? lowest / 2 : lowest;

    private static double Above(double highest) => highest < 1 ? Between(highest, 1) : Math.BitIncrement(highest);

    /// <summary>A number above the lower and not above the upper one.</summary>
    private static double Between(double lower, double upper)
    {
        var middle = lower + (upper - lower) / 2;
        return middle > lower ? middle : upper;
    }
}
