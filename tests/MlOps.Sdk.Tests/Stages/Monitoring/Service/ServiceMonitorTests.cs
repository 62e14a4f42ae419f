using MlOps.Sdk.Deployment;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>What the monitors of latency, errors and volume conclude of counts whose truth is known.</summary>
[TestFixture]
public sealed class ServiceMonitorTests
{
    private static readonly LatencyMonitor Latency = new(0.95, TimeSpan.FromMilliseconds(20));
    private static readonly VolumeMonitor Volume = new(TimeSpan.FromDays(1), TimeSpan.FromDays(7), 2);

    [Test]
    public async Task Latency_QuantileAboveTheLimit_IsFoundAndBelowItIsNot()
    {
        var slow = await MeasureAsync(Latency, Timed((900, 0.005), (100, 0.05)));
        var quick = await MeasureAsync(Latency, Timed((970, 0.005), (30, 0.05)));
        var close = await MeasureAsync(Latency, Timed((945, 0.005), (55, 0.05)));

        Assert.Multiple(() =>
        {
            Assert.That(Verdict(slow), Is.EqualTo(MonitoringVerdict.Changed), slow.ToString());
            Assert.That(slow.EffectSize, Is.InRange(50, 54), "an edge of a bin");
            Assert.That(slow.Note, Is.EqualTo("100 of 1,000 calls took longer than 20 ms"));
            Assert.That(Verdict(quick), Is.EqualTo(MonitoringVerdict.Stable));
            Assert.That(quick.EffectSize, Is.InRange(5, 5.4));
            Assert.That(Verdict(close), Is.EqualTo(MonitoringVerdict.Stable), "5.5 % of 1,000 may be 5 %");
        });
    }

    [Test]
    public async Task Latency_AtTheLimit_AlarmsAtMostAtTheLevel()
    {
        var checks = LongForm.Of(5_000, 800);
        var alarms = 0;
        for (var i = 0; i < checks; i++)
        {
            var random = new Random(i);
            var slow = Enumerable.Range(0, 400).Count(_ => random.NextDouble() < 0.05);
            if (Verdict(await MeasureAsync(Latency, Timed((400 - slow, 0.005), (slow, 0.05)))) == MonitoringVerdict.Changed) alarms++;
        }

        Assert.That(Intervals.Wilson(alarms, checks, 0.998).Lower, Is.LessThan(0.05), $"{alarms} of {checks}");
    }

    [Test]
    public async Task Latency_BatchesOnly_SaysThatTheyAreNotTimed()
    {
        var measured = await MeasureAsync(Latency, new CallCounts { Batched = 5_000 });

        Assert.That(measured.NotMeasured, Is.EqualTo("0 calls; 200 are needed. Rows of batches are not timed."));
    }

    [Test]
    public async Task Errors_ShareAboveTheLimit_IsFoundAndBelowItIsNot()
    {
        var monitor = new ErrorMonitor(0.02);

        var bad = await MeasureAsync(monitor, new CallCounts { Batched = 950, Failed = 30, Refused = 20 });
        var good = await MeasureAsync(monitor, new CallCounts { Batched = 975, Failed = 25 });
        var none = await MeasureAsync(monitor, new CallCounts { Batched = 1_000 });
        var few = await MeasureAsync(monitor, new CallCounts { Failed = 199 });

        Assert.Multiple(() =>
        {
            Assert.That(Verdict(bad), Is.EqualTo(MonitoringVerdict.Changed));
            Assert.That(bad.EffectSize, Is.EqualTo(0.05));
            Assert.That(bad.Note, Is.EqualTo("30 failed and 20 refused of 1,000 calls"));

            // scipy.stats.binomtest(25, 1000, 0.02, alternative="greater")
            Assert.That(good.PValue, Is.EqualTo(0.15451540540056827).Within(1e-9));
            Assert.That(Verdict(good), Is.EqualTo(MonitoringVerdict.Stable));
            Assert.That((Verdict(none), none.PValue), Is.EqualTo((MonitoringVerdict.Stable, (double?)1)));
            Assert.That(few.NotMeasured, Is.EqualTo("199 calls; 200 are needed."));
        });
    }

    [TestCase(1.0, MonitoringVerdict.Stable)]
    [TestCase(0.3, MonitoringVerdict.Changed)]
    [TestCase(0.0, MonitoringVerdict.Changed)]
    [TestCase(4.0, MonitoringVerdict.Changed)]
    public async Task Volume_TimesAsManyCalls_IsFoundWhereItIsFarMoreOrLess(double times, MonitoringVerdict verdict)
    {
        var measured = await MeasureVolumeAsync(new Random(5), times);

        Assert.That(Verdict(measured), Is.EqualTo(verdict), measured.ToString());
    }

    [Test]
    public async Task Volume_BurstsAsBefore_AlarmAtMostAtTheLevel()
    {
        // Each hour has a factor of its own, so that counts vary far more than those of a Poisson process.
        var checks = LongForm.Of(5_000, 800);
        var (alarms, beyond) = (0, 0);
        for (var i = 0; i < checks; i++)
        {
            var measured = await MeasureVolumeAsync(new Random(i), 1, burst: 0.5);
            if (Verdict(measured) == MonitoringVerdict.Changed) alarms++;
            if (measured.PValue < 0.01) beyond++;
        }

        Assert.That(alarms, Is.Zero, "a factor of 2 is far from chance");
        Assert.That(Intervals.Wilson(beyond, checks, 0.998).Lower, Is.LessThan(0.01), $"{beyond} of {checks}");
    }

    [Test]
    public async Task Volume_NotCountedBefore_SaysSinceWhenItWouldBe()
    {
        var records = Records(new CallCounts());

        var measured = (await Volume.MeasureAsync(records.Window())).Single();

        Assert.That(measured.NotMeasured, Does.StartWith("Calls are not counted since 2026-04-23 12:00:00Z"));
    }

    private static async Task<Measurement> MeasureVolumeAsync(Random random, double times, double burst = 0.1)
    {
        var records = Records(new CallCounts());
        records.Volumes[MemoryRecords.At.AddDays(-8)] = Draw(1);
        records.Volumes[MemoryRecords.At.AddDays(-1)] = Draw(times);
        return (await Volume.MeasureAsync(records.Window())).Single();

        long[] Draw(double factor) =>
        [
            .. Enumerable.Range(0, 24).Select(hour => (long)(factor * (10 + 40 * Math.Sin(Math.PI * hour / 24))
                * Math.Exp(burst * Normal(random)))),
        ];
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static CallCounts Timed(params (int Calls, double Seconds)[] calls)
    {
        var counts = new CallCounts();
        foreach (var (rows, seconds) in calls) counts.Add(LatencyBins.Of((long)(seconds * System.Diagnostics.Stopwatch.Frequency)), rows);
        return counts;
    }

    private static async Task<Measurement> MeasureAsync(IDriftMonitor monitor, CallCounts counts) =>
        (await monitor.MeasureAsync(Records(counts).Window())).Single();

    private static MemoryRecords Records(CallCounts counts) => new(
        new LabelEncoding(TaskKind.BinaryClassification, "y", ["no", "yes"]),
        new ReleasedEvaluation(new Dictionary<string, MetricValue>(), 0))
    {
        Calls = new ServedCalls(1, MemoryRecords.At.AddHours(-1), MemoryRecords.At, counts),
    };

    private static MonitoringVerdict Verdict(Measurement measured) =>
        MonitoringPolicy.Judge([measured], Correction.BenjaminiHochberg, 0.05)[0].Verdict;
}
