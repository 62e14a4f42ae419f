using System.Globalization;
using System.Text;

namespace MlOps.Sdk.Reporting;

/// <summary>Curves and points over two axes, as inline SVG whose colours follow the page. Every text is escaped.</summary>
internal static class Plot
{
    private const double Width = 290, Height = 240, Left = 44, Right = 8, Top = 8, Bottom = 40;
    private const int MostTicks = 6;

    /// <summary>A curve in the unit square.</summary>
    /// <param name="points">Its points, joined by lines.</param>
    /// <param name="baseline">What chance would give: a line of two points.</param>
    /// <param name="marker">A point to be marked; <see langword="null"/> for none.</param>
    /// <param name="across">The name of the horizontal axis.</param>
    /// <param name="up">The name of the vertical axis.</param>
    public static string Curve(
        IEnumerable<(double X, double Y)> points,
        ((double X, double Y) From, (double X, double Y) To) baseline,
        (double X, double Y)? marker,
        string across,
        string up)
    {
        var axes = new Axes(0, 1, 0, 1);
        var svg = Begin(axes, across, up);
        svg.Append(Path("base", [baseline.From, baseline.To], axes)).Append(Path("line", points, axes));
        if (marker is { } at) svg.Append(Circle("other", at.X, at.Y, 4.5, axes, ""));
        return svg.Append("</svg>").ToString();
    }

    /// <summary>Points in the unit square near its diagonal; the area of each shows its weight.</summary>
    /// <param name="points">The points, by ascending X, each with its weight from 0 to 1 and what it says.</param>
    /// <param name="across">The name of the horizontal axis.</param>
    /// <param name="up">The name of the vertical axis.</param>
    public static string Diagonal(IReadOnlyList<(double X, double Y, double Weight, string Says)> points, string across, string up)
    {
        var axes = new Axes(0, 1, 0, 1);
        var svg = Begin(axes, across, up);
        svg.Append(Path("base", [(0, 0), (1, 1)], axes)).Append(Path("line", points.Select(point => (point.X, point.Y)), axes));
        foreach (var (x, y, weight, says) in points) svg.Append(Circle("main", x, y, 2.5 + 6 * Math.Sqrt(weight), axes, says));
        return svg.Append("</svg>").ToString();
    }

    /// <summary>A line within a band, over a horizontal line at 0.</summary>
    /// <param name="points">By ascending X: the line, and the band's lower and upper edge.</param>
    /// <param name="across">The name of the horizontal axis.</param>
    /// <param name="up">The name of the vertical axis.</param>
    /// <param name="fromZero">Whether the vertical axis includes 0, and a line is drawn there.</param>
    /// <param name="level">A height at which another horizontal line is drawn; <see langword="null"/> for none.</param>
    /// <param name="labels">What stands below the horizontal axis, and where; by default its numbers.</param>
    public static string Band(
        IReadOnlyList<(double X, double Y, double Lower, double Upper)> points,
        string across,
        string up,
        bool fromZero = true,
        double? level = null,
        IReadOnlyList<(double X, string Text)>? labels = null)
    {
        var (low, high) = (
            points.Min(point => Math.Min(point.Y, point.Lower)), points.Max(point => Math.Max(point.Y, point.Upper)));
        if (level is { } height) (low, high) = (Math.Min(low, height), Math.Max(high, height));
        var axes = new Axes(
            points.Min(point => point.X),
            points.Max(point => point.X),
            fromZero ? Math.Min(0, low) : low,
            fromZero ? Math.Max(0, high) : high);
        var svg = Begin(axes, across, up, labels);
        svg.Append(Path("band", points.Select(p => (p.X, p.Upper)).Concat(points.Reverse().Select(p => (p.X, p.Lower))), axes));
        if (fromZero) svg.Append(Path("base", [(axes.Low.X, 0), (axes.High.X, 0)], axes));
        if (level is { } at) svg.Append(Path("base", [(axes.Low.X, at), (axes.High.X, at)], axes));
        svg.Append(Path("line", points.Select(point => (point.X, point.Y)), axes));
        if (points.Count == 1) svg.Append(Circle("main", points[0].X, points[0].Y, 4, axes, ""));
        return svg.Append("</svg>").ToString();
    }

    private static StringBuilder Begin(Axes axes, string across, string up, IReadOnlyList<(double X, string Text)>? labels = null)
    {
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" "));
        svg.Append(Invariant($"aria-label=\"{HtmlPage.Escape(up)} against {HtmlPage.Escape(across)}\">"));
        foreach (var (at, label) in labels ?? Numbered(Ticks(axes.Low.X, axes.High.X)))
        {
            var x = Text(axes.X(at));
            svg.Append(Invariant($"<path class=\"grid\" d=\"M{x} {Top}V{Height - Bottom}\"/>"));
            svg.Append(Invariant($"<text text-anchor=\"middle\" x=\"{x}\" y=\"{Height - Bottom + 15}\">{HtmlPage.Escape(label)}</text>"));
        }

        var steps = Ticks(axes.Low.Y, axes.High.Y);
        var texts = HtmlPage.Numbers(steps);
        for (var i = 0; i < steps.Length; i++)
        {
            var y = axes.Y(steps[i]);
            svg.Append(Invariant($"<path class=\"grid\" d=\"M{Left} {Text(y)}H{Width - Right}\"/>"));
            svg.Append(Invariant($"<text text-anchor=\"end\" x=\"{Left - 5}\" y=\"{Text(y + 4)}\">{texts[i]}</text>"));
        }

        svg.Append(Invariant($"<text class=\"v\" text-anchor=\"middle\" x=\"{Text((Left + Width - Right) / 2)}\" y=\"{Height - 7}\">"));
        svg.Append(HtmlPage.Escape(across)).Append("</text>");
        var middle = Text((Top + Height - Bottom) / 2);
        svg.Append(Invariant($"<text class=\"v\" text-anchor=\"middle\" transform=\"rotate(-90 10 {middle})\" x=\"10\" y=\"{middle}\">"));
        return svg.Append(HtmlPage.Escape(up)).Append("</text>");
    }

    private static (double X, string Text)[] Numbered(double[] steps) => [.. steps.Zip(HtmlPage.Numbers(steps))];

    /// <summary>Round numbers within a range.</summary>
    private static double[] Ticks(double low, double high)
    {
        if (!(high > low)) return [low];
        var rough = (high - low) / (MostTicks - 1);
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * (rough / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        var first = (long)Math.Ceiling(low / step - 1e-9);
        var count = (int)Math.Max(0, (long)Math.Floor(high / step + 1e-9) - first + 1);

        // Multiples of the step are rounded to its digits, or 0.6000000000000001 would be shown.
        var decimals = Math.Clamp(-(int)Math.Floor(Math.Log10(step)), 0, 15);
        return [.. Enumerable.Range(0, count).Select(i => Math.Round((first + i) * step, decimals))];
    }

    private static string Path(string kind, IEnumerable<(double X, double Y)> points, Axes axes)
    {
        var path = new StringBuilder();
        foreach (var (x, y) in points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(Text(axes.X(x))).Append(' ').Append(Text(axes.Y(y)));
        }

        return $"<path class=\"{kind}\" d=\"{path}\"/>";
    }

    private static string Circle(string kind, double x, double y, double radius, Axes axes, string says) => Invariant(
        $"<circle class=\"{kind}\" cx=\"{Text(axes.X(x))}\" cy=\"{Text(axes.Y(y))}\" r=\"{Text(radius)}\">") +
        $"{(says.Length == 0 ? "" : $"<title>{HtmlPage.Escape(says)}</title>")}</circle>";

    private static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private sealed class Axes
    {
        public Axes(double lowX, double highX, double lowY, double highY)
        {
            // What does not vary still has a place: the middle.
            if (!(highX > lowX)) (lowX, highX) = (lowX - 0.5, highX + 0.5);
            if (!(highY > lowY)) (lowY, highY) = (lowY - 0.5, highY + 0.5);
            (Low, High) = ((lowX, lowY), (highX, highY));
        }

        public (double X, double Y) Low { get; }

        public (double X, double Y) High { get; }

        public double X(double value) => Left + (value - Low.X) / (High.X - Low.X) * (Width - Left - Right);

        public double Y(double value) => Height - Bottom - (value - Low.Y) / (High.Y - Low.Y) * (Height - Top - Bottom);
    }
}
