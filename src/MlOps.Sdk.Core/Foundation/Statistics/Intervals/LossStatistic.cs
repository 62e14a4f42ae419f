namespace MlOps.Sdk.Statistics;

/// <summary>
/// Means of losses per row, in a unit that is 1 or the label's variance, with standard errors by the delta method (the squares of each
/// row's influence).
/// </summary>
/// <param name="first">A loss per row.</param>
/// <param name="second">Another loss per row, to compare with; empty where there is none.</param>
/// <param name="labels">The labels whose variance is the unit; empty where it is 1.</param>
/// <param name="weights">The weights; empty where all rows count alike.</param>
internal sealed class LossStatistic(double[] first, double[] second, double[] labels, double[] weights)
{
    /// <summary>The logarithm of the mean loss.</summary>
    public Estimate Log(ReadOnlySpan<int> rows)
    {
        var sums = Sum(rows);
        return new Estimate(Math.Log(sums.First / sums.Unit), Error(rows, sums.Mean, 1 / sums.First, 0, 1 / sums.Unit));
    }

    /// <summary>The first mean loss minus the second.</summary>
    public Estimate Difference(ReadOnlySpan<int> rows)
    {
        var sums = Sum(rows);
        var difference = (sums.First - sums.Second) / sums.Unit;
        return new Estimate(difference, Error(rows, sums.Mean, 1 / sums.Unit, 1 / sums.Unit, difference / sums.Unit));
    }

    /// <summary>The root of the first mean loss minus the root of the second.</summary>
    public Estimate RootDifference(ReadOnlySpan<int> rows)
    {
        var sums = Sum(rows);
        double a = Math.Sqrt(sums.First / sums.Unit), b = Math.Sqrt(sums.Second / sums.Unit);
        return new Estimate(a - b, Error(rows, sums.Mean, Slope(a), Slope(b), (a - b) / (2 * sums.Unit)));

        // Without any loss there is none whose influence counts.
        double Slope(double root) => root == 0 ? 0 : 1 / (2 * root * sums.Unit);
    }

    private (double First, double Second, double Unit, double Mean) Sum(ReadOnlySpan<int> rows)
    {
        double ofFirst = 0, ofSecond = 0, total = 0, ofLabels = 0;
        foreach (var row in rows)
        {
            var weight = Weight(row);
            ofFirst += weight * first[row];
            if (second.Length > 0) ofSecond += weight * second[row];
            if (labels.Length > 0) ofLabels += weight * labels[row];
            total += weight;
        }

        if (labels.Length == 0) return (ofFirst, ofSecond, total, 0);
        double mean = ofLabels / total, squares = 0;
        foreach (var row in rows) squares += Weight(row) * Unit(row, mean);
        return (ofFirst, ofSecond, squares, mean);
    }

    private double Error(ReadOnlySpan<int> rows, double mean, double ofFirst, double ofSecond, double ofUnit)
    {
        var sum = 0.0;
        foreach (var row in rows)
        {
            var influence = ofFirst * first[row] - ofUnit * (labels.Length == 0 ? 1 : Unit(row, mean));
            if (second.Length > 0) influence -= ofSecond * second[row];
            influence *= Weight(row);
            sum += influence * influence;
        }

        return Math.Sqrt(sum * rows.Length / (rows.Length - 1.0));
    }

    private double Weight(int row) => weights.Length == 0 ? 1 : weights[row];

    private double Unit(int row, double mean) => (labels[row] - mean) * (labels[row] - mean);
}
