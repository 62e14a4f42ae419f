using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Metrics.Evaluations;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class MetricIntervalsTests
{
    [Test]
    public void Compute_ClosedForms_AreDeLongAndWilson()
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
    public void Compute_AreaOfOneOrZero_KnowsTheRowsOfTheSmallerClass(int positives, int negatives)
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
}
