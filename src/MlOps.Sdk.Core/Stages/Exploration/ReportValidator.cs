using System.Globalization;

namespace MlOps.Sdk.Exploration;

/// <summary>
/// Whether what was read from JSON is what exploring writes: pages and suggestions rely on it. The failure names the
/// member exactly as in the JSON.
/// </summary>
/// <param name="what">What was read, as the beginning of a sentence.</param>
/// <param name="remedy">What can be done.</param>
internal sealed class ReportValidator(string what, string remedy)
{
    // What sums and roots of rounded numbers may be beyond a bound.
    private const double Slack = 1e-9;

    public void Require(ExplorationReport report)
    {
        Require(report.Profile, "profile.");
        Defined(report.Correction, "correction");
        Share(report.Alpha, "alpha");
        Each(report.Associations, "associations", (association, at) =>
        {
            Share(association.PValue, $"{at}.pValue");
            Share(association.AdjustedPValue, $"{at}.adjustedPValue");
            NotNegative(association.Rows, $"{at}.rows");
        });
        Each(report.LeakageSuspects, "leakageSuspects", (suspect, at) =>
        {
            Defined(suspect.Reason, $"{at}.reason");
            Share(suspect.Strength, $"{at}.strength");
            NotNegative(suspect.Rows, $"{at}.rows");
        });
        Each(report.Hypotheses, "hypotheses", (result, at) =>
        {
            Defined(result.Verdict, $"{at}.verdict");
            Share(result.Test.PValue, $"{at}.test.pValue");
            Share(result.AdjustedPValue, $"{at}.adjustedPValue");
            NotNegative(result.Test.N1, $"{at}.test.n1");
            NotNegative(result.Test.N2, $"{at}.test.n2");
        });
        if (report.Sample is { } sample) Require(sample);
    }

    public void Require(DatasetProfile profile) => Require(profile, "");

    private void Require(DatasetProfile profile, string within)
    {
        NotNegative(profile.RowCount, $"{within}rowCount");
        Each(profile.Columns, $"{within}columns", Require);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < profile.Columns.Count; i++)
        {
            That(names.Add(profile.Columns[i].Name), At($"{within}columns", i) + ".name", "is that of an earlier column");
        }
        Each(profile.Findings, $"{within}findings", (finding, at) => Defined(finding.Kind, $"{at}.kind"));
    }

    private void Require(ColumnSummary column, string at)
    {
        Defined(column.Type, $"{at}.type");
        NotNegative(column.Count, $"{at}.count");
        Within(column.Missing, column.Count, $"{at}.missing");
        var values = column.Count - column.Missing;
        Within(column.Infinite, values, $"{at}.infinite");
        Within(column.NotANumber, column.Missing, $"{at}.notANumber");
        That(!(column.Distinct < 0), $"{at}.distinct", "is negative");
        That(!(column.StandardDeviation < 0), $"{at}.standardDeviation", "is negative");
        That(!(column.Minimum > column.Maximum), $"{at}.minimum", "is above the maximum");
        That(!(column.LowerQuartile > column.Median), $"{at}.lowerQuartile", "is above the median");
        That(!(column.Median > column.UpperQuartile), $"{at}.median", "is above the upper quartile");
        RequireRange(column, values, at);
        if (column.Type == ColumnType.Boolean) Share(column.Mean, $"{at}.mean");
        for (var i = 0; i < column.Frequent.Count; i++)
        {
            // Of a structure, the reader does not request all members.
            That(column.Frequent[i].Item is not null, At($"{at}.frequent", i) + ".item", "is missing");
            Within(column.Frequent[i].Lower, values, At($"{at}.frequent", i) + ".lower");
            That(column.Frequent[i].Upper >= column.Frequent[i].Lower, At($"{at}.frequent", i) + ".upper", "is below the lower bound");
        }

        var characters = column.Characters;
        That(
            Math.Min(Math.Min(Math.Min(characters.Letters, characters.Digits), Math.Min(characters.Spaces, characters.Other)), Math.Min(
                characters.Blank,
                characters.Words)) >= 0,
            $"{at}.characters",
            "has a negative count");
        if (column.Histogram is { } histogram) Require(histogram, $"{at}.histogram");
        if (column.Times is { } times) Require(times, $"{at}.times");
        That(
            column.Type != ColumnType.Timestamp || column.Histogram is null || column.Times is not null,
            $"{at}.times",
            "is missing although there is a histogram");
    }

    // What finite values have: of numbers themselves, of texts their lengths.
    private void RequireRange(ColumnSummary column, long values, string at)
    {
        if (column.Type is not (ColumnType.Number or ColumnType.Integer or ColumnType.Text) || values <= column.Infinite) return;
        if (column.Infinite == 0)
        {
            That(double.IsFinite(column.Minimum), $"{at}.minimum", "is not a number");
            That(double.IsFinite(column.Maximum), $"{at}.maximum", "is not a number");
        }
        if (column.Type == ColumnType.Text)
        {
            That(column.Minimum >= 0, $"{at}.minimum", "is negative");
            return;
        }
        That(!double.IsNaN(column.LowerQuartile), $"{at}.lowerQuartile", "is not a number");
        That(!double.IsNaN(column.Median), $"{at}.median", "is not a number");
        That(!double.IsNaN(column.UpperQuartile), $"{at}.upperQuartile", "is not a number");
    }

    private void Require(ColumnHistogram histogram, string at)
    {
        That(histogram.Edges.Count >= 2, $"{at}.edges", "has fewer than two edges");
        That(histogram.Counts.Count == histogram.Edges.Count - 1, $"{at}.counts", "is not one fewer than edges");
        for (var i = 0; i < histogram.Edges.Count; i++)
        {
            That(
                double.IsFinite(histogram.Edges[i]) && (i == 0 || histogram.Edges[i] > histogram.Edges[i - 1]),
                At($"{at}.edges", i),
                "is not an ascending number");
        }
        for (var i = 0; i < histogram.Counts.Count; i++) NotNegative(histogram.Counts[i], At($"{at}.counts", i));
        NotNegative(histogram.Below, $"{at}.below");
        NotNegative(histogram.Above, $"{at}.above");
    }

    private void Require(TimeSummary times, string at)
    {
        That(times.First <= times.Last, $"{at}.last", "is before the first");
        That(times.Resolution > TimeSpan.Zero, $"{at}.resolution", "is not positive");
        That(times.UsualStep is not { } step || step > TimeSpan.Zero, $"{at}.usualStep", "is not positive");
        Share(times.CoveredShare, $"{at}.coveredShare");
        Share(times.StepsWithValue, $"{at}.stepsWithValue");
        NotNegative(times.Gaps, $"{at}.gaps");
        That(
            (times.GapStart is null) == (times.GapEnd is null) && !(times.GapStart > times.GapEnd),
            $"{at}.gapEnd",
            "does not follow a start");
    }

    private void Require(SampleAnalysis sample)
    {
        NotNegative(sample.Rows, "sample.rows");
        NotNegative(sample.ColumnsLeftOut, "sample.columnsLeftOut");
        Require(sample.Pearson, "sample.pearson");
        Require(sample.Spearman, "sample.spearman");
        Require(sample.CramersV, "sample.cramersV");
        Each(sample.Information, "sample.information", (each, at) => NotNegative(each.Bins, $"{at}.bins"));
        Each(sample.MissingPatterns, "sample.missingPatterns", (pattern, at) =>
        {
            Each(pattern.Columns, $"{at}.columns", (_, _) => { });
            Within(pattern.Rows, sample.Rows, $"{at}.rows");
        });
        Each(sample.Classes, "sample.classes", (each, at) =>
        {
            NotNegative(each.Rows, $"{at}.rows");
            Share(each.Share, $"{at}.share");
        });
        Each(sample.AlikeColumns, "sample.alikeColumns", (_, _) => { });
        var alike = sample.AlikeRows;
        That(Math.Min(alike.Rows, Math.Min(alike.Groups, alike.Contradicting)) >= 0, "sample.alikeRows", "has a negative count");
        Each(sample.Outliers, "sample.outliers", (column, at) =>
        {
            NotNegative(column.Count, $"{at}.count");
            Share(column.Share, $"{at}.share");
        });
        if (sample.RowOutliers is not { } far) return;
        Each(far.Columns, "sample.rowOutliers.columns", (_, _) => { });
        NotNegative(far.Rows, "sample.rowOutliers.rows");
        Within(far.Count, far.Rows, "sample.rowOutliers.count");
    }

    private void Require(PairMatrix matrix, string at)
    {
        Each(matrix.Columns, $"{at}.columns", (_, _) => { });
        var pairs = (long)matrix.Columns.Count * (matrix.Columns.Count - 1) / 2;
        That(matrix.Values.Count == pairs, $"{at}.values", "is not one number for each pair of columns");

        // What rounding adds is not a fault.
        for (var i = 0; i < matrix.Values.Count; i++)
        {
            That(!(Math.Abs(matrix.Values[i]) > 1 + Slack), At($"{at}.values", i), "lies outside −1 to 1");
        }
    }

    private void Each<T>(IReadOnlyList<T> items, string list, Action<T, string> require)
        where T : class
    {
        for (var i = 0; i < items.Count; i++)
        {
            // An element may be null where the type says that it is not.
            That(items[i] is not null, At(list, i), "is null");
            require(items[i], At(list, i));
        }
    }

    private void NotNegative(long value, string member) => That(value >= 0, member, "is negative");

    private void Within(long value, long limit, string member) =>
        That(value >= 0 && value <= limit, member, string.Create(CultureInfo.InvariantCulture, $"is {value}, not 0 to {limit}"));

    private void Share(double value, string member) =>
        That(double.IsNaN(value) || (value >= -Slack && value <= 1 + Slack), member, "lies outside 0 to 1");

    private void Defined<T>(T value, string member)
        where T : struct, Enum => That(Enum.IsDefined(value), member, "is unknown");

    private void That(bool holds, string member, string problem)
    {
        if (!holds) throw new MlOpsException($"{what} is damaged: {member} {problem}.", remedy);
    }

    private static string At(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]");
}
