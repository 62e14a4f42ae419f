using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

public sealed class CovariancesTests
{
    private const double Tolerance = 1e-12;

    [Test]
    public void Merge_AnyPartsInAnyOrder_EqualsTheWhole() =>
        Prop.ForAll<(int A, short B, byte Part)[], int>((drawn, seed) =>
        {
            var rows = Array.ConvertAll(
                drawn,
                each => new[] { each.A * 0.37, 1e6 + each.B, each.A % 11 == 0 ? double.NaN : each.A + 0.01 * each.B });
            var whole = Of(rows);
            var parts = rows
                .Zip(drawn, (row, each) => (row, Part: each.Part % 5))
                .GroupBy(each => each.Part)
                .Select(part => Of([.. part.Select(each => each.row)]))
                .ToList();
            var random = new SeededRandom((uint)seed);
            while (parts.Count > 1)
            {
                var (to, from) = (random.Next(parts.Count), random.Next(parts.Count));
                if (to == from) continue;
                parts[to].Merge(parts[from]);
                parts.RemoveAt(from);
            }

            return parts.Count == 0 || Same(parts[0], whole);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void Add_AnyRows_EqualsMomentsAndPearson() =>
        Prop.ForAll<(int A, short B)[]>(drawn =>
        {
            double[] x = [.. drawn.Select(each => each.A * 0.37)], y = [.. drawn.Select(each => each.A * 0.001 + each.B)];
            var (sketch, ofX, ofY) = (Of([.. x.Zip(y, (a, b) => new[] { a, b })]), new Moments(), new Moments());
            ofX.Add(x);
            ofY.Add(y);
            var r = x.Length < 2 ? double.NaN : Correlations.Pearson(x, y).Statistic;
            return Near(sketch.Covariance(0, 0), ofX.Variance, ofX.Variance) && Near(sketch.Covariance(1, 1), ofY.Variance, ofY.Variance)
                && Near(sketch.Mean(0), ofX.Mean, Math.Abs(ofX.Mean) + ofX.StandardDeviation) && Near(sketch.Correlation(1, 0), r, 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void Covariance_MeansFarFromZero_LosesNoDigit([Values(0, 1e9, -1e12)] double far, [Values(1, 7)] int parts)
    {
        // Multiples of 1/1024: the distance from 0 is added without rounding, so the exact answer is that without it.
        var random = new SeededRandom(3);
        double[][] near = [.. Enumerable.Range(0, 3_000).Select(_ => random.Next(2_048) / 1_024.0).Select(
            x => new[] { x, Math.Floor(x * 300 + random.Next(512)) / 1_024 })];
        double sumX = near.Sum(row => row[0]), sumY = near.Sum(row => row[1]), products = near.Sum(row => row[0] * row[1]);
        var expected = (products * near.Length - sumX * sumY) / near.Length / (near.Length - 1);
        var sketch = new Covariances(2);
        for (var part = 0; part < parts; part++)
        {
            sketch.Merge(
                Of([.. near.Where((_, i) => i * parts / near.Length == part).Select(row => new[] { row[0] + far, row[1] - far })]));
        }
        Assert.That(sketch.Covariance(0, 1), Is.EqualTo(expected).Within(Tolerance * expected));
        Assert.That(sketch.Mean(1), Is.EqualTo(sumY / near.Length - far).Within(Tolerance * Math.Max(1, Math.Abs(far))));
    }

    [Test]
    public void Covariance_FirstRowIsFarFromTheOthers_LosesNoDigit()
    {
        var sketch = Of([[-1e9, 1e9], .. Enumerable.Range(0, 1_000).Select(i => new double[] { i, i % 7 })]);
        var (meanX, meanY) = ((499_500 - 1e9) / 1_001, (2_997 + 1e9) / 1_001);
        var expected = ((-1e9 - meanX) * (1e9 - meanY) + Enumerable.Range(0, 1_000).Sum(i => (i - meanX) * (i % 7 - meanY))) / 1_000;
        Assert.That(sketch.Covariance(0, 1), Is.EqualTo(expected).Within(Tolerance).Percent);
    }

    [Test]
    public void Correlation_ConstantColumn_IsNotANumberAndItsVarianceIsZero()
    {
        var sketch = Of([.. Enumerable.Range(0, 1_000).Select(i => new[] { 0.1, i })]);
        sketch.Merge(Of([.. Enumerable.Range(0, 7).Select(i => new[] { 0.1, -i })]));
        Assert.That((sketch.Mean(0), sketch.Covariance(0, 0), sketch.Covariance(0, 1)), Is.EqualTo((0.1, 0.0, 0.0)));
        Assert.That(
            (sketch.Correlation(0, 1), sketch.Correlation(0, 0), sketch.Correlation(1, 1)),
            Is.EqualTo((double.NaN, double.NaN, 1.0)));
    }

    [Test]
    public void Correlation_OneLine_IsAtMostOne([Range(1, 20)] int seed)
    {
        var random = new SeededRandom((ulong)seed);
        var sketch = Of([.. Enumerable.Range(0, 50).Select(_ => random.NextDouble()).Select(x => new[] { x, 0.3 * x, -7 * x })]);
        Assert.That(sketch.Correlation(0, 1), Is.EqualTo(1).Within(Tolerance).And.LessThanOrEqualTo(1));
        Assert.That(sketch.Correlation(2, 1), Is.EqualTo(-1).Within(Tolerance).And.GreaterThanOrEqualTo(-1));
    }

    [Test]
    public void Mean_NoRowOrOne_HasNoCovariance()
    {
        var sketch = new Covariances(2);
        Assert.That((sketch.Mean(1), sketch.Covariance(0, 1), sketch.Correlation(0, 1)), Is.EqualTo((double.NaN, double.NaN, double.NaN)));
        sketch.Add([1, 5]);
        Assert.That((sketch.Mean(1), sketch.Covariance(0, 1), sketch.Correlation(0, 1)), Is.EqualTo((5.0, double.NaN, double.NaN)));
    }

    [Test]
    public void Add_RowWithNaN_IsSkippedInEveryColumn()
    {
        var sketch = Of([1, 2], [double.NaN, 99], [3, 8]);
        Assert.That((sketch.Count, sketch.Skipped, sketch.Mean(1), sketch.Covariance(1, 0)), Is.EqualTo((2L, 1L, 5.0, 6.0)));
    }

    [Test]
    public void Add_InfiniteOrOfAnotherLength_ThrowsAndAddsNothing()
    {
        var sketch = new Covariances(2);
        Assert.That(() => sketch.Add([double.NaN, double.NegativeInfinity]), Throws.ArgumentException.With.Message.Contains("infinite"));
        Assert.That(() => sketch.Add([1, 2, 3]), Throws.ArgumentException.With.Message.Contains("3 values for 2 columns"));
        Assert.That((sketch.Count, sketch.Skipped), Is.EqualTo((0L, 0L)));
    }

    [Test]
    public void Merge_WithItself_CountsEveryRowTwice()
    {
        double[][] rows = [[1, 2], [4, 3], [double.NaN, 0], [5, 9]];
        var sketch = Of(rows);
        sketch.Merge(sketch);
        Assert.That(Same(sketch, Of([.. rows, .. rows])), Is.True);
    }

    [TestCase(0)]
    [TestCase(4_097)]
    public void New_ColumnsOutOfRange_Throws(int columns) =>
        Assert.That(() => new Covariances(columns), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Members_ColumnsThatDoNotFit_Throw()
    {
        var sketch = new Covariances(2);
        Assert.That(() => sketch.Merge(new Covariances(3)), Throws.ArgumentException);
        Assert.That(() => sketch.Mean(2), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => sketch.Covariance(-1, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => sketch.Correlation(0, 2), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Read_WhatWasSaved_GoesOnAsBefore() =>
        Prop.ForAll<(double A, double B)[]>(drawn =>
        {
            // Of any magnitude: what has overflowed or vanished is honest, and can be read.
            var sketch = new Covariances(2);
            foreach (var (a, b) in drawn.Where(each => !double.IsInfinity(each.A) && !double.IsInfinity(each.B))) sketch.Add([a, b]);
            var read = Covariances.Read(Bytes(sketch));
            var same = Bytes(read).AsSpan().SequenceEqual(Bytes(sketch));
            foreach (var each in new[] { sketch, read }) each.Add([3, -0.1]);
            return same && Bytes(read).AsSpan().SequenceEqual(Bytes(sketch));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Test]
    public void Read_ExtremeMagnitudes_CanBeReadBack()
    {
        foreach (var (x, y) in new[]
        {
            (1e-170, 1.0), (1e200, 1.0), (double.MaxValue, 1e-300), (double.Epsilon, double.MaxValue), (1e154, 1e154)
        })
        {
            var sketch = Of([x, y], [-x, -y], [x / 3, y], [-x, y / 7]);
            Assert.That(Bytes(Covariances.Read(Bytes(sketch))), Is.EqualTo(Bytes(sketch)), $"{x}, {y}");
        }
    }

    [Test]
    public void Read_NumbersThatContradict_SaysThatItIsDamaged()
    {
        // Version, count, skipped; then length and values of the origin (17), of the rest (37) and of the products (57).
        var bytes = Bytes(Of([1, 2], [4, 3], [5, 9]));
        foreach (var (at, value) in new[]
        {
            (21, double.NaN), (41, 100), (41, double.NaN), (61, -1), (69, 1e3), (69, double.NaN), (69, double.NegativeInfinity)
        })
        {
            byte[] damaged = [.. bytes];
            BinaryPrimitives.WriteDoubleLittleEndian(damaged.AsSpan(at), value);
            Assert.That(
                () => Covariances.Read(damaged),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("contradict"),
                $"{value} at {at}");
        }

        foreach (var count in new long[] { 0, 1, -1 })
        {
            byte[] damaged = [.. bytes];
            BinaryPrimitives.WriteInt64LittleEndian(damaged.AsSpan(1), count);
            Assert.That(
                () => Covariances.Read(damaged), Throws.InstanceOf<MlOpsException>().With.Message.Contains("damaged"), $"count {count}");
        }
    }

    [Test]
    public void Read_RandomDamage_NeverFailsOtherwise([Range(1, 3)] int seed) =>
        ReservoirTests.Damage(Bytes(Of([1, 2, 0], [4, 3, 7], [5, 9, 1])), seed, bytes => Covariances.Read(bytes));

    [Test]
    public void Read_OtherVersion_NamesIt()
    {
        var bytes = Bytes(new Covariances(2));
        bytes[0] = 99;
        Assert.That(() => Covariances.Read(bytes), Throws.InstanceOf<MlOpsException>().With.Message.Contains("version 99"));
    }

    private static Covariances Of(params double[][] rows)
    {
        var sketch = new Covariances(rows.Length == 0 ? 3 : rows[0].Length);
        foreach (var row in rows) sketch.Add(row);
        return sketch;
    }

    private static bool Same(Covariances one, Covariances other)
    {
        if ((one.Columns, one.Count, one.Skipped) != (other.Columns, other.Count, other.Skipped)) return false;
        for (var i = 0; i < one.Columns; i++)
        {
            var deviation = Math.Sqrt(other.Covariance(i, i));
            if (!Near(one.Mean(i), other.Mean(i), Math.Abs(other.Mean(i)) + (double.IsNaN(deviation) ? 0 : deviation))) return false;
            for (var j = 0; j < one.Columns; j++)
            {
                if (!Near(one.Covariance(i, j), other.Covariance(i, j), deviation * Math.Sqrt(other.Covariance(j, j)))
                    || !Near(one.Correlation(i, j), other.Correlation(i, j), 1))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool Near(double one, double other, double scale) => one.Equals(other) || Math.Abs(one - other) <= Tolerance * scale;

    private static byte[] Bytes(Covariances sketch) => SketchTests.Bytes(sketch.Save);
}
