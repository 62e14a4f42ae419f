using System.Text;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

/// <summary>What stands in CSV files of the world, and what comes of it.</summary>
public sealed class CsvGoldenTests : IDisposable
{
    private static readonly TestCaseData[] Read =
    [
        Case("line ends of all kinds", "a,b\r\n1,x\n2,y\r3,z", "1|x", "2|y", "3|z"),
        Case("no line break at the end", "a,b\n1,x", "1|x"),
        Case("empty lines between and behind", "a,b\n\n1,x\n\n\n2,y\n\n", "1|x", "2|y"),
        Case("byte order mark before a quoted header", "\uFEFF\"a\",\"b\"\n1,x\n", "1|x"),
        Case("header in quotes with the delimiter", "\"a, unit\",b\n1,x\n", "1|x"),
        Case("quotes within quotes", "a,b\n1,\"\"\"x\"\" y\"\"\"\n", "1|\"x\" y\""),
        Case("a quote in the middle of a field", "a,b\n1,5\" pipe\n", "1|5\" pipe"),
        Case("empty fields, quoted or not", "a,b,c\n,\"\",x\n", "~|~|x"),
        Case("a line of delimiters", "a,b,c\n,,\n1,2,3\n", "~|~|~", "1|2|3"),
        Case("line breaks in fields", "a,b\n1,\"x\r\ny\n\nz\"\n2,w\n", "1|x\r\ny\n\nz", "2|w"),
        Case("spaces around fields are part of them", "a,b\n 1 , x \n", " 1 | x "),
        Case("the hint of a spreadsheet", "sep=;\na;b\n1;2,5\n", "1|2,5"),
        Case("delimiters of other kinds are text", "a,b\n1;2,x|y\tz\n", "1;2|x|y\tz"),
        Case("leading zeros", "a,b\n00501,x\n10001,y\n", "00501|x", "10001|y"),
        Case("telephone numbers", "a\n+41441234567\n+41447654321\n", "+41441234567", "+41447654321"),
        Case("identifiers longer than 64 bits", "a\n12345678901234567890123\n1\n", "12345678901234567890123", "1"),
        Case(
            "the largest and smallest integers",
            "a\n9223372036854775807\n-9223372036854775808\n",
            "9223372036854775807",
            "-9223372036854775808"),
        Case("exponents and bare points", "a\n1e3\n.5\n5.\n-1.5E-2\n", "1000", "0.5", "5", "-0.015"),
        Case("NaN and infinity are text", "a\nNaN\n1\nInfinity\n", "NaN", "1", "Infinity"),
        Case("numbers that are too large for a double", "a\n1e999\n1\n", "1e999", "1"),
        Case("thousands in quotes are text", "a\n\"1,234\"\n", "1,234"),
        Case("money and percent are text", "a,b\n$5,7%\n", "$5|7%"),
        Case("true and false in any case", "a\nTRUE\nfalse\nTrue\n", "true", "false", "true"),
        Case("yes and no are text", "a\nyes\nno\n", "yes", "no"),
        Case("dates of the United States are text", "a\n12/31/2024\n01/02/2025\n", "12/31/2024", "01/02/2025"),
        Case("a day that does not exist makes the column text", "a\n2023-02-29\n2024-02-29\n", "2023-02-29", "2024-02-29"),
        Case("times with offsets become UTC", "a\n2024-01-01T00:30:00+02:00\n", "2023-12-31T22:30:00.0000000Z"),
        Case("formulas are text", "a,b\n=1+1,@x\n-2+3,+4\n", "=1+1|@x", "-2+3|+4"),
        Case("characters beyond the basic plane", "a\n😀\n", "😀"),
        Case("control characters within fields", "a,b\n\u0001x,y\u001A\n", "\u0001x|y\u001A"),
        Case("NULL is text unless it is said", "a\nNULL\n\\N\n", "NULL", "\\N"),
        Case("names that differ in case", "a,A\n1,2\n", "1|2"),
        Case("names with spaces around", " a ,b\n1,2\n", "1|2"),
        Case("a comment is a row", "a\n# x\n1\n", "# x", "1"),
    ];

    private static readonly TestCaseData[] Refused =
    [
        Case("delimiter at the end of the header", "a,b,\n1,2,\n", "Column 3 has no name"),
        Case("delimiter at the end of a row", "a,b\n1,2,\n", "3 fields where the header has 2"),
        Case("a total below the table", "a,b\n1,2\nTotal\n", "1 field where the header has 2"),
        Case("a title above the table", "Report\na,b\n1,2\n", "2 fields where the header has 1"),
        Case("quotes escaped by a backslash", "a,b\n1,\"x \\\" y\"\n", "closing quote"),
        Case("a space before the quote and a delimiter in it", "a,b\n1, \"x, y\"\n", "3 fields where the header has 2"),
        Case("a quote that is never closed", "a,b\n1,\"x\n2,y\n", "never closed"),
        Case("the same name twice", "a,a\n1,2\n", "twice"),
        Case("nothing but a header", "a,b\n", "no rows"),
        Case("nothing at all", "", "empty"),
        Case("nothing but line breaks", "\n\n\n", "empty"),
    ];

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [TestCaseSource(nameof(Read))]
    public async Task ReadAllAsync_OddFile_GivesItsRows(string text, string[] rows)
    {
        var data = await DataSources.Csv(_folder.Write("x.csv", text)).ReadAllAsync();

        Assert.That(
            Enumerable.Range(0, data.RowCount).Select(row => string.Join('|', data.Columns.Select(column => column.GetText(row) ?? "~"))),
            Is.EqualTo(rows));
    }

    [TestCaseSource(nameof(Refused))]
    public async Task ReadAllAsync_FileThatIsNoTable_IsRefused(string text, string[] problem) =>
        await Assert.ThatAsync(
            () => DataSources.Csv(_folder.Write("x.csv", text)).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(problem[0]));

    [Test]
    public async Task ReadAllAsync_TabsBetweenFields_AreADelimiterLikeOthers()
    {
        var data = await DataSources.Csv(_folder.Write("x.tsv", "a\tb\n1\tx, \"y\"\n"), csv => csv.Delimiter = '\t').ReadAllAsync();

        Assert.That((data["a"].GetText(0), data["b"].GetText(0)), Is.EqualTo(("1", "x, \"y\"")));
    }

    [Test]
    public async Task ReadAllAsync_ZeroBytes_ArePartOfTheText()
    {
        var data = await DataSources.Csv(_folder.Write("x.csv", Encoding.UTF8.GetBytes("a,b\nx\0y,1\n"))).ReadAllAsync();

        Assert.That((data["a"].GetText(0), data.Schema[1].Type), Is.EqualTo(("x\0y", ColumnType.Integer)));
    }

    private static TestCaseData Case(string name, string text, params string[] expected) =>
        new TestCaseData(text, expected).SetArgDisplayNames(name);
}
