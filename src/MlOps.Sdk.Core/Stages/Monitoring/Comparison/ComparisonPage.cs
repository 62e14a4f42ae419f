using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Monitoring;

/// <summary>Shows a comparison of two tables as an HTML page, what drifted most first.</summary>
internal static class ComparisonPage
{
    public static string Write(TableComparison comparison, string? title)
    {
        var (reference, current) = (HtmlPage.Name(comparison.Reference), HtmlPage.Name(comparison.Current));
        var page = new HtmlPage(
            title ?? (reference == current ? $"Comparison of {current}" : $"Comparison of {current} with {reference}"),
            $"{current} against {reference}{(comparison.ComparedAt is { } at ? $", compared {HtmlPage.Moment(at)}" : "")}");
        var changed = comparison.Findings.Count(finding => finding.Verdict == MonitoringVerdict.Changed);
        page.Tiles(
            ("rows before", HtmlPage.Count(comparison.ReferenceRows)),
            ("rows now", HtmlPage.Count(comparison.CurrentRows)),
            ("columns that drifted", $"{HtmlPage.Count(changed)} of {HtmlPage.Count(comparison.Findings.Count)}"),
            ("schema changes", HtmlPage.Count(comparison.SchemaChanges.Count)));
        if (comparison.SchemaChanges.Count > 0)
        {
            page.Heading("Schema changes").Table(
                ["column", "before", "now"],
                comparison.SchemaChanges.Select(change => new[]
                {
                    (HtmlPage.Name(change.Column), (string?)null),
                    (Show(change.Before), change.Before is null ? "warn" : null),
                    (Show(change.After), change.After is null ? "bad" : null)
                }));
        }

        page.Heading("Columns").Raw(Chart.Legend($"before: {reference}", $"now: {current}")).BeginCards();
        var columns = comparison.Columns.ToDictionary(column => column.Name);
        foreach (var finding in comparison.Findings
            .OrderByDescending(finding => finding.Verdict == MonitoringVerdict.Changed)
            .ThenByDescending(finding => finding.Measurement.EffectSize))
        {
            WriteColumn(page, finding, columns.GetValueOrDefault(finding.Measurement.Subject));
        }
        return page.EndCards().Build();
    }

    private static void WriteColumn(HtmlPage page, MonitoringFinding finding, ComparedColumn? column)
    {
        var measurement = finding.Measurement;
        page.Card(
            measurement.Subject,
            MonitoringPage.Show(finding.Verdict, "drifted"),
            column is null ? "" : Draw(column),
            (measurement.Effect, $"{HtmlPage.Decimals(measurement.EffectSize)} (material from {HtmlPage.Number(measurement.Material)})"),
            (measurement.Statistic, double.IsNaN(measurement.Value) ? null : HtmlPage.Number(measurement.Value)),
            ("adjusted p", finding.AdjustedPValue is { } p ? HtmlPage.PValue(p) : null),
            ("missing", column is null ? null : Missing(column)),
            ("note", MonitoringPage.Note(finding)));
    }

    private static string Draw(ComparedColumn column)
    {
        var (reference, current) = (Shares(column.Reference), Shares(column.Current));
        if (!column.HasLevels) return Chart.Compare([.. reference.SkipLast(1)], [.. current.SkipLast(1)], column.Bins[0], column.Bins[^2]);
        var shown = Enumerable.Range(0, column.Bins.Count - 1)
            .Where(bin => reference[bin] > 0 || current[bin] > 0)
            .OrderByDescending(bin => Math.Abs(reference[bin] - current[bin]))
            .Take(6)
            .Order();
        return Chart.PairedBars([.. shown.Select(bin => (column.Bins[bin], reference[bin], current[bin]))]);
    }

    private static double[] Shares(IReadOnlyList<long> counts)
    {
        var sum = Math.Max(1, counts.Sum());
        return [.. counts.Select(count => (double)count / sum)];
    }

    private static string? Missing(ComparedColumn column)
    {
        var (before, now) = (Shares(column.Reference)[^1], Shares(column.Current)[^1]);
        return before + now == 0 ? null : $"{HtmlPage.Share(before)} → {HtmlPage.Share(now)}";
    }

    private static string Show(Field? field) => field is null ? "not there"
        : field.Type == ColumnType.Vector ? string.Create(CultureInfo.InvariantCulture, $"Vector of {field.Length}")
        : field.Type.ToString();
}
