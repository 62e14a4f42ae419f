using FsCheck;
using FsCheck.Fluent;
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
        Assert.That((empty.Count, empty.First, empty.Last, empty.LongestGap), Is.EqualTo((0L, (DateTime?)null, (DateTime?)null, ((DateTime, DateTime)?)null)));
        Assert.That(empty.CoveredShare, Is.NaN);
    }

    [Test]
    public void Add_OneTimeTwice_IsCoveredWithoutGap()
    {
        var coverage = Of(Start, Start);
        Assert.That((coverage.Count, coverage.First, coverage.Last, coverage.CoveredShare, coverage.LongestGap), Is.EqualTo((2L, Start, Start, 1.0, ((DateTime, DateTime)?)null)));
        Assert.That(coverage.Resolution, Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void LongestGap_SecondsWithHoles_IsTheLongestInWholeSeconds()
    {
        var coverage = Of(Start.AddSeconds(20), Start, Start.AddSeconds(3), Start.AddSeconds(21));
        Assert.That(coverage.LongestGap, Is.EqualTo((Start.AddSeconds(4), Start.AddSeconds(20))));
        Assert.That(coverage.CoveredShare, Is.EqualTo(4 / 22.0));
    }

    [TestCase(4_095, 1)]
    [TestCase(4_096, 2)]
    [TestCase(40_000_000, 16_384)]
    public void Resolution_LongerRange_IsTheSmallestPowerOfTwoThatFits(int seconds, int expected)
    {
        // A multiple of 2³⁰ seconds: the first bucket begins with the first value.
        var even = new DateTime(58L * (1L << 30) * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
        Assert.That(Of(even, even.AddSeconds(seconds)).Resolution, Is.EqualTo(TimeSpan.FromSeconds(expected)));
    }

    [Test]
    public void Add_FirstAndLastTimesThereAre_KeepsBoth()
    {
        var (first, last) = (DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));
        var coverage = Of(last, first);
        Assert.That((coverage.First, coverage.Last), Is.EqualTo((first, last)));
        Assert.That(coverage.LongestGap!.Value.End - coverage.LongestGap.Value.Start, Is.GreaterThan(TimeSpan.FromDays(365 * 9_990)));
    }

    [Test]
    public void Merge_AnyParts_EqualsTheWholeByteForByte() =>
        Prop.ForAll<(uint Seconds, bool Far)[], int>((times, cut) =>
        {
            var values = Array.ConvertAll(times, time => new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds((double)time.Seconds * (time.Far ? 40_000_000 : 1)));
            var at = values.Length == 0 ? 0 : (int)((uint)cut % (uint)values.Length);
            var (whole, first) = (Of(values), Of(values[..at]));
            first.Merge(Of(values[at..]));
            return Bytes(first).SequenceEqual(Bytes(whole)) && first.CoveredShare.Equals(whole.CoveredShare) && first.LongestGap.Equals(whole.LongestGap) && first.Resolution == whole.Resolution;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void Read_WhatWasSaved_GoesOnAsBefore()
    {
        var coverage = Of(Start, Start.AddDays(3), Start.AddDays(400));
        var reader = new SketchReader(Bytes(coverage), "coverage");
        var read = TimeCoverage.Read(ref reader);
        reader.End();
        foreach (var each in new[] { coverage, read }) each.Add(Start.AddDays(-9_000));
        Assert.That(Bytes(read), Is.EqualTo(Bytes(coverage)));
        Assert.That((read.LongestGap, read.CoveredShare, read.Resolution), Is.EqualTo((coverage.LongestGap, coverage.CoveredShare, coverage.Resolution)));
    }

    [Test]
    public void Read_LastBeforeFirst_SaysThatItIsDamaged()
    {
        var bytes = Bytes(Of(Start, Start.AddDays(1)));
        byte[] swapped = [.. bytes[..9], .. bytes[17..25], .. bytes[9..17], .. bytes[25..]];
        Assert.That(() => ReadAll(swapped), Throws.InstanceOf<MlOpsException>().With.Message.Contains("out of range"));
    }

    internal static TimeCoverage Of(params DateTime[] times)
    {
        var coverage = new TimeCoverage();
        foreach (var time in times) coverage.Add(time);
        return coverage;
    }

    internal static byte[] Bytes(TimeCoverage coverage) => SketchTests.Bytes(coverage.Save);

    private static TimeCoverage ReadAll(byte[] bytes)
    {
        var reader = new SketchReader(bytes, "coverage");
        return TimeCoverage.Read(ref reader);
    }
}
