using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Writes what the second pass over a sample of the rows gave into a page: pairs of columns, duplicates, gaps, outliers.</summary>
internal static class SamplePart
{
    private const int MapColumns = 30;
    private const int ColumnsBeside = 14;

    public static void Write(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.Spearman.Columns.Count > 1 || sample.CramersV.Columns.Count > 1)
        {
            // Two larger maps do not fit side by side.
            var isNarrow = Math.Max(sample.Spearman.Columns.Count, sample.CramersV.Columns.Count) <= ColumnsBeside;
            page.Heading("Correlations between columns").Raw(isNarrow ? "<div class=\"pair\">" : "<div>");
            WriteMatrix(
                page,
                "Numbers: Spearman’s rank correlation",
                sample.Spearman,
                Chart.Legend("rise together", "one falls as the other rises"));
            WriteMatrix(
                page,
                "Texts: Cramér’s V, corrected for bias",
                sample.CramersV,
                Chart.Legend("1: each determines the other; 0: independent"));
            page.Raw("</div>\n");
        }

        WriteAlike(page, sample);
        WriteMissing(page, sample);
        WriteOutliers(page, sample);
    }

    private static void WriteMatrix(HtmlPage page, string title, PairMatrix matrix, string legend)
    {
        if (matrix.Columns.Count < 2) return;
        string[] names = [.. matrix.Columns.Take(MapColumns)];
        page
            .Raw("<div>")
            .Paragraph(names.Length < matrix.Columns.Count
                ? $"{title}; the {MapColumns} of {HtmlPage.Count(matrix.Columns.Count)} columns with the most information about the label"
                : title)
            .Raw(Chart.HeatMap(names, (row, column) => matrix[row, column]))
            .Raw(legend)
            .Raw("</div>\n");
    }

    private static void WriteAlike(HtmlPage page, SampleAnalysis sample)
    {
        List<string> lines = [.. sample.AlikeColumns.Take(20).Select(pair => pair.Measure == "equal"
            ? $"{HtmlPage.Name(pair.First)} and {HtmlPage.Name(pair.Second)} are equal in every row."
            : $"{HtmlPage.Name(pair.First)} contains nearly all information of {HtmlPage.Name(pair.Second)} " +
                $"({(pair.Measure == "spearman" ? "rank correlation" : "Cramér’s V")} {HtmlPage.Number(Math.Round(pair.Value, 3))}).")];
        if (sample.AlikeColumns.Count > lines.Count)
        {
            lines.Add($"{HtmlPage.Count(sample.AlikeColumns.Count - lines.Count)} more pairs of columns are in the report.");
        }
        if (sample.AlikeRows.Rows > 0)
        {
            lines.Add(
                $"{HtmlPage.Count(sample.AlikeRows.Rows)} of {HtmlPage.Count(sample.Rows, "row")} have a duplicate, in " +
                $"{HtmlPage.Count(sample.AlikeRows.Groups, "group")}; " +
                $"in {HtmlPage.Count(sample.AlikeRows.Contradicting)} of these the label differs.");
        }
        if (lines.Count > 0) page.Heading("Duplicates").List(lines);
    }

    private static void WriteMissing(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.MissingPatterns.Count == 0) return;
        page
            .Heading("Columns missing together")
            .Table(["rows#", "share#", "columns without a value"], sample.MissingPatterns.Select(pattern => new[]
            {
                (HtmlPage.Count(pattern.Rows), (string?)null),
                (HtmlPage.Share((double)pattern.Rows / sample.Rows), null),
                (
                    pattern.Columns.Count == 0
                        ? "none"
                        : string.Join(", ", pattern.Columns.Take(8).Select(HtmlPage.Name))
                            + (pattern.Columns.Count > 8 ? $" and {HtmlPage.Count(pattern.Columns.Count - 8)} more" : ""),
                    null),
            }));
    }

    private static void WriteOutliers(HtmlPage page, SampleAnalysis sample)
    {
        if (sample.Outliers.Count == 0 && sample.RowOutliers is not { Count: > 0 }) return;
        page.Heading("Outliers");
        if (sample.RowOutliers is { } far)
        {
            page.Paragraph(
                $"{HtmlPage.Count(far.Count)} of {HtmlPage.Count(far.Rows, "row")} are unusual in the combination of their values in " +
                $"{string.Join(", ", far.Columns.Take(8).Select(HtmlPage.Name))}" +
                $"{(far.Columns.Count > 8 ? $" and {HtmlPage.Count(far.Columns.Count - 8)} more" : "")}; about " +
                $"{HtmlPage.Count((long)Math.Ceiling(far.Rows / 1000.0))} would be expected if the columns were normal.");
        }
        if (sample.Outliers.Count == 0) return;
        page.Paragraph("Values far from the others of their column:");
        page.Table(["column", "values#", "share#", "middle#", "farthest#"], sample.Outliers.Take(20).Select(column => new[]
        {
            (HtmlPage.Name(column.Column), (string?)null),
            (HtmlPage.Count(column.Count), null),
            (HtmlPage.Share(column.Share), null),
            ($"{HtmlPage.Number(column.Median)} ± {HtmlPage.Number(column.Scale)}", null),
            (HtmlPage.Number(column.Farthest), null),
        }));
    }
}
