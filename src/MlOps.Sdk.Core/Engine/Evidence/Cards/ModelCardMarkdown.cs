using System.Text;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Evidence;

/// <summary>Writes a model card as Markdown.</summary>
internal static class ModelCardMarkdown
{
    public static string Write(ModelCard card)
    {
        var text = new StringBuilder();
        text.Append($"# Model card: {MarkdownText.Escape(card.Model)}, version {HtmlPage.Count(card.Version)}\n\n");
        text.Append($"Written {HtmlPage.Moment(card.WrittenAt)} from what is recorded. {ModelCardPage.Summary(card)}\n");
        text.Append($"\n## {ModelCardPage.MissingTitle}\n\n");
        if (card.Missing.Count == 0) text.Append("Nothing that the card asks for.\n");
        else Write(text, ModelCardPage.MissingColumns, ModelCardPage.MissingRows(card));
        foreach (var section in card.Sections)
        {
            text.Append($"\n## {MarkdownText.Escape(section.Title)}\n\n");
            if (section.Facts.Count + section.Tables.Count == 0)
            {
                text.Append("Nothing is recorded.\n");
                continue;
            }
            foreach (var fact in section.Facts)
            {
                text.Append($"- **{MarkdownText.Escape(fact.Name)}**: {MarkdownText.Escape(fact.Value)}\n");
            }

            for (var i = 0; i < section.Tables.Count; i++)
            {
                if (i > 0 || section.Facts.Count > 0) text.Append('\n');
                Write(text, section.Tables[i].Columns, section.Tables[i].Rows);
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Line(columns.Select(MarkdownText.Escape));
        Line(columns.Select(_ => "---"));
        foreach (var row in rows) Line(row.Select(MarkdownText.Escape));

        void Line(IEnumerable<string> cells) => text.Append($"| {string.Join(" | ", cells)} |\n");
    }
}
