using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Tests of hypotheses that a column is distributed alike in two groups.</summary>
internal static class DistributionHypothesis
{
    private const double Level = 0.95;

    public static HypothesisResult Test(string name, Dataset rows, string column, string groupColumn)
    {
        NearestName.Require([column, groupColumn], $"The hypothesis '{name}'", rows.Schema);
        var subject = rows[column];
        var (groups, names) = LevelCodes.Of(rows[groupColumn]);
        if (names.Count > 2)
        {
            throw new MlOpsException(
                $"The column '{groupColumn}' has more than two values; the hypothesis '{name}' compares two groups.",
                "Name a column with two values, or use `IsIndependent(…)`.") { Column = groupColumn };
        }
        if (subject.Type is ColumnType.Text or ColumnType.Boolean)
        {
            return AssociationHypotheses.IsIndependent(name, rows, column, groupColumn);
        }

        List<double> first = [], second = [];
        var numbers = NumericColumns.Require(rows, column);
        for (var row = 0; row < groups.Length; row++)
        {
            var value = numbers.GetNumber(row);
            if (groups[row] >= 0 && !double.IsNaN(value)) (groups[row] == 0 ? first : second).Add(value);
        }

        if (Math.Min(first.Count, second.Count) < GroupHypotheses.MinimumGroupSize)
        {
            return GroupHypotheses.TooFew(
                name,
                "Kolmogorov-Smirnov",
                "KS distance",
                first.Count,
                second.Count,
                groupColumn,
                names.FirstOrDefault("(missing)")) with { ClaimsNoEffect = true };
        }
        var test = TwoSample.KolmogorovSmirnov([.. first], [.. second]);

        // Each distribution function lies within its band with probability 1 − α/2, so both do with 1 − α.
        var half = Band(first.Count) + Band(second.Count);
        var interval = new ConfidenceInterval(Math.Max(0, test.Statistic - half), Math.Min(1, test.Statistic + half), Level);
        var verdict = test.PValue <= GroupHypotheses.Alpha ? Verdict.NotSupported
            : interval.Upper < HypothesisRows.NegligibleAssociation ? Verdict.Supported
            : Verdict.NotEnoughData;
        var sentence = string.Create(Prose.Culture,
            $"The distributions of {column} in the {first.Count:N0} rows where {groupColumn} is {names[0]} and the {second.Count:N0} " +
                $"where it is {names[1]} differ by {100 * test.Statistic:F1} points at most (95 % interval {100 * interval.Lower:F1} to " +
                $"{100 * interval.Upper:F1}); below {100 * HypothesisRows.NegligibleAssociation:0} counts as none.");
        return new HypothesisResult(name, test, test.Statistic, interval, verdict, sentence) { ClaimsNoEffect = true };
    }

    private static double Band(double count) => Math.Sqrt(Math.Log(2 / ((1 - Level) / 2)) / (2 * count));
}
