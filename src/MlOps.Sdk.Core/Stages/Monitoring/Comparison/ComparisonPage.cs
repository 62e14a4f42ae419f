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
        var page = new HtmlPage(title ?? Title(comparison, reference, current), Subtitle(comparison, reference, current));
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
            var subject = finding.Measurement.Subject;
            WriteColumn(page, finding, columns.GetValueOrDefault(subject), subject == comparison.CurrentOrigin?.Label);
        }
        return page.EndCards().Build();
    }

    private static string Title(TableComparison comparison, string reference, string current) =>
        comparison is { ReferenceOrigin: { } before, CurrentOrigin: { } now }
            ? $"{HtmlPage.Name(now.Lifecycle)}: comparison with " +
                (now.Lifecycle == before.Lifecycle ? "an earlier run" : HtmlPage.Name(before.Lifecycle))
            : reference == current ? $"Comparison of {current}"
            : $"Comparison of {current} with {reference}";

    private static string Subtitle(TableComparison comparison, string reference, string current)
    {
        var moment = comparison.ComparedAt is { } at ? $"compared {HtmlPage.Moment(at)}" : null;
        return comparison is { ReferenceOrigin: { } before, CurrentOrigin: { } now }
            ? $"{now}. Against {char.ToLowerInvariant(before.ToString()[0])}{before.ToString()[1..]}{(moment is null ? "" : $"; {moment}")}"
            : $"{current} against {reference}{(moment is null ? "" : $", {moment}")}";
    }

    private static void WriteColumn(HtmlPage page, MonitoringFinding finding, ComparedColumn? column, bool isLabel)
    {
        var measurement = finding.Measurement;
        var (verdict, colour) = MonitoringPage.Show(finding.Verdict, "drifted");
        page.Card(
            measurement.Subject,
            isLabel ? ($"label, {verdict}", $"{colour} label") : (verdict, colour),
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
