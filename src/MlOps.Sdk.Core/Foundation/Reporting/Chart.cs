using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Reporting;

/// <summary>
/// A small vocabulary of charts, as inline SVG whose colours follow the page. Sizes grow with bins, never with rows. Every text is escaped.
/// </summary>
internal static class Chart
{
    private const double Width = 320;
    private const double PlotHeight = 90;
    private const double WidestColumn = 48;

    /// <summary>How many rows and columns a <see cref="HeatMap"/> may have for its numbers to be shown.</summary>
    public const int NumberedColumns = 30;

    /// <summary>Columns side by side without gaps: a histogram.</summary>
    /// <param name="counts">The height of each column.</param>
    /// <param name="low">What stands below the left end.</param>
    /// <param name="high">What stands below the right end.</param>
    public static string Histogram(IReadOnlyList<double> counts, string low, string high)
    {
        var svg = Begin(PlotHeight + 18);
        svg.Append("<path class=\"main\" d=\"").Append(Columns(counts, counts.Max(), 0.9)).Append("\"/>");
        return End(svg, low, high);
    }

    /// <summary>Two histograms over the same bins, the reference behind the current one; both are shares.</summary>
    public static string Compare(IReadOnlyList<double> reference, IReadOnlyList<double> current, string low, string high)
    {
        var top = Math.Max(reference.Max(), current.Max());
        var svg = Begin(PlotHeight + 18);
        svg.Append("<path class=\"main\" opacity=\".55\" d=\"").Append(Columns(reference, top, 0.9)).Append("\"/>");
        svg.Append("<path class=\"other\" opacity=\".75\" d=\"").Append(Columns(current, top, 0.45)).Append("\"/>");
        return End(svg, low, high);
    }

    /// <summary>Bars below each other, each with its label and value.</summary>
    /// <param name="bars">Label, length from 0 to 1, and the value that is shown.</param>
    public static string Bars(IReadOnlyList<(string Label, double Length, string Value)> bars)
    {
        var layout = new BarLayout([.. bars.Select(bar => bar.Label)], bar: 12, Room(48, bars.Select(bar => bar.Value)));
        var svg = Begin(bars.Count * layout.Row);
        for (var i = 0; i < bars.Count; i++)
        {
            var (_, length, value) = bars[i];
            var top = i * layout.Row + layout.Above;
            svg.Append(layout.Label(i));
            svg.Append(Bar("faint", layout.Left, top + 4, layout.Length, 12));
            svg.Append(Bar("main", layout.Left, top + 4, Math.Clamp(length, 0, 1) * layout.Length, 12));
            svg.Append(Invariant($"<text x=\"{Width}\" y=\"{Text(top + 14)}\" text-anchor=\"end\">{HtmlPage.Escape(value)}</text>"));
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Two bars for each label, the reference above the current one.</summary>
    /// <param name="bars">Label, and the two shares from 0 to 1.</param>
    public static string PairedBars(IReadOnlyList<(string Label, double Reference, double Current)> bars)
    {
        string[] shares = [.. bars.Select(bar => $"{HtmlPage.Share(bar.Reference)} → {HtmlPage.Share(bar.Current)}")];
        var layout = new BarLayout([.. bars.Select(bar => bar.Label)], bar: 18, Room(86, shares));
        var svg = Begin(bars.Count * layout.Row);
        for (var i = 0; i < bars.Count; i++)
        {
            var (_, reference, current) = bars[i];
            var top = i * layout.Row + layout.Above;
            svg.Append(layout.Label(i));
            svg.Append(Bar("main", layout.Left, top + 4, Math.Clamp(reference, 0, 1) * layout.Length, 8));
            svg.Append(Bar("other", layout.Left, top + 13, Math.Clamp(current, 0, 1) * layout.Length, 8));
            svg.Append(Invariant($"<text x=\"{Width}\" y=\"{Text(top + 16)}\" text-anchor=\"end\">{HtmlPage.Escape(shares[i])}</text>"));
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>
    /// A square of cells, from −1 (one colour) over 0 (none) to 1 (the other), with their numbers while there are few; wider
    /// than a phone, so it scrolls there.
    /// </summary>
    /// <param name="names">The name of each row and column, at most 30.</param>
    /// <param name="value">The number of a cell; NaN is shown as none.</param>
    public static string HeatMap(IReadOnlyList<string> names, Func<int, int, double> value)
    {
        const double left = 130, top = 104;
        var showsNumbers = names.Count <= NumberedColumns;
        var size = showsNumbers ? Math.Clamp(420.0 / names.Count, 30, 52) : Math.Min(26, 520.0 / names.Count);
        var (beside, above) = (Shorten(names, left - 10), Shorten(names, top - 8));
        var side = names.Count * size;
        var svg = new StringBuilder();
        svg.Append(Invariant($"<div class=\"scroll map\"><svg viewBox=\"0 0 {Text(left + side)} {Text(top + side)}\" "));
        svg.Append(Invariant($"style=\"width:{Text(left + side)}px\" role=\"img\">"));
        svg.Append(Invariant($"<rect class=\"faint\" x=\"{left}\" y=\"{top}\" width=\"{Text(side)}\" height=\"{Text(side)}\"/>"));
        for (var row = 0; row < names.Count; row++)
        {
            var middle = row * size + size * 0.5 + 4;
            svg.Append(Label(names[row], beside[row], Text(left - 6), Text(top + middle), "class=\"v\" text-anchor=\"end\""));
            svg.Append(Label(
                names[row],
                above[row],
                Text(left + middle),
                Text(top - 6),
                Invariant($"class=\"v\" transform=\"rotate(-90 {Text(left + middle)} {Text(top - 6)})\"")));
            for (var column = 0; column < names.Count; column++)
            {
                var cell = value(row, column);
                var opacity = double.IsNaN(cell) ? 0 : Math.Min(1, Math.Abs(cell));
                var (x, y) = (left + column * size, top + row * size);
                var title = $"{HtmlPage.Name(names[row])} × {HtmlPage.Name(names[column])}: {HtmlPage.Number(Math.Round(cell, 3))}";
                svg.Append(Invariant($"<rect class=\"{(cell < 0 ? "other" : "main")}\" opacity=\"{Text(opacity)}\" "));
                svg.Append(Invariant($"x=\"{Text(x)}\" y=\"{Text(y)}\" width=\"{Text(size - 1)}\" height=\"{Text(size - 1)}\">"));
                svg.Append(Invariant($"<title>{HtmlPage.Escape(title)}</title></rect>"));
                if (showsNumbers && !double.IsNaN(cell))
                {
                    svg.Append(Invariant($"<text class=\"c{(opacity > 0.8 ? " on most" : opacity > 0.6 ? " on" : "")}\" "));
                    svg.Append(Invariant($"pointer-events=\"none\" x=\"{Text(x + size / 2 - 0.5)}\" y=\"{Text(y + size / 2 + 3.5)}\">"));
                    var number = row == column ? "1" : opacity.ToString("0.00", CultureInfo.InvariantCulture);
                    svg.Append(cell <= -0.005 ? "−" : "").Append(number).Append("</text>");
                }
            }
        }

        return svg.Append("</svg></div>").ToString();
    }

    /// <summary>What the two colours of <see cref="Compare"/> represent.</summary>
    public static string Legend(string reference, string current) =>
        $"<div class=\"legend\"><span><i style=\"background:var(--main)\"></i>{HtmlPage.Escape(reference)}</span><span><i " +
        $"style=\"background:var(--other)\"></i>{HtmlPage.Escape(current)}</span></div>";

    /// <summary>What the colour of a <see cref="HeatMap"/> without negative cells represents.</summary>
    public static string Legend(string meaning) =>
        $"<div class=\"legend\"><span><i style=\"background:var(--main)\"></i>{HtmlPage.Escape(meaning)}</span></div>";

    private static StringBuilder Begin(double height) =>
        new StringBuilder().Append(Invariant($"<svg viewBox=\"0 0 {Width} {Text(height)}\" role=\"img\">"));

    private static string End(StringBuilder svg, string low, string high) => svg
        .Append(Label(low, Fit(Named(low), Width / 2 - 4), "0", Text(PlotHeight + 14), ""))
        .Append(Label(high, Fit(Named(high), Width / 2 - 4), Text(Width), Text(PlotHeight + 14), "text-anchor=\"end\""))
        .Append("</svg>").ToString();

    // One path for all columns keeps the page small.
    private static string Columns(IReadOnlyList<double> counts, double top, double share)
    {
        var path = new StringBuilder();
        var width = Width / counts.Count;
        for (var i = 0; i < counts.Count; i++)
        {
            if (!(counts[i] > 0) || !(top > 0)) continue;

            // What is there is seen, however little it is.
            var height = Math.Max(1, counts[i] / top * PlotHeight);
            var drawn = Math.Max(0.4, Math.Min(width, WidestColumn) * share);
            path.Append(
                Invariant($"M{Text(i * width + (width - drawn) / 2)} {Text(PlotHeight)}v-{Text(height)}h{Text(drawn)}v{Text(height)}z"));
        }

        return path.ToString();
    }

    private static string Bar(string colour, double x, double y, double width, double height) => Invariant(
        $"<rect class=\"{colour}\" x=\"{x}\" y=\"{Text(y)}\" width=\"{Text(width)}\" height=\"{height}\" rx=\"2\"/>");

    /// <summary>
    /// Labels that lose their middle where they would need more than their room, so that those that differ also look different: where
    /// their ends are alike, what they differ in is kept instead, or else they are numbered.
    /// </summary>
    public static string[] Shorten(IReadOnlyList<string> labels, double room)
    {
        var shown = new string[labels.Count];
        for (var i = 0; i < shown.Length; i++) shown[i] = Fit(Named(labels[i]), room);
        foreach (var alike in Alike(labels, shown))
        {
            var common = alike.Select(i => Named(labels[i])).Aggregate(CommonStart);
            foreach (var i in alike) shown[i] = Fit($"…{Named(labels[i])[common.Length..]}", room);
        }

        // Numbers of the whole chart, so that what is numbered cannot look like what another one was.
        var names = labels.Distinct(StringComparer.Ordinal).ToList();
        foreach (var i in Alike(labels, shown).SelectMany(alike => alike))
        {
            var number = string.Create(CultureInfo.InvariantCulture, $" #{names.IndexOf(labels[i]) + 1}");
            shown[i] = Fit(Named(labels[i]), room - number.Sum(letter => Wide($"{letter}"))) + number;
        }

        return shown;
    }

    // The places of labels that look the same and are not.
    private static int[][] Alike(IReadOnlyList<string> labels, string[] shown) =>
    [
        .. Enumerable.Range(0, shown.Length)
            .GroupBy(i => shown[i], StringComparer.Ordinal)
            .Where(group => group.Select(i => labels[i]).Distinct(StringComparer.Ordinal).Count() > 1)
            .Select(group => group.ToArray()),
    ];

    private static string CommonStart(string first, string second)
    {
        var length = first.AsSpan().CommonPrefixLength(second);

        // A letter of two characters is not cut in two.
        if (length > 0 && char.IsHighSurrogate(first[length - 1])) length--;
        return first[..length];
    }

    private static string Named(string label) => label.Length == 0 ? "(empty)" : label;

    /// <summary>A text that has all of itself in its title where it is shortened.</summary>
    private static string Label(string label, string text, string x, string y, string attributes)
    {
        var whole = Named(label);
        var title = text == whole ? "" : $"<title>{HtmlPage.Escape(HtmlPage.Name(whole))}</title>";
        return $"<text {attributes} x=\"{x}\" y=\"{y}\">{title}{HtmlPage.Escape(text)}</text>";
    }

    // What the values beside bars need, which never cross them.
    private static double Room(double least, IEnumerable<string> values) =>
        Math.Clamp(values.Select(value => value.Take(40).Sum(letter => Wide($"{letter}")) + 6).DefaultIfEmpty().Max(), least, 130);

    private static string Fit(string text, double room)
    {
        // What is longer than this does not fit, however narrow its letters are.
        var letters = StringInfo.GetTextElementEnumerator(text.Length > 200 ? $"{text[..100]}…{text[^99..]}" : text);
        List<string> shown = [];
        while (letters.MoveNext()) shown.Add(letters.GetTextElement());
        var width = shown.Sum(Wide);
        if (width <= room) return string.Concat(shown);
        var cut = shown.Count * 3 / 5;
        while (shown.Count > 2 && width + Wide("…") > room)
        {
            cut = Math.Min(cut, shown.Count - 1);
            width -= Wide(shown[cut]);
            shown.RemoveAt(cut);
            cut = shown.Count * 3 / 5;
        }

        shown.Insert(cut, "…");
        return string.Concat(shown);
    }

    // About as wide as a common font draws it at 11 px, rather too wide than too narrow.
    private static double Wide(string letter) => letter[0] switch
    {
        >= '\u1100' and not '…' => 13,
        'W' or 'M' or 'm' or 'w' or '@' or '%' or '…' => 10.5,
        >= 'A' and <= 'Z' or '<' or '>' or '=' or '#' or '+' or '&' => 8.8,
        'i' or 'j' or 'l' or 't' or 'f' or 'r' or ' ' or '.' or ',' or ':' or ';' or '\'' or '|' or '(' or ')' or '-' => 4.4,
        _ => 6.8,
    };

    /// <summary>Where the parts of a bar are: its label before it or, where one would not fit there, above it.</summary>
    private sealed class BarLayout
    {
        private const double Beside = 130;
        private readonly IReadOnlyList<string> _labels;
        private readonly string[] _shown;

        public BarLayout(IReadOnlyList<string> labels, double bar, double values)
        {
            _labels = labels;
            var fits = labels.All(label => Fit(Named(label), Beside - 6) == Named(label));
            (Left, Above) = fits ? (Beside, 0) : (0, 14);
            Row = bar + 8 + Above;
            Length = Width - Left - values;
            _shown = Shorten(labels, fits ? Beside - 6 : Width);
            Middle = bar / 2 + 8;
        }

        public double Left { get; }

        public double Above { get; }

        public double Row { get; }

        public double Length { get; }

        private double Middle { get; }

        public string Label(int i) =>
            Chart.Label(_labels[i], _shown[i], "0", Text(i * Row + (Above > 0 ? Above : Middle)), "class=\"v\"");
    }

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
