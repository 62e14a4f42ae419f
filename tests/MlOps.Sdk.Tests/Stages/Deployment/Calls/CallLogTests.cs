using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment.Calls;

[TestFixture]
public sealed class CallLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 30, TimeSpan.Zero);

    private static readonly DateTimeOffset Minute = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private RelationalStore _store = null!;

    [SetUp]
    public async Task Open()
    {
        _time = new FakeTimeProvider(Start);
        _folder = new TempFolder();
        _store = await RelationalStore.OpenAsync(Path.Combine(_folder.Path, "mlops.db"), _time, NullLogger.Instance);
    }

    [TearDown]
    public async Task Close()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Read_CountersOfTwoProcesses_AreSummedByVersion()
    {
        await using var one = NewLog();
        await using var two = NewLog();
        var first = one.NewCounters("m", 1, generation: 0).Routed;
        var second = two.NewCounters("m", 1, generation: 0).Routed;
        var other = two.NewCounters("m", 2, generation: 0).Routed;
        first.Answer(Ticks(0.001));
        first.Fail();
        second.AnswerBatch(10);
        other.Fail(rows: 3);
        await one.StoreAsync(default);
        await one.StoreAsync(default);

        var counts = await two.ReadAsync("m", Minute, DateTimeOffset.MaxValue, default);

        Assert.Multiple(() =>
        {
            Assert.That((counts[1].Total, counts[1].Failed), Is.EqualTo((12, 1)));
            Assert.That(counts[1].Latencies[LatencyBins.Of(Ticks(0.001))], Is.EqualTo(1));
            Assert.That(counts[1].Latencies.ToArray().Sum(), Is.EqualTo(1), "the time of a batch is comparable with nothing");
            Assert.That((counts[2].Total, counts[2].Failed), Is.EqualTo((3, 3)));
        });
    }

    [Test]
    public async Task Read_TimesBetween_CountsEachMinuteOnce()
    {
        await using var log = NewLog();
        var counter = log.NewCounters("m", 1, generation: 0).Routed;
        for (var minute = 0; minute < 5; minute++)
        {
            counter.AnswerBatch(1 << minute);
            await log.StoreAsync(default);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        // Set back into a minute that has counts: they stay, and the new ones join them.
        _time.AdjustTime(Start.AddMinutes(1));
        await log.StoreAsync(default);
        counter.Fail(rows: 100);

        var all = await log.ReadAsync("m", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default);
        var some = await log.ReadAsync("m", Minute.AddMinutes(1), new DateTimeOffset(2026, 3, 1, 12, 3, 0, TimeSpan.Zero), default);

        Assert.That((all[1].Answered, all[1].Failed), Is.EqualTo((31, 100)));
        Assert.That((some[1].Answered, some[1].Failed), Is.EqualTo((2 + 4, 100)));
    }

    [Test]
    public async Task Begin_AnotherGeneration_CountsApartAndLosesNothing()
    {
        await using var log = NewLog();
        var calls = log.NewCounters("m", 1, generation: 4);
        calls.Routed.AnswerBatch(7);
        calls.Unrouted.AnswerBatch(100);
        await log.BeginAsync("m", 4);
        await log.BeginAsync("other", 5);
        calls.Routed.AnswerBatch(1);
        await log.BeginAsync("m", 5);
        calls.Routed.AnswerBatch(2);
        await log.BeginAsync("m", 6);
        calls.Routed.Fail();

        async Task<long> OfAsync(long from, long end) =>
            (await log.ReadAsync("m", Minute, (from, end), default)).GetValueOrDefault(1)?.Total ?? 0;
        var counted = (await OfAsync(4, 5), await OfAsync(5, 6), await OfAsync(6, long.MaxValue), await OfAsync(0, long.MaxValue));
        var all = await log.ReadAsync("m", Minute, DateTimeOffset.MaxValue, default);

        Assert.That(counted, Is.EqualTo((8, 2, 1, 11)));
        Assert.That(all[1].Total, Is.EqualTo(111));
    }

    [Test]
    public async Task Store_ByItself_EveryFewSecondsAndOnDisposal()
    {
        var log = NewLog();
        var counter = log.NewCounters("m", 1, generation: 0).Routed;
        counter.Answer(1);
        await using var other = NewLog();
        async Task<long> StoredAsync() =>
            (await other.ReadAsync("m", Minute, DateTimeOffset.MaxValue, default)).GetValueOrDefault(1)?.Total ?? 0;
        while (await StoredAsync() == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Yield();
        }

        counter.Answer(1);
        counter.Close();
        await log.DisposeAsync();

        Assert.That(await StoredAsync(), Is.EqualTo(2));
    }

    [Test]
    public async Task Store_AfterThirtyDays_ForgetsWhatIsOlder()
    {
        await using (var before = NewLog()) before.NewCounters("m", 1, generation: 0).Routed.Answer(1);
        _time.Advance(TimeSpan.FromDays(31));
        await using var log = NewLog();
        log.NewCounters("m", 1, generation: 0).Routed.Answer(1);

        Assert.That((await log.ReadAsync("m", Minute, DateTimeOffset.MaxValue, default))[1].Total, Is.EqualTo(1));
    }

    [TestCase(new byte[0])]
    [TestCase(new byte[] { 1, 2, 3 })]
    [TestCase(new byte[] { 255, 255, 255, 255, 255, 255, 255, 255 })]
    public void Read_DamagedCounts_AreRefused(byte[] bytes) => Assert.That(
        () => CallCounts.Read(bytes), Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged"));

    [Test]
    public void Read_BinThatThereIsNot_IsRefused()
    {
        var bytes = new byte[24 + 16];
        (bytes[25], bytes[32]) = (255, 1);

        Assert.That(() => CallCounts.Read(bytes), Throws.TypeOf<MlOpsException>().With.Message.Contains("damaged"));
    }

    [Test]
    public void ToBytes_AllCounts_AreReadBack()
    {
        var counts = new CallCounts { Failed = 1, Refused = 2, Batched = 3 };
        counts.Add(40, 5);

        var read = CallCounts.Read(counts.ToBytes());

        Assert.That(
            (read.Failed, read.Refused, read.Batched, read.Single, read.Answered, read.Total), Is.EqualTo((1, 2, 3, 5, 8, 11)));
    }

    [Test]
    public void Of_AnyDuration_IsInTheBinUpToWhoseEdgeItLies()
    {
        var edges = LatencyBins.Edges;
        var random = new Random(1);
        Assert.That(edges[0], Is.EqualTo(128e-9));
        for (var i = 0; i < 10_000; i++)
        {
            var seconds = Math.Pow(10, -8 + random.NextDouble() * 11);
            var bin = LatencyBins.Of(Ticks(seconds));
            var whole = Ticks(seconds) / (double)Stopwatch.Frequency;
            Assert.That(whole, Is.LessThanOrEqualTo(edges[bin] * (1 + 1e-12)));
            if (bin > 0) Assert.That(whole, Is.GreaterThanOrEqualTo(edges[bin - 1] * (1 - 1e-12)));
            if (bin > 0 && bin < LatencyBins.Count - 1) Assert.That(edges[bin] / edges[bin - 1], Is.LessThan(1.0626));
        }
    }

    [Test]
    public void Answer_FromManyThreads_LosesNothingAndAllocatesNothing()
    {
        var counter = new CallCounter("m", 1);
        Parallel.For(0, 100_000, i =>
        {
            if (i % 10 == 0) counter.Fail();
            else counter.Answer(i);
        });
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++) counter.Answer(i);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That((counter.Read().Answered, counter.Read().Failed, allocated), Is.EqualTo((91_000, 10_000, 0)));
    }

    private static long Ticks(double seconds) => (long)(seconds * Stopwatch.Frequency);

    private CallLog NewLog() => new(new ServedCallTable(_store), _time, NullLogger.Instance);
}
