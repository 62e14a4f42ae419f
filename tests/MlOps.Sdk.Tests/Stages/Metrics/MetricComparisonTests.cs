using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
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

    [TestCase("log_loss")]
    [TestCase("brier")]
    [TestCase("pr_auc")]
    [TestCase("f1")]
    [TestCase("mcc")]
    [TestCase("calibration_error")]
    public void Compare_EqualModelsWithFewPositives_AreSeldomDifferent(string name)
    {
        var repetitions = name == "calibration_error" ? 60 : 300;
        var metric = new[] { Metric.LogLoss, Metric.Brier, Metric.PrAuc, Metric.F1, Metric.Mcc, Metric.CalibrationError }
            .Single(one => one.Name == name);
        int better = 0, worse = 0;
        for (var repetition = 0; repetition < repetitions; repetition++)
        {
            var (champion, challenger) = EqualModels(new Random(repetition));
            var difference = MetricComparison.Compare(metric, champion, challenger, resamples: 200, seed: repetition);
            if (difference.Lower > 0) better++;
            if (difference.Upper < 0) worse++;
        }

        TestContext.Out.WriteLine($"{name}: {better} better, {worse} worse, of {repetitions}");
        Assert.That(better / (double)repetitions, Is.LessThan(0.07));
        Assert.That(worse / (double)repetitions, Is.LessThan(0.07));

        static (Evaluation, Evaluation) EqualModels(Random random)
        {
            var (labels, first, second) = (new double[150], new double[150], new double[150]);
            for (var row = 0; row < labels.Length; row++)
            {
                labels[row] = random.NextDouble() < 0.08 ? 1 : 0;
                var shared = random.NextDouble();
                first[row] = Score(labels[row] + shared + random.NextDouble());
                second[row] = Score(labels[row] + shared + random.NextDouble());
            }

            return (Of(labels, first), Of(labels, second));
        }

        static double Score(double sum) => 1 / (1 + Math.Exp(6 - 3 * sum));

        static Evaluation Of(double[] labels, double[] scores) =>
            new() { Task = TaskKind.BinaryClassification, Labels = labels, Scores = scores, Threshold = 0.3 };
    }

    [Test]
    public void Compare_OnePositiveRow_ShowsNothing()
    {
        double[] labels = [0, 1, 0, 0, 0];
        foreach (var metric in new[] { Metric.RocAuc, Metric.PrAuc, Metric.F1 })
        {
            var difference = MetricComparison.Compare(metric, Of([0.6, 0.5, 0.1, 0.2, 0.3]), Of([0.1, 0.9, 0.2, 0.3, 0.4]));
            Assert.That(difference.Improvement, Is.GreaterThan(0), metric.Name);
            Assert.That(difference.Lower, Is.NaN, metric.Name);
        }

        Evaluation Of(double[] scores) => new() { Task = TaskKind.BinaryClassification, Labels = labels, Scores = scores };
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
