using System.Globalization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Exploration;

/// <summary>Shows what an exploration found as an HTML page: what tells about the label, then the columns.</summary>
internal static class ExplorationPage
{
    private const int FindingsShown = 200;

    public static string Write(ExplorationReport report, string? title)
    {
        var label = HtmlPage.Name(report.Label);
        var origin = report.Origin is { } from ? $"{from}; " : "";
        var moment = report.PredictedAt is { } at ? $"; predictions are made at {HtmlPage.Name(at)}" : "";
        var page = new HtmlPage(
            title ?? (report.Origin is null ? $"Exploration of {label}" : $"{HtmlPage.Name(report.Origin.Lifecycle)}: exploration"),
            $"{origin}{HtmlPage.Count(report.Profile.RowCount, "training row")}, " +
                $"{HtmlPage.Count(report.Profile.Columns.Count, "column")}; the label is {label}{moment}");
        page.Tiles(
            ("training rows", HtmlPage.Count(report.Profile.RowCount)),
            ("columns", HtmlPage.Count(report.Profile.Columns.Count)),
            ("missing values", ProfilePage.MissingShare(report.Profile)),
            ("hypotheses supported", report.Hypotheses.Count == 0
                ? "–"
                : $"{HtmlPage.Count(report.Hypotheses.Count(result => result.Verdict == Verdict.Supported))} of " +
                    HtmlPage.Count(report.Hypotheses.Count)),
            ("leakage suspects", HtmlPage.Count(report.LeakageSuspects.Count)),
            ("findings", HtmlPage.Count(report.Profile.Findings.Count)));
        WriteLeakage(page, report);
        WriteHypotheses(page, report);
        page.Raw("<div class=\"trio\">");
        WriteAssociations(page, report);
        WriteClasses(page, report);
        WriteInformation(page, report);
        page.Raw("</div>\n");
        if (report.Sample is { } sample) SamplePart.Write(page, sample);

        // The label first, then what tells most about it.
        var place = report.Associations.Select((association, i) => (association.Column, i)).DistinctBy(each => each.Column)
            .ToDictionary(each => each.Column, each => each.i, StringComparer.Ordinal);
        ProfilePage.WriteProfile(
            page,
            report.Profile,
            report.Profile.Columns.OrderBy(column => column.Name == report.Label ? -1 : place.GetValueOrDefault(column.Name, int.MaxValue)),
            report.Label,
            isLabelFirst: true);
        return page.Build();
    }

    private static void WriteHypotheses(HtmlPage page, ExplorationReport report)
    {
        if (report.Hypotheses.Count == 0) return;
        page.Heading("Hypotheses").BeginCards(wide: true);
        foreach (var result in report.Hypotheses)
        {
            var bounds = HtmlPage.Numbers(result.Effect, result.Interval.Lower, result.Interval.Upper);
            page.Card(
                result.Name,
                (Show(result.Verdict), result.Verdict switch { Verdict.Supported => "good", Verdict.NotSupported => "bad", _ => "warn" }),
                $"<p>{HtmlPage.Escape(result.Sentence)}</p>",
                ("effect", double.IsNaN(result.Effect) ? null
                    : double.IsNaN(result.Interval.Lower) ? bounds[0]
                    : $"{bounds[0]} ({bounds[1]} to {bounds[2]})"),
                ("test", result.Test.Test),
                ("p, adjusted for all", double.IsNaN(result.AdjustedPValue) ? null : HtmlPage.PValue(result.AdjustedPValue)));
        }

        page.EndCards();
    }

    private static void WriteLeakage(HtmlPage page, ExplorationReport report)
    {
        if (report.LeakageSuspects.Count == 0) return;
        page.Heading("Possible leakage").BeginCards(wide: true);
        foreach (var suspect in report.LeakageSuspects.Take(FindingsShown))
        {
            page.Card(suspect.Column, (Show(suspect.Reason), "warn"), $"<p>{HtmlPage.Escape(suspect.Sentence)}</p>");
        }
        page.EndCards();
        if (report.LeakageSuspects.Count > FindingsShown)
        {
            page.Paragraph($"{HtmlPage.Count(report.LeakageSuspects.Count - FindingsShown)} more suspects are in the report.");
        }
    }

    private static void WriteAssociations(HtmlPage page, ExplorationReport report)
    {
        if (report.Associations.Count == 0) return;
        var measures = report.Associations.Take(20).Select(association => Show(association.Measure)).Distinct();
        page
            .Raw("<div>")
            .Heading($"Columns most associated with {HtmlPage.Name(report.Label)}")
            .Raw("<div class=\"card\">")
            .Raw(Chart.Bars([.. report.Associations.Take(20).Select(association =>
                (
                    association.Column,
                    association.Measure == "auc" ? 2 * association.Value - 1 : Math.Abs(association.Value),
                    double.IsNaN(association.Value)
                        ? "–"
                        : association.Value.ToString("0.000", CultureInfo.InvariantCulture).Replace('-', '−')))]))
            .Raw($"<p class=\"soft\">{HtmlPage.Escape(string.Join("; ", measures))}</p></div></div>\n");
    }

    private static void WriteClasses(HtmlPage page, ExplorationReport report)
    {
        if (report.Sample is not { Classes.Count: > 0 } sample) return;
        page.Raw("<div>").Heading("Class balance").Raw("<div class=\"card\">")
            .Raw(Chart.Bars([.. sample.Classes.Take(12).Select(each => (each.Class, each.Share, HtmlPage.Share(each.Share)))]));
        if (sample.Classes.Count > 12) page.Raw($"<p class=\"soft\">and {HtmlPage.Count(sample.Classes.Count - 12)} more classes</p>");
        page.Raw("</div></div>\n");
    }

    private static void WriteInformation(HtmlPage page, ExplorationReport report)
    {
        // What an estimate has of unrelated columns is taken off, or columns with many values would seem to tell much.
        if (report.Sample is not { } sample) return;
        var most = sample.Information.Select(each => each.Nats - each.Bias).DefaultIfEmpty().Max();
        if (!(most > 0)) return;
        var shown = sample.Information
            .Select(each => (each.Column, Nats: Math.Max(0, each.Nats - each.Bias)))
            .OrderByDescending(each => each.Nats)
            .Take(12);
        page.Raw("<div>").Heading($"Mutual information with {HtmlPage.Name(report.Label)}").Raw("<div class=\"card\">")
            .Raw(Chart.Bars(
                [.. shown.Select(each => (each.Column, each.Nats / most, each.Nats.ToString("0.000", CultureInfo.InvariantCulture)))]))
            .Raw("<p class=\"soft\">A relation of any shape, in nats, less the bias, from a sample: 0 tells nothing</p></div></div>\n");
    }

    private static string Show(Verdict verdict) => verdict switch
    {
        Verdict.Supported => "supported",
        Verdict.NotSupported => "not supported",
        _ => "not enough data"
    };

    private static string Show(LeakageReason reason) => reason switch
    {
        LeakageReason.PredictsLabel => "reveals the label",
        LeakageReason.MissingPredictsLabel or LeakageReason.MissingInOneClass => "missing reveals the label",
        LeakageReason.Identifier => "identifier",
        LeakageReason.LaterThanPrediction => "later than the prediction",
        _ => reason.ToString(),
    };

    private static string Show(string measure) => measure switch
    {
        "auc" => "Area under the ROC curve of the column alone: 0.5 means no information, 1 complete information",
        "spearman" => "Spearman’s rank correlation: 0 means no information, ±1 complete information",
        "correlation_ratio" => "Correlation ratio: 0 means no information, 1 complete information",
        "cramers_v" => "Cramér’s V: 0 means no information, 1 complete information",
        _ => measure,
    };
}
