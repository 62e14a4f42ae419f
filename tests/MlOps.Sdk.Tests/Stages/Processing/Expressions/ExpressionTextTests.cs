using System.Linq.Expressions;
using System.Text;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ExpressionTextTests
{
    [Test]
    public async Task Derive_TextThatEachStepDoubles_IsRefusedWithItsRow()
    {
        var steps = RowPipeline.Create(data =>
        {
            for (var i = 0; i < 26; i++)
            {
                var (from, to) = ($"t{i}", $"t{i + 1}");
                data.Derive(to, row => row.Text(from) + row.Text(from));
            }
        });
        var rows = new RecordBatchBuilder(new Schema(new Field("t0", ColumnType.Text)));
        ((TextColumnBuilder)rows[0]).Append((string?)null);
        ((TextColumnBuilder)rows[0]).Append("0123456789");

        await Assert.ThatAsync(
            () => steps.ApplyAsync(Dataset.FromBatches(rows.Schema, [rows.Build()])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Row 2").And.Message.Contains("1,000,000 characters"));
    }

    private static IEnumerable<TestCaseData> Numbers()
    {
        yield return Number(row => row.Number("a"), "a");
        yield return Number(row => 2.5, "2.5");
        yield return Number(row => -1, "-1");
        yield return Number(row => null, "null");
        yield return Number(row => row.Number("a") + row.Number("b"), "a + b");
        yield return Number(row => row.Number("a") - (row.Number("b") - 1), "a - (b - 1)");
        yield return Number(row => row.Number("a") - row.Number("b") - 1, "a - b - 1");
        yield return Number(row => (row.Number("a") + 1) * row.Number("b"), "(a + 1) * b");
        yield return Number(row => row.Number("a") + 1 * row.Number("b"), "a + 1 * b");
        yield return Number(row => row.Number("a") / (row.Number("b") * 2), "a / (b * 2)");
        yield return Number(row => row.Number("a") % 4, "a % 4");
        yield return Number(row => -row.Number("a") * -2, "-a * -2");
        yield return Number(row => -(row.Number("a") + 1), "-(a + 1)");
        yield return Number(row => -(-row.Number("a")), "-(-a)");
        yield return Number(row => row.Number("a") - -1, "a - -1");
        yield return Number(row => Math.Abs(row.Number("a")!.Value - 1), "Math.Abs(a - 1)");
        yield return Number(row => Math.Log(row.Number("a")!.Value), "Math.Log(a)");
        yield return Number(row => Math.Exp(row.Number("a")!.Value), "Math.Exp(a)");
        yield return Number(row => Math.Sqrt(row.Number("a")!.Value), "Math.Sqrt(a)");
        yield return Number(row => Math.Floor(row.Number("a")!.Value), "Math.Floor(a)");
        yield return Number(row => Math.Ceiling(row.Number("a")!.Value), "Math.Ceiling(a)");
        yield return Number(row => Math.Round(row.Number("a")!.Value), "Math.Round(a)");
        yield return Number(row => Math.Round(row.Number("a")!.Value, 2), "Math.Round(a, 2)");
        yield return Number(row => Math.Min(row.Number("a")!.Value, 3), "Math.Min(a, 3)");
        yield return Number(row => Math.Max(row.Number("a")!.Value, row.Number("b")!.Value), "Math.Max(a, b)");
        yield return Number(row => Math.Pow(row.Number("a")!.Value, 2) / 2, "Math.Pow(a, 2) / 2");
        yield return Number(row => row.Number("a") ?? row.Number("b") ?? 0, "a ?? b ?? 0");
        yield return Number(row => (row.Number("a") ?? row.Number("b")) ?? 0, "(a ?? b) ?? 0");
        yield return Number(row => (row.Number("a") ?? 0) + 1, "(a ?? 0) + 1");
        yield return Number(row => row.Number("a") > 0 ? 1 : row.Number("b") > 0 ? 2 : 3, "a > 0 ? 1 : b > 0 ? 2 : 3");
        yield return Number(row => (row.Boolean("f") ?? true) ? row.IsNull("a") ? 1 : 2 : 3, "f ?? true ? (a is null ? 1 : 2) : 3");
        yield return Number(row => (row.IsNull("a") ? 1 : 2) * row.Number("b"), "(a is null ? 1 : 2) * b");
        yield return Number(row => (row.Text("t") + "!").Length, "(t + \"!\").Length");
        yield return Number(
            row => row.Number("Total Charges") / row.Number("2nd") + row.Number("a[0]"), "[Total Charges] / [2nd] + [a[0]]]");
    }

    private static IEnumerable<TestCaseData> Truths()
    {
        yield return Truth(row => row.Boolean("f"), "f");
        yield return Truth(row => true, "true");
        yield return Truth(row => false, "false");
        yield return Truth(row => null, "null");
        yield return Truth(row => row.Number("paid") <= row.Number("billed"), "paid <= billed");
        yield return Truth(row => row.Number("a") < 1, "a < 1");
        yield return Truth(row => row.Number("a") > row.Number("b") + 1, "a > b + 1");
        yield return Truth(row => row.Number("a") >= 1, "a >= 1");
        yield return Truth(row => row.Number("a") == 1, "a == 1");
        yield return Truth(row => row.Number("a") != 1, "a != 1");
        yield return Truth(row => row.Number("a") == null, "a is null");
        yield return Truth(row => row.Number("a") + 1 != null, "a + 1 is not null");
        yield return Truth(row => (row.Boolean("f") ?? row.Boolean("g")) == null, "(f ?? g) is null");
        yield return Truth(row => row.Number("a").HasValue, "a is not null");
        yield return Truth(row => row.IsNull("a"), "a is null");
        yield return Truth(row => !row.IsNull("a"), "a is not null");
        yield return Truth(row => !row.Boolean("f"), "!f");
        yield return Truth(row => !(row.Number("a") < 1), "!(a < 1)");
        yield return Truth(row => !row.Text("t")!.Contains("xy", StringComparison.Ordinal), "!t.Contains(\"xy\")");
        yield return Truth(
            row => row.Number("a") > 0 && row.Number("b") > 0 || row.IsNull("a"), "a > 0 && b > 0 || a is null");
        yield return Truth(
            row => row.Number("a") > 0 && (row.Number("b") > 0 || row.IsNull("a")), "a > 0 && (b > 0 || a is null)");
        yield return Truth(
            row => row.Text("t")!.StartsWith("Mo", StringComparison.Ordinal) == row.Text("t")!.EndsWith("th", StringComparison.Ordinal),
            "t.StartsWith(\"Mo\") == t.EndsWith(\"th\")");
        yield return Truth(
            row => string.Equals(row.Text("t")!.Trim(), "two", StringComparison.OrdinalIgnoreCase),
            "t.Trim().ToUpper() == \"two\".ToUpper()");
    }

    private static IEnumerable<TestCaseData> Texts()
    {
        yield return TextCase(row => row.Text("t"), "t");
        yield return TextCase(row => "say \"a\\b\"\n", """
            "say \"a\\b\"\n"
            """);
        yield return TextCase(row => null, "null");
        yield return TextCase(row => row.Text("t") + "-" + row.Text("u"), "t + \"-\" + u");
        yield return TextCase(row => row.Text("t")!.ToLowerInvariant(), "t.ToLower()");
        yield return TextCase(row => row.Text("t")!.Trim().ToUpper(), "t.Trim().ToUpper()");
        yield return TextCase(row => row.Text("t") ?? "none", "t ?? \"none\"");
        yield return TextCase(row => row.Number("b") > 1 ? "many" : null, "b > 1 ? \"many\" : null");
    }

    [TestCaseSource(nameof(Numbers))]
    [TestCaseSource(nameof(Truths))]
    [TestCaseSource(nameof(Texts))]
    public void ToString_Expression_IsWrittenAsCSharp(LambdaExpression expression, string text) =>
        Assert.That(ExpressionTranslator.Translate(expression).ToString(), Is.EqualTo(text));

    [Test]
    public void ToString_Cases_AreOfAllOperations()
    {
        static IEnumerable<string> NamesOf(ExpressionNode node) => node.Args.SelectMany(NamesOf).Append(node.Op);

        var shown = Numbers().Concat(Truths()).Concat(Texts())
            .SelectMany(test => NamesOf(ExpressionTranslator.Translate((LambdaExpression)test.Arguments[0]!)));

        Assert.That(shown.Distinct(), Is.EquivalentTo(ExpressionOperators.Names));
    }

    [Test]
    public void Names_OfOperations_AreThoseOfPackages() => Assert.That(ExpressionOperators.Names, Is.EquivalentTo((
        "number text boolean no-number no-text no-boolean number-column text-column boolean-column is-null add subtract multiply divide " +
        "remainder min max pow round-to negate abs log exp sqrt floor ceiling round less less-or-equal greater greater-or-equal length " +
        "lower upper trim concat contains starts-with ends-with and or not equal missing coalesce if").Split(' ')));

    [Test]
    public void Read_ExpressionOfAPackage_GivesTheSameStep()
    {
        const string Saved = """
            {"column":"x","expression":{"op":"if","args":[{"op":"less","args":[{"op":"number-column","args":[],"column":"a"},
            {"op":"number","args":[],"number":3}]},{"op":"no-number","args":[]},{"op":"length","args":[{"op":"coalesce","args":[
            {"op":"text-column","args":[],"column":"t"},{"op":"text","args":[],"text":"none"}]}]}]}}
            """;
        var step = RowStepTests.NewReaders().Read<IRowProcessor>("mlops.derive/1", Encoding.UTF8.GetBytes(Saved));
        var column = step.BindRows(Tables.Batch("a:Integer,t:Text\n2,long\n3,long\n4,").Schema)
            .Apply(Tables.Batch("a:Integer,t:Text\n2,long\n3,short\n4,"))["x"];

        Assert.That(step.ToString(), Is.EqualTo("derive(x = a < 3 ? null : (t ?? \"none\").Length)"));
        Assert.That(Enumerable.Range(0, 3).Select(column.GetText), Is.EqualTo(new[] { null, "5", "4" }));
    }

    [TestCase("""{"op":"sinus","args":[{"op":"number","args":[],"number":3}]}""")]
    [TestCase("""{"op":"abs","args":[{"op":"text","args":[],"text":"3"}]}""")]
    [TestCase("""{"op":"abs","args":[]}""")]
    [TestCase("""{"op":"number-column","args":[]}""")]
    [TestCase("""{"op":"equal","args":[{"op":"number","args":[],"number":3},{"op":"text","args":[],"text":"3"}]}""")]
    [TestCase("""{"op":"coalesce","args":[{"op":"number","args":[],"number":3},null]}""")]
    public void Read_OperationThatIsUnknownOrOfTheWrongThings_IsRefused(string expression) => Assert.That(
        () => RowStepTests.NewReaders().Read<IRowProcessor>(
            "mlops.derive/1", Encoding.UTF8.GetBytes($$"""{"column":"x","expression":{{expression}}}""")),
        Throws.InstanceOf<Exception>().With.Message.Contains("unknown, or is applied to the wrong operands"));

    private static TestCaseData Number(Expression<Func<RowValues, double?>> expression, string text) => Named(expression, text);

    private static TestCaseData Truth(Expression<Func<RowValues, bool?>> expression, string text) => Named(expression, text);

    private static TestCaseData TextCase(Expression<Func<RowValues, string?>> expression, string text) => Named(expression, text);

    private static TestCaseData Named(LambdaExpression expression, string text) =>
        new TestCaseData(expression, text).SetArgDisplayNames(text.Replace('.', '·'));
}
