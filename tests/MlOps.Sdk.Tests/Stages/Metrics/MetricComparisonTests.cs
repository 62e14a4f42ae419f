using MlOps.Sdk.Metrics;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Metrics.Evaluations;

namespace MlOps.Sdk.Tests.Metrics;

public sealed class MetricComparisonTests
{
    [Test]
    public void Compare_LevelBeyondTheResamples_StillWidensTheInterval([Values("log_loss", "accuracy", "brier")] string name)
    {
        var metric = new[] { Metric.LogLoss, Metric.Accuracy, Metric.Brier }.Single(one => one.Name == name);
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
        foreach (var metric in new[] { Metric.RocAuc, Metric.LogLoss, Metric.Accuracy, Metric.Brier })
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

    [TestCase("roc_auc")]
    [TestCase("accuracy")]
    public void Compare_WeightsOfTheRows_AreThatOfThePopulation(string name)
    {
        // Unweighted, the champion is better; weighted as in the population, both are alike: 0 lies in 95 of 100 intervals.
        const int repetitions = 120;
        var metric = name == "roc_auc" ? Metric.RocAuc : Metric.Accuracy;
        int covered = 0, significant = 0, coveredWithout = 0;
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var sample = new StratifiedSample(160, repetition);
            var difference = MetricComparison.Compare(metric, sample.Uneven, sample.Even(name), resamples: 150, seed: repetition);
            Assert.That(difference.Method, Is.EqualTo("paired bootstrap"));
            if (difference.Lower <= 0 && difference.Upper >= 0) covered++;
            if (difference.PValue < 0.05) significant++;
            var without = MetricComparison.Compare(
                metric, StratifiedSample.WithoutWeights(sample.Uneven), StratifiedSample.WithoutWeights(sample.Even(name)), resamples: 50);
            if (without.Lower <= 0 && without.Upper >= 0) coveredWithout++;
        }

        TestContext.Out.WriteLine($"{name}: {covered} with, {coveredWithout} without weights, {significant} significant, of {repetitions}");
        Assert.That(covered / (double)repetitions, Is.InRange(0.9, 0.99));
        Assert.That(significant / (double)repetitions, Is.InRange(0.01, 0.09));
        Assert.That(coveredWithout / (double)repetitions, Is.LessThan(0.85), "the weights matter");
    }

    [Test]
    public void Compare_EqualWeights_ChangeNothing()
    {
        var (champion, challenger) = (Binary(200, noise: 1.6), Binary(200, noise: 1.4));
        double[] weights = [.. Enumerable.Repeat(0.1, 200)];
        foreach (var metric in new[] { Metric.RocAuc, Metric.Accuracy, Metric.LogLoss })
        {
            Assert.That(
                MetricComparison.Compare(metric, Weighted(champion, weights), Weighted(challenger, weights), resamples: 100),
                Is.EqualTo(MetricComparison.Compare(metric, champion, challenger, resamples: 100)));
        }
    }

    [Test]
    public void Compare_OtherWeights_Throws()
    {
        double[] ones = [.. Enumerable.Repeat(1.0, 50)];
        Assert.That(
            () => MetricComparison.Compare(Metric.RocAuc, Binary(50), Weighted(Binary(50), ones)),
            Throws.ArgumentException.With.Message.Contains("weights"));
        Assert.That(
            () => MetricComparison.Compare(Metric.RocAuc, Weighted(Binary(50), [1, 2]), Weighted(Binary(50), [1, 2])),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("50 rows have 2 weights"));
    }

    [Test]
    public void Compare_OtherRows_Throws() =>
        Assert.That(() => MetricComparison.Compare(Metric.RocAuc, Binary(50), Binary(51)), Throws.ArgumentException);
}
