using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class ReservoirTests
{
    [Test]
    public void Merge_AnyPartsInAnyOrder_EqualsTheWholeByteForByte() =>
        Prop.ForAll<(double Value, byte Part)[], int, byte>((drawn, seed, size) =>
        {
            var capacity = 1 + size % 20;
            var whole = new Reservoir(capacity, seed);
            for (var row = drawn.Length - 1; row >= 0; row--) whole.Add(row, drawn[row].Value);
            var parts = Enumerable.Range(0, 5).Select(_ => new Reservoir(capacity, seed)).ToList();
            for (var row = 0; row < drawn.Length; row++) parts[drawn[row].Part % 5].Add(row, drawn[row].Value);
            var random = new SeededRandom((uint)seed);
            while (parts.Count > 1)
            {
                var (to, from) = (random.Next(parts.Count), random.Next(parts.Count));
                if (to == from) continue;
                parts[to].Merge(parts[from]);
                parts.RemoveAt(from);
            }

            return Bytes(parts[0]).AsSpan().SequenceEqual(Bytes(whole)) && whole.Rows().Length == Math.Min(capacity, drawn.Length)
                && whole.Values().SequenceEqual(whole.Rows().Select(row => drawn[row].Value));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [TestCase(0)]
    [TestCase(2)]
    public void Rows_ManySeeds_EverySetIsEquallyLikely(int cut)
    {
        // 20 sets of 3 out of 6 rows, from one reservoir or merged from parts of 2 and 4 rows.
        const int seeds = 20_000;
        var counts = new Dictionary<string, int>();
        for (var seed = 0; seed < seeds; seed++)
        {
            var (first, second) = (new Reservoir(3, seed), new Reservoir(3, seed));
            for (var row = 0; row < 6; row++) (row < cut ? first : second).Add(row);
            first.Merge(second);
            var set = string.Join(',', first.Rows());
            counts[set] = counts.GetValueOrDefault(set) + 1;
        }

        Assert.That(counts, Has.Count.EqualTo(20));
        AssertChiSquare(counts.Values.Sum(count => Math.Pow(count - seeds / 20.0, 2) / (seeds / 20.0)), 19);
    }

    [Test]
    public void Rows_LongStream_AreSpreadEvenly([Range(0, 4)] int seed)
    {
        // 20 equal stretches of the stream: without replacement, the χ² of the counts shrinks by the share that is not drawn.
        const int rows = 100_000, kept = 10_000, stretches = 20;
        var reservoir = new Reservoir(kept, seed);
        for (var row = 0; row < rows; row++) reservoir.Add(row, row);
        var counts = reservoir.Values().CountBy(value => (int)value / (rows / stretches)).Select(pair => pair.Value).ToArray();
        Assert.That(counts, Has.Length.EqualTo(stretches));
        AssertChiSquare(
            counts.Sum(count => Math.Pow(count - kept / stretches, 2) / (kept / stretches)) * (rows - 1) / (rows - kept),
            stretches - 1);
    }

    [Test]
    public void Rows_SameSeed_AreTheSameInEveryVersion()
    {
        var (first, other) = (new Reservoir(5), new Reservoir(5, 1));
        for (var row = 0; row < 1_000; row++)
        {
            first.Add(row);
            other.Add(row);
        }

        Assert.That(first.Rows(), Is.EqualTo(new long[] { 185, 629, 808, 900, 951 }));
        Assert.That(other.Rows(), Is.Not.EqualTo(first.Rows()));
    }

    [Test]
    public void Values_SecondColumnOfTheSameRows_HasTheSameRows()
    {
        var (first, second) = (new Reservoir(20, 7), new Reservoir(20, 7));
        for (var row = 0; row < 500; row++) first.Add(row, row % 3 == 0 ? double.NaN : row);
        for (var row = 499; row >= 0; row--) second.Add(row, -row);
        Assert.That(second.Rows(), Is.EqualTo(first.Rows()));
        Assert.That(first.Values(), Is.EqualTo(first.Rows().Select(row => row % 3 == 0 ? double.NaN : row)));
        Assert.That(second.Values(), Is.EqualTo(first.Rows().Select(row => -(double)row)));
    }

    [Test]
    public void Add_FewerThanCapacity_KeepsAll()
    {
        var reservoir = new Reservoir(10);
        foreach (var row in new[] { long.MaxValue, 0, 5 }) reservoir.Add(row, row / 2.0);
        Assert.That(reservoir.Rows(), Is.EqualTo(new[] { 0, 5, long.MaxValue }));
        Assert.That(reservoir.Values(), Is.EqualTo(new[] { 0, 2.5, long.MaxValue / 2.0 }));
        Assert.That((reservoir.Count, reservoir.Capacity, reservoir.Seed), Is.EqualTo((3L, 10, 0)));
    }

    [Test]
    public void Add_RowThatIsKeptAlready_ThrowsAndAddsNothing([Values(3, 10)] int capacity)
    {
        var reservoir = new Reservoir(capacity);
        for (var row = 0; row < 5; row++) reservoir.Add(row, row);
        var before = Bytes(reservoir);
        foreach (var row in reservoir.Rows())
        {
            Assert.That(() => reservoir.Add(row, 99), Throws.ArgumentException.With.Message.Contains($"Row {row} "));
        }
        Assert.That(() => reservoir.Add(-1, 99), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(Bytes(reservoir), Is.EqualTo(before));
    }

    [Test]
    public void Merge_PartsThatShareRows_ThrowsAndAddsNothing()
    {
        // Both number their rows from 0, as parts must not: their samples would be of the same places.
        var (first, second) = (new Reservoir(10), new Reservoir(10));
        for (var row = 0; row < 1_000; row++) first.Add(row, 1);
        for (var row = 0; row < 900; row++) second.Add(row, 2);
        var before = Bytes(first);
        Assert.That(() => first.Merge(second), Throws.ArgumentException.With.Message.Contains("number their rows differently"));
        Assert.That(() => first.Merge(first), Throws.ArgumentException);
        Assert.That(Bytes(first), Is.EqualTo(before));
    }

    [TestCase(11, 0)]
    [TestCase(10, 1)]
    public void Merge_OtherCapacityOrSeed_Throws(int capacity, int seed) =>
        Assert.That(() => new Reservoir(10).Merge(new Reservoir(capacity, seed)), Throws.ArgumentException);

    [TestCase(0)]
    [TestCase((1 << 20) + 1)]
    public void New_CapacityOutOfRange_Throws(int capacity) =>
        Assert.That(() => new Reservoir(capacity), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Read_WhatWasSaved_GoesOnAsBefore([Values(5, 50, 500)] int rows)
    {
        var reservoir = Of(rows);
        var read = Reservoir.Read(Bytes(reservoir));
        Assert.That(Bytes(read), Is.EqualTo(Bytes(reservoir)));
        for (var row = rows; row < 2 * rows; row++)
        {
            reservoir.Add(row, row);
            read.Add(row, row);
        }

        Assert.That(Bytes(read), Is.EqualTo(Bytes(reservoir)));
    }

    [Test]
    public void Read_NumbersThatContradict_SaysThatItIsDamaged()
    {
        // Version, capacity (1), seed (5), count (9), length (17); then the number of each row with its value.
        var bytes = Bytes(Of(100));
        foreach (var (at, value) in new[] { (9, 49L), (9, -1L), (21, -5L), (21, 1_000L) })
        {
            byte[] damaged = [.. bytes];
            BinaryPrimitives.WriteInt64LittleEndian(damaged.AsSpan(at), value);
            Assert.That(
                () => Reservoir.Read(damaged), Throws.InstanceOf<MlOpsException>().With.Message.Contains("damaged"), $"{value} at {at}");
        }

        foreach (var capacity in new[] { 0, -1, int.MaxValue, 51 })
        {
            byte[] damaged = [.. bytes];
            BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(1), capacity);
            Assert.That(
                () => Reservoir.Read(damaged),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("damaged"),
                $"capacity {capacity}");
        }
    }

    [Test]
    public void Read_RandomDamage_NeverFailsOtherwise([Range(1, 3)] int seed) =>
        Damage(Bytes(Of(70)), seed, bytes => Reservoir.Read(bytes));

    [Test]
    public void Read_OtherVersion_NamesIt()
    {
        var bytes = Bytes(new Reservoir());
        bytes[0] = 99;
        Assert.That(() => Reservoir.Read(bytes), Throws.InstanceOf<MlOpsException>().With.Message.Contains("version 99"));
    }

    /// <summary>
    /// Reads bytes that were cut short or changed: they are read, or refused by name. Whatever is too short or too long is refused.
    /// </summary>
    internal static void Damage(byte[] bytes, int seed, Action<byte[]> read)
    {
        var random = new SeededRandom((ulong)seed);
        for (var i = 0; i < 500; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 + random.Next(255));
            try
            {
                read(damaged);
            }
            catch (MlOpsException)
            {
            }
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.That(() => read(bytes[..length]), Throws.InstanceOf<MlOpsException>(), $"{length} bytes");
        }
        Assert.That(() => read([.. bytes, 0]), Throws.InstanceOf<MlOpsException>());
    }

    private static Reservoir Of(int rows)
    {
        var reservoir = new Reservoir(50, 3);
        for (var row = 0; row < rows; row++) reservoir.Add(row, row * 0.1);
        return reservoir;
    }

    // On both sides: counts that are more even than chance are no sample either.
    private static void AssertChiSquare(double statistic, int degrees) =>
        Assert.That(statistic, Is.InRange(Distribution.ChiSquareQuantile(0.001, degrees), Distribution.ChiSquareQuantile(0.999, degrees)));

    private static byte[] Bytes(Reservoir reservoir) => SketchTests.Bytes(reservoir.Save);
}
