using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// Of a mean of values that lie between two known ones: Wald's interval with z²/2 further rows at either end, which is that of Agresti and
/// Coull (1998) where the values are these two. The rows at the ends make up for dear decisions of which the sample has none.
/// </summary>
/// <param name="values">The value per row, the least possible one, and the largest.</param>
internal sealed class ValueUncertainty(Func<Evaluation, (double[] OfRows, double Least, double Most)> values) : IUncertainty
{
    public ConfidenceInterval? Interval(Evaluation evaluation, in ResamplingPlan plan)
    {
        var (ofRows, least, most) = values(evaluation);
        var weights = evaluation.HasUnequalWeights ? MetricInput.Weights(ofRows.Length, evaluation.Weights.Span) : default;
        var z = Distribution.NormalQuantile(0.5 + plan.Level / 2);
        double sum = 0, squares = 0, total = 0, totalSquares = 0;
        for (var row = 0; row < ofRows.Length; row++)
        {
            var weight = weights.At(row);
            sum += weight * ofRows[row];
            total += weight;
            totalSquares += weight * weight;
        }

        // Rows that count differently are worth fewer than there are (Kish 1965).
        var rows = total * total / totalSquares;
        var (mean, added) = (sum / total, z * z / 2);
        var middle = (rows * mean + added * (least + most)) / (rows + 2 * added);
        for (var row = 0; row < ofRows.Length; row++)
        {
            squares += weights.At(row) / total * (ofRows[row] - middle) * (ofRows[row] - middle);
        }

        var spread = rows * squares + added * ((least - middle) * (least - middle) + (most - middle) * (most - middle));
        var half = z * Math.Sqrt(spread) / (rows + 2 * added);
        return new ConfidenceInterval(Math.Max(least, middle - half), Math.Min(most, middle + half), plan.Level);
    }

    public MethodComparison? Compare(Evaluation champion, Evaluation challenger, in ResamplingPlan plan) => null;
}
