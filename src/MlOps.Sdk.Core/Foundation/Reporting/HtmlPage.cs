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
    private const string Style = """
        :root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1c2430;
        --soft:#5b6675;--line:#dfe3e8;--main:#2f6fd0;--other:#e08a2b;
        --good:#1d7547;--warn:#8f5500;--bad:#b93124;--faint:#e9edf3}
        @media(prefers-color-scheme:dark){
        :root{--page:#14181f;--card:#1d232c;--ink:#e8ecf2;
        --soft:#9aa6b5;--line:#313a47;--main:#6ea3f0;--other:#eda75a;
        --good:#5cc48d;--warn:#e0a44a;--bad:#ef7d70;--faint:#283140}
        svg text.on:not(.most){fill:var(--ink)!important}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        main{max-width:1240px;margin:0 auto;padding:28px 20px 60px}
        h1{font-size:26px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
        h2{font-size:19px;margin:36px 0 12px;scroll-margin-top:12px;overflow-wrap:anywhere}
        h3{font-size:16px;margin:0;overflow-wrap:anywhere}
        p{margin:6px 0}
        .soft{color:var(--soft)}
        .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:20px 0}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:12px 14px}
        .tile b{display:block;font-size:22px;font-variant-numeric:tabular-nums}
        nav{display:flex;flex-wrap:wrap;gap:6px 16px;margin:14px 0 0;font-size:14px}
        a{color:var(--main)}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:14px;align-items:start}
        .cards.wide{grid-template-columns:repeat(auto-fill,minmax(min(480px,100%),1fr));align-items:stretch}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
        .card header{display:flex;justify-content:space-between;align-items:baseline;gap:10px;margin-bottom:8px}
        .tag{color:var(--soft);font-size:12px;white-space:nowrap}
        .tag.good,.tag.warn,.tag.bad,.tag.label{border:1px solid;border-radius:99px;padding:0 9px}
        .card p{font-size:14px;overflow-wrap:anywhere}
        .card>*:last-child{margin-bottom:0}
        dl{display:grid;grid-template-columns:fit-content(48%) 1fr;gap:2px 12px;margin:10px 0 0;font-size:13px}
        dt{color:var(--soft)}
        dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
        .scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px}
        table{border-collapse:collapse;width:100%;font-size:14px}
        th,td{padding:7px 12px;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
        td{overflow-wrap:break-word;max-width:560px}
        th{color:var(--soft);font-weight:600;white-space:nowrap}
        tr:last-child td{border-bottom:0}
        th.n{text-align:right}
        td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        ul{margin:8px 0;padding-left:20px}
        li{margin:3px 0;overflow-wrap:anywhere}
        .good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
        svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{font:11px system-ui,sans-serif;fill:var(--soft)}
        svg text.v{fill:var(--ink)}svg text.c{font-size:10px;fill:var(--ink);text-anchor:middle}svg text.on{fill:var(--card)}
        .main{fill:var(--main)}.other{fill:var(--other)}.faint{fill:var(--faint)}
        .grid,.base,.line{fill:none;stroke:var(--line)}
        .base{stroke:var(--soft);stroke-dasharray:4 4}.line{stroke:var(--main);stroke-width:2;stroke-linejoin:round}
        .band{fill:var(--main);opacity:.18}
        .matrix td,.matrix th{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        .matrix th{max-width:160px;overflow:hidden;text-overflow:ellipsis}
        .matrix td{background:color-mix(in srgb,var(--main) var(--o),transparent);border:1px solid var(--card)}
        .card .scroll{border:0}
        .alarm{background:var(--card);border:1px solid var(--bad);border-left-width:5px;
        border-radius:8px;padding:10px 14px;overflow-wrap:anywhere}
        .gap{height:12px}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(270px,100%),1fr));gap:14px;align-items:start}
        .plots svg{max-width:400px;margin:0 auto}
        dl.facts{grid-template-columns:repeat(auto-fill,minmax(min(250px,100%),1fr));gap:10px 20px;font-size:14px}
        .facts dd{text-align:left}
        @media(max-width:600px){.stack tr:first-child{display:none}
        .stack tr{display:block;padding:6px 0;border-bottom:1px solid var(--line)}
        .stack tr:last-child{border-bottom:0}.stack td:empty{display:none}
        .stack td,.stack td.n{display:grid;grid-template-columns:minmax(84px,30%) 1fr;gap:10px;padding:2px 12px;border:0;max-width:none;
        text-align:left;white-space:normal;overflow-wrap:anywhere}
        .stack td:first-child{font-weight:600}.stack td::before{font-weight:400;content:attr(data-of);color:var(--soft)}}
        .tag.label{color:var(--main)}.card.label{border-color:var(--main);border-width:2px}
        .trio{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(340px,100%),1fr));gap:0 14px;align-items:start}
        .trio>*{min-width:0}.trio svg{max-width:480px}
        .map{padding:12px;display:inline-block;max-width:100%;vertical-align:top}
        .map svg{max-width:none}
        .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(440px,100%),1fr));gap:14px;align-items:start}
        .pair>*{min-width:0}
        .legend{display:flex;flex-wrap:wrap;gap:4px 16px;overflow-wrap:anywhere;font-size:12px;color:var(--soft);margin:2px 0 6px}
        .legend i{display:inline-block;width:10px;height:10px;border-radius:2px;margin-right:5px;vertical-align:-1px}
        """;

    private const int MostColumnsOfAPhone = 3;
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
            .Append(Style)
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
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..6];
        return $"{name[..(LongestName - 29)]}…{name[^20..]} #{mark}";
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
        if (size is >= 1e15 or < 1e-4) return NoMinusZero(value.ToString($"0.{new string('#', digits - 1)}e0", Prose.Culture));
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
    public static string Count(long value, string one) => $"{Count(value)} {one}{(value == 1 ? "" : "s")}";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

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

    /// <summary>A card: a heading, a drawing and a list of facts.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="tag">What stands at its end, with a class where one is wanted: good, warn, bad or label.</param>
    /// <param name="drawing">A drawing of <see cref="Chart"/>; may be empty.</param>
    /// <param name="facts">The facts; those without a value are left out.</param>
    public HtmlPage Card(
        string title, (string Text, string? Class) tag, string drawing, params ReadOnlySpan<(string Name, string? Value)> facts)
    {
        Raw(
            $"<section class=\"card{(tag.Class == "label" ? " label" : "")}\"><header><h3>{Escape(Name(title))}</h3><span class=\"tag " +
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

    /// <summary>A table.</summary>
    /// <param name="columns">The headings; those that end in <c>#</c> hold numbers.</param>
    /// <param name="rows">The cells of each row, with a class where one is wanted: good, warn or bad.</param>
    public HtmlPage Table(IReadOnlyList<string> columns, IEnumerable<IReadOnlyList<(string Text, string? Class)>> rows)
    {
        // On a phone, a table of more columns than fit shows each row as a list of its cells.
        var stacks = columns.Count > MostColumnsOfAPhone;
        Raw($"<div class=\"scroll\"><table{(stacks ? " class=\"stack\"" : "")}><tr>");
        foreach (var column in columns) Raw($"<th class=\"{(column.EndsWith('#') ? "n" : "")}\">{Escape(column.TrimEnd('#'))}</th>");
        Raw("</tr>\n");
        foreach (var row in rows)
        {
            Raw("<tr>");
            for (var i = 0; i < row.Count; i++)
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
        Raw($"<section class=\"card\"><header><h3>{Escape(title)}</h3></header>");
        Raw("<div class=\"scroll\"><table class=\"matrix\"><tr><th></th>");
        foreach (var name in names) Raw($"<th title=\"{Escape(Name(name))}\">{Escape(Name(name))}</th>");
        Raw("</tr>\n");
        for (var truth = 0; truth < counts.Count; truth++)
        {
            Raw($"<tr><th title=\"{Escape(Name(names[truth]))}\">{Escape(Name(names[truth]))}</th>");
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
