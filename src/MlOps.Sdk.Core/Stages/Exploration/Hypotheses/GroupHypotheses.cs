using System.Globalization;
using MathNet.Numerics.Distributions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>Tests of hypotheses that compare two groups of rows.</summary>
internal static class GroupHypotheses
{
    /// <summary>Below this size of a group nothing is said.</summary>
    public const int MinimumGroupSize = 20;

    public const double Alpha = 0.05;
    private const double Level = 0.95;

    // Of more, the values may be texts that belong into no message.
    private const int MostLevels = 20;

    public static HypothesisResult Rate(
        string name, Dataset rows, string column, string value, string groupColumn, string group, Alternative alternative)
    {
        NearestName.Require([column, groupColumn], $"The hypothesis '{name}'", rows.Schema);
        var (subject, by) = (rows[column], rows[groupColumn]);
        RequireValue(name, subject, column, value);
        RequireValue(name, by, groupColumn, group);
        long inside = 0, insideHits = 0, outside = 0, outsideHits = 0;
        for (var row = 0; row < rows.RowCount; row++)
        {
            if (subject.GetText(row) is not { } text || by.GetText(row) is not { } side) continue;
            var hit = text == value ? 1 : 0;
            if (side == group)
            {
                inside++;
                insideHits += hit;
            }
            else
            {
                outside++;
                outsideHits += hit;
            }
        }

        if (Math.Min(inside, outside) < MinimumGroupSize)
        {
            return TooFew(name, "two proportions z", "difference of proportions", inside, outside, groupColumn, group);
        }
        var difference = (double)insideHits / inside - (double)outsideHits / outside;
        var hits = insideHits + outsideHits;
        var smallest = (double)Math.Min(inside, outside) * Math.Min(hits, inside + outside - hits) / (inside + outside);
        var test = smallest >= 5
            ? Contingency.TwoProportions(insideHits, inside, outsideHits, outside, alternative)
            : Contingency.FisherExact(insideHits, inside - insideHits, outsideHits, outside - outsideHits, alternative);
        var interval = Intervals.NewcombeDifference(insideHits, inside, outsideHits, outside, Level);
        var sentence = string.Create(Prose.Culture,
            $"{column} is {value} in {100.0 * insideHits / inside:F1} % of the {inside:N0} rows where {groupColumn} is {group}, and " +
                $"in {100.0 * outsideHits / outside:F1} % of the {outside:N0} others: " +
                $"{Math.Round(100 * difference, 1) + 0.0:+0.0;−0.0;0.0} points " +
                $"(95 % interval {100 * interval.Lower:F1} to {100 * interval.Upper:F1}).");
        return new HypothesisResult(name, test, difference, interval, Decide(test), sentence);
    }

    public static HypothesisResult MeanBetween(string name, Dataset rows, string column, string groupColumn)
    {
        NearestName.Require([column, groupColumn], $"The hypothesis '{name}'", rows.Schema);
        var by = rows[groupColumn];
        var groups = new SortedSet<string>(StringComparer.Ordinal);
        for (var row = 0; row < rows.RowCount && groups.Count < 3; row++)
        {
            if (by.GetText(row) is { } side) groups.Add(side);
        }

        if (groups.Count > 2)
        {
            throw new MlOpsException(
                $"The column '{groupColumn}' has more than two values; the hypothesis '{name}' compares two groups.",
                "Name one of the values: `Mean(…).IsHigherWhere(column, value)`.") { Column = groupColumn };
        }
        return groups.Count == 2
            ? MeanWhere(name, rows, column, groupColumn, groups.Min!, Alternative.TwoSided)
            : TooFew(name, "Welch t", "Cohen's d", rows.RowCount, 0, groupColumn, groups.Min ?? "(missing)");
    }

    public static HypothesisResult MeanWhere(
        string name, Dataset rows, string column, string groupColumn, string group, Alternative alternative)
    {
        NearestName.Require([column, groupColumn], $"The hypothesis '{name}'", rows.Schema);
        var (subject, by) = (NumericColumns.Require(rows, column), rows[groupColumn]);
        RequireValue(name, by, groupColumn, group);
        List<double> inside = [], outside = [];
        for (var row = 0; row < rows.RowCount; row++)
        {
            var value = subject.GetNumber(row);
            if (double.IsFinite(value) && by.GetText(row) is { } side) (side == group ? inside : outside).Add(value);
        }

        if (Math.Min(inside.Count, outside.Count) < MinimumGroupSize)
        {
            return TooFew(name, "Welch t", "Cohen's d", inside.Count, outside.Count, groupColumn, group);
        }
        var test = TwoSample.WelchT([.. inside], [.. outside], alternative);
        var (first, second) = (MomentsOf(inside), MomentsOf(outside));
        var (part1, part2) = (first.Variance / first.Count, second.Variance / second.Count);
        var difference = first.Mean - second.Mean;
        var degrees = (part1 + part2) * (part1 + part2) / (part1 * part1 / (first.Count - 1) + part2 * part2 / (second.Count - 1));
        var half = part1 + part2 > 0 ? StudentT.InvCDF(0, 1, degrees, 0.5 + Level / 2) * Math.Sqrt(part1 + part2) : 0;
        var interval = new ConfidenceInterval(difference - half, difference + half, Level);
        var sentence = string.Create(Prose.Culture,
            $"The mean of {column} is {Prose.Number(first.Mean, 5)} in the {first.Count:N0} rows where {groupColumn} is {group}, and " +
                $"{Prose.Number(second.Mean, 5)} in the {second.Count:N0} others: a difference of {Prose.Number(difference, 4)} " +
                $"(95 % interval {Prose.Number(interval.Lower, 4)} to {Prose.Number(interval.Upper, 4)}).");
        return new HypothesisResult(name, test, difference, interval, Decide(test), sentence);
    }

    public static Verdict Decide(TestResult test) =>
        double.IsNaN(test.PValue) ? Verdict.NotEnoughData : test.PValue <= Alpha ? Verdict.Supported : Verdict.NotSupported;

    // Over rows of which none has the value, every claim would get a verdict that says nothing. Too few rows
    // are no proof that it is misspelt.
    private static void RequireValue(string name, Column column, string of, string value)
    {
        var others = new SortedSet<string>(StringComparer.Ordinal);
        var values = 0;
        for (var row = 0; row < column.Length; row++)
        {
            if (column.GetText(row) is not { } text) continue;
            if (text == value) return;
            others.Add(text);
            values++;
        }

        if (values < MinimumGroupSize) return;
        var meant = NearestName.Find(value, others) is { } near ? $"Did you mean '{PrintableText.Shorten(near)}'? " : "";
        throw new MlOpsException(
            $"The hypothesis '{name}' names the value '{value}', which does not occur in the column '{of}'.",
            meant + (others.Count <= MostLevels
                ? $"The values are: {string.Join(", ", others.Select(other => $"'{PrintableText.Shorten(other)}'"))}."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"The column has {others.Count} different values: use one exactly as in the data, or derive a column with few levels " +
                        $"in ProcessData."))) { Column = of };
    }

    private static Moments MomentsOf(List<double> values)
    {
        var moments = new Moments();
        moments.Add([.. values]);
        return moments;
    }

    public static HypothesisResult TooFew(
        string name, string test, string effect, long inside, long outside, string groupColumn, string group) => new(
        name,
        new TestResult(test, double.NaN, double.NaN, double.NaN, effect, inside, outside, "Too few rows."),
        double.NaN,
        new ConfidenceInterval(double.NaN, double.NaN, Level),
        Verdict.NotEnoughData,
        $"There {Prose.Are(inside)} {Prose.Count(inside, "row")} where {groupColumn} is {group}, and {Prose.Count(outside)} others; " +
            $"each group needs {MinimumGroupSize}.");
}
