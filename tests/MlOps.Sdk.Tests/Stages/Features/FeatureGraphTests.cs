using System.Buffers;
using MlOps.Sdk.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Features;

[TestFixture]
public sealed class FeatureGraphTests
{
    private static readonly ProblemDefinition Problem = new() { Task = TaskKind.BinaryClassification, Label = "y", PositiveClass = "1" };

    [Test]
    public async Task Numeric_MissingValues_AreImputedFlaggedAndStandardized()
    {
        var rows = Rows(("x", ColumnType.Number, [1.0, null, 3.0, 5.0]), ("y", ColumnType.Integer, [1L, 0L, 1L, 0L]));

        var matrix = (await GraphAsync(rows, features => features.Numeric(["x"]))).Transform(rows);

        // Of 1, 3, 5: mean 3, population standard deviation √(8/3), median 3.
        var scale = Math.Sqrt(8.0 / 3);
        Assert.Multiple(() =>
        {
            Assert.That(matrix.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "x", "x is missing" }));
            Assert.That(matrix.Column(0).ToArray(), Is.EqualTo(new[] { (float)(-2 / scale), 0, 0, (float)(2 / scale) }).Within(1e-6));
            Assert.That(matrix.Column(1).ToArray(), Is.EqualTo(new float[] { 0, 1, 0, 0 }));
        });
    }

    [Test]
    public async Task OneHot_UnseenAndMissingLevels_GoToTheUnknownSlot()
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
    public async Task Auto_LeavesOutLabelConstantsIdentifiersAndObserved()
    {
        var n = 60;
        var rows = Rows(
            ("x", ColumnType.Number, [.. Enumerable.Range(0, n).Select(i => (object)(double)i)]),
            ("same", ColumnType.Integer, [.. Enumerable.Repeat((object)7L, n)]),
            ("id", ColumnType.Text, [.. Enumerable.Range(0, n).Select(i => (object)$"id{i}")]),
            ("flag", ColumnType.Boolean, [.. Enumerable.Range(0, n).Select(i => (object)(i % 2 == 0))]),
            ("watched", ColumnType.Text, [.. Enumerable.Range(0, n).Select(i => (object)(i % 3 == 0 ? "m" : "f"))]),
            ("y", ColumnType.Integer, [.. Enumerable.Range(0, n).Select(i => (object)(long)(i % 2))]));

        var graph = await GraphAsync(rows, features => features.Auto().Observe("watched"));

        Assert.Multiple(() =>
        {
            Assert.That(graph.Slots.Select(slot => slot.Name), Is.EqualTo(new[] { "x", "flag" }));
            Assert.That(
                graph.Input.Select(field => field.Name),
                Is.EquivalentTo(new[] { "x", "flag", "watched" }),
                "what is observed is recorded, what is left out is not asked for");
        });
    }

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
            Throws.TypeOf<MlOpsException>().With.Message.Contains("made twice").And.Message.Contains("except"));
    }

    [Test]
    public void Fit_TextAsANumber_SaysWhatToDo()
    {
        var rows = Rows(("c", ColumnType.Text, ["a", "b"]), ("y", ColumnType.Integer, [1L, 0L]));

        Assert.That(
            async () => await GraphAsync(rows, features => features.Numeric(["c"])),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("OneHot"));
    }

    private static async Task<FeatureGraph> GraphAsync(Dataset rows, Action<FeatureBuilder> configure)
    {
        var builder = new FeatureBuilder();
        configure(builder);
        var plan = builder.Build([]);
        return await FeatureFitting.FitAsync(
            [.. plan.Transforms.Select(create => create(PluginServices.None))], plan, Problem, rows.Schema, [], rows, 1, CancellationToken.None);
    }

    private static Dataset Rows(params (string Name, ColumnType Type, object?[] Values)[] columns)
    {
        var schema = new Schema(columns.Select(column => new Field(column.Name, column.Type)));
        var builder = new RecordBatchBuilder(schema);
        for (var i = 0; i < columns.Length; i++)
        {
            foreach (var value in columns[i].Values)
            {
                switch (builder[i], value)
                {
                    case (var any, null): any.AppendNull(); break;
                    case (NumberColumnBuilder number, double x): number.Append(x); break;
                    case (IntegerColumnBuilder integer, long x): integer.Append(x); break;
                    case (BooleanColumnBuilder boolean, bool x): boolean.Append(x); break;
                    case (TextColumnBuilder text, string x): text.Append(x); break;
                }
            }
        }

        return Dataset.FromBatches(schema, [builder.Build()]);
    }
}
