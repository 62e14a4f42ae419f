using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Testing;

/// <summary>
/// What every <see cref="IDriftMonitor"/> promises, on the windows of <see cref="SampleWindows"/>. Derive a
/// fixture from it for each monitor.
/// </summary>
[TestFixture]
public abstract class DriftMonitorContract
{
    // Windows are complete and only read, so that one set does for all fixtures.
    private static readonly Lazy<Task<SampleWindows>> Windows = new(() => SampleWindows.CreateAsync());

    /// <summary>Makes the monitor.</summary>
    protected abstract IDriftMonitor Create();

    /// <summary>
    /// Measurements are complete: an effect of at least 0, a p-value between 0 and 1 where there is one, the sample
    /// size; subjects are distinct.
    /// </summary>
    [Test]
    public async Task MeasureAsync_Windows_GivesCompleteMeasurements()
    {
        var windows = await Windows.Value.ConfigureAwait(false);
        var monitor = Create();
        Assert.That(monitor.Name, Is.Not.Null.And.Not.Empty);
        foreach (var window in new[] { windows.Stable, windows.Shifted, windows.Small })
        {
            var measurements = await monitor.MeasureAsync(window).ConfigureAwait(false);
            Assert.That(measurements, Is.Not.Empty);
            Assert.That(measurements.Select(measurement => (measurement.Signal, measurement.Subject, measurement.Statistic)), Is.Unique);
            foreach (var measurement in measurements)
            {
                Assert.That(measurement.Statistic, Is.Not.Null.And.Not.Empty, measurement.Subject);
                Assert.That(measurement.Effect, Is.Not.Null.And.Not.Empty, measurement.Subject);
                Assert.That(measurement.EffectSize, Is.AtLeast(0.0), measurement.Subject);
                Assert.That(measurement.Material, Is.GreaterThan(0.0), measurement.Subject);
                Assert.That(measurement.CurrentRows, Is.InRange(0, window.RowCount), measurement.Subject);
                if (measurement.NotMeasured is not null) continue;
                Assert.That(double.IsNaN(measurement.Value), Is.False, measurement.Subject);
                if (measurement.PValue is { } p) Assert.That(p, Is.InRange(0.0, 1.0), measurement.Subject);
            }
        }
    }

    /// <summary>A window is measured the same each time, from several threads.</summary>
    [Test]
    public async Task MeasureAsync_Again_SameMeasurements()
    {
        var windows = await Windows.Value.ConfigureAwait(false);
        var monitor = Create();
        var first = await monitor.MeasureAsync(windows.Shifted).ConfigureAwait(false);

        var again = await Task.WhenAll(Enumerable.Range(0, 8)
            .Select(_ => Task.Run(async () => await monitor.MeasureAsync(windows.Shifted).ConfigureAwait(false)))).ConfigureAwait(false);

        Assert.That(again, Is.All.EqualTo(first));
    }

    /// <summary>From fewer predictions than a verdict needs, nothing is concluded, and the reason is given.</summary>
    [Test]
    public async Task MeasureAsync_SmallWindow_SaysThatDataIsMissing()
    {
        var windows = await Windows.Value.ConfigureAwait(false);

        var measurements = await Create().MeasureAsync(windows.Small).ConfigureAwait(false);

        Assert.That(measurements.Select(measurement => measurement.NotMeasured), Is.All.Not.Null.And.All.Not.Empty);
    }
}
