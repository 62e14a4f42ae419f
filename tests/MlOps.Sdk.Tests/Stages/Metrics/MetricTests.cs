using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

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
        Assert.That(RegressionMetrics.R2([2, 2, 2], [1, 2, 3]), Is.NaN);
    }

    [Test]
    public void Functions_BadInput_Throw()
    {
        Assert.That(() => ClassificationMetrics.RocAuc([0, 1], [0.5]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.RocAuc([0, 1], [0.5, double.NaN]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.RocAuc([0, 2], [0.5, 0.5]), Throws.ArgumentException);
        Assert.That(() => ClassificationMetrics.LogLoss([0, 1], [0.5, 1.5]), Throws.ArgumentException);
        Assert.That(() => RegressionMetrics.Rmse([1], [double.NaN]), Throws.ArgumentException);
    }

    [Test]
    public void Intervals_ClosedForms_AreDeLongAndWilson()
    {
        var evaluation = Binary(400);
        var expected = DeLong.Auc(evaluation.Labels.Span, evaluation.Scores.Span).Interval;
        var auc = MetricIntervals.Compute(Metric.RocAuc, evaluation);
        Assert.That((auc.Lower, auc.Upper), Is.EqualTo((expected.Lower, expected.Upper)));
        var confusion = ConfusionMatrix.From(
            evaluation.Labels.Span,
            Enumerable.Range(0, 400).Select(i => (double)evaluation.Decision(i)).ToArray());
        var recall = MetricIntervals.Compute(Metric.Recall, evaluation);
        Assert.That(recall.Lower, Is.EqualTo(Intervals.Wilson(confusion.Right(1), confusion.Truths(1)).Lower));
    }

    [TestCase(2, 2)]
    [TestCase(10, 4)]
    [TestCase(4, 10)]
    [TestCase(1, 50)]
    [TestCase(200, 300)]
    public void Interval_AreaOfOneOrZero_KnowsTheRowsOfTheSmallerClass(int positives, int negatives)
    {
        double[] labels = [.. Enumerable.Repeat(1.0, positives), .. Enumerable.Repeat(0.0, negatives)];
        double[] scores = [.. labels.Select((label, i) => (label + i / 1e4) / 2)];
        Evaluation Of(double[] ranked) => new() { Task = TaskKind.BinaryClassification, Labels = labels, Scores = ranked };

        var perfect = MetricIntervals.Compute(Metric.RocAuc, Of(scores));
        var reversed = MetricIntervals.Compute(Metric.RocAuc, Of([.. scores.Select(score => 1 - score)]));

        // Whoever ranks a pair right with the probability of the bound ranks all pairs right with 2.5 %.
        var smaller = Math.Min(positives, negatives);
        Assert.That((perfect.Value, perfect.Upper), Is.EqualTo((1.0, 1.0)));
        Assert.That(Math.Pow(perfect.Lower, smaller), Is.EqualTo(0.025).Within(1e-12));
        Assert.That((reversed.Value, reversed.Lower), Is.EqualTo((0.0, 0.0)));
        Assert.That(Math.Pow(1 - reversed.Upper, smaller), Is.EqualTo(0.025).Within(1e-12));
    }

    [Test]
    public void Compare_LevelBeyondTheResamples_StillWidensTheInterval([Values("log_loss", "accuracy", "brier")] string name)
    {
        var metric = OfClasses.Single(one => one.Name == name);
        var (champion, challenger) = (Binary(300, noise: 1.6), Binary(300, noise: 1.4));
        var widths = new[] { 0.9999, 0.999999, 0.99999999 }
            .Select(level => MetricComparison.Compare(metric, champion, challenger, level))
            .Select(difference => difference.Upper - difference.Lower);
        Assert.That(widths.Zip(widths.Skip(1), (narrow, wide) => wide / narrow), Is.All.GreaterThan(1.1));
    }

    [Test]
    public void Compare_BetterChallenger_ImprovesWhateverTheDirection()
    {
        var (champion, challenger) = (Binary(600, noise: 3), Binary(600, noise: 0.8));
        foreach (var metric in OfClasses.Where(m => m.Name is "roc_auc" or "log_loss" or "accuracy" or "brier"))
        {
            var difference = MetricComparison.Compare(metric, champion, challenger, resamples: 200);
            Assert.That(difference.Improvement, Is.GreaterThan(0), metric.Name);
            Assert.That(difference.Lower, Is.GreaterThan(0).And.LessThan(difference.Improvement), metric.Name);
            Assert.That(difference.PValue, Is.LessThan(0.05), metric.Name);
            Assert.That(
                MetricComparison.Compare(metric, challenger, champion, resamples: 200).Improvement,
                Is.EqualTo(-difference.Improvement).Within(1e-12));
        }
    }

    [Test]
    public void Compare_OtherRows_Throws() =>
        Assert.That(() => MetricComparison.Compare(Metric.RocAuc, Binary(50), Binary(51)), Throws.ArgumentException);

    internal static Evaluation Binary(int rows, double noise = 1.5)
    {
        // Labels depend on the row alone, so that evaluations of one size share them.
        var (labels, scores, groups) = (new double[rows], new double[rows], new string?[rows]);
        var (ofLabels, ofScores) = (new SeededRandom(11), new SeededRandom(12));
        for (var i = 0; i < rows; i++)
        {
            labels[i] = ofLabels.NextDouble() < 0.4 ? 1 : 0;
            groups[i] = ofLabels.Next(2) == 0 ? "a" : "b";
            scores[i] = 1 / (1 + Math.Exp(-(2 * labels[i] - 1 + noise * (ofScores.NextDouble() * 2 - 1) * 1.7)));
        }

        return new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = labels,
            Scores = scores,
            Groups = new Dictionary<string, IReadOnlyList<string?>> { ["g"] = groups }
        };
    }

    private static Evaluation Multiclass(int rows)
    {
        var random = new SeededRandom(21);
        var (labels, scores) = (new double[rows], new double[rows * 3]);
        for (var i = 0; i < rows; i++)
        {
            labels[i] = random.Next(3);
            var sum = 0.0;
            for (var k = 0; k < 3; k++) sum += scores[i * 3 + k] = random.NextDouble() + (k == labels[i] ? 0.5 : 0);
            for (var k = 0; k < 3; k++) scores[i * 3 + k] /= sum;
        }

        return new Evaluation { Task = TaskKind.MulticlassClassification, ClassCount = 3, Labels = labels, Scores = scores };
    }

    private static Evaluation Regression(int rows)
    {
        var random = new SeededRandom(31);
        var labels = Enumerable.Range(0, rows).Select(_ => random.NextDouble() * 10 + 1).ToArray();
        return new Evaluation
        {
            Task = TaskKind.Regression,
            ClassCount = 1,
            Labels = labels,
            Scores = labels.Select(label => label + random.NextDouble() - 0.5).ToArray()
        };
    }
}
