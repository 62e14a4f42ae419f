using System.Globalization;
using System.Xml.Linq;
using MlOps.Sdk.Reporting;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Reporting;

[TestFixture]
public sealed class ChartTests
{
    private const string Hostile = "</svg><script>alert('x')</script>&";

    public static IEnumerable<TestCaseData> Charts =>
    [
        new TestCaseData(Chart.Histogram([1, 2], Hostile, Hostile)).SetArgDisplayNames(nameof(Chart.Histogram)),
        new TestCaseData(Chart.Compare([1, 2], [2, 1], Hostile, Hostile)).SetArgDisplayNames(nameof(Chart.Compare)),
        new TestCaseData(Chart.Bars([(Hostile, 0.5, Hostile)])).SetArgDisplayNames(nameof(Chart.Bars)),
        new TestCaseData(Chart.PairedBars([(Hostile, 0.5, 0.25)])).SetArgDisplayNames(nameof(Chart.PairedBars)),
        new TestCaseData(Chart.HeatMap([Hostile, "b"], (_, _) => 0.5)).SetArgDisplayNames(nameof(Chart.HeatMap)),
        new TestCaseData(Chart.Legend(Hostile, Hostile)).SetArgDisplayNames(nameof(Chart.Legend)),
    ];

    [TestCaseSource(nameof(Charts))]
    public void Draw_HostileText_IsOnlyTextInWellFormedMarkup(string drawing)
    {
        Assert.That(drawing, Does.Not.Contain("<script"));
        Assert.That(XElement.Parse(drawing).Descendants().Select(part => part.Name.LocalName), Has.None.EqualTo("script"));
        Assert.That(XElement.Parse(drawing).Value, Does.Contain("alert"), "what is hostile is shown all the same");
    }

    [Test]
    public void Histogram_Counts_AreColumnsUpToTheHighest()
    {
        var path = Path(Chart.Histogram([0, 5, 10], "low", "high")).Single();

        Assert.That(path.Count(letter => letter == 'M'), Is.EqualTo(2), "a bin without rows has no column");
        Assert.That(path, Does.Contain("v-45h").And.Contain("v-90h"), "the highest fills the plot");
    }

    [Test]
    public void Histogram_OneRowAmongAMillion_IsSeen() =>
        Assert.That(Path(Chart.Histogram([1, 1_000_000], "low", "high")).Single(), Does.Contain("v-1h"));

    [Test]
    public void Histogram_NoRows_DrawsNothing() => Assert.That(Path(Chart.Histogram([0, 0], "low", "high")).Single(), Is.Empty);

    [Test]
    public void Compare_TwoHistograms_ShareOneScale() => Assert.That(
        Path(Chart.Compare([10], [5], "low", "high")),
        Is.EqualTo(new[] { "M138.4 90v-90h43.2v90z", "M149.2 90v-45h21.6v45z" }));

    [TestCase(-1, "0")]
    [TestCase(0.5, "71")]
    [TestCase(7, "142")]
    public void Bars_LengthOutsideZeroToOne_StaysInItsPlace(double length, string width) => Assert.That(
        XElement.Parse(Chart.Bars([("a", length, "v")])).Elements("rect").Select(rect => rect.Attribute("width")!.Value),
        Is.EqualTo(new[] { "142", width }));

    [Test]
    public void Bars_LabelThatIsTooLong_HasAllOfItInItsTitle()
    {
        var name = "MAXIMUM NUMBER OF DAYS WITHOUT A VISIT TO THE BRANCH";
        var label = XElement.Parse(Chart.Bars([(name, 0.5, "v")])).Elements("text").First();

        Assert.That(label.Element("title")!.Value, Is.EqualTo(name));
        Assert.That(label.Nodes().Last().ToString(), Does.Contain("…").And.StartsWith("MAXIMUM"));
    }

    [Test]
    public void Bars_LabelThatFitsTheChart_StandsWholeAboveItsBar()
    {
        var chart = XElement.Parse(Chart.Bars([("the number of days since the last visit", 0.5, "v"), ("b", 1, "w")]));

        Assert.That(chart.Value, Does.Not.Contain("…").And.Contain("the number of days since the last visit"));
        Assert.That(
            chart.Elements("rect").Where(rect => rect.Attribute("class")!.Value == "main").Select(rect => rect.Attribute("width")!.Value),
            Is.EqualTo(new[] { "136", "272" }));
    }

    [Test]
    public void Shorten_NamesThatDifferInTheMiddle_ShowWhatTheyDifferIn()
    {
        string[] names = [.. new[] { "Low", "Medium", "High" }.Select(level => $"Residential_{level}_Density"), "age"];

        var shown = Chart.Shorten(names, 120);

        Assert.That(shown, Is.Unique);
        Assert.That(shown[3], Is.EqualTo("age"));
        foreach (var (text, level) in shown.Zip(new[] { "Low", "Medium", "High" })) Assert.That(text, Does.Contain(level));
    }

    [Test]
    public void Shorten_AnyNames_NeverCollide()
    {
        var random = new Random(1);
        string[] names =
        [
            .. Enumerable.Range(0, 300).Select(_ => new string(random.GetItems("ab".AsSpan(), random.Next(0, 60)))),
            "", "(empty)",
        ];

        var shown = Chart.Shorten(names, 60);

        foreach (var alike in names.Zip(shown).GroupBy(pair => pair.Second, pair => pair.First))
        {
            Assert.That(alike.Distinct().Count(), Is.EqualTo(1), alike.Key);
        }
    }

    [Test]
    public void PairedBars_WholeShares_EndBeforeTheirNumbers()
    {
        var chart = XElement.Parse(Chart.PairedBars([("a", 1, 1), ("b", 0.55, 0.00001)]));

        var longest = chart.Elements("rect").Max(
            bar => double.Parse(bar.Attribute("x")!.Value, CultureInfo.InvariantCulture)
                + double.Parse(bar.Attribute("width")!.Value, CultureInfo.InvariantCulture));
        Assert.That(
            chart.Elements("text").Select(text => text.Value), Does.Contain("100.0 % → 100.0 %").And.Contain("55.0 % → < 0.01 %"));
        Assert.That(longest, Is.LessThan(320 - 17 * 5.5), "a letter needs 5.5 units or more");
    }

    [Test]
    public void Bars_EmptyLabel_IsSaidToBeEmpty() => Assert.That(Chart.Bars([("", 0.5, "v")]), Does.Contain(">(empty)<"));

    [Test]
    public void HeatMap_Cells_HaveColourStrengthAndNumber()
    {
        var cells = XElement.Parse(Chart.HeatMap(["a", "b"], (row, column) => row == column ? 1 : row == 0 ? -0.5 : double.NaN));
        var drawn = cells.Descendants("rect")
            .Skip(1)
            .Select(rect => $"{rect.Attribute("class")!.Value} {rect.Attribute("opacity")!.Value}");

        Assert.That(drawn, Is.EqualTo(new[] { "main 1", "other 0.5", "main 0", "main 1" }));
        Assert.That(cells.Descendants("text").Where(text => text.Attribute("class")!.Value.StartsWith('c')).Select(text => text.Value),
            Is.EqualTo(new[] { "1", "−0.50", "1" }), "a cell without a number has none");
    }

    [Test]
    public void HeatMap_ManyColumns_HasNoNumbers()
    {
        var names = Enumerable.Range(0, Chart.NumberedColumns + 1).Select(i => $"c{i}").ToArray();

        Assert.That(Chart.HeatMap(names, (_, _) => 0.5), Does.Not.Contain("class=\"c"));
        Assert.That(Chart.HeatMap(names[1..], (_, _) => 0.5), Does.Contain("class=\"c"));
    }

    private static IEnumerable<string> Path(string svg) =>
        XElement.Parse(svg).Elements("path").Select(path => path.Attribute("d")!.Value);
}
