using System.Globalization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.Parquet.Tests.Lakes;

[TestFixture]
public sealed class LakeWatermarkTests : LakeFixture
{
    private static readonly Schema Columns = new(new Field("x", ColumnType.Integer));
    private static readonly HashSet<string> None = [];

    [Test]
    public void Of_ManyObjects_TakesSixteenBytesForEach()
    {
        var objects = Keys("sales/year=2026/month=11/orders-of-the-european-shops", 20_000);

        var watermark = LakeWatermark.Of(Columns, Columns, objects, None, null);

        Assert.That(watermark.Value, Has.Length.LessThan(20_000 * 16 + 200));
        var read = LakeWatermark.Parse(watermark, "lake");
        Assert.That(objects.All(one => read.Knows(one.Key, one.Version)), Is.True);
        Assert.That(objects.Any(one => read.Knows(one.Key, one.Version + "x") || read.Knows(one.Key + "x")), Is.False);
    }

    // Runs of a year, each of which finds other objects than the one before.
    [Test]
    public void Of_ObjectsThatCameAndWent_IsBounded()
    {
        Watermark? watermark = null;
        for (var run = 0; run < 30; run++)
        {
            var earlier = watermark is null ? null : LakeWatermark.Parse(watermark, "lake");
            watermark = LakeWatermark.Of(Columns, Columns, Keys($"run {run}", 10_000), None, earlier);
        }

        Assert.That(watermark!.Value, Has.Length.LessThan(111_000 * 16));
        var read = LakeWatermark.Parse(watermark, "lake");
        Assert.Multiple(() =>
        {
            Assert.That(Keys("run 29", 10_000).Concat(Keys("run 19", 10_000)).All(one => read.Knows(one.Key, one.Version)), Is.True);
            Assert.That(Keys("run 18", 10_000).Any(one => read.Knows(one.Key)), Is.False, "the ones that went first are forgotten");
            Assert.That(read.CountGone([]), Is.EqualTo(10_000));
        });
    }

    [Test]
    public async Task OpenAsync_ObjectsComeBackOrComeLate_AreReadOnce()
    {
        await PutAsync("t/2026-02.csv", "x\n2\n");
        await PutAsync("t/2026-03.csv", "x\n3\n");
        var first = await ScanAsync(Source(Store), ReadRequest.All);
        var moved = Folder["moved.csv"];
        File.Move(Path.Combine(LakePath, "t/2026-03.csv"), moved);
        var second = await ScanAsync(Source(Store), new ReadRequest { After = first.Watermark });
        File.Move(moved, Path.Combine(LakePath, "t/2026-03.csv"));
        await PutAsync("t/2026-01.csv", "x\n1\n");
        await PutAsync("t/2026-04.csv", "x\n");

        var third = await ScanAsync(Source(Store), new ReadRequest { After = second.Watermark, KeepsEarlierRows = true });
        await PutAsync("t/2026-04.csv", "x\n4\n");
        var fourth = await ScanAsync(Source(Store), new ReadRequest { After = third.Watermark, KeepsEarlierRows = true });

        Assert.Multiple(() =>
        {
            Assert.That(second.Rows, Is.Empty);
            Assert.That(third.Rows, Is.EqualTo(new[] { "'1'" }), "an earlier key arrives late, and one that was read comes back");
            Assert.That(fourth.Rows, Is.EqualTo(new[] { "'4'" }), "an object without rows has been read by nobody");
        });
    }

    [TestCase("objects")]
    [TestCase("objects:2\nx:Integer:0\n\nread key version\n\n")]
    [TestCase("objects:2\nx:Integer:0\n\nAAAA\n\n")]
    public void Parse_OfAnotherForm_SaysWhatToDo(string text) => Assert.That(
        () => LakeWatermark.Parse(new Watermark(text), "lake"), Throws.TypeOf<MlOpsException>().With.Message.Contains("without OnlyNew"));

    private static (string Key, string Version)[] Keys(string prefix, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (
            string.Create(CultureInfo.InvariantCulture, $"{prefix}/{i}.csv"), string.Create(CultureInfo.InvariantCulture, $"etag:{i}")))];
}
