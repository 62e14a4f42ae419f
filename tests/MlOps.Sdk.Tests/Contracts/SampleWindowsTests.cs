using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

/// <summary>The windows of the kit have what monitors of labels and calls read, also when their workspace is gone.</summary>
[TestFixture]
public sealed class SampleWindowsTests
{
    [Test]
    public async Task Create_Windows_HaveLabelsAndCallsOfTheirOwnTime()
    {
        var windows = await SampleWindows.CreateAsync(rows: 300);

        foreach (var (window, rows) in new[] { (windows.Stable, 300), (windows.Shifted, 300), (windows.Small, 20) })
        {
            var labelled = await window.Records.LabelledAsync(window.From, window.To, ["plan"]);
            var calls = await window.Records.CallsAsync(window.From, window.To);
            Assert.That((labelled.Evaluation.RowCount, labelled.Coverage, calls.Total), Is.EqualTo((rows, 1.0, (long)rows)));
            Assert.That(labelled.Evaluation.Groups["plan"].Distinct().Count(), Is.GreaterThan(1));
        }

        var monitor = new PerformanceMonitor(Metric.RocAuc, Signal.Performance, 0.05, TimeSpan.FromDays(30), 100);
        var measured = (await monitor.MeasureAsync(windows.Stable)).Single();
        Assert.That(measured.NotMeasured, Is.Null, measured.ToString());
    }
}
