using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>A numeric column whose order is found once, for it is ranked against many others.</summary>
internal sealed class SampledNumbers
{
    private readonly int[] _order;

    public SampledNumbers(string name, Column column)
    {
        Name = name;
        Values = [.. Enumerable.Range(0, column.Length).Select(column.GetNumber)];
        _order = [.. Ranks.Order(Values, out _)];
        double[] finite = [.. Values.Where(double.IsFinite)];
        (Median, Scale) = finite.Length == 0 ? (double.NaN, double.NaN) : Outliers.MedianAndScale(finite);
    }

    public string Name { get; }

    public double[] Values { get; }

    public double Median { get; }

    public double Scale { get; }

    /// <summary>Pearson's r and Spearman's ρ over the rows where both are finite; NaN when one is constant there.</summary>
    public (double Pearson, double Spearman) Correlate(SampledNumbers other)
    {
        var places = new int[Values.Length];
        var count = 0;
        for (var row = 0; row < places.Length; row++)
        {
            places[row] = double.IsFinite(Values[row]) && double.IsFinite(other.Values[row]) ? count++ : -1;
        }
        if (count < 2) return (double.NaN, double.NaN);
        var (x, y) = (new double[count], new double[count]);
        for (var row = 0; row < places.Length; row++)
        {
            if (places[row] >= 0) (x[places[row]], y[places[row]]) = (Values[row], other.Values[row]);
        }

        return (
            Correlations.Pearson(x, y).Statistic,
            Correlations.Pearson(Ranks.Of(Values, _order, places, count), Ranks.Of(other.Values, other._order, places, count)).Statistic);
    }
}
