using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace MlOps.Sdk.Reporting;

/// <summary>
/// Writes a self-contained HTML page: no script, no request, light and dark by the reader's setting, readable on a phone. Every
/// text is escaped. Not thread-safe.
/// </summary>
internal sealed class HtmlPage
{
    private const int MostColumnsOfAPhone = 3;
    private const int ColumnsAcross = 3;
    private const int ColumnsBeside = 8;
    private const double RoomUpright = 110;
    private const double RoomAcross = 68;
    private const int LongestText = 400;
    private const int LongestName = 60;
    private static readonly SearchValues<char> Misleading = SearchValues.Create(
        [
            .. Enumerable.Range(0, 9).Select(code => (char)code), '\u000b', '\u000c',
            .. Enumerable.Range(0x0e, 18).Select(code => (char)code), '\u007f', '\u061c', '\u200e', '\u200f', '\u202a', '\u202b', '\u202c',
            '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'
        ]);

    private readonly StringBuilder _html = new();
    private readonly List<string> _headings = [];
    private readonly int _afterTitle;

    /// <param name="title">The title, which is also the heading.</param>
    /// <param name="subtitle">What stands below it.</param>
    public HtmlPage(string title, string subtitle)
    {
        _html.Append(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" " +
            "content=\"width=device-width,initial-scale=1\"><title>");
        _html
            .Append(Escape(title))
            .Append("</title><style>")
            .Append(PageStyle.Css)
            .Append("</style></head>\n<body><main>\n<h1>")
            .Append(Escape(title))
            .Append("</h1><p class=\"soft\">")
            .Append(Escape(subtitle))
            .Append("</p>\n");
        _afterTitle = _html.Length;
    }

    /// <summary>
    /// A text as it may stand in the page. Characters that control the terminal or the direction of writing are shown as a box, for they
    /// would turn round what follows; what is longer than some lines loses its middle.
    /// </summary>
    public static string Escape(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        if (text.Length > LongestText) text = $"{text[..(LongestText - 100)]}…{text[^99..]}";
        return WebUtility.HtmlEncode(text.AsSpan().IndexOfAny(Misleading) < 0 ? text : string.Create(text.Length, text, (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = Misleading.Contains(from[i]) ? '□' : from[i];
        }));
    }

    /// <summary>
    /// The name of a column where there is little room: a long one loses its middle, and gets a number that is its own, so that two long
    /// names that differ in the middle only stay distinct.
    /// </summary>
    public static string Name(string name)
    {
        if (name.Length <= LongestName) return name.Length == 0 ? "(empty)" : name;
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..10];
        return $"{name[..(LongestName - 33)]}…{name[^20..]} #{mark}";
    }

    /// <summary>
    /// A number with four significant digits, whole numbers below a billion with all of theirs; a dash where there is none.
    /// </summary>
    public static string Number(double value) => Number(value, 4);

    /// <summary>
    /// Numbers side by side, such as the edges of a chart: with as many significant digits, four or more, as distinguish those that differ.
    /// </summary>
    public static string[] Numbers(params ReadOnlySpan<double> values)
    {
        var different = new HashSet<double>(values.ToArray()).Count;
        var digits = 4;
        string[] texts;
        do
        {
            texts = new string[values.Length];
            for (var i = 0; i < texts.Length; i++) texts[i] = Number(values[i], digits);
        }
        while (texts.Distinct().Count() < different && ++digits <= 17);
        return texts;
    }

    /// <summary>A p-value with three decimals.</summary>
    public static string PValue(double value) =>
        double.IsNaN(value) ? "–" : value < 0.001 ? "< 0.001" : value.ToString("0.000", Prose.Culture);

    /// <summary>
    /// The size of an effect, or a metric, with three decimals: what is smaller is nothing to a reader. Large ones as numbers.
    /// </summary>
    public static string Decimals(double value) =>
        value is > 0 and < 0.0005 ? "< 0.001"
            : Math.Abs(value) < 0.0005 ? "0.000"
            : Math.Abs(value) < 10 ? value.ToString("0.000", Prose.Culture)
            : Number(value);

    private static string Number(double value, int digits)
    {
        if (!double.IsFinite(value)) return double.IsNaN(value) ? "–" : value > 0 ? "∞" : "−∞";
        var size = Math.Abs(value);
        if (digits > 15 && size is >= 1e-3 and < 1e7 && value != Math.Round(value)) return NoMinusZero(value.ToString("R", Prose.Culture));
        if (size < 1e9 && value == Math.Round(value)) return NoMinusZero(value.ToString("#,0", Prose.Culture));
        if (size is >= 1e15 or < 1e-4) return Prose.Power(value, digits);
        return NoMinusZero(
            value.ToString($"#,0.{new string('#', Math.Max(0, digits - 1 - (int)Math.Floor(Math.Log10(size))))}", Prose.Culture));
    }

    private static string NoMinusZero(string text) => text is "−0" ? "0" : text;

    /// <summary>A time that something took, in the unit that fits.</summary>
    public static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 0.001 } => "< 1 ms",
        { TotalSeconds: < 1 } => string.Create(Prose.Culture, $"{time.TotalMilliseconds:0} ms"),
        { TotalMinutes: < 1 } => string.Create(Prose.Culture, $"{time.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => string.Create(Prose.Culture, $"{(int)time.TotalMinutes} min {time.Seconds} s"),
        _ => string.Create(Prose.Culture, $"{(long)time.TotalHours:#,0} h {time.Minutes} min"),
    };

    /// <summary>A point in time, to the minute.</summary>
    public static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A number of things, by their name: <c>1 group</c>, <c>2,354 groups</c>.</summary>
    public static string Count(long value, string one) => Prose.Count(value, one);

    public static string Count(long value) => Prose.Count(value);

    public static string Share(double value) => double.IsNaN(value) ? "–"
        : value is > 0 and < 0.00005 ? "< 0.01 %"
        : value.ToString(value is > 0 and < 0.001 ? "0.00 %" : "0.0 %", CultureInfo.InvariantCulture);

    /// <summary>A heading of a part, to which the top of the page links.</summary>
    public HtmlPage Heading(string text)
    {
        _headings.Add(text);
        return Raw(string.Create(CultureInfo.InvariantCulture, $"<h2 id=\"s{_headings.Count}\">{Escape(text)}</h2>\n"));
    }

    public HtmlPage Paragraph(string text) => Raw($"<p>{Escape(text)}</p>\n");

    /// <summary>A sentence that must not be overlooked.</summary>
    public HtmlPage Alarm(string text) => Raw($"<p class=\"alarm\">{Escape(text)}</p>\n");

    /// <summary>Room between two tables of one part.</summary>
    public HtmlPage Gap() => Raw("<div class=\"gap\"></div>");

    /// <summary>Numbers that a reader wants first.</summary>
    public HtmlPage Tiles(params ReadOnlySpan<(string Name, string Value)> tiles)
    {
        Raw("<div class=\"tiles\">");
        foreach (var (name, value) in tiles)
        {
            Raw($"<div class=\"tile\"><b>{Escape(value)}</b><span class=\"soft\">{Escape(name)}</span></div>");
        }
        return Raw("</div>\n");
    }

    public HtmlPage List(IEnumerable<string> items)
    {
        Raw("<ul>");
        foreach (var item in items) Raw($"<li>{Escape(item)}</li>");
        return Raw("</ul>\n");
    }

    /// <param name="wide">Whether the cards hold sentences.</param>
    public HtmlPage BeginCards(bool wide = false) => Raw(wide ? "<div class=\"cards wide\">\n" : "<div class=\"cards\">\n");

    /// <summary>Begins cards that hold a chart each, as many side by side as fit.</summary>
    public HtmlPage BeginPlots() => Raw("<div class=\"plots\">\n");

    public HtmlPage EndCards() => Raw("</div>\n");

    /// <summary>Begins a part that is shown when the reader opens it.</summary>
    public HtmlPage BeginDetails(string summary) => Raw($"<details><summary>{Escape(summary)}</summary>\n");

    public HtmlPage EndDetails() => Raw("</details>\n");

    /// <summary>A card: a heading, a drawing and a list of facts.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="tag">What stands at its end, with a class where one is wanted: good, warn, bad, label, or a verdict and label.</param>
    /// <param name="drawing">A drawing of <see cref="Chart"/>; may be empty.</param>
    /// <param name="facts">The facts; those without a value are left out.</param>
    public HtmlPage Card(
        string title, (string Text, string? Class) tag, string drawing, params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        var isLabel = tag.Class?.EndsWith("label", StringComparison.Ordinal) == true;
        Raw(
            $"<section class=\"card{(isLabel ? " label" : "")}\"><header><h3>{Escape(Name(title))}</h3><span class=\"tag " +
            $"{tag.Class}\">{Escape(tag.Text)}</span></header>{drawing}");
        var isEmpty = true;
        foreach (var (name, value) in facts)
        {
            if (value is null) continue;
            Raw($"{(isEmpty ? "<dl>" : "")}<dt>{Escape(name)}</dt><dd>{Escape(value)}</dd>");
            isEmpty = false;
        }

        return Raw(isEmpty ? "</section>\n" : "</dl></section>\n");
    }

    /// <summary>A table. A column in which no row has a text is left out.</summary>
    /// <param name="columns">The headings; those that end in <c>#</c> hold numbers.</param>
    /// <param name="rows">The cells of each row, with a class where one is wanted: good, warn or bad.</param>
    public HtmlPage Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<(string Text, string? Class)>> rows)
    {
        // A column in which no row has anything would only take room.
        var cells = rows.ToList();
        int[] shown = [.. Enumerable.Range(0, columns.Count).Where(i => cells.Count == 0 || cells.Exists(row => row[i].Text.Length > 0))];

        // On a phone, a table of more columns than fit shows each row as a list of its cells.
        var stacks = shown.Length > MostColumnsOfAPhone;
        Raw($"<div class=\"scroll\"><table{(stacks ? " class=\"stack\"" : "")}><tr>");
        foreach (var i in shown)
        {
            Raw($"<th class=\"{(columns[i].EndsWith('#') ? "n" : "")}\">{Escape(columns[i].TrimEnd('#'))}</th>");
        }

        Raw("</tr>\n");
        foreach (var row in cells)
        {
            Raw("<tr>");
            foreach (var i in shown)
            {
                var number = columns[i].EndsWith('#') ? "n" : "";
                var heading = stacks ? $" data-of=\"{Escape(columns[i].TrimEnd('#'))}\"" : "";
                Raw($"<td class=\"{number} {row[i].Class}\"{heading}>{Escape(row[i].Text)}</td>");
            }

            Raw("</tr>\n");
        }

        return Raw("</table></div>\n");
    }

    /// <summary>A card as wide as the page: a sentence, and facts side by side.</summary>
    /// <param name="title">The sentence.</param>
    /// <param name="facts">The facts; those without a value are left out.</param>
    public HtmlPage Facts(string title, params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        Raw($"<section class=\"card\"><h3>{Escape(title)}</h3><dl class=\"facts\">");
        foreach (var (name, value) in facts)
        {
            if (value is not null) Raw($"<div><dt>{Escape(name)}</dt><dd>{Escape(value)}</dd></div>");
        }

        return Raw("</dl></section>\n");
    }

    /// <summary>A card with a table of counts: a row for each truth, a column for each decision, darker where more of the row is.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="names">The name of each row and column.</param>
    /// <param name="counts">The counts, row by row.</param>
    /// <param name="note">What stands below it.</param>
    public HtmlPage Matrix(string title, IReadOnlyList<string> names, IReadOnlyList<IReadOnlyList<long>> counts, string note)
    {
        // Many columns fit when their names stand upright, and more of them when nothing else is beside them.
        var (isUpright, isAlone) = (names.Count > ColumnsAcross, names.Count > ColumnsBeside);
        var shown = Chart.Shorten(names, isUpright ? RoomUpright : RoomAcross);
        Raw($"<section class=\"card{(isAlone ? " all" : "")}\"><header><h3>{Escape(title)}</h3></header>");
        Raw("<div class=\"scroll\"><table class=\"matrix\"><tr><th></th>");
        for (var i = 0; i < names.Count; i++)
        {
            var name = isUpright ? $"<span>{Escape(shown[i])}</span>" : Escape(shown[i]);
            Raw($"<th title=\"{Escape(Name(names[i]))}\">{name}</th>");
        }

        Raw("</tr>\n");
        for (var truth = 0; truth < counts.Count; truth++)
        {
            Raw($"<tr><th title=\"{Escape(Name(names[truth]))}\">{Escape(shown[truth])}</th>");
            var all = Math.Max(1, counts[truth].Sum());
            foreach (var count in counts[truth])
            {
                var share = string.Create(CultureInfo.InvariantCulture, $"{65.0 * count / all:0}%");
                Raw($"<td style=\"--o:{share}\">{Count(count)}</td>");
            }

            Raw("</tr>\n");
        }

        return Raw($"</table></div><p class=\"soft\">{Escape(note)}</p></section>\n");
    }

    /// <summary>Adds what is HTML already.</summary>
    public HtmlPage Raw(string html)
    {
        _html.Append(html);
        return this;
    }

    /// <summary>The page.</summary>
    public string Build()
    {
        if (_headings.Count > 2)
        {
            var links = _headings.Select(
                (heading, i) => string.Create(CultureInfo.InvariantCulture, $"<a href=\"#s{i + 1}\">{Escape(heading)}</a>"));
            _html.Insert(_afterTitle, $"<nav>{string.Concat(links)}</nav>\n");
        }

        return _html + "</main></body></html>\n";
    }
}
