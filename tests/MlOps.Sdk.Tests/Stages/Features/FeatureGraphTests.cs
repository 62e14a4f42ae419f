using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using NUnit.Framework;
using static MlOps.Sdk.Tests.Features.FittedGraphs;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class FeatureGraphTests
{
    [Test]
    public async Task Save_ReadBack_GivesTheSameFeaturesAndBytes()
    {
        var rows = Rows(
            ("x", ColumnType.Number, [1.0, null, 3.0]),
            ("c", ColumnType.Text, ["a", null, "ü\"<"]),
            ("y", ColumnType.Integer, [1L, 0L, 1L]));
        var graph = await GraphAsync(rows, features => features.Auto());
        var bytes = new ArrayBufferWriter<byte>();
        graph.Save(bytes);
        var readers = new FormatReaders();
        BuiltInTransforms.AddTo(readers);

        var read = FeatureGraph.Read(bytes.WrittenMemory, readers);

        var again = new ArrayBufferWriter<byte>();
        read.Save(again);
        Assert.Multiple(() =>
        {
            Assert.That(again.WrittenSpan.SequenceEqual(bytes.WrittenSpan), Is.True);
            for (var slot = 0; slot < graph.Slots.Count; slot++)
            {
                Assert.That(read.Transform(rows).Column(slot).ToArray(), Is.EqualTo(graph.Transform(rows).Column(slot).ToArray()));
            }
            Assert.That(
                () => FeatureGraph.Read(bytes.WrittenMemory, new FormatReaders()),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("mlops.auto/1"));
            Assert.That(() => FeatureGraph.Read("{}"u8.ToArray(), readers), Throws.TypeOf<MlOpsException>());
        });
    }

    [Test]
    public void Fit_TheLabelAsAFeature_IsRefused()
    {
        var rows = Rows(("x", ColumnType.Number, [1.0, 2.0]), ("y", ColumnType.Integer, [1L, 0L]));

        Assert.That(
            async () => await GraphAsync(rows, features => features.Numeric(["x", "y"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("reads the label"));
    }

    [Test]
    public void Fit_OneColumnTwice_IsRefused()
    {
        var rows = Rows(("x", ColumnType.Number, [1.0, 2.0]), ("y", ColumnType.Integer, [1L, 0L]));

        Assert.That(
            async () => await GraphAsync(rows, features => features.Auto().Numeric(["x"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("created twice").And.Message.Contains("except"));
    }
}
