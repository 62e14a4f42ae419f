using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using MlOps.Sdk.Data;
using MlOps.Sdk.MLNet.Tests;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class InputViewTests
{
    private static readonly Dataset s_rows = PipelineRows.Create(700);
    private static readonly InputSchema s_since = new([InputColumn.Of(PipelineRows.Schema["since"], DataKind.Double)]);

    // Trainers keep what they know of a row under its id: dual variables, bins.
    [Test]
    public void GetRowCursor_Shuffled_KeepsTheIdsOfTheRows()
    {
        int[] some = [.. Enumerable.Range(0, 700).Where(row => row % 3 == 1)];
        foreach (var view in new[]
        {
            new InputView(s_since, [s_rows["since"]], 50, 600, default), new InputView(s_since, [s_rows["since"]], some, default),
        })
        {
            var inOrder = Read([view.GetRowCursor(view.Schema)]);
            var expected = inOrder.ToDictionary(row => row.Id, row => row.Value);

            Assert.That(expected.Select(row => s_rows["since"].GetNumber((int)row.Key)), Is.EqualTo(expected.Values));
            foreach (var seed in new[] { 3, 4 })
            {
                var shuffled = Read([view.GetRowCursor(view.Schema, new Random(seed))]);
                Assert.That(shuffled.Select(row => row.Id), Is.Not.EqualTo(inOrder.Select(row => row.Id)));
                Assert.That(shuffled, Is.EquivalentTo(inOrder));
                Assert.That(Read(view.GetRowCursorSet(view.Schema, 3, new Random(seed))), Is.EquivalentTo(inOrder));
            }
        }
    }

    // The same rows in the same order, with the same ids: nothing tells the two views apart.
    [Test]
    public void Fit_TrainerThatKeepsWhatItKnowsOfARow_SameBitsAsOverFeatures()
    {
        var features = TrainingRows.Features(500);
        var labels = TrainingRows.Labels(TaskKind.BinaryClassification, features);
        var vectors = (VectorColumnBuilder)ColumnBuilder.Create(ColumnType.Vector, TrainingRows.Width);
        var truth = (BooleanColumnBuilder)ColumnBuilder.Create(ColumnType.Boolean);
        for (var row = 0; row < labels.Length; row++)
        {
            vectors.Append([.. Enumerable.Range(0, TrainingRows.Width).Select(slot => features.Column(slot)[row])]);
            truth.Append(labels[row] > 0);
        }

        var schema = new InputSchema(
        [
            new InputColumn(TrainingColumns.Features, InputKind.Vector, ColumnType.Vector, TrainingRows.Width),
            new InputColumn(TrainingColumns.Label, InputKind.Boolean, ColumnType.Boolean),
        ]);

        var expected = Scores.Read(
            Fit(new TrainingView(features, labels, default, TaskKind.BinaryClassification, 2, default), out var rows), rows);
        var found = Scores.Read(Fit(new InputView(schema, [vectors.Build(), truth.Build()], 0, labels.Length, default), out rows), rows);

        Assert.That(found, Is.EqualTo(expected));
        Assert.That(expected.Zip(labels).Count(row => row.First[0] > 0 == row.Second > 0), Is.GreaterThan(400));

        static ITransformer Fit(IDataView view, out IDataView rows)
        {
            rows = view;
            return new MLContext(seed: 5).BinaryClassification.Trainers.SdcaLogisticRegression(
                new SdcaLogisticRegressionBinaryTrainer.Options { NumberOfThreads = 1, MaximumNumberOfIterations = 20 }).Fit(view);
        }
    }

    [Test]
    public void GetRowCursor_NoRow_CannotBeRead()
    {
        var view = new InputView(s_since, [s_rows["since"]], 0, 2, default);
        var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<double>(view.Schema[0]);
        var id = cursor.GetIdGetter();

        IsNowhere();
        Assert.That(cursor.MoveNext() && cursor.MoveNext());
        Assert.That(cursor.MoveNext(), Is.False);
        IsNowhere();
        cursor.Dispose();
        IsNowhere();
        Assert.That(cursor.MoveNext(), Is.False);

        void IsNowhere()
        {
            Assert.That(
                () =>
                {
                    var value = 0.0;
                    getter(ref value);
                },
                Throws.InvalidOperationException);
            Assert.That(
                () =>
                {
                    DataViewRowId value = default;
                    id(ref value);
                },
                Throws.InvalidOperationException);
            Assert.That(cursor.Position, Is.EqualTo(-1));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public void MoveNext_Cancelled_Throws(bool isPart)
    {
        using var source = new CancellationTokenSource();
        var view = isPart
            ? new InputView(s_since, [s_rows["since"]], [1, 5, 9], source.Token)
            : new InputView(s_since, [s_rows["since"]], 0, 600, source.Token);
        using var cursor = view.GetRowCursor(view.Schema);
        Assert.That(cursor.MoveNext());

        source.Cancel();

        Assert.That(() => cursor.MoveNext(), Throws.InstanceOf<OperationCanceledException>());
    }

    private static List<(ulong Id, double Value)> Read(DataViewRowCursor[] cursors)
    {
        var rows = new List<(ulong, double)>();
        foreach (var cursor in cursors)
        {
            using var owned = cursor;
            var getter = cursor.GetGetter<double>(cursor.Schema[0]);
            var idGetter = cursor.GetIdGetter();
            while (cursor.MoveNext())
            {
                var value = 0.0;
                DataViewRowId id = default;
                getter(ref value);
                idGetter(ref id);
                rows.Add((id.Low, value));
            }
        }

        return rows;
    }
}
