using System.Buffers;
using System.Linq.Expressions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class ExpressionTests
{
    private const string Table = "a:Number,b:Integer,t:Text,f:Boolean\n6,2,Month-to-month,true\n,3,,\n-1.5,0, Two ,false";

    private static IEnumerable<TestCaseData> Numbers()
    {
        const int Captured = 10;
        var local = 2.5;
        yield return Number(row => row.Number("a") / row.Number("b"), "3", null, null);
        yield return Number(row => (row.Number("a") + 1) * local - Captured, "7.5", null, "-11.25");
        yield return Number(row => -row.Number("a") % 4, "-2", null, "1.5");
        yield return Number(row => row.Number("a") ?? row.Number("b") ?? 0, "6", "3", "-1.5");
        yield return Number(row => row.Number("a") > 0 ? 1 : 2, "1", null, "2");
        yield return Number(row => row.IsNull("a") ? -1 : row.Number("a"), "6", "-1", "-1.5");
        yield return Number(row => Math.Log(row.Number("a") ?? 1), "1.791759469228055", "0", null);
        yield return Number(row => Math.Max(Math.Abs(row.Number("a")!.Value), 3), "6", null, "3");
        yield return Number(row => Math.Round(Math.Sqrt(row.Number("b")!.Value), 2), "1.41", "1.73", "0");
        yield return Number(row => Math.Pow(row.Number("a")!.Value, 0), "1", null, "1");
        yield return Number(
            row => Math.Floor(row.Number("a")!.Value) + Math.Ceiling(row.Number("a")!.Value) + Math.Exp(0) + Math.Min(1, 2),
            "14",
            null,
            "-1");
        yield return Number(row => row.Text("t")!.Length, "14", null, "5");
        yield return Number(row => row.Number("f"), "1", null, "0");
        yield return Number(row => row.Number("a").HasValue ? 1 : 0, "1", "0", "1");
        yield return Number(row => null, null, null, null);
    }

    private static IEnumerable<TestCaseData> Truths()
    {
        yield return Truth(row => row.Number("a") >= 6, "true", null, "false");
        yield return Truth(row => row.Number("a") == null, "false", "true", "false");
        yield return Truth(
            row => row.Text("t") != null && row.Text("t")!.Contains("Month", StringComparison.Ordinal), "true", "false", "false");
        yield return Truth(row => row.Number("a") < 0 || row.Number("b") == 3, "false", "true", "true");
        yield return Truth(row => !(row.Boolean("f") ?? true), "false", "false", "true");
        yield return Truth(row => row.Boolean("f") == true, "true", null, "false");
        yield return Truth(row => string.Equals(row.Text("t")!.Trim(), "two", StringComparison.OrdinalIgnoreCase), "false", null, "true");
        yield return Truth(
            row => row.Text("t")!.StartsWith("Mon", StringComparison.Ordinal) == row.Text("t")!.EndsWith("month", StringComparison.Ordinal),
            "true",
            null,
            "true");
        yield return Truth(row => row.Number("a") > 0 && row.Number("b") > 5, "false", "false", "false");
    }

    private static IEnumerable<TestCaseData> Texts()
    {
        yield return TextCase(row => row.Text("t")!.ToUpper() + "!", "MONTH-TO-MONTH!", null, " TWO !");
        yield return TextCase(row => row.Text("t") ?? "none", "Month-to-month", "none", " Two ");
        yield return TextCase(row => row.Number("b") > 1 ? "many" : null, "many", "many", null);
        yield return TextCase(row => row.Text("t")!.ToLowerInvariant(), "month-to-month", null, " two ");
        yield return TextCase(row => row.Text("b"), "2", "3", "0");
    }

    [TestCaseSource(nameof(Numbers))]
    [TestCaseSource(nameof(Truths))]
    [TestCaseSource(nameof(Texts))]
    public void Derive_Expression_GivesValues_AlsoAfterSaveAndLoad(LambdaExpression expression, string?[] expected)
    {
        var batch = Tables.Batch(Table);
        var step = new DeriveColumn("new", ExpressionTranslator.Translate(expression));
        var saved = new ArrayBufferWriter<byte>();
        step.Save(saved);
        var loaded = RowStepTests.NewReaders().Read<IRowProcessor>(step.FormatId, saved.WrittenMemory);
        foreach (var processor in new[] { step, loaded })
        {
            var column = processor.BindRows(batch.Schema).Apply(batch)["new"];
            Assert.That(Enumerable.Range(0, 3).Select(column.GetText), Is.EqualTo(expected));
        }
    }

    private static IEnumerable<TestCaseData> UnsupportedExpressions()
    {
        yield return Refused(row => Math.Sin(row.Number("a")!.Value), "Math.Sin");
        yield return Refused(row => row.Text("t")!.Length / 2, "double");
        yield return Refused(row => row.Text("t")!.IndexOf('x'), "IndexOf");
        yield return Refused(row => double.Parse(row.Text("t")!), "Parse");
        yield return Refused(row => (int)row.Number("a")!.Value, "conversion");
        yield return Refused(row => row.Number(row.Text("t")!), "name of a column");
    }

    [TestCaseSource(nameof(UnsupportedExpressions))]
    public void Derive_WhatHasNoStoredForm_IsRefusedAtTheCall(Expression<Func<RowValues, double?>> expression, string part) => Assert.That(
        () => new ProcessingBuilder().Derive("x", expression),
        Throws.TypeOf<MlOpsException>().With.Message.Contains(part).And.Message.Contains("IRowProcessor"));

    [Test]
    public void Derive_NumberOfTextColumn_FailsWhenBound() =>
        Assert.That(() => Bind(row => row.Number("t")), Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("t"));

    [Test]
    public void Derive_MissingColumn_FailsWhenBound() =>
        Assert.That(() => Bind(row => row.Number("none")), Throws.TypeOf<MlOpsException>().With.Property("Column").EqualTo("none"));

    [Test]
    public void Translate_NestedChoices_IsQuick()
    {
        var row = Expression.Parameter(typeof(RowValues), "row");
        Expression body = Expression.Call(row, nameof(RowValues.Number), null, Expression.Constant("a"));
        for (var i = 0; i < 60; i++)
        {
            body = Expression.Condition(
                Expression.Call(row, nameof(RowValues.IsNull), null, Expression.Constant("a")),
                body,
                Expression.Constant(1.0, typeof(double?)));
        }
        Assert.That(
            ExpressionTranslator.Translate(Expression.Lambda<Func<RowValues, double?>>(body, row)).Kind,
            Is.EqualTo(ExpressionKind.Number));
    }

    [Test]
    public void Apply_NumericExpression_AllocatesNothingPerRow()
    {
        var batch = Tables.Batch(Table);
        var binding = Bind(row => row.Number("a") > 0 ? Math.Log(row.Number("a")!.Value) * (row.Number("b") ?? 1) : 0);
        var compute = binding.Columns[^1].Computation!;
        Column[] columns = [.. batch.Columns];
        var output = new NumberColumnBuilder();
        void Pass()
        {
            for (var row = 0; row < 3; row++) compute(new RowBlock(columns, row, 1), output);
            output.Clear();
        }

        for (var i = 0; i < 200; i++) Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) Pass();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000));
    }

    private static RowBinding Bind(Expression<Func<RowValues, double?>> expression) =>
        new DeriveColumn("new", ExpressionTranslator.Translate(expression)).BindRows(Tables.Batch(Table).Schema);

    private static TestCaseData Number(Expression<Func<RowValues, double?>> expression, params string?[] expected) =>
        Named(expression, expected);

    private static TestCaseData Truth(Expression<Func<RowValues, bool?>> expression, params string?[] expected) =>
        Named(expression, expected);

    private static TestCaseData TextCase(Expression<Func<RowValues, string?>> expression, params string?[] expected) =>
        Named(expression, expected);

    private static TestCaseData Refused(Expression<Func<RowValues, double?>> expression, string part) =>
        new TestCaseData(expression, part).SetArgDisplayNames(part);

    private static TestCaseData Named(LambdaExpression expression, string?[] expected) =>
        new TestCaseData(expression, expected).SetArgDisplayNames(expression.Body.ToString().Replace('.', '·'));
}
