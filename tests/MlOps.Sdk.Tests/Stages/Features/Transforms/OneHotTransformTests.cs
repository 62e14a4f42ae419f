using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Features.FittedGraphs;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class OneHotTransformTests
{
    [Test]
    public async Task Fit_UnseenAndMissingLevels_GoToTheUnknownSlot()
    {
        var rows = Rows(("c", ColumnType.Text, ["a", "b", "a"]), ("y", ColumnType.Integer, [1L, 0L, 1L]));
        var graph = await GraphAsync(rows, features => features.OneHot(["c"]));
        var later = Rows(("c", ColumnType.Text, ["b", "z", null]), ("y", ColumnType.Integer, [1L, 0L, 1L]));

        var matrix = graph.Transform(later);

        Assert.Multiple(() =>
        {
            Assert.That(matrix.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "c=a", "c=b", "c is unknown" }));
            Assert.That(matrix.Column(1).ToArray(), Is.EqualTo(new float[] { 1, 0, 0 }));
            Assert.That(matrix.Column(2).ToArray(), Is.EqualTo(new float[] { 0, 1, 1 }));
        });
    }

    [Test]
    public async Task Fit_MoreLevelsThanAllowed_KeepsTheMostFrequent()
    {
        var rows = Rows(("c", ColumnType.Text, ["a", "b", "b", "c", "c"]), ("y", ColumnType.Integer, [1L, 0L, 1L, 0L, 1L]));

        var matrix = (await GraphAsync(rows, features => features.OneHot(["c"], maxLevels: 2))).Transform(rows);

        Assert.That(matrix.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "c=b", "c=c", "c is unknown" }));
        Assert.That(matrix.Column(2).ToArray(), Is.EqualTo(new float[] { 1, 0, 0, 0, 0 }));
    }

    [Test]
    public async Task Fit_MinusZeroAndNaN_AreZeroAndMissing()
    {
        var rows = Rows(
            ("c", ColumnType.Number, [0.0, -0.0, 1.5, double.NaN, null]), ("y", ColumnType.Integer, [1L, 0L, 1L, 0L, 1L]));

        var matrix = (await GraphAsync(rows, features => features.OneHot(["c"]))).Transform(rows);

        Assert.Multiple(() =>
        {
            Assert.That(matrix.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "c=0", "c=1.5", "c is missing", "c is unknown" }));
            Assert.That(matrix.Column(0).ToArray(), Is.EqualTo(new float[] { 1, 1, 0, 0, 0 }));
            Assert.That(matrix.Column(2).ToArray(), Is.EqualTo(new float[] { 0, 0, 0, 1, 1 }));
        });
    }

    [Test]
    public void Read_LevelsOfAnEarlierVersion_MayHoldMinusZero()
    {
        var state = new OneHotState
        {
            Columns = [new OneHotColumnState { Field = new Field("c", ColumnType.Number), Levels = ["-0", "0"] }],
        };

        Assert.That(new FittedOneHotTransform(state).Outputs, Has.Count.EqualTo(3));
    }
}
