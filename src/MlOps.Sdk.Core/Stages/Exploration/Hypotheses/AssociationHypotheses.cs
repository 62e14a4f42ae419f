using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Tests of hypotheses about two columns.</summary>
internal static class AssociationHypotheses
{
    private const double Level = 0.95;
    private const int Resamples = 300;
    private const int LevelLimit = 100;

    public static HypothesisResult Correlates(string name, Dataset rows, string first, string second, Alternative sign, bool linear)
    {
        NearestName.Require([first, second], $"The hypothesis '{name}'", rows.Schema);
        var (x, y) = Pairs(NumericColumns.Require(rows, first), NumericColumns.Require(rows, second));
        if (x.Length < GroupHypotheses.MinimumGroupSize)
        {
            return TooFew(name, linear ? "Pearson" : "Spearman", linear ? "Pearson's r" : "Spearman's rho", x.Length);
        }
        var test = linear ? Correlations.Pearson(x, y) : Correlations.Spearman(x, y);
        if (double.IsNaN(test.PValue))
        {
            return new HypothesisResult(
                name,
                test,
                double.NaN,
                new ConfidenceInterval(double.NaN, double.NaN, Level),
                Verdict.NotEnoughData,
                $"{first} or {second} is constant.");
        }

        // The distribution of t is symmetric, so half of the two-sided p-value is in each tail.
        if (sign != Alternative.TwoSided)
        {
            test = test with { PValue = test.Statistic > 0 == (sign == Alternative.Greater) ? test.PValue / 2 : 1 - test.PValue / 2 };
        }

        // Fisher's transformation; for rank correlations with the variance of Fieller, Hartley and Pearson (1957).
        var half = 1.959963984540054 * Math.Sqrt((linear ? 1 : 1.06) / (x.Length - 3));
        var z = Math.Atanh(Math.Clamp(test.Statistic, -1 + 1e-15, 1 - 1e-15));
        var interval = new ConfidenceInterval(Math.Tanh(z - half), Math.Tanh(z + half), Level);
        var sentence = string.Create(Prose.Culture,
            $"Over {x.Length:N0} rows the {(linear ? "linear" : "rank")} correlation of {first} and {second} is {test.Statistic:F3} (95 " +
                $"% interval {interval.Lower:F3} to {interval.Upper:F3}).");
        return new HypothesisResult(name, test, test.Statistic, interval, GroupHypotheses.Decide(test), sentence);
    }

    public static HypothesisResult IsIndependent(string name, Dataset rows, string first, string second)
    {
        NearestName.Require([first, second], $"The hypothesis '{name}'", rows.Schema);
        var ((x, xLevels), (y, yLevels)) = (LevelCodes.Of(rows[first]), LevelCodes.Of(rows[second]));
        foreach (var (column, levels) in new[] { (first, xLevels), (second, yLevels) })
        {
            if (levels.Count > LevelLimit)
            {
                throw new MlOpsException(
                    $"The column '{column}' has {levels.Count} values; a test of independence takes up to {LevelLimit}.",
                    "Use `Correlates(…)` for numbers, or bin the column first.") { Column = column };
            }
        }

        var complete = Enumerable.Range(0, x.Length).Where(row => x[row] >= 0 && y[row] >= 0).ToArray();
        if (complete.Length < GroupHypotheses.MinimumGroupSize)
        {
            return TooFew(name, "chi-square", "Cramér's V", complete.Length) with { ClaimsNoEffect = true };
        }
        var test = Contingency.ChiSquare(LevelCodes.Cross(x, xLevels.Count, y, yLevels.Count));
        var (levelsX, levelsY) = (xLevels.Count, yLevels.Count);
        var interval = Intervals.Bootstrap(complete.Length, sample =>
        {
            var table = new long[levelsX, levelsY];
            foreach (var i in sample.Span) table[x[complete[i]], y[complete[i]]]++;
            return Correlations.CramersV(table);
        }, Level, Resamples);
        var verdict = test.PValue <= GroupHypotheses.Alpha ? Verdict.NotSupported
            : interval.Upper < HypothesisRows.NegligibleAssociation ? Verdict.Supported
            : Verdict.NotEnoughData;
        var sentence = string.Create(Prose.Culture,
            $"Over {complete.Length:N0} rows the association of {first} and {second} (Cramér's V) is {test.EffectSize:F3} (95 % interval " +
                $"{interval.Lower:F3} to {interval.Upper:F3}); below {HypothesisRows.NegligibleAssociation} counts as none.");
        return new HypothesisResult(name, test, test.EffectSize, interval, verdict, sentence) { ClaimsNoEffect = true };
    }

    /// <summary>The rows where both columns have a finite number.</summary>
    public static (double[] X, double[] Y) Pairs(Column first, Column second)
    {
        List<double> x = [], y = [];
        for (var row = 0; row < first.Length; row++)
        {
            var (a, b) = (first.GetNumber(row), second.GetNumber(row));
            if (!double.IsFinite(a) || !double.IsFinite(b)) continue;
            x.Add(a);
            y.Add(b);
        }

        return ([.. x], [.. y]);
    }

    public static HypothesisResult TooFew(string name, string test, string effect, int count) => new(
        name,
        new TestResult(test, double.NaN, double.NaN, double.NaN, effect, count, 0, "Too few rows."),
        double.NaN,
        new ConfidenceInterval(double.NaN, double.NaN, Level),
        Verdict.NotEnoughData,
        $"Rows with both values: {Prose.Count(count)}; {GroupHypotheses.MinimumGroupSize} are needed.");
}
