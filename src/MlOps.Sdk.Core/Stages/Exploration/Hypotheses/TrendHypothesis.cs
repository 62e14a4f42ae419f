using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Tests of hypotheses about a column over time.</summary>
internal static class TrendHypothesis
{
    private const double SecondsOfDay = 86_400;
    private const double Level = 0.95;

    public static HypothesisResult Test(string name, Dataset rows, string column, string timeColumn, Alternative alternative)
    {
        NearestName.Require([column, timeColumn], $"The hypothesis '{name}'", rows.Schema);
        var at = NumericColumns.Require(rows, timeColumn);
        var (times, values) = AssociationHypotheses.Pairs(at, NumericColumns.Require(rows, column));
        if (times.Length < GroupHypotheses.MinimumGroupSize)
        {
            return AssociationHypotheses.TooFew(name, "Mann-Kendall", "Kendall's tau-b", times.Length);
        }
        var test = Trends.MannKendall(times, values, alternative);
        if (double.IsNaN(test.PValue))
        {
            return new HypothesisResult(
                name,
                test,
                double.NaN,
                new ConfidenceInterval(double.NaN, double.NaN, Level),
                Verdict.NotEnoughData,
                $"{column} or {timeColumn} is constant.");
        }

        var (sampledTimes, sampledValues) = Sample(times, values);
        var (slope, interval) = Trends.SenSlope(sampledTimes, sampledValues, Level);
        var unit = "unit";
        if (at.Type == ColumnType.Timestamp)
        {
            unit = "day";
            slope *= SecondsOfDay;
            interval = new ConfidenceInterval(interval.Lower * SecondsOfDay, interval.Upper * SecondsOfDay, Level);
        }

        var sampled = sampledTimes.Length < times.Length ? $", from {Prose.Count(sampledTimes.Length)} of them" : "";
        var sentence = string.Create(Prose.Culture,
            $"Over {times.Length:N0} rows {column} goes with {timeColumn} by Kendall's tau {test.EffectSize:F3}; it changes by " +
                $"{Prose.Number(slope, 4)} per {unit} (Sen's slope{sampled}; 95 % interval {Prose.Number(interval.Lower, 4)} to " +
                $"{Prose.Number(interval.Upper, 4)}).");
        return new HypothesisResult(name, test, slope, interval, GroupHypotheses.Decide(test), sentence);
    }

    private static (double[] Times, double[] Values) Sample(double[] times, double[] values)
    {
        if (times.Length <= Trends.SenSlopeLimit) return (times, values);
        int[] order = [.. Enumerable.Range(0, times.Length)];
        var random = SeededRandom.For(0);
        random.Shuffle(order);
        var chosen = order[..Trends.SenSlopeLimit];
        return (Array.ConvertAll(chosen, row => times[row]), Array.ConvertAll(chosen, row => values[row]));
    }
}
