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

    [Test]
    public void Compare_OtherRows_Throws() =>
        Assert.That(() => MetricComparison.Compare(Metric.RocAuc, Binary(50), Binary(51)), Throws.ArgumentException);
}
