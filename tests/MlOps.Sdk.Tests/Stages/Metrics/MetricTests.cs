using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Metrics.Evaluations;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class MetricTests
{
    private static readonly IMetric[] OfClasses =
    [
        Metric.RocAuc, Metric.PrAuc, Metric.LogLoss, Metric.Brier, Metric.CalibrationError, Metric.Accuracy, Metric.BalancedAccuracy,
        Metric.Precision, Metric.Recall, Metric.F1, Metric.Mcc
    ];
    private static readonly IMetric[] OfNumbers = [Metric.Rmse, Metric.Mae, Metric.MedianAbsoluteError, Metric.Mape, Metric.R2];

    [Test]
    public void Names_AllMetrics_AreUniqueAndSnakeCase()
    {
        var names = OfClasses.Concat(OfNumbers).Select(metric => metric.Name).ToList();
        Assert.That(names, Is.Unique.And.All.Match("^[a-z0-9_]+$"));
        Assert.That(Fairness.EqualOpportunityDifference("female").Name, Is.EqualTo("equal_opportunity_difference(female)"));
    }

    [TestCaseSource(nameof(OfClasses))]
    public void Compute_BinaryAndMulticlass_AreDefinedWithIntervals(IMetric metric)
    {
        foreach (var evaluation in new[] { Binary(300), Multiclass(200) })
        {
            var value = MetricIntervals.Compute(metric, evaluation, resamples: 100);
            Assert.That(value.IsDefined && value.HasInterval, Is.True, $"{metric.Name}: {value}");
            Assert.That(value.Value, Is.InRange(value.Lower - 0.05, value.Upper + 0.05), metric.Name);
        }
    }

    [TestCaseSource(nameof(OfClasses))]
    public void Compute_RegressionOrNoRows_IsUndefinedWithReason(IMetric metric)
    {
        Assert.That(metric.Compute(Regression(20)).Undefined, Is.Not.Null);
        Assert.That(
            metric.Compute(new Evaluation { Task = TaskKind.BinaryClassification, Labels = default, Scores = default }).Undefined,
            Is.Not.Null);
    }

    [TestCaseSource(nameof(OfNumbers))]
    public void Compute_Regression_IsDefinedWithInterval(IMetric metric)
    {
        var value = MetricIntervals.Compute(metric, Regression(150), resamples: 100);
        Assert.That(value.IsDefined && value.HasInterval, Is.True, value.ToString());
        Assert.That(metric.Compute(Binary(20)).IsDefined, Is.False);
    }

    [Test]
    public void Compute_ScoreIsNaN_IsRefusedByEveryMetric()
    {
        var fairness = new[]
        {
            Fairness.SelectionRate("g", "a"), Fairness.DemographicParityDifference("g", 1), Fairness.DemographicParityRatio("g", 1),
            Fairness.EqualOpportunityDifference("g", 1), Fairness.EqualizedOddsDifference("g", 1),
        };
        Assert.Multiple(() =>
        {
            foreach (var metric in OfClasses.Concat(fairness)) Refuses(metric, WithoutScore(Binary(40), 7));
            foreach (var metric in OfClasses) Refuses(metric, WithoutScore(Multiclass(40), 7 * 3 + 2));
            foreach (var metric in OfNumbers) Refuses(metric, WithoutScore(Regression(40), 7));
        });

        static void Refuses(IMetric metric, Evaluation evaluation) => Assert.That(
            () => metric.Compute(evaluation),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("row 7"),
            $"{metric.Name}, {evaluation.Task}");
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Decision_ScoreIsNaN_IsRefused(int score)
    {
        Assert.That(
            () => WithoutScore(Multiclass(2), score).Decision(0),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("row 0").And.Property("Remedy").Contains("Remove rows without a " +
                "score"));
        Assert.That(() => WithoutScore(Binary(3), score).Decision(score), Throws.InstanceOf<MlOpsException>());
    }

    [Test]
    public void Accuracy_ValueIsNaN_IsRefused() =>
        Assert.That(() => ClassificationMetrics.Accuracy([1, 0], [1, double.NaN]), Throws.ArgumentException);

    [Test]
    public void Compute_UndefinedCases_AreNotZero()
    {
        var noPositives = new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = new double[] { 0, 0 },
            Scores = new[] { 0.1, 0.2 }
        };
        foreach (var metric in new[] { Metric.RocAuc, Metric.PrAuc, Metric.Precision, Metric.Recall, Metric.F1, Metric.Mcc })
            Assert.That(metric.Compute(noPositives).Undefined, Is.Not.Null, metric.Name);
    }

    private static Evaluation WithoutScore(Evaluation evaluation, int score)
    {
        var scores = evaluation.Scores.ToArray();
        scores[score] = double.NaN;
        return new Evaluation
        {
            Task = evaluation.Task,
            Labels = evaluation.Labels,
            Scores = scores,
            ClassCount = evaluation.ClassCount,
            Groups = evaluation.Groups,
        };
    }
}
