using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Statistics;

[TestFixture]
public sealed class ReferenceBinsTests
{
    [Test]
    public void Save_BinsWithBlocksAndLevels_AreReadAsTheyWere()
    {
        var random = new Random(1);
        var bins = ReferenceBins.From(Texts(Enumerable.Range(0, 5_000).Select(_ => $"level {random.Next(300)}")));
        var bytes = Save(bins);

        var read = ReferenceBins.Read(bytes);

        Assert.That(Save(read), Is.EqualTo(bytes));
        Assert.That((read.AreLevelsChosen, read.Blocks.Blocks), Is.EqualTo((true, 128)));
        Assert.That(read.Judged.ToArray().Sum(), Is.EqualTo(2_500).Within(150), "levels are counted where they were not chosen");
        Assert.That(read.Blocks.Sum(0, 128), Is.EqualTo(read.Counts.ToArray()));
        Assert.That(read.Known.Rows, Is.EqualTo(5_000));
        for (var length = 0; length < bytes.Length; length += 97)
        {
            Assert.That(() => ReferenceBins.Read(bytes.AsSpan(0, length)), Throws.TypeOf<MlOpsException>());
        }
    }

    [Test]
    public void Read_FirstVersion_CountsItsRowsAsIndependentAndKnowsNoLevels()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new BinaryOutput(buffer);
        writer.Byte(1);
        writer.Byte((byte)ColumnType.Text);
        writer.Doubles([]);
        writer.Int32(2);
        writer.Text("a");
        writer.Text("b");
        writer.Counts([6, 3, 1, 2]);

        var bins = ReferenceBins.Read(buffer.WrittenSpan);

        Assert.That(bins.Counts.ToArray(), Is.EqualTo(new[] { 6, 3, 1, 2 }));
        Assert.That(bins.Judged.ToArray(), Is.EqualTo(bins.Counts.ToArray()));
        Assert.That((bins.Blocks.Blocks, bins.Blocks.OfPlace.IsFound, bins.Blocks.OfBin(0).IsFound), Is.EqualTo((0, false, false)));
        Assert.That(bins.Known.Count(Texts(["new"])), Is.EqualTo((0, 0)));
    }

    [TestCase(0.0, 0)]
    [TestCase(0.7, 5.67)]
    public void Blocks_RowsThatFollowEachOther_TellTheDesignEffect(double correlation, double effect)
    {
        var found = 0;
        var effects = new List<double>();
        for (var seed = 0; seed < 40; seed++)
        {
            var place = ReferenceBins.From(Series(20_000, correlation, seed)).Blocks.OfPlace;
            if (!place.IsFound) continue;
            found++;
            effects.Add(place.Effect(600));
        }

        // (1 + r) / (1 - r) of an AR(1); of ranks a little less.
        if (effect == 0) Assert.That(found, Is.LessThanOrEqualTo(3));
        else Assert.That((found, effects.Average()), Is.EqualTo((40, effect)).Within(1.5));
    }

    [Test]
    public void Blocks_RowsInTheOrderOfTheirValues_TellNothingOfTime()
    {
        var bins = ReferenceBins.From(Enumerable.Range(0, 5_000).Select(i => (double)i).ToArray());

        Assert.That(bins.Blocks.OfPlace.IsFound, Is.False);
    }

    [Test]
    public void Known_NewLevels_AreCountedAmongThoseAsked()
    {
        var few = ReferenceBins.From(Texts(Enumerable.Range(0, 1_000).Select(i => $"level {i % 10}"))).Known;
        var many = ReferenceBins.From(Texts(Enumerable.Range(0, 30_000).Select(i => $"level {i % 10_000}"))).Known;
        var window = Texts(Enumerable.Range(0, 10_000).Select(i => i % 4 == 0 ? $"new {i}" : $"level {i}"));

        Assert.That(few.Count(Texts(["level 3", "new", "new", null])), Is.EqualTo((2, 3)));
        var (fresh, asked) = many.Count(window);
        Assert.That(asked, Is.EqualTo(2_048).Within(200), "a sample of the levels, by their hashes");
        Assert.That((double)fresh / asked, Is.EqualTo(0.25).Within(0.03));
    }

    [Test]
    public void Difference_OfMidRanks_IsWilcoxonsStatistic()
    {
        long[] reference = [10, 20, 30, 25, 15];
        long[] current = [5, 10, 20, 40, 25];
        var ranks = BinTrends.MidRanks([15, 30, 50, 65, 40]);

        var z = BinTrends.Difference(ranks, reference, current) / Math.Sqrt(0.02);

        // scipy.stats.mannwhitneyu(y, x, use_continuity=False, method="asymptotic") of SciPy 1.10
        Assert.That(Distribution.NormalP(z, Alternative.TwoSided), Is.EqualTo(0.0007413332523936544).Within(1e-9).Percent);
        Assert.That(z, Is.Positive);
    }

    private static double[] Series(int rows, double correlation, int seed)
    {
        var random = new Random(seed);
        var values = new double[rows];
        for (var i = 0; i < rows; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] = i == 0 ? normal : correlation * values[i - 1] + Math.Sqrt(1 - correlation * correlation) * normal;
        }

        return values;
    }

    private static TextColumn Texts(IEnumerable<string?> texts)
    {
        var builder = new TextColumnBuilder();
        foreach (var text in texts)
        {
            if (text is null) builder.AppendNull();
            else builder.Append(text);
        }

        return (TextColumn)builder.Build();
    }

    private static byte[] Save(ReferenceBins bins)
    {
        var buffer = new ArrayBufferWriter<byte>();
        bins.Save(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
