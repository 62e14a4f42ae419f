using System.Text.RegularExpressions;
using MlOps.Sdk.Reporting;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Reporting;

[TestFixture]
public sealed class HtmlPageTests
{
    private const string Hostile = "</title><script>alert('x')</script><img src=x onerror=\"alert(1)\">&";

    [Test]
    public void Build_HostileTextEverywhere_IsOnlyText()
    {
        var page = new HtmlPage(Hostile, Hostile)
            .Heading(Hostile).Heading(Hostile).Heading(Hostile)
            .Paragraph(Hostile)
            .Tiles((Hostile, Hostile))
            .List([Hostile])
            .BeginCards()
            .Card(Hostile, (Hostile, "warn"), "", (Hostile, Hostile))
            .Matrix(Hostile, [Hostile], [[1]], Hostile)
            .Facts(Hostile, (Hostile, Hostile))
            .EndCards()
            .Alarm(Hostile)
            .Raw(Plot.Curve([(0, 0), (1, 1)], ((0, 0), (1, 1)), null, Hostile, Hostile))
            .Raw(Plot.Diagonal([(0, 0, 1, Hostile)], Hostile, Hostile))
            .Raw(Plot.Band([(0, 0, -1, 1)], Hostile, Hostile))
            .Table([Hostile], [[(Hostile, null)]])
            .Build();

        Assert.Multiple(() =>
        {
            Assert.That(page, Does.Not.Contain("<script"));
            Assert.That(page, Does.Not.Contain("<img"));
            Assert.That(page, Does.Not.Contain("onerror=\""));
            Assert.That(page.Split("&lt;script&gt;"), Has.Length.EqualTo(1 + 40), "each place shows it");
        });
    }

    [Test]
    public void Build_Page_IsWholeAndLoadsNothing()
    {
        var page = new HtmlPage("t", "s").Paragraph("p").Build();

        Assert.That(page, Does.StartWith("<!DOCTYPE html>\n").And.EndWith("</main></body></html>\n").And.Contain("<title>t</title>"));
        Assert.That(page, Does.Not.Contain("http").And.Not.Contain("<script").And.Not.Contain("@import").And.Not.Contain("url("));
    }

    [Test]
    public void Table_ColumnWithoutATextInAnyRow_IsLeftOut()
    {
        var page = new HtmlPage("t", "s")
            .Table(["a", "note", "b#"], [[("1", null), ("", null), ("2", null)], [("3", null), ("", "bad"), ("", null)]])
            .Build();

        Assert.That(page, Does.Not.Contain("note").And.Contain(">a</th>").And.Contain(">b</th>"));
        Assert.That(page.Split("<td"), Has.Length.EqualTo(1 + 4));
    }

    [Test]
    public void Matrix_LongNamesThatDifferInTheMiddle_AreToldApart()
    {
        string[] names = [.. new[] { "low", "middle", "high" }.Select(level => $"customers of the {level} tariff of the last year")];

        var page = new HtmlPage("t", "s").Matrix("m", names, [[1, 0, 0], [0, 1_234, 0], [0, 0, 3]], "n").Build();

        string[] shown = [.. Regex.Matches(page, "<th title=\"[^\"]*\">([^<]+)</th>").Select(match => match.Groups[1].Value)];
        Assert.That(shown, Has.Length.EqualTo(6).And.All.Length.LessThan(25));
        Assert.That(shown.Distinct().Count(), Is.EqualTo(3));
        Assert.That(page, Does.Contain(">1,234</td>").And.Not.Contain("text-overflow"));
    }

    [TestCase(3, false, false)]
    [TestCase(4, true, false)]
    [TestCase(8, true, false)]
    [TestCase(9, true, true)]
    public void Matrix_ManyClasses_HaveUprightNamesAndTheWholeWidth(int classes, bool upright, bool alone)
    {
        string[] names = [.. Enumerable.Range(0, classes).Select(i => $"class {i}")];

        var page = new HtmlPage("t", "s").Matrix("m", names, [.. names.Select(_ => new long[classes])], "n").Build();

        Assert.That(page.Contains("<span>class 0</span>", StringComparison.Ordinal), Is.EqualTo(upright));
        Assert.That(page.Contains("class=\"card all\"", StringComparison.Ordinal), Is.EqualTo(alone));
    }

    [TestCase(2, false)]
    [TestCase(3, true)]
    public void Build_Headings_AreLinkedWhenThereAreSeveral(int count, bool links)
    {
        var page = new HtmlPage("t", "s");
        for (var i = 1; i <= count; i++) page.Heading($"h{i}");

        Assert.That(page.Build().Contains($"<a href=\"#s{count}\">h{count}</a>", StringComparison.Ordinal), Is.EqualTo(links));
    }

    [TestCase(null, "")]
    [TestCase("", "")]
    [TestCase("a<b>\"c\"&'d'", "a&lt;b&gt;&quot;c&quot;&amp;&#39;d&#39;")]
    [TestCase("a\u202eb\u0000c\u001bd", "a□b□c□d")]
    [TestCase("a\tb\nc", "a\tb\nc")]
    public void Escape_Text_MayStandInThePage(string? text, string expected) =>
        Assert.That(HtmlPage.Escape(text), Is.EqualTo(expected));

    [Test]
    public void Escape_LongText_LosesItsMiddle()
    {
        var text = HtmlPage.Escape(new string('a', 500) + new string('b', 500));

        Assert.That(text, Has.Length.EqualTo(400).And.Contain("a…b"));
        Assert.That(HtmlPage.Escape(new string('a', 400)), Has.Length.EqualTo(400).And.Not.Contain("…"));
    }

    [Test]
    public void Name_LongOrEmpty_IsShortOrSaidToBeEmpty()
    {
        Assert.That(HtmlPage.Name(""), Is.EqualTo("(empty)"));
        Assert.That(HtmlPage.Name(new string('a', 60)), Has.Length.EqualTo(60));
        Assert.That(HtmlPage.Name(new string('a', 50) + new string('b', 50)), Has.Length.EqualTo(60).And.Contain("a…b"));
        Assert.That(
            HtmlPage.Name($"{new string('a', 50)}-1-{new string('b', 50)}"),
            Is.Not.EqualTo(HtmlPage.Name($"{new string('a', 50)}-2-{new string('b', 50)}")));
    }

    [TestCase(0, "0")]
    [TestCase(-0.0, "0")]
    [TestCase(-1234.4, "−1,234")]
    [TestCase(123.46, "123.5")]
    [TestCase(123_456_789, "123,456,789")]
    [TestCase(12_345.678, "12,346")]
    [TestCase(12_345_678.9, "12,345,679")]
    [TestCase(3_456_789_012.4, "3,456,789,012")]
    [TestCase(0.000123456, "0.0001235")]
    [TestCase(0.0000123456, "1.235 × 10⁻⁵")]
    [TestCase(-1e-9, "−1 × 10⁻⁹")]
    [TestCase(1.2345678e18, "1.235 × 10¹⁸")]
    [TestCase(1.0 / 3, "0.3333")]
    [TestCase(double.NaN, "–")]
    [TestCase(double.PositiveInfinity, "∞")]
    [TestCase(double.NegativeInfinity, "−∞")]
    public void Number_Value_HasFourDigitsThatMatter(double value, string expected) =>
        Assert.That(HtmlPage.Number(value), Is.EqualTo(expected));

    [Test]
    public void Numbers_CloseTogether_AreToldApart() =>
        Assert.That(HtmlPage.Numbers(1.00001, 1.00002, 1.00002), Is.EqualTo(new[] { "1.00001", "1.00002", "1.00002" }));

    [TestCase(0.04999, "0.050")]
    [TestCase(0.00099, "< 0.001")]
    [TestCase(1.2e-210, "< 0.001")]
    [TestCase(0, "< 0.001")]
    [TestCase(double.NaN, "–")]
    public void PValue_Value_IsShort(double value, string expected) => Assert.That(HtmlPage.PValue(value), Is.EqualTo(expected));

    [TestCase(0.13, "0.130")]
    [TestCase(0, "0.000")]
    [TestCase(3.331e-7, "< 0.001")]
    [TestCase(-0.0001, "0.000")]
    [TestCase(-0.25, "−0.250")]
    [TestCase(12.3456, "12.35")]
    [TestCase(186_200.4, "186,200")]
    [TestCase(double.NaN, "–")]
    public void Decimals_Value_HasThreeUnlessItIsLarge(double value, string expected) =>
        Assert.That(HtmlPage.Decimals(value), Is.EqualTo(expected));

    [TestCase(0.00001, "< 1 ms")]
    [TestCase(0.25, "250 ms")]
    [TestCase(12.34, "12.3 s")]
    [TestCase(185, "3 min 5 s")]
    [TestCase(3_600 * 1_001 + 61, "1,001 h 1 min")]
    public void Duration_Time_IsInTheUnitThatFits(double seconds, string expected) =>
        Assert.That(HtmlPage.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(expected));

    [Test]
    public void Table_MoreColumnsThanAPhoneShows_NamesEachCell()
    {
        var page = new HtmlPage("t", "s")
            .Table(["a", "b", "c"], [[("1", null), ("2", null), ("3", null)]])
            .Table(["a", "b#", "c", Hostile], [[("1", null), ("2", null), ("3", null), ("4", null)]])
            .Build();

        Assert.That(page.Split(" data-of=\""), Has.Length.EqualTo(1 + 4));
        Assert.That(page, Does.Contain("data-of=\"b\">2<").And.Not.Contain("onerror=\""));
    }

    [TestCase(0.5, "50.0 %")]
    [TestCase(0.0005, "0.05 %")]
    [TestCase(0.00001, "< 0.01 %")]
    [TestCase(0, "0.0 %")]
    [TestCase(double.NaN, "–")]
    public void Share_Value_IsAPercentage(double value, string expected) => Assert.That(HtmlPage.Share(value), Is.EqualTo(expected));

    [TestCase(1, "1 group")]
    [TestCase(2_354, "2,354 groups")]
    [TestCase(0, "0 groups")]
    public void Count_Things_AreOneOrMany(long count, string expected) =>
        Assert.That(HtmlPage.Count(count, "group"), Is.EqualTo(expected));

    [Test]
    public void Card_FactsWithoutValue_AreLeftOut()
    {
        var page = new HtmlPage("t", "s").Card("c", ("tag", null), "", ("kept", "1"), ("gone", null)).Build();

        Assert.That(page, Does.Contain("<dt>kept</dt><dd>1</dd>").And.Not.Contain("gone"));
        Assert.That(new HtmlPage("t", "s").Card("c", ("tag", null), "", ("gone", null)).Build(), Does.Not.Contain("<dl>"));
    }
}
