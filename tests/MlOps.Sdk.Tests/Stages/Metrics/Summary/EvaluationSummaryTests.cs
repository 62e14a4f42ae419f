using System.Text.Json;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Metrics;

/// <summary>What the charts show is what the metrics say.</summary>
[TestFixture]
public sealed class EvaluationSummaryTests
{
    private static readonly string[] s_binary = ["No", "Yes"];

    [TestCase(60, false)]
    [TestCase(1_000, false)]
    [TestCase(5_000, false)]
    [TestCase(5_000, true)]
    public void Of_Binary_CurvesHaveTheAreasOfTheMetrics(int rows, bool weighted)
    {
        var evaluation = Evaluation(rows, weighted);

        var summary = EvaluationSummarizer.Of(evaluation, s_binary, []);

        Assert.Multiple(() =>
        {
            Assert.That(summary.Roc, Has.Count.InRange(15, 200));
            Assert.That(summary.PrecisionRecall, Has.Count.InRange(15, 200));
            Assert.That((summary.Roc[0], summary.Roc[^1]), Is.EqualTo((new CurvePoint(0, 0), new CurvePoint(1, 1))));
            Assert.That(summary.Roc, Is.Ordered.By(nameof(CurvePoint.X)).Then.By(nameof(CurvePoint.Y)));
            Assert.That(Area(summary.Roc), Is.EqualTo(Metric.RocAuc.Compute(evaluation).Value).Within(0.003));
            Assert.That(summary.PrecisionRecall, Is.Ordered.By(nameof(CurvePoint.X)));
            Assert.That(summary.PrecisionRecall[^1].X, Is.EqualTo(1).Within(1e-9));
            Assert.That(Steps(summary.PrecisionRecall), Is.EqualTo(Metric.PrAuc.Compute(evaluation).Value).Within(0.01));
            Assert.That(summary.IsWeighted, Is.EqualTo(weighted));
        });
    }

    [Test]
    public void Of_FewScores_KeepsEveryPointOfTheCurves()
    {
        var summary = EvaluationSummarizer.Of(
            new Evaluation
            {
                Task = TaskKind.BinaryClassification,
                Labels = new double[] { 1, 0, 1, 0, 0 },
                Scores = new[] { 0.9, 0.8, 0.8, 0.3, 0.1 },
            },
            s_binary,
            []);

        Assert.That(
            summary.Roc.Select(point => (point.X, point.Y)),
            Is.EqualTo(new[] { (0.0, 0.0), (0, 0.5), (1 / 3.0, 1), (2 / 3.0, 1), (1, 1) }));
        Assert.That(summary.PrecisionRecall.Select(point => (point.X, point.Y)), Is.EqualTo(new[] { (0.5, 1.0), (1.0, 2 / 3.0) }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Of_Binary_CountsAndRatesAreThoseOfTheMetrics(bool weighted)
    {
        var evaluation = Evaluation(800, weighted);

        var summary = EvaluationSummarizer.Of(evaluation, s_binary, ["g", "no such column", "g"]);

        var confusion = summary.Confusion;
        var groups = summary.Attributes.Single();
        var unweighted = Evaluation(800, weighted: false);
        Assert.Multiple(() =>
        {
            Assert.That(
                (double)(confusion[0][0] + confusion[1][1]) / confusion.Sum(row => row.Sum()),
                Is.EqualTo(Metric.Accuracy.Compute(unweighted).Value).Within(1e-12));
            Assert.That(summary.Classes.Select(each => each.Class), Is.EqualTo(s_binary));
            Assert.That(summary.Classes[1].Precision, Is.EqualTo(Metric.Precision.Compute(evaluation).Value).Within(1e-12));
            Assert.That(summary.Classes[1].Recall, Is.EqualTo(Metric.Recall.Compute(evaluation).Value).Within(1e-12));
            Assert.That(summary.Classes[1].F1, Is.EqualTo(Metric.F1.Compute(evaluation).Value).Within(1e-12));
            Assert.That(
                summary.Calibration.Sum(bin => bin.Weight * Math.Abs(bin.Predicted - bin.Observed)),
                Is.EqualTo(Metric.CalibrationError.Compute(evaluation).Value).Within(1e-12));
            Assert.That(summary.Calibration.Sum(bin => bin.Rows), Is.EqualTo(800));
            Assert.That(summary.Calibration, Has.Count.InRange(2, 10));
            Assert.That(groups.Groups.Select(group => group.Group), Is.EqualTo(new[] { "a", "b" }));
            Assert.That(
                Math.Abs(groups.Groups[0].SelectionRate - groups.Groups[1].SelectionRate),
                Is.EqualTo(Fairness.DemographicParityDifference("g").Compute(evaluation).Value).Within(1e-12));
            Assert.That((groups.OtherGroups, groups.OtherRows), Is.EqualTo((0, 0)));
        });
    }

    [Test]
    public void Of_SmallGroups_AreCountedAndNotShown()
    {
        string?[] groups = [.. Enumerable.Range(0, 200).Select(row => row < 3 ? null : row < 32 ? "few" : row < 62 ? "enough" : "many")];
        var binary = Evaluations.Binary(200);
        var evaluation = new Evaluation
        {
            Task = binary.Task, Labels = binary.Labels, Scores = binary.Scores,
            Groups = new Dictionary<string, IReadOnlyList<string?>> { ["g"] = groups },
        };

        var attribute = EvaluationSummarizer.Of(evaluation, s_binary, ["g"]).Attributes.Single();

        Assert.That(attribute.Groups.Select(group => (group.Group, group.Count)), Is.EqualTo(new[] { ("enough", 30L), ("many", 138L) }));
        Assert.That((attribute.OtherGroups, attribute.OtherRows), Is.EqualTo((1, 32)));
    }

    [Test]
    public void Of_Multiclass_HasConfusionsAndCalibrationOfTheDecision()
    {
        var evaluation = Evaluations.Multiclass(900);

        var summary = EvaluationSummarizer.Of(evaluation, ["a", "b", "c"], ["g"]);

        Assert.Multiple(() =>
        {
            Assert.That(
                Enumerable.Range(0, 3).Sum(k => summary.Confusion[k][k]) / 900.0,
                Is.EqualTo(Metric.Accuracy.Compute(evaluation).Value).Within(1e-12));
            Assert.That(summary.Classes.Average(each => each.F1), Is.EqualTo(Metric.F1.Compute(evaluation).Value).Within(1e-12));
            Assert.That(
                summary.Calibration.Sum(bin => bin.Weight * Math.Abs(bin.Predicted - bin.Observed)),
                Is.EqualTo(Metric.CalibrationError.Compute(evaluation).Value).Within(1e-12));
            Assert.That((summary.Roc.Count, summary.PrecisionRecall.Count, summary.Attributes.Count), Is.EqualTo((0, 0, 0)));
            Assert.That(summary.Threshold, Is.Null);
        });
    }

    [Test]
    public void Of_ManyClasses_ShowsTheLargestAndNoConfusions()
    {
        const int classes = 40;
        var random = new SeededRandom(5);
        var labels = new double[2_000];
        var scores = new double[labels.Length * classes];
        for (var row = 0; row < labels.Length; row++)
        {
            // Class k has about k times as many rows as class 1.
            labels[row] = Math.Floor(Math.Sqrt(random.NextDouble()) * classes);
            for (var k = 0; k < classes; k++) scores[row * classes + k] = 1.0 / classes;
        }

        var summary = EvaluationSummarizer.Of(
            new Evaluation { Task = TaskKind.MulticlassClassification, ClassCount = classes, Labels = labels, Scores = scores },
            [.. Enumerable.Range(0, classes).Select(k => $"class {k}")],
            []);

        Assert.That(summary.Confusion, Is.Empty);
        Assert.That(summary.Classes, Has.Count.EqualTo(30));
        Assert.That(summary.Classes[^1].Class, Is.EqualTo("class 39"));
        Assert.That(summary.Classes.Min(each => each.Rows), Is.GreaterThan(labels.Count(label => label == 1)));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Of_Regression_BinsHaveTheErrorOfTheMetric(bool weighted)
    {
        var drawn = Evaluations.Regression(405);
        var evaluation = weighted ? Evaluations.Weighted(drawn, Weights(405)) : drawn;

        var summary = EvaluationSummarizer.Of(evaluation, [], ["g"]);

        Assert.Multiple(() =>
        {
            Assert.That(summary.Residuals, Has.Count.EqualTo(20).And.Ordered.By(nameof(ResidualBin.Predicted)));
            Assert.That(summary.Residuals.Min(bin => bin.Rows), Is.EqualTo(20));
            Assert.That(summary.Residuals.Sum(bin => bin.Rows), Is.EqualTo(405));
            Assert.That(summary.Residuals.Sum(bin => bin.Weight), Is.EqualTo(1).Within(1e-12));
            Assert.That(
                Math.Sqrt(summary.Residuals.Sum(bin => bin.Weight * bin.RootMeanSquare * bin.RootMeanSquare)),
                Is.EqualTo(Metric.Rmse.Compute(evaluation).Value).Within(1e-12));
            Assert.That(summary.Residuals.All(bin => bin.Lower < bin.Mean && bin.Mean < bin.Upper), Is.True);
            Assert.That((summary.Confusion.Count, summary.Calibration.Count, summary.Roc.Count), Is.EqualTo((0, 0, 0)));
        });
    }

    [Test]
    public void Of_ScoresThatNothingFollowsFrom_LeavesThePartsOut()
    {
        var labels = new double[] { 1, 0, 1 };
        var broken = Of(labels, 0.1, double.NaN, 0.5);
        var margins = Of(labels, -3, 4, 5);
        var oneClass = Of([0, 0, 0], 0.1, 0.2, 0.3);

        Assert.That((broken.Rows, broken.Roc.Count, broken.Confusion.Count, broken.Calibration.Count), Is.EqualTo((3, 0, 0, 0)));
        Assert.That((margins.Roc.Count > 2, margins.Confusion.Count, margins.Calibration.Count), Is.EqualTo((true, 2, 0)));
        Assert.That((oneClass.Roc.Count, oneClass.PrecisionRecall.Count, oneClass.Confusion.Count), Is.EqualTo((0, 0, 2)));
        Assert.That(EvaluationSummarizer.Of(Evaluations.Regression(19), [], []).Residuals, Is.Empty);

        static EvaluationSummary Of(double[] labels, params double[] scores) => EvaluationSummarizer.Of(
            new Evaluation { Task = TaskKind.BinaryClassification, Labels = labels, Scores = scores }, s_binary, []);
    }

    [Test]
    public void Serialize_Summary_IsReadBack()
    {
        var summary = EvaluationSummarizer.Of(Evaluation(500, weighted: true), s_binary, ["g"]);

        var read = JsonSerializer.Deserialize<EvaluationSummary>(JsonSerializer.Serialize(summary))!;

        Assert.That(JsonSerializer.Serialize(read), Is.EqualTo(JsonSerializer.Serialize(summary)));
        Assert.That(read.Roc, Is.EqualTo(summary.Roc));
        Assert.That(JsonSerializer.Serialize(summary), Has.Length.LessThan(40_000));
    }

    private static Evaluation Evaluation(int rows, bool weighted)
    {
        var evaluation = Evaluations.Binary(rows);
        return weighted ? Evaluations.Weighted(evaluation, Weights(rows)) : evaluation;
    }

    private static double[] Weights(int rows) => [.. Enumerable.Range(0, rows).Select(row => 1.0 + row % 7)];

    private static double Area(IReadOnlyList<CurvePoint> curve) =>
        curve.Zip(curve.Skip(1), (a, b) => (b.X - a.X) * (a.Y + b.Y) / 2).Sum();

    private static double Steps(IReadOnlyList<CurvePoint> curve) =>
        curve[0].X * curve[0].Y + curve.Zip(curve.Skip(1), (a, b) => (b.X - a.X) * b.Y).Sum();
}
