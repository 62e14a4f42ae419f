using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace CustomExtension.Tests;

/// <summary>What every drift monitor promises, on this one; and what this one alone does.</summary>
[TestFixture]
public sealed class MedianShiftTests : DriftMonitorContract
{
    protected override IDriftMonitor Create() => new MedianShift(material: 0.1);

    // The amounts of the shifted window are two standard deviations higher.
    [Test]
    public async Task MeasureAsync_ShiftedAmounts_AreFarAboveTheMedian()
    {
        var windows = await SampleWindows.CreateAsync();
        var stable = (await Create().MeasureAsync(windows.Stable)).Single(measurement => measurement.Subject == "amount");
        var shifted = (await Create().MeasureAsync(windows.Shifted)).Single(measurement => measurement.Subject == "amount");

        Assert.That(stable.EffectSize, Is.LessThan(0.1));
        Assert.That(shifted.Value, Is.GreaterThan(0.4));
        Assert.That(shifted.PValue, Is.LessThan(1e-6));
    }
}
