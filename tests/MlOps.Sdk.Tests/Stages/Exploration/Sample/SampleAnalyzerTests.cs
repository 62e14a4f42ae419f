using MlOps.Sdk.Data;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Exploration;

public sealed class SampleAnalyzerTests
{
    [Test]
    public void Run_NumericColumns_HasBothCorrelationsOverCompletePairs()
    {
        var rows = Rows(500);
        var sample = Run(rows);
        var (i, j) = (Index(sample.Spearman, "age"), Index(sample.Spearman, "income"));
        var complete = Enumerable.Range(0, 500).Where(row => !rows["income"].IsNull(row)).ToArray();
        double[] x = [.. complete.Select(rows["age"].GetNumber)], y = [.. complete.Select(rows["income"].GetNumber)];
        Assert.That(complete, Has.Length.InRange(300, 490));
        Assert.That(sample.Pearson[i, j], Is.EqualTo(Correlations.Pearson(x, y).Statistic));
        Assert.That(sample.Spearman[j, i], Is.EqualTo(Correlations.Spearman(x, y).Statistic).Within(1e-12));
        Assert.That(sample.Spearman[i, i], Is.EqualTo(1));
    }

    [Test]
    public void Run_AlikeColumns_AreNamedOnceWithTheirMeasure() =>
        Assert.That(
            Run(Rows(500)).AlikeColumns.Select(pair => (string.Join('|', new[] { pair.First, pair.Second }.Order()), pair.Measure)),
            Is.EquivalentTo(new[]
            {
                ("city|town", "equal"), ("age|months", "spearman"), ("city|code", "cramers_v"), ("code|town", "cramers_v"),
            }));

    [Test]
    public void Run_MissingTogether_CountsThePatterns()
    {
        var rows = Rows(500);
        var patterns = Run(rows).MissingPatterns;
        Assert.That(patterns.Where(pattern => pattern.Columns.Contains("employer") != pattern.Columns.Contains("income")), Is.Empty);
        Assert.That(
            patterns.Where(pattern => pattern.Columns.Contains("employer")).Sum(pattern => pattern.Rows),
            Is.EqualTo(rows["employer"].NullCount));
        Assert.That(
            patterns.Single(pattern => pattern.Columns.SequenceEqual(["income", "employer", "reason"])).Rows,
            Is.EqualTo(Enumerable.Range(0, 500).Count(row => rows["employer"].IsNull(row) && rows["reason"].IsNull(row))));
        Assert.That(patterns.Sum(pattern => pattern.Rows), Is.EqualTo(500));
        Assert.That(patterns[0].Columns, Is.Empty);
    }

    [Test]
    public void Run_TextsThatDiffer_MakeRowsDiffer_CodesDoNot()
    {
        static AlikeRows Alike(Func<int, string> text) => Run(Table(200, (builder, row) =>
        {
            ((TextColumnBuilder)builder[0]).Append(text(row));
            ((IntegerColumnBuilder)builder[1]).Append(row % 10);
        }, new Field("text", ColumnType.Text), new Field("length", ColumnType.Integer))).AlikeRows;

        Assert.That(Alike(row => $"a review of several words about product {row}").Rows, Is.Zero);
        Assert.That(Alike(row => $"c{row}").Rows, Is.EqualTo(200));
    }

    [Test]
    public void Run_ColumnWithTwoHeaps_HasNoOutliers()
    {
        var outliers = Run(Table(400, (builder, row) =>
        {
            ((NumberColumnBuilder)builder[0]).Append(row % 5 == 0 ? 1000 + row : row % 50);
            ((NumberColumnBuilder)builder[1]).Append(row == 7 ? 1000 : row % 50);
        }, new Field("heaps", ColumnType.Number), new Field("far", ColumnType.Number))).Outliers;

        Assert.That(outliers.Select(column => (column.Column, column.Count)), Is.EqualTo(new[] { ("far", 1) }));
    }

    [Test]
    public void Run_NoMissingValue_HasNoPatterns() => Assert.That(Run(Wide(60, 3)).MissingPatterns, Is.Empty);

    [Test]
    public void Run_Classes_AreSharesOfAllRows()
    {
        var rows = Rows(12_000);
        var sample = Run(rows);
        Assert.That(sample.Rows, Is.EqualTo(10_000));
        Assert.That(sample.Classes.Sum(each => each.Rows), Is.EqualTo(12_000));
        Assert.That(sample.Classes.Select(each => each.Class), Is.EqualTo(new[] { "No", "Yes" }));
        Assert.That(sample.Classes.Sum(each => each.Share), Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void Run_Twice_GivesTheSameSample()
    {
        var rows = Rows(11_000);
        var (first, second) = (Report(rows).ToJson(), Report(rows).ToJson());
        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Run_Information_RanksTheColumnThatTells()
    {
        var information = Run(Rows(500)).Information;
        Assert.That(information[0].Column, Is.EqualTo("closed"));
        Assert.That(information[0].Nats, Is.GreaterThan(0.5).And.LessThanOrEqualTo(Math.Log(2)));
        var noise = information.Single(each => each.Column == "noise");
        Assert.That(noise.Nats, Is.LessThan(4 * noise.Bias));
        Assert.That((noise.Bins, noise.Bias), Is.EqualTo((10, 9 / 1000.0)));
        Assert.That(information.Select(each => each.Column), Does.Not.Contain("churn"));
    }

    [Test]
    public void Run_TextsWrittenDifferently_AreAlikeRows()
    {
        var schema = new Schema(
            new Field("name", ColumnType.Text), new Field("fee", ColumnType.Number), new Field("churn", ColumnType.Text));
        var builder = new RecordBatchBuilder(schema);
        foreach (var (name, fee, churn) in new[]
        {
            ("Ada  Lovelace", 10.0, "Yes"), (" ada lovelace", 10.0000001, "No"), ("Bob", 1, "No"), ("Bob", 2, "No"), ("Eve", 3, "No"),
            ("eve", 3, "No"), ("ada lovelace!", 10, "No")
        })
        {
            ((TextColumnBuilder)builder[0]).Append(name);
            ((NumberColumnBuilder)builder[1]).Append(fee);
            ((TextColumnBuilder)builder[2]).Append(churn);
        }

        Assert.That(Run(Dataset.FromBatches(schema, [builder.Build()])).AlikeRows, Is.EqualTo(new AlikeRows(4, 2, 1)));
    }

    [Test]
    public void Run_ValuesFarFromTheMiddle_AreCounted()
    {
        var rows = Rows(500);
        var sample = Run(rows);
        var far = sample.Outliers.Single(column => column.Column == "spent");
        Assert.That((far.Count, far.Farthest), Is.EqualTo((2, 1e6)));
        Assert.That(
            sample.RowOutliers!.Columns,
            Is.EquivalentTo(new[] { "closed", "months", "income", "noise", "drift", "spent" }),
            "age says what months says");
        Assert.That(sample.RowOutliers.Count, Is.InRange(new[] { 7, 70 }.Count(row => !rows["income"].IsNull(row)), 5));
        Assert.That(sample.RowOutliers.Threshold, Is.EqualTo(Distribution.ChiSquareQuantile(0.999, sample.RowOutliers.Columns.Count)));
    }

    [Test]
    public void Run_ManyColumns_KeepsSixtyThatTellMost()
    {
        var sample = Run(Wide(200, 150));
        Assert.That((sample.Spearman.Columns.Count, sample.Pearson.Values.Count, sample.ColumnsLeftOut), Is.EqualTo((60, 60 * 59 / 2, 90)));
        Assert.That(sample.Spearman.Columns[0], Is.EqualTo("c149"), "it is the label with noise");
    }

    [Test]
    public void Run_MissingInOneClassOnly_IsSuspected() =>
        Assert.That(
            Report(Rows(500)).LeakageSuspects.Select(suspect => (suspect.Column, suspect.Reason)),
            Does.Contain(("reason", LeakageReason.MissingInOneClass)));

    [Test]
    public void Run_NoRowWithALabel_HasNoInformation()
    {
        var builder = new RecordBatchBuilder(new Schema(new Field("x", ColumnType.Number), new Field("churn", ColumnType.Number)));
        builder[0].AppendNull();
        builder[1].AppendNull();
        var report = ExplorationAnalysis.Run(
            Dataset.FromBatches(builder.Schema, [builder.Build()]),
            new ProblemDefinition { Task = TaskKind.Regression, Label = "churn" },
            [],
            Correction.Holm,
            0.05,
            null,
            default);
        Assert.That(
            (report.Sample!.Information.Count, report.Sample.Classes.Count, report.Sample.RowOutliers),
            Is.EqualTo((0, 0, (RowOutliers?)null)));
    }

    [Test]
    public void Report_JsonAndBack_KeepsTheSecondPass()
    {
        var json = Report(Rows(300)).ToJson();
        Assert.That(ExplorationReport.FromJson(json).ToJson(), Is.EqualTo(json));
        Assert.That(ExplorationReport.FromJson(json).Sample!.MissingPatterns, Is.Not.Empty);
    }

    [Test]
    public void Write_TrendsSignsAndDistributions_HaveVerdicts()
    {
        var rows = Rows(9_000);
        HypothesisResult Ask(Func<HypothesisRows, HypothesisClaim> claim) => HypothesisRows.Write("h", claim).Test(rows);
        Assert.That(Ask(r => r.Trend("drift").RisesOver("at")).Verdict, Is.EqualTo(Verdict.Supported));
        Assert.That(Ask(r => r.Trend("drift").FallsOver("at")).Verdict, Is.EqualTo(Verdict.NotSupported));
        var trend = Ask(r => r.Trend("drift").RisesOver("at"));
        Assert.That(trend.Interval.Contains(0.24), Is.True, trend.Sentence);
        Assert.That(trend.Sentence, Does.Contain("per day").And.Contain("from 3,000 of them"));
        Assert.That(Ask(r => r.Correlates("age", "months", Alternative.Greater)).Verdict, Is.EqualTo(Verdict.Supported));
        Assert.That(Ask(r => r.Correlates("age", "months", Alternative.Less, linear: true)).Verdict, Is.EqualTo(Verdict.NotSupported));
        Assert.That(Ask(r => r.Correlates("age", "months", linear: true)).Test.Test, Is.EqualTo("Pearson"));
        Assert.That(Ask(r => r.Distribution("noise").IsTheSameBetween("churn")).Verdict, Is.EqualTo(Verdict.Supported));
        Assert.That(Ask(r => r.Distribution("closed").IsTheSameBetween("churn")).Verdict, Is.EqualTo(Verdict.NotSupported));
        Assert.That(Ask(r => r.Distribution("city").IsTheSameBetween("churn")).Test.Test, Is.EqualTo("chi-square"));
        Assert.That(
            () => Ask(r => r.Distribution("noise").IsTheSameBetween("city")),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("two values"));
        Assert.That(() => Ask(r => r.Trend("city").RisesOver("at")), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void Write_TrendOverFewRows_HasNotEnoughData() =>
        Assert.That(
            HypothesisRows.Write("h", r => r.Trend("drift").RisesOver("at")).Test(Rows(19)).Verdict,
            Is.EqualTo(Verdict.NotEnoughData));

    internal static ExplorationReport Report(Dataset rows) =>
        ExplorationAnalysis.Run(
            rows,
            new ProblemDefinition { Task = TaskKind.BinaryClassification, Label = "churn", PositiveClass = "Yes" },
            [],
            Correction.BenjaminiHochberg,
            0.05,
            null,
            default);

    private static Dataset Table(int count, Action<RecordBatchBuilder, int> fill, params Field[] fields)
    {
        var schema = new Schema([.. fields, new Field("churn", ColumnType.Text)]);
        var builder = new RecordBatchBuilder(schema);
        for (var row = 0; row < count; row++)
        {
            fill(builder, row);
            ((TextColumnBuilder)builder[fields.Length]).Append(row % 3 == 0 ? "Yes" : "No");
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }

    internal static Dataset Rows(int count)
    {
        var schema = new Schema(
            new Field("age", ColumnType.Number),
            new Field("months", ColumnType.Number),
            new Field("income", ColumnType.Number),
            new Field("employer", ColumnType.Text),
            new Field("spent", ColumnType.Number),
            new Field("noise", ColumnType.Number),
            new Field("closed", ColumnType.Number),
            new Field("drift", ColumnType.Number),
            new Field("city", ColumnType.Text),
            new Field("town", ColumnType.Text),
            new Field("code", ColumnType.Text),
            new Field("reason", ColumnType.Text),
            new Field("at", ColumnType.Timestamp),
            new Field("churn", ColumnType.Text));
        var builder = new RecordBatchBuilder(schema);
        var random = new SeededRandom(5);
        for (var i = 0; i < count; i++)
        {
            var churn = i % 5 < 2;
            var age = 20 + 60 * random.NextDouble();
            var missing = random.NextDouble() < 0.2;
            var city = random.Next(4);
            Number(0, age);
            Number(1, 12 * age + random.NextDouble());
            Number(2, missing ? null : 100 * age + 3000 * random.NextDouble());
            Text(3, missing ? null : $"firm {random.Next(9)}");
            Number(4, i is 7 or 70 ? 1e6 * i / 70 : 10 + 5 * random.NextDouble());
            Number(5, random.NextDouble());
            Number(6, (churn ? 1 : 0) + 0.9 * random.NextDouble());
            Number(7, i * 0.01 + random.NextDouble() * 20);
            Text(8, $"city {city}");
            Text(9, $"CITY {city} ");
            Text(10, $"{city * 7}");
            Text(11, churn && random.NextDouble() < 0.3 ? null : $"reason {random.Next(3)}");
            ((TimestampColumnBuilder)builder[12]).Append(new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i));
            Text(13, churn ? "Yes" : "No");
        }

        return Dataset.FromBatches(schema, [builder.Build()]);

        void Number(int column, double? value)
        {
            if (value is { } number) ((NumberColumnBuilder)builder[column]).Append(number);
            else builder[column].AppendNull();
        }

        void Text(int column, string? value) => ((TextColumnBuilder)builder[column]).Append(value);
    }

    internal static Dataset Wide(int count, int columns)
    {
        var builder = new RecordBatchBuilder(new Schema(
            [.. Enumerable.Range(0, columns).Select(i => new Field($"c{i}", ColumnType.Number)), new Field("churn", ColumnType.Text)]));
        var random = new SeededRandom(9);
        for (var i = 0; i < count; i++)
        {
            for (var column = 0; column < columns; column++)
            {
                ((NumberColumnBuilder)builder[column]).Append(random.NextDouble() + (column == columns - 1 && i % 2 == 0 ? 0.7 : 0));
            }
            ((TextColumnBuilder)builder[columns]).Append(i % 2 == 0 ? "Yes" : "No");
        }

        return Dataset.FromBatches(builder.Schema, [builder.Build()]);
    }

    private static SampleAnalysis Run(Dataset rows) => Report(rows).Sample!;

    private static int Index(PairMatrix matrix, string column) => matrix.Columns.ToList().IndexOf(column);
}
