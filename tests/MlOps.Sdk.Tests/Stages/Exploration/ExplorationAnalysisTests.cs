using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class ExplorationAnalysisTests
{
    [Test]
    public void Run_BinaryLabel_RanksColumnsAndFindsLeaks()
    {
        var report = Run(Rows(800));
        var byName = report.Associations.ToDictionary(association => association.Column);
        Assert.That(byName["tenure"].Measure, Is.EqualTo("auc"));
        Assert.That(byName["tenure"].Value, Is.InRange(0.6, 0.95));
        Assert.That(byName["noise"].AdjustedPValue, Is.GreaterThan(0.01));
        Assert.That(byName["contract"].PValue, Is.LessThan(1e-6));
        Assert.That(report.Associations[0].Column, Is.EqualTo("cancelled_on_score"));
        Assert.That(report.LeakageSuspects.Select(suspect => (suspect.Column, suspect.Reason)), Is.EquivalentTo(new[]
        {
            ("customer", LeakageReason.Identifier),
            ("cancelled_on_score", LeakageReason.PredictsLabel),
            ("exit_interview", LeakageReason.MissingPredictsLabel),
        }));
        Assert.That(
            report.Profile.Findings.Select(finding => (finding.Column, finding.Kind)),
            Does.Contain(("exit_interview", FindingKind.ManyMissing))
                .And.Contain(("customer", FindingKind.Identifier))
                .And.Contain(("country", FindingKind.Constant)));
    }

    [Test]
    public void Run_LabelsThatAlternate_MakeNoTextSuspicious()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("colour", ColumnType.Text), new Field("churn", ColumnType.Text)));
        var random = new SeededRandom(4);
        for (var i = 0; i < 400; i++)
        {
            ((TextColumnBuilder)builder[0]).Append($"colour {random.Next(5)}");
            ((TextColumnBuilder)builder[1]).Append(i % 2 == 0 ? "Yes" : "No");
        }

        var report = Run(Dataset.FromBatches(builder.Schema, [builder.Build()]));
        Assert.That(report.LeakageSuspects, Is.Empty);
        Assert.That(report.Associations.Single().Value, Is.LessThan(0.65));
    }

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
    public void Run_HypothesisWithMisspeltColumns_NamesAll() =>
        Assert.That(
            () => Run(Rows(100), HypothesisRows.Write("misspelt", rows => rows.Rate("churm", "Yes").IsHigherWhere("contrakt", "monthly"))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'churm', 'contrakt'").And.Message.Contains("did you mean 'contract'"));

    [Test]
    public void ToString_Profile_ListsTheFindings() =>
        Assert.That(
            DatasetProfile.Of(Rows(100)).ToString(),
            Does.StartWith("100 rows, ").And.Contain("- country has the same value in every row."));

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
    public void Report_JsonAndBack_KeepsEverything()
    {
        var report = Run(Rows(200), HypothesisRows.Write("h", rows => rows.Mean("tenure").IsHigherWhere("customer", "c1")));
        var json = report.ToJson();
        var read = ExplorationReport.FromJson(json);
        Assert.That(read.ToJson(), Is.EqualTo(json));
        Assert.That(read.Hypotheses[0].Test.PValue, Is.NaN);
        Assert.That(() => ExplorationReport.FromJson(json.AsSpan(0, 40)), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void Run_MulticlassAndRegression_UseTheirMeasures()
    {
        var rows = Rows(300);
        var multiclass = ExplorationAnalysis.Run(
            rows,
            new ProblemDefinition { Task = TaskKind.MulticlassClassification, Label = "contract" },
            [],
            Correction.Holm,
            0.05,
            null,
            default);
        var regression = ExplorationAnalysis.Run(
            rows, new ProblemDefinition { Task = TaskKind.Regression, Label = "tenure" }, [], Correction.Holm, 0.05, null, default);
        Assert.That(multiclass.Associations.Single(a => a.Column == "churn").Measure, Is.EqualTo("cramers_v"));
        Assert.That(multiclass.Associations.Single(a => a.Column == "tenure").Measure, Is.EqualTo("correlation_ratio"));
        Assert.That(regression.Associations.Single(a => a.Column == "noise").Measure, Is.EqualTo("spearman"));
        Assert.That(regression.Associations.Single(a => a.Column == "churn").Measure, Is.EqualTo("correlation_ratio"));
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

    [Test]
    public void Run_PredictedAt_SuspectsColumnsWithLaterTimes()
    {
        var report = ExplorationAnalysis.Run(Visits(), Churn, [], Correction.Holm, 0.05, "signed_up", default);
        var suspect = report.LeakageSuspects.Single(each => each.Reason == LeakageReason.LaterThanPrediction);
        Assert.That((suspect.Column, suspect.Rows, suspect.Strength), Is.EqualTo(("cancelled", 50L, 0.5)));
        Assert.That(suspect.Sentence, Is.EqualTo(
            "cancelled lies after signed_up in 50 of 100 rows (50 %), in the middle by 30 days: " +
            "when the prediction is made, it is not known yet."));
        Assert.That(ExplorationReport.FromJson(report.ToJson()).PredictedAt, Is.EqualTo("signed_up"));
        Assert.That(report.ToHtml(), Does.Contain("cancelled lies after signed_up"));
        Assert.That(
            ExplorationAnalysis.Run(Visits(), Churn, [], Correction.Holm, 0.05, null, default).LeakageSuspects.Select(each => each.Reason),
            Has.None.EqualTo(LeakageReason.LaterThanPrediction));
    }

    [TestCase("signed_upp", "did you mean 'signed_up'")]
    [TestCase("churn", "Text")]
    public void Run_PredictedAtNoTimes_SaysWhatToDo(string column, string says) =>
        Assert.That(
            () => ExplorationAnalysis.Run(Visits(), Churn, [], Correction.Holm, 0.05, column, default),
            Throws.TypeOf<MlOpsException>().With.Message.Contains(says).IgnoreCase);

    [Test]
    public void PredictedAt_Blank_IsRefused() => Assert.That(() => new ExplorationBuilder().PredictedAt(" "), Throws.ArgumentException);

    private static Dataset Visits()
    {
        var builder = new RecordBatchBuilder(new Schema(
            new Field("signed_up", ColumnType.Timestamp),
            new Field("born", ColumnType.Timestamp),
            new Field("cancelled", ColumnType.Timestamp),
            new Field("churn", ColumnType.Text)));
        for (var i = 0; i < 200; i++)
        {
            var at = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i);
            ((TimestampColumnBuilder)builder[0]).Append(at);
            ((TimestampColumnBuilder)builder[1]).Append(at.AddDays(-9_000 - i));
            if (i % 2 == 0) ((TimestampColumnBuilder)builder[2]).Append(i % 4 == 0 ? at : at.AddDays(30));
            else builder[2].AppendNull();
            ((TextColumnBuilder)builder[3]).Append(i % 3 == 0 ? "Yes" : "No");
        }

        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    [Test]
    public void Run_EdgeTables_GiveAReportAndAPage(
        [Values(0, 1, 2, 30)] int rows,
        [Values("one class", "two classes", "no label")] string labels,
        [Values(TaskKind.BinaryClassification, TaskKind.MulticlassClassification, TaskKind.Regression)] TaskKind task)
    {
        var type = task == TaskKind.Regression ? ColumnType.Number : ColumnType.Text;
        var schema = new Schema(
            new Field("nothing", ColumnType.Number),
            new Field("no text", ColumnType.Text),
            new Field("never", ColumnType.Timestamp),
            new Field("same", ColumnType.Integer),
            new Field("words", ColumnType.Text),
            new Field("words again", ColumnType.Text),
            new Field("odd", ColumnType.Number),
            new Field("odd again", ColumnType.Number),
            new Field("yes", ColumnType.Boolean),
            new Field("at", ColumnType.Timestamp),
            new Field("churn", type));
        var builder = new RecordBatchBuilder(schema);
        double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e308, -1e308, 0, -0.0, double.Epsilon];
        for (var i = 0; i < rows; i++)
        {
            for (var column = 0; column < 3; column++) builder[column].AppendNull();
            ((IntegerColumnBuilder)builder[3]).Append(7);
            foreach (var column in (ReadOnlySpan<int>)[4, 5]) ((TextColumnBuilder)builder[column]).Append(i % 2 == 0 ? "" : "word");
            foreach (var column in (ReadOnlySpan<int>)[6, 7]) ((NumberColumnBuilder)builder[column]).Append(odd[i % odd.Length]);
            ((BooleanColumnBuilder)builder[8]).Append(true);
            ((TimestampColumnBuilder)builder[9]).Append(DateTime.UnixEpoch);
            if (labels == "no label") builder[10].AppendNull();
            else if (builder[10] is NumberColumnBuilder numbers) numbers.Append(labels == "one class" ? 1 : i);
            else ((TextColumnBuilder)builder[10]).Append(labels == "one class" || i % 2 == 0 ? "Yes" : "No");
        }

        var problem = new ProblemDefinition
        {
            Task = task,
            Label = "churn",
            PositiveClass = task == TaskKind.BinaryClassification ? "Yes" : null
        };
        var report = ExplorationAnalysis.Run(
            Dataset.FromBatches(schema, [builder.Build()]), problem, [], Correction.Holm, 0.05, "at", default);

        Assert.That(report.ToHtml(), Does.Contain("words again"));
        Assert.That(ExplorationReport.FromJson(report.ToJson()).ToJson(), Is.EqualTo(report.ToJson()));
        Assert.That(
            report.Associations.Select(association => association.Value),
            Has.All.Matches<double>(value => double.IsNaN(value) || Math.Abs(value) <= 1));
        if (rows < 20) Assert.That(report.LeakageSuspects, Is.Empty, "two rows prove nothing");
    }

    [Test]
    public void Run_Cancelled_Stops() =>
        Assert.That(
            () => ExplorationAnalysis.Run(Rows(50), Churn, [], Correction.Holm, 0.05, null, new CancellationToken(true)),
            Throws.InstanceOf<OperationCanceledException>());

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

    private static ProblemDefinition Churn => new() { Task = TaskKind.BinaryClassification, Label = "churn", PositiveClass = "Yes" };

    private static ExplorationReport Run(Dataset rows, params IHypothesis[] hypotheses) =>
        ExplorationAnalysis.Run(rows, Churn, hypotheses, Correction.BenjaminiHochberg, 0.05, null, CancellationToken.None);

    private static Dataset Rows(int count)
    {
        var schema = new Schema(
            new Field("customer", ColumnType.Text),
            new Field("contract", ColumnType.Text),
            new Field("tenure", ColumnType.Number),
            new Field("noise", ColumnType.Number),
            new Field("cancelled_on_score", ColumnType.Number),
            new Field("exit_interview", ColumnType.Number),
            new Field("country", ColumnType.Text),
            new Field("churn", ColumnType.Text));
        var builder = new RecordBatchBuilder(schema);
        var random = new SeededRandom(17);
        for (var i = 0; i < count; i++)
        {
            var churn = random.NextDouble() < 0.35;
            ((TextColumnBuilder)builder[0]).Append($"c{i}");
            ((TextColumnBuilder)builder[1]).Append(random.NextDouble() < (churn ? 0.75 : 0.4) ? "monthly" : "yearly");
            ((NumberColumnBuilder)builder[2]).Append(random.NextDouble() * 40 + (churn ? 0 : 15));
            ((NumberColumnBuilder)builder[3]).Append(random.NextDouble());
            ((NumberColumnBuilder)builder[4]).Append(churn ? 1 + random.NextDouble() : random.NextDouble());
            if (churn) ((NumberColumnBuilder)builder[5]).Append(random.NextDouble());
            else builder[5].AppendNull();
            ((TextColumnBuilder)builder[6]).Append("DE");
            ((TextColumnBuilder)builder[7]).Append(churn ? "Yes" : "No");
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    private static Dataset Coins(int count)
    {
        var schema = new Schema(new Field("country_code", ColumnType.Integer), new Field("coin", ColumnType.Boolean));
        var builder = new RecordBatchBuilder(schema);
        var random = new SeededRandom(23);
        for (var i = 0; i < count; i++)
        {
            ((IntegerColumnBuilder)builder[0]).Append(random.Next(3));
            ((BooleanColumnBuilder)builder[1]).Append(random.Next(2) == 0);
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }
}
