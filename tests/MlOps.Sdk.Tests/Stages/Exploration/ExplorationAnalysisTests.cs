using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Exploration.ExploredRows;

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
    public void ToString_Profile_ListsTheFindings() =>
        Assert.That(
            DatasetProfile.Of(Rows(100)).ToString(),
            Does.StartWith("100 rows, ").And.Contain("- country has the same value in every row."));

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
}
