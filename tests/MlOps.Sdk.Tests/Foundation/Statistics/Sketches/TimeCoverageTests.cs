using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class TimeCoverageTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public void New_NoValue_HasNeitherTimesNorGap()
    {
        var empty = new TimeCoverage();
        Assert.That(
            (empty.Count, empty.First, empty.Last, empty.LongestGap),
            Is.EqualTo((0L, (DateTime?)null, (DateTime?)null, ((DateTime, DateTime)?)null)));
        Assert.That(empty.CoveredShare, Is.NaN);
    }

    [Test]
    public void Add_OneTimeTwice_IsCoveredWithoutGap()
    {
        var coverage = Of(Start, Start);
        Assert.That(
            (coverage.Count, coverage.First, coverage.Last, coverage.CoveredShare, coverage.LongestGap),
            Is.EqualTo((2L, Start, Start, 1.0, ((DateTime, DateTime)?)null)));
        Assert.That(coverage.Resolution, Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void LongestGap_SecondsWithAHole_IsFromTheLastBeforeToTheFirstAfter()
    {
        var coverage = Of([.. Seconds(0, 30), .. Seconds(50, 60)]);
        Assert.That(coverage.LongestGap, Is.EqualTo((Start.AddSeconds(29), Start.AddSeconds(50))));
        Assert.That((coverage.Gaps, coverage.UsualStep, coverage.StepsWithValue), Is.EqualTo((1, TimeSpan.FromSeconds(1), 40 / 60.0)));
        Assert.That(coverage.CoveredShare, Is.EqualTo(1 - 20 / 59.0).Within(1e-12));
    }

    [TestCase(86_400, 1)]
    [TestCase(86_400, 16)]
    [TestCase(86_400, 30)]
    [TestCase(7 * 86_400, 20)]
    [TestCase(3_600, 1)]
    [TestCase(900, 0.2)]
    [TestCase(86_400 * 2, 11)]
    public void StepsWithValue_EveryStep_IsOneWithoutGap(int seconds, double years)
    {
        var coverage = Of(
            [.. Enumerable.Range(0, (int)(years * 365.25 * 86_400 / seconds)).Select(i => Start.AddSeconds(i * (double)seconds))]);
        Assert.That(
            (coverage.UsualStep, coverage.Gaps, coverage.LongestGap, coverage.CoveredShare),
            Is.EqualTo((TimeSpan.FromSeconds(seconds), 0, ((DateTime, DateTime)?)null, 1.0)),
            $"{coverage.Resolution}");
        Assert.That(coverage.StepsWithValue, Is.EqualTo(1).Within(0.001));
    }

    [TestCase(1)]
    [TestCase(9)]
    [TestCase(16)]
    public void Gaps_DaysWithoutAMonth_IsThatMonth(int years)
    {
        DateTime[] days = [.. Enumerable.Range(0, years * 365).Select(i => Start.AddDays(i)).Where(
            day => day < Start.AddDays(100) || day > Start.AddDays(130))];
        var coverage = Of(days);
        Assert.That(
            (coverage.Gaps, coverage.LongestGap, coverage.UsualStep),
            Is.EqualTo((1, ((DateTime, DateTime)?)(Start.AddDays(99), Start.AddDays(131)), TimeSpan.FromDays(1))),
            $"{coverage.Resolution}");
        Assert.That(coverage.CoveredShare, Is.EqualTo(1 - 31.0 / (years * 365 - 1)).Within(0.001));
        Assert.That(coverage.StepsWithValue, Is.EqualTo(days.Length / (years * 365.0)).Within(0.002));
    }

    [TestCase(2)]
    [TestCase(10)]
    public void Gaps_BusinessDays_HaveNoneAtWeekendsButAMissingMonth(int years)
    {
        DateTime[] days = [.. Enumerable.Range(0, years * 365).Select(i => Start.AddDays(i)).Where(
            day => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday))];
        var all = Of(days);
        Assert.That((all.Gaps, all.CoveredShare, all.UsualStep), Is.EqualTo((0, 1.0, TimeSpan.FromDays(1))));
        Assert.That(all.StepsWithValue, Is.EqualTo(5 / 7.0).Within(0.005));
        var gapped = Of([.. days.Where(day => (day.Year, day.Month) != (2027, 3))]);
        Assert.That((gapped.Gaps, gapped.LongestGap), Is.EqualTo((1, ((DateTime, DateTime)?)(
            new DateTime(2027, 2, 26, 0, 0, 0, DateTimeKind.Utc),
            new DateTime(2027, 4, 1, 0, 0, 0, DateTimeKind.Utc)))));
    }

    [TestCase(3)]
    [TestCase(7 * 86_400)]
    public void UsualStep_TwoTimes_IsTheirDistance(int seconds)
    {
        var coverage = Of(Start, Start.AddSeconds(seconds));
        Assert.That(
            (coverage.UsualStep, coverage.Gaps, coverage.CoveredShare, coverage.StepsWithValue),
            Is.EqualTo((TimeSpan.FromSeconds(seconds), 0, 1.0, 1.0)));
    }

    [TestCase(1, false)]
    [TestCase(2, false)]
    [TestCase(2, true)]
    [TestCase(1, true)]
    public void UsualStep_SentinelDatesWidenTheRange_IsNotInvented(int years, bool early)
    {
        var never = new DateTime(9999, 12, 31, 0, 0, 0, DateTimeKind.Utc);
        DateTime[] days = [.. Enumerable.Range(0, years * 365).Select(
            i => i % 10 == 9 ? never : new DateTime(2023, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddDays(i))];
        var coverage = Of(early ? [new DateTime(1900, 1, 1, 0, 0, 0, DateTimeKind.Utc), .. days] : days);
        Assert.That((coverage.UsualStep, coverage.Resolution.TotalDays > 300), Is.EqualTo(((TimeSpan?)null, true)));
        Assert.That(coverage.StepsWithValue, Is.NaN);
    }

    [Test]
    public void UsualStep_FewTimesEachInItsBucket_IsTheirMedianDistance()
    {
        var coverage = Of(Start, Start.AddSeconds(10.37), Start.AddSeconds(30.91));
        Assert.That(coverage.UsualStep, Is.EqualTo(TimeSpan.FromSeconds(10)));
    }

    [Test]
    public void StepsWithValue_IrregularEvents_IsUndefinedAndGapsAreRare(
        [Values(1, 2, 3)] int seed,
        [Values(200, 2_000, 200_000)] int count)
    {
        var random = new SeededRandom((ulong)seed);
        var coverage = Of([.. Enumerable.Range(0, count).Select(_ => Start.AddSeconds(random.NextDouble() * 86_400 * 3_650))]);
        Assert.That(coverage.StepsWithValue, Is.NaN);
        Assert.That(coverage.Gaps, Is.LessThanOrEqualTo(3));
        Assert.That(coverage.CoveredShare, Is.GreaterThan(0.9));
        Assert.That(
            coverage.UsualStep is null, Is.EqualTo(count == 200_000), "events that are denser than the buckets have no step that is seen");
    }

    [Test]
    public void Gaps_EveryBucketHasAValue_IsNone()
    {
        var coverage = Of([.. Enumerable.Range(0, 200_000).Select(i => Start.AddSeconds(i * 7))]);
        Assert.That((coverage.Gaps, coverage.CoveredShare, coverage.UsualStep), Is.EqualTo((0, 1.0, (TimeSpan?)null)));
    }

    [Test]
    public void UsualStep_LocalMidnights_IsADayAlthoughClocksChange()
    {
        var coverage = Of([.. Enumerable.Range(0, 3_000).Select(i => Start.AddDays(i).AddHours(i % 365 is > 85 and < 300 ? -1 : 0))]);
        Assert.That(coverage.UsualStep!.Value.TotalDays, Is.EqualTo(1).Within(0.01));
        Assert.That(coverage.Gaps, Is.Zero);
    }

    [TestCase(8_191, 1)]
    [TestCase(8_192, 2)]
    [TestCase(40_000_000, 8_192)]
    public void Resolution_LongerRange_IsTheSmallestPowerOfTwoThatFits(int seconds, int expected)
    {
        // A multiple of 2³⁰ seconds: the first bucket begins with the first value.
        var even = new DateTime(58L * (1L << 30) * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
        Assert.That(Of(even, even.AddSeconds(seconds)).Resolution, Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }

    [Test]
    public void Add_FirstAndLastTimesThereAre_KeepsBoth()
    {
        var (first, last) = (
            DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc),
            DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));
        var coverage = Of(last, first);
        Assert.That(
            (coverage.First, coverage.Last, coverage.UsualStep, coverage.LongestGap),
            Is.EqualTo((first, last, last - first, ((DateTime, DateTime)?)null)));
    }

    [Test]
    public void Merge_AnyParts_EqualsTheWholeByteForByte() =>
        Prop.ForAll<(uint Seconds, bool Far)[], int>((times, cut) =>
        {
            var values = Array.ConvertAll(
                times,
                time => new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds((double)time.Seconds * (time.Far ? 40_000_000 : 1)));
            var at = values.Length == 0 ? 0 : (int)((uint)cut % (uint)values.Length);
            var (whole, first) = (Of([.. values.Reverse()]), Of(values[..at]));
            first.Merge(Of(values[at..]));
            return Bytes(first).SequenceEqual(Bytes(whole))
                && first.CoveredShare.Equals(whole.CoveredShare)
                && first.StepsWithValue.Equals(whole.StepsWithValue)
                && first.UsualStep == whole.UsualStep
                && first.Gaps == whole.Gaps
                && first.LongestGap.Equals(whole.LongestGap)
                && first.Resolution == whole.Resolution;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void Read_WhatWasSaved_GoesOnAsBefore()
    {
        var coverage = Of(Start, Start.AddDays(3), Start.AddDays(400));
        var reader = new BinaryInput(Bytes(coverage), "coverage");
        var read = TimeCoverage.Read(ref reader);
        reader.End();
        foreach (var each in new[] { coverage, read }) each.Add(Start.AddDays(-9_000));
        Assert.That(Bytes(read), Is.EqualTo(Bytes(coverage)));
        Assert.That(
            (read.LongestGap, read.CoveredShare, read.Resolution),
            Is.EqualTo((coverage.LongestGap, coverage.CoveredShare, coverage.Resolution)));
    }

    [Test]
    public void Read_LastBeforeFirst_SaysThatItIsDamaged()
    {
        var bytes = Bytes(Of(Start, Start.AddDays(1)));
        byte[] swapped = [.. bytes[..9], .. bytes[17..25], .. bytes[9..17], .. bytes[25..]];
        Assert.That(() => ReadAll(swapped), Throws.InstanceOf<MlOpsException>().With.Message.Contains("out of range"));
    }

    [Test]
    public void Read_BitsBeyondTheTimes_SaysThatItIsDamaged()
    {
        var bytes = Bytes(Of(Start, Start.AddSeconds(1)));
        bytes[^1] ^= 0x10;
        Assert.That(() => ReadAll(bytes), Throws.InstanceOf<MlOpsException>().With.Message.Contains("damaged"));
    }

    private static IEnumerable<DateTime> Seconds(int from, int to) =>
        Enumerable.Range(from, to - from).Select(second => Start.AddSeconds(second));

    internal static TimeCoverage Of(params DateTime[] times)
    {
        var coverage = new TimeCoverage();
        foreach (var time in times) coverage.Add(time);
        return coverage;
    }

    internal static byte[] Bytes(TimeCoverage coverage) => SketchTests.Bytes(coverage.Save);

    private static TimeCoverage ReadAll(byte[] bytes)
    {
        var reader = new BinaryInput(bytes, "coverage");
        return TimeCoverage.Read(ref reader);
    }
}
