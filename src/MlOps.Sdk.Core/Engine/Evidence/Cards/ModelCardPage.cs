using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Writes a model card as a page.</summary>
internal static class ModelCardPage
{
    public const string MissingTitle = "What is missing";

    public static readonly IReadOnlyList<string> MissingColumns = ["section", "what", "how to record it"];

    public static string Write(ModelCard card, string? title)
    {
        var page = new HtmlPage(
            title ?? $"Model card: {HtmlPage.Name(card.Model)}, version {HtmlPage.Count(card.Version)}",
            $"Written {HtmlPage.Moment(card.WrittenAt)} from what is recorded");
        if (card.Missing.Count > 0) page.Alarm(Summary(card));
        page.Heading(MissingTitle);
        if (card.Missing.Count == 0) page.Paragraph("Nothing that the card asks for.");
        else
        {
            page.Table(
                MissingColumns,
                MissingRows(card).Select(row => (IReadOnlyList<(string, string?)>)[.. row.Select(cell => (cell, (string?)null))]));
        }
        foreach (var section in card.Sections)
        {
            page.Heading(section.Title);
            if (section.Facts.Count + section.Tables.Count == 0) page.Paragraph("Nothing is recorded.");
            if (section.Facts.Count > 0)
            {
                page.Table(
                    ["fact", "recorded"],
                    section.Facts.Select(fact => (IReadOnlyList<(string, string?)>)[(fact.Name, null), (fact.Value, null)]));
            }
            for (var i = 0; i < section.Tables.Count; i++)
            {
                if (i > 0 || section.Facts.Count > 0) page.Gap();
                page.Table(
                    section.Tables[i].Columns,
                    section.Tables[i].Rows.Select(row => (IReadOnlyList<(string, string?)>)[.. row.Select(cell => (cell, (string?)null))]));
            }
        }

        return page.Build();
    }

    public static string Summary(ModelCard card) => card.Missing.Count == 0
        ? "Nothing that the card asks for is missing."
        : $"{Prose.Count(card.Missing.Count, "statement")} {Prose.Are(card.Missing.Count)} missing, and listed first.";

    public static IEnumerable<IReadOnlyList<string>> MissingRows(ModelCard card) =>
        card.Missing.Select(gap => (IReadOnlyList<string>)[gap.Section, gap.What, gap.Remedy]);
}
