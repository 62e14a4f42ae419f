using MlOps.Sdk.Features;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class SparseFeaturesTests
{
    private static FeatureSlot[] Slots(int count) => [.. Enumerable.Range(0, count).Select(i => new FeatureSlot($"f{i}", "c"))];

    [Test]
    public void Writer_RowsWithGapsAndZeros_KeepsWhatIsNotZero()
    {
        var builder = new SparseFeaturesBuilder();
        var writer = new FeatureWriter(builder, firstSlot: 10).From(2);
        writer.Set(1, 0, 3);
        writer.Set(1, 4, 0);
        writer.Set(1, 5, float.NaN);
        writer.Set(3, 1, -2);

        var sparse = builder.Build(5);

        Assert.That(sparse.Starts.ToArray(), Is.EqualTo(new[] { 0, 0, 2, 2, 3, 3 }));
        Assert.That(sparse.Slots.ToArray(), Is.EqualTo(new[] { 12, 17, 13 }));
        Assert.That(sparse.Values.ToArray(), Is.EqualTo(new[] { 3, float.NaN, -2 }));
        Assert.That(() => builder.Build(3), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Writer_GoesBack_IsRefused()
    {
        var builder = new SparseFeaturesBuilder();
        new FeatureWriter(builder).Set(1, 3, 1);

        Assert.That(() => new FeatureWriter(builder).Set(0, 9, 1), Throws.InvalidOperationException.With.Message.Contains("row 0"));
        Assert.That(() => new FeatureWriter(builder).Set(1, 3, 1), Throws.InvalidOperationException);
        Assert.That(() => new FeatureWriter(builder).Set(1, 2, 0), Throws.InvalidOperationException);
    }

    [Test]
    public void Clear_AndFillAgain_AllocatesNothing()
    {
        var builder = new SparseFeaturesBuilder();
        Fill();
        var least = long.MaxValue;
        for (var attempt = 0; attempt < 5 && least > 0; attempt++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Fill();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);

        void Fill()
        {
            builder.Clear();
            for (var row = 0; row < 100; row++) new FeatureWriter(builder).Set(row, row, 1);
        }
    }

    [Test]
    public void Take_Rows_CopiesThemInOrder()
    {
        var sparse = new SparseFeatures([0, 2, 2, 3], [0, 5, 1], [1, 2, 3]);

        var taken = sparse.Take([2, 0, 2]);

        Assert.That(taken.Starts.ToArray(), Is.EqualTo(new[] { 0, 1, 3, 4 }));
        Assert.That(taken.Slots.ToArray(), Is.EqualTo(new[] { 1, 0, 5, 1 }));
        Assert.That(taken.Values.ToArray(), Is.EqualTo(new[] { 3f, 1, 2, 3 }));
    }

    [Test]
    public void Constructor_PartsThatDoNotFit_AreRefused()
    {
        Assert.That(() => new SparseFeatures([], [], []), Throws.ArgumentException);
        Assert.That(() => new SparseFeatures([0, 2], [0], [1]), Throws.ArgumentException);
        Assert.That(() => new SparseFeatures([0, 2, 1, 2], [0, 1], [1, 1]), Throws.ArgumentException);
        Assert.That(() => new SparseFeatures([0, 2], [1, 1], [1, 1]), Throws.ArgumentException.With.Message.Contains("row 0"));
        Assert.That(() => new SparseFeatures([0, 1], [-1], [1]), Throws.ArgumentException);
        Assert.That(() => new FeatureMatrix(Slots(3), 1, [1], new SparseFeatures([0, 1], [3], [1])), Throws.ArgumentException);
        Assert.That(() => new FeatureMatrix(Slots(3), 1, [1], new SparseFeatures([0, 1], [0], [1])), Throws.ArgumentException);
        Assert.That(() => new FeatureMatrix(Slots(3), 2, [1, 2], new SparseFeatures([0, 1], [1], [1])), Throws.ArgumentException);
        Assert.That(() => new FeatureMatrix(Slots(3), 1, [1, 2]), Throws.ArgumentException);
    }

    [Test]
    public void Block_OfAMatrix_HasItsDenseAndSparseValues()
    {
        var matrix = new FeatureMatrix(Slots(6), 3, [1, 2, 3, 4, 5, 6], new SparseFeatures([0, 1, 1, 3], [5, 2, 3], [7, 8, 9]));

        var block = matrix.Take([2, 0]).Block(0, 2, new float[4]);

        Assert.That((block.Width, block.DenseWidth, block.RowCount, block.IsDense), Is.EqualTo((6, 2, 2, false)));
        Assert.That(block.Row(0).ToArray(), Is.EqualTo(new float[] { 3, 6 }));
        Assert.That(block.SparseSlots(0).ToArray(), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(block.SparseValues(1).ToArray(), Is.EqualTo(new float[] { 7 }));
        Assert.That(() => matrix.Column(2), Throws.TypeOf<ArgumentOutOfRangeException>());
    }
}
