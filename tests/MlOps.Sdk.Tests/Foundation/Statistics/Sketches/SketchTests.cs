using System.Buffers;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class SketchTests
{
    [Test]
    public void Moments_Merged_EqualWhole([Range(1, 8)] int seed)
    {
        var values = Values(seed, 500);
        var cut = new SeededRandom((ulong)seed * 77).Next(500);
        var (whole, first, second) = (new Moments(), new Moments(), new Moments());
        foreach (var value in values) whole.Add(value);
        first.Add(values.AsSpan(0, cut));
        second.Add(values.AsSpan(cut));
        first.Merge(second);
        Assert.That(first.Count, Is.EqualTo(500));
        Assert.That(first.Mean, Is.EqualTo(whole.Mean).Within(1e-10));
        Assert.That(first.Variance, Is.EqualTo(whole.Variance).Within(1e-9));
        Assert.That(first.Skewness, Is.EqualTo(whole.Skewness).Within(1e-9));
        Assert.That(first.ExcessKurtosis, Is.EqualTo(whole.ExcessKurtosis).Within(1e-9));
        Assert.That((first.Minimum, first.Maximum), Is.EqualTo((values.Min(), values.Max())));
    }

    [Test]
    public void KolmogorovSmirnov_SketchesThatHaveEveryValue_AreTestedExactly()
    {
        var (a, b) = (new QuantileSketch(), new QuantileSketch());
        foreach (var value in new[] { 1.0, 2 }) a.Add(value);
        foreach (var value in new[] { 101.0, 102 }) b.Add(value);

        Assert.That(SketchedSamples.KolmogorovSmirnov(a, b).PValue, Is.EqualTo(1.0 / 3).Within(1e-12));
    }

    [Test]
    public void Moments_ConstantValues_HaveNoVarianceAndNoShape([Values(3, 10, 1_000)] int first, [Values(7, 999)] int second)
    {
        var (moments, more) = (new Moments(), new Moments());
        moments.Add(Enumerable.Repeat(0.1, first).ToArray());
        more.Add(Enumerable.Repeat(0.1, second).ToArray());
        moments.Merge(more);
        Assert.That((moments.Mean, moments.Variance), Is.EqualTo((0.1, 0.0)));
        Assert.That((moments.Skewness, moments.ExcessKurtosis), Is.EqualTo((double.NaN, double.NaN)));
    }

    [Test]
    public void Moments_NotFinite_ThrowsAndAddsNothing()
    {
        var moments = new Moments();
        Assert.That(() => moments.Add([1, double.NaN]), Throws.ArgumentException);
        Assert.That(moments.Count, Is.Zero);
    }

    [Test]
    public void QuantileSketch_RankError_StaysWithinItsBound([Range(1, 5)] int seed, [Values(100, 20_000, 150_000)] int count)
    {
        var values = Values(seed, count);
        var (whole, merged) = (new QuantileSketch(seed: seed), new QuantileSketch(seed: seed + 1));
        whole.Add(values);
        for (var part = 0; part < 5; part++)
        {
            var sketch = new QuantileSketch(seed: part);
            sketch.Add(values.AsSpan(part * (count / 5), count / 5));
            merged.Merge(sketch);
        }

        var sorted = values.Order().ToArray();
        foreach (var sketch in new[] { whole, merged })
        {
            Assert.That(sketch.Count, Is.EqualTo(count));
            var errors = Enumerable.Range(1, 99)
                .Select(percent => Math.Abs(sketch.Rank(sorted[percent * count / 100]) - (percent * count / 100 + 1.0) / count))
                .ToList();
            Assert.That(errors.Count(error => error > sketch.RankError + 1e-12), Is.LessThanOrEqualTo(3), $"largest {errors.Max()}");
            Assert.That(errors.Max(), Is.LessThanOrEqualTo(2 * sketch.RankError + 1e-12));
            Assert.That((sketch.Quantile(0), sketch.Quantile(1)), Is.EqualTo((sorted[0], sorted[^1])));
            Assert.That(Bytes(sketch.Save).Length, Is.LessThan(12_000));
        }
    }

    [Test]
    public void QuantileSketch_ManyAtOnce_EqualsOneByOne([Values(1, 3)] int seed)
    {
        var values = Values(seed, 30_000);
        var (atOnce, oneByOne) = (new QuantileSketch(seed: seed), new QuantileSketch(seed: seed));
        atOnce.Add(values);
        foreach (var value in values) oneByOne.Add(value);
        Assert.That(Bytes(atOnce.Save), Is.EqualTo(Bytes(oneByOne.Save)));
    }

    [Test]
    public void QuantileSketch_OneIsNaN_ThrowsAndAddsNothing()
    {
        var sketch = new QuantileSketch();
        Assert.That(() => sketch.Add([1, double.NaN]), Throws.ArgumentException);
        Assert.That(sketch.Count, Is.Zero);
    }

    [Test]
    public void SortSome_AnyLength_EqualsArraySort()
    {
        for (var length = 0; length <= 600; length++)
        {
            var values = Values(length + 1, length);
            if (length > 9) (values[3], values[7]) = (double.PositiveInfinity, double.NegativeInfinity);
            var expected = values.Order().ToArray();
            Sorting.SortSome(values, new double[2 * (length + 3)]);
            Assert.That(values, Is.EqualTo(expected), $"{length} values");
        }
    }

    [Test]
    public void QuantileSketch_FewValues_IsExact()
    {
        var sketch = new QuantileSketch();
        for (var i = 100; i >= 1; i--) sketch.Add(i);
        Assert.That((sketch.Quantile(0.5), sketch.Quantile(0.01), sketch.Rank(25), sketch.RankError), Is.EqualTo((50.0, 1.0, 0.25, 0.0)));
    }

    [Test]
    public void DistinctSketch_Estimate_StaysWithinFourErrors([Values(0, 1, 10, 1_000, 5_000, 30_000, 400_000)] int distinct)
    {
        var (first, second, whole) = (new DistinctSketch(), new DistinctSketch(), new DistinctSketch());
        for (var i = 0; i < distinct; i++)
        {
            (i % 3 == 0 ? first : second).Add(i * 0.37);
            whole.Add(i * 0.37);
            whole.Add(i * 0.37);
        }

        first.Merge(second);
        Assert.That(first.Estimate(), Is.EqualTo(distinct).Within(4 * first.StandardError * distinct + 0.05));
        Assert.That(Bytes(first.Save), Is.EqualTo(Bytes(whole.Save)));
    }

    [Test]
    public void DistinctSketch_Texts_AreToldApart()
    {
        var sketch = new DistinctSketch();
        for (var i = 0; i < 3_000; i++) sketch.Add($"customer-{i % 1_500:D8}");
        Assert.That(sketch.Estimate(), Is.EqualTo(1_500).Within(100));
    }

    [Test]
    public void FrequentItems_SkewedStream_BoundsHold([Range(1, 5)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var truth = new Dictionary<string, long>();
        var parts = new[] { new FrequentItems(64), new FrequentItems(64) };
        for (var i = 0; i < 20_000; i++)
        {
            var item = $"item{(int)(1 / (random.NextDouble() + 1e-4))}";
            truth[item] = truth.GetValueOrDefault(item) + 1;
            parts[i % 2].Add(item);
        }

        parts[0].Merge(parts[1]);
        Assert.That(parts[0].Count, Is.EqualTo(20_000));
        Assert.That(parts[0].MaximumError, Is.LessThanOrEqualTo(2 * 20_000 / 64));
        foreach (var (item, count) in truth)
        {
            var found = parts[0].Find(item);
            Assert.That(count, Is.InRange(found.Lower, found.Upper), item);
        }

        Assert.That(parts[0].Top(3).Select(t => t.Item), Is.EqualTo(truth.OrderByDescending(t => t.Value).Take(3).Select(t => t.Key)));
    }

    [Test]
    public void FrequentItems_FewItems_AreExact()
    {
        var sketch = new FrequentItems();
        sketch.Add("b", 2);
        sketch.Add("a", 2);
        sketch.Add("c", 5);
        Assert.That(
            sketch.Top(3),
            Is.EqualTo(new[] { new FrequentItem("c", 5, 5), new FrequentItem("a", 2, 2), new FrequentItem("b", 2, 2) }));
    }

    [Test]
    public void FixedHistogram_Merged_EqualsWhole()
    {
        var values = Values(2, 300).Append(double.NaN).ToArray();
        double[] edges = [-10, 0, 10];
        var (whole, first, second) = (new FixedHistogram(edges), new FixedHistogram(edges), new FixedHistogram(edges));
        for (var i = 0; i < values.Length; i++)
        {
            whole.Add(values[i]);
            (i < 120 ? first : second).Add(values[i]);
        }

        first.Merge(second);
        Assert.That(Bytes(first.Save), Is.EqualTo(Bytes(whole.Save)));
        Assert.That(whole.Counts.ToArray(), Is.EqualTo(BinEdges.Count(values, edges)));
        Assert.That(whole.Missing, Is.EqualTo(1));
    }

    [Test]
    public void Save_ReadBack_GivesTheSameBytes()
    {
        var values = Values(9, 5_000);
        var (moments, quantiles, distinct, items, histogram) = (
            new Moments(), new QuantileSketch(), new DistinctSketch(), new FrequentItems(16), new FixedHistogram([0.0]));
        moments.Add(values);
        quantiles.Add(values);
        foreach (var value in values)
        {
            distinct.Add(value);
            items.Add($"{(int)value}");
            histogram.Add(value);
        }

        Assert.That(Bytes(Moments.Read(Bytes(moments.Save)).Save), Is.EqualTo(Bytes(moments.Save)));
        Assert.That(Bytes(DistinctSketch.Read(Bytes(distinct.Save)).Save), Is.EqualTo(Bytes(distinct.Save)));
        Assert.That(Bytes(FrequentItems.Read(Bytes(items.Save)).Save), Is.EqualTo(Bytes(items.Save)));
        Assert.That(Bytes(FixedHistogram.Read(Bytes(histogram.Save)).Save), Is.EqualTo(Bytes(histogram.Save)));

        // A sketch that was read goes on exactly as the one that was saved.
        var read = QuantileSketch.Read(Bytes(quantiles.Save));
        read.Add(values);
        quantiles.Add(values);
        Assert.That(Bytes(read.Save), Is.EqualTo(Bytes(quantiles.Save)));
    }

    [Test]
    public void Read_DamagedBytes_ThrowsNamedError()
    {
        var sketch = new QuantileSketch();
        sketch.Add(Values(1, 1_000));
        var bytes = Bytes(sketch.Save);
        Assert.That(() => QuantileSketch.Read(bytes.AsSpan(0, bytes.Length - 3).ToArray()), Throws.InstanceOf<MlOpsException>());
        Assert.That(() => QuantileSketch.Read([.. bytes, 0]), Throws.InstanceOf<MlOpsException>());
        bytes[0] = 99;
        Assert.That(() => QuantileSketch.Read(bytes), Throws.InstanceOf<MlOpsException>().With.Message.Contains("version 99"));
    }

    [Test]
    public void Read_RandomDamage_NeverFailsOtherwise([Range(1, 3)] int seed)
    {
        var profile = new ColumnProfile(ColumnType.Number);
        var column = new MlOps.Sdk.Data.NumberColumnBuilder();
        foreach (var value in Values(seed, 800)) column.Append(value);
        profile.Add(column.Build());
        var bytes = Bytes(profile.Save);
        var random = new SeededRandom((ulong)seed);
        for (var i = 0; i < 300; i++)
        {
            var damaged = bytes[..(random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length)];
            if (damaged.Length > 0) damaged[random.Next(damaged.Length)] ^= (byte)(1 + random.Next(255));
            try
            {
                ColumnProfile.Read(damaged);
            }
            catch (MlOpsException)
            {
            }
        }

        Assert.That(Bytes(ColumnProfile.Read(bytes).Save), Is.EqualTo(bytes));
    }

    internal static byte[] Bytes(Action<IBufferWriter<byte>> save)
    {
        var writer = new ArrayBufferWriter<byte>();
        save(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static double[] Values(int seed, int count)
    {
        var random = new SeededRandom((ulong)seed * 1_000_003);
        return [.. Enumerable.Range(0, count).Select(_ => Math.Pow(random.NextDouble() - 0.3, 3) * 100 + random.Next(5))];
    }
}
