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

    [TestCase("roc_auc")]
    [TestCase("accuracy")]
    [TestCase("precision")]
    [TestCase("recall")]
    [TestCase("f1")]
    public void Compute_WeightedSample_CoversThePopulation(string name)
    {
        const int repetitions = 200;
        var metric = new[] { Metric.RocAuc, Metric.Accuracy, Metric.Precision, Metric.Recall, Metric.F1 }.Single(one => one.Name == name);
        var truth = StratifiedSample.OfPopulation(name);
        int covered = 0, coveredWithout = 0;
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var sample = new StratifiedSample(240, repetition).Uneven;
            if (Covers(MetricIntervals.Compute(metric, sample, resamples: 200, seed: repetition))) covered++;
            if (Covers(MetricIntervals.Compute(metric, StratifiedSample.WithoutWeights(sample), resamples: 50))) coveredWithout++;
        }

        TestContext.Out.WriteLine($"{name}: {covered} with, {coveredWithout} without weights, of {repetitions}");
        Assert.That(covered / (double)repetitions, Is.InRange(0.91, 0.99));
        Assert.That(coveredWithout / (double)repetitions, Is.LessThan(0.85), "the weights matter");

        bool Covers(MetricValue value) => value.Lower <= truth && truth <= value.Upper;
    }

    [Test]
    public void Compute_EqualWeights_ChangeNothing()
    {
        foreach (var evaluation in new[] { Binary(200), Multiclass(100) })
        {
            double[] weights = [.. Enumerable.Repeat(0.3, evaluation.RowCount)];
            foreach (var metric in new[] { Metric.RocAuc, Metric.Accuracy, Metric.Precision, Metric.Recall, Metric.LogLoss })
            {
                Assert.That(
                    MetricIntervals.Compute(metric, Weighted(evaluation, weights), resamples: 50),
                    Is.EqualTo(MetricIntervals.Compute(metric, evaluation, resamples: 50)));
            }
        }
    }

    [Test]
    public void Compute_WeightedPerfectModel_KnowsTheEffectiveRows()
    {
        // Of either class, four rows: (1 + 1 + 1 + 3)²/(1 + 1 + 1 + 9) = 3 count.
        var evaluation = new Evaluation
        {
            Task = TaskKind.BinaryClassification,
            Labels = new double[] { 0, 0, 0, 0, 1, 1, 1, 1 },
            Scores = new[] { 0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9 },
            Weights = new double[] { 1, 1, 3, 1, 10, 10, 10, 30 },
        };

        var area = MetricIntervals.Compute(Metric.RocAuc, evaluation);
        var recall = MetricIntervals.Compute(Metric.Recall, evaluation);
        var precision = MetricIntervals.Compute(Metric.Precision, evaluation);

        Assert.That((area.Value, area.Upper), Is.EqualTo((1.0, 1.0)));
        Assert.That(Math.Pow(area.Lower, 3), Is.EqualTo(0.025).Within(1e-12));
        Assert.That((recall.Value, recall.Upper), Is.EqualTo((1.0, 1.0)));
        Assert.That(recall.Lower, Is.EqualTo(Intervals.Wilson(3, 3).Lower).Within(1e-12));
        Assert.That(precision, Is.EqualTo(recall));
    }

    [Test]
    public void Compute_MetricOfATeam_ResamplesWeightsWithTheirRows()
    {
        var metric = new MeanWeight();
        var value = MetricIntervals.Compute(metric, Weighted(Binary(100), [.. Enumerable.Range(1, 100).Select(row => (double)row)]));

        Assert.That(value.Value, Is.EqualTo(50.5));
        Assert.That(value.Lower, Is.InRange(43, 47));
        Assert.That(value.Upper, Is.InRange(54, 58));
    }

    private sealed class MeanWeight : IMetric
    {
        public string Name => "mean_weight";

        public Direction Direction => Direction.Up;

        public MetricNeeds Needs => MetricNeeds.Weights;

        public MetricValue Compute(Evaluation evaluation) =>
            new(Enumerable.Range(0, evaluation.RowCount).Average(evaluation.Weight));
    }
}
