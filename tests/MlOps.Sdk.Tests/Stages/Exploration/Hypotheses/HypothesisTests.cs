using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Statistics;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Exploration.ExploredRows;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class HypothesisTests
{
    [Test]
    public void Run_Hypotheses_AreTestedTogether()
    {
        var report = Run(Rows(800),
            HypothesisRows.Write(
                "Monthly customers leave more often",
                rows => rows.Rate("churn", "Yes").IsHigherWhere("contract", "monthly")),
            HypothesisRows.Write(
                "Monthly customers leave less often",
                rows => rows.Rate("churn", "Yes").IsLowerWhere("contract", "monthly")),
            HypothesisRows.Write("Leavers have shorter tenure", rows => rows.Mean("tenure").DiffersBetween("churn")),
            HypothesisRows.Write("Leaving goes with tenure", rows => rows.Correlates("cancelled_on_score", "tenure")),
            HypothesisRows.Write("A tiny group", rows => rows.Mean("tenure").IsHigherWhere("customer", "c1")),
            HypothesisRows.Write("Contract and churn are unrelated", rows => rows.IsIndependent("contract", "churn")));
        Assert.That(report.Hypotheses.Select(h => h.Verdict), Is.EqualTo(new[]
        {
            Verdict.Supported, Verdict.NotSupported, Verdict.Supported, Verdict.Supported, Verdict.NotEnoughData, Verdict.NotSupported,
        }), string.Join('\n', report.Hypotheses.Select(h => $"{h.Name}: p {h.Test.PValue}, {h.Sentence}")));
        Assert.That(report.Hypotheses[0].AdjustedPValue, Is.GreaterThan(report.Hypotheses[0].Test.PValue));
        Assert.That(report.Hypotheses[0].Interval.Contains(report.Hypotheses[0].Effect), Is.True);
        Assert.That(
            report.Hypotheses[0].Sentence,
            Does.StartWith("churn is Yes in ").And.Contain("contract is monthly").And.Contain("points"));
    }

    [TestCase("churn", "yes", "contract", "monthly", "'Yes'")]
    [TestCase("churn", "Yes", "contract", "Monthly", "'monthly'")]
    public void Run_HypothesisWithAValueThatDoesNotOccur_NamesThoseThatDo(
        string column, string value, string groupColumn, string group, string says)
    {
        var failure = Assert.Catch<MlOpsException>(
            () => Run(Rows(100), HypothesisRows.Write("misspelt", rows => rows.Rate(column, value).IsHigherWhere(groupColumn, group))))!;

        Assert.That(failure.Message, Does.Contain("misspelt").And.Contain($"Did you mean {says}?").And.Contain("The values are: "));
    }

    [Test]
    public void Run_ValueThatDoesNotOccurAmongManyTexts_ListsNoneOfThem()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("review", ColumnType.Text), new Field("fee", ColumnType.Number)));
        for (var i = 0; i < 100; i++)
        {
            ((TextColumnBuilder)builder[0]).Append($"My name is Anna{i} and I like it");
            ((NumberColumnBuilder)builder[1]).Append(i);
        }

        var rows = Dataset.FromBatches(builder.Schema, [builder.Build()]);
        var failure = Assert.Catch<MlOpsException>(
            () => HypothesisRows.Write("h", column => column.Mean("fee").IsHigherWhere("review", "bad")).Test(rows))!;

        Assert.That(failure.Message, Does.Contain("100 different values").And.Not.Contain("Anna"));
    }

    [Test]
    public void Sentence_LargeMeans_AreWrittenOut()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("side", ColumnType.Text), new Field("price", ColumnType.Number)));
        for (var i = 0; i < 100; i++)
        {
            ((TextColumnBuilder)builder[0]).Append(i % 2 == 0 ? "a" : "b");
            ((NumberColumnBuilder)builder[1]).Append(186_200 + i);
        }

        var result = HypothesisRows.Write("h", rows => rows.Mean("price").IsHigherWhere("side", "a"))
            .Test(Dataset.FromBatches(builder.Schema, [builder.Build()]));

        Assert.That(result.Sentence, Does.Contain("is 186,250 in the 50 rows").And.Not.Contain("E+"));
    }

    [Test]
    public void Run_HypothesisWithMisspeltColumns_NamesAll() =>
        Assert.That(
            () => Run(Rows(100), HypothesisRows.Write("misspelt", rows => rows.Rate("churm", "Yes").IsHigherWhere("contrakt", "monthly"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'churm', 'contrakt'").And.Message.Contains("did you mean 'contract'"));

    [Test]
    public void Run_BorderlineHypotheses_AreDecidedByTheAdjustedPValue()
    {
        // A single p of 0.03 is enough; among ten hypotheses it is what chance gives.
        IHypothesis Borderline(int i, double p) => new FixedHypothesis($"h{i}", p);
        Assert.That(Run(Rows(100), Borderline(0, 0.03)).Hypotheses[0].Verdict, Is.EqualTo(Verdict.Supported));
        var ten = Run(Rows(100), [Borderline(0, 0.03), .. Enumerable.Range(1, 9).Select(i => Borderline(i, 0.1 * i))]).Hypotheses[0];
        Assert.That((ten.Verdict, ten.AdjustedPValue), Is.EqualTo((Verdict.NotSupported, 0.3)));
    }

    [Test]
    public void Run_ColumnWithOneValue_HasNotEnoughData()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("contract", ColumnType.Text), new Field("fee", ColumnType.Number)));
        for (var i = 0; i < 800; i++)
        {
            ((TextColumnBuilder)builder[0]).Append(i < 100 ? "monthly" : "yearly");
            ((NumberColumnBuilder)builder[1]).Append(0.1);
        }

        var result = HypothesisRows.Write("h", rows => rows.Mean("fee").DiffersBetween("contract"))
            .Test(Dataset.FromBatches(builder.Schema, [builder.Build()]));
        Assert.That(result.Verdict, Is.EqualTo(Verdict.NotEnoughData), result.Sentence);
    }

    [Test]
    public void IsIndependent_ManyUnrelatedRows_IsSupportedAndFewAreNot()
    {
        var hypothesis = HypothesisRows.Write("unrelated", rows => rows.IsIndependent("country_code", "coin"));
        Assert.That(hypothesis.Test(Coins(6_000)).Verdict, Is.EqualTo(Verdict.Supported));
        Assert.That(hypothesis.Test(Coins(60)).Verdict, Is.EqualTo(Verdict.NotEnoughData));
    }

    [Test]
    public void Sentence_NegativeNumbers_HaveTheMinusSignOfThePage()
    {
        var report = Run(
            Rows(800),
            HypothesisRows.Write("Leaving goes with tenure", rows => rows.Correlates("cancelled_on_score", "tenure")));
        var result = report.Hypotheses[0];
        Assert.That(result.Effect, Is.LessThan(0));
        Assert.That(result.Sentence, Does.Match("is −0\\.[0-9]{3} \\(95 % interval −0").And.Not.Contain("-0"));
        var page = System.Net.WebUtility.HtmlDecode(report.ToHtml());
        Assert.That(page, Does.Contain(result.Sentence).And.Match("<dd>−0\\.[0-9]+ \\(−0"));
        Assert.That(page, Does.Not.Match(">[^<]*[ (]-[0-9]"));
    }

    [Test]
    public void Test_WrongColumns_SayWhatToDo()
    {
        var rows = Rows(100);
        Assert.That(
            () => HypothesisRows.Write("h", r => r.Mean("contract").IsHigherWhere("churn", "Yes")).Test(rows),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("Rate"));
        Assert.That(
            () => HypothesisRows.Write("h", r => r.Mean("tenure").DiffersBetween("customer")).Test(rows),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("IsHigherWhere"));
        Assert.That(
            () => HypothesisRows.Write("h", r => r.Rate("nope", "x").IsHigherWhere("churn", "Yes")).Test(rows),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("nope"));
    }

    private sealed class FixedHypothesis(string name, double p) : IHypothesis
    {
        public string Name => name;

        public HypothesisResult Test(Dataset rows) =>
            new(
                name,
                new TestResult("fixed", 1, p, 1, "effect", rows.RowCount, 0),
                1,
                new ConfidenceInterval(0, 2, 0.95),
                p <= 0.05 ? Verdict.Supported : Verdict.NotSupported,
                "Fixed.");
    }
}
