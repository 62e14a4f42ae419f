using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Features;
using MlOps.Sdk.Problem;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class TrainingViewTests
{
    private const int Rows = 3000;

    [Test]
    public void GetRowCursor_DenseRows_GivesThemInOrderWithLabelAndWeight()
    {
        var view = View(TaskKind.BinaryClassification, isSparse: false);

        var rows = Read<bool>(view.GetRowCursor(view.Schema), view);

        Assert.That(rows.Select(row => row.Id), Is.EqualTo(Enumerable.Range(0, Rows).Select(row => (ulong)row)));
        Assert.That(rows.Select(row => row.Position), Is.EqualTo(Enumerable.Range(0, Rows).Select(row => (long)row)));
        Assert.That(rows[7].Features, Is.EqualTo(new float[] { 7, 70, 0, 0 }));
        Assert.That(rows.Select(row => row.Label), Is.EqualTo(Enumerable.Range(0, Rows).Select(row => row % 2 == 1)));
        Assert.That(rows[7].Weight, Is.EqualTo(8f));
    }

    [Test]
    public void GetRowCursor_SparseRows_GivesOnlyWhatIsNotZero()
    {
        var view = View(TaskKind.Regression, isSparse: true);
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
        VBuffer<float> value = default;
        for (var i = 0; i < 3; i++) cursor.MoveNext();

        getter(ref value);

        Assert.That(value.Length, Is.EqualTo(4));
        Assert.That(value.GetIndices().ToArray(), Is.EqualTo(new[] { 0, 1, 3 }));
        Assert.That(value.GetValues().ToArray(), Is.EqualTo(new float[] { 2, 20, 2 }));
        cursor.MoveNext();
        getter(ref value);
        Assert.That(value.DenseValues(), Is.EqualTo(new float[] { 3, 30, 0, 0 }));
    }

    [Test]
    public void GetRowCursor_SparseRowWithoutAZero_GivesAllOfIt()
    {
        var sparse = new SparseFeatures([0, 1], [1], [5]);
        var view = new TrainingView(
            new FeatureMatrix([new("a", "a"), new("b", "b")], 1, [4], sparse), new double[1], default, TaskKind.Regression, 1, default);
        using var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        VBuffer<float> value = default;
        cursor.GetGetter<VBuffer<float>>(view.Schema["Features"])(ref value);

        Assert.That(value.DenseValues(), Is.EqualTo(new float[] { 4, 5 }));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    public void GetRowCursorSet_SeveralCursors_ShareTheRows(int count)
    {
        var view = View(TaskKind.Regression, isSparse: false);

        var cursors = view.GetRowCursorSet(view.Schema, count);

        Assert.That(cursors, Has.Length.InRange(1, count));
        var rows = cursors.SelectMany(cursor => Read<float>(cursor, view)).ToArray();
        Assert.That(rows.Select(row => row.Id).Order(), Is.EqualTo(Enumerable.Range(0, Rows).Select(row => (ulong)row)));
        Assert.That(rows.All(row => row.Features[0] == row.Id && row.Label == row.Id), Is.True);
    }

    [Test]
    public void GetRowCursor_Generator_GivesTheSameOrderForTheSameState()
    {
        var view = View(TaskKind.Regression, isSparse: false);

        var first = Read<float>(view.GetRowCursor(view.Schema, new Random(3)), view).Select(row => row.Id).ToArray();
        var again = Read<float>(view.GetRowCursor(view.Schema, new Random(3)), view).Select(row => row.Id).ToArray();

        Assert.That(again, Is.EqualTo(first));
        Assert.That(first, Is.Not.Ordered);
        Assert.That(first, Is.Unique.And.Length.EqualTo(Rows));
    }

    [Test]
    public void Schema_SeveralClasses_NamesThemInTheProblemsOrderWhateverRowsThereAre()
    {
        var view = new TrainingView(
            TrainingRows.Features(3), new double[] { 2, 2, 0 }, default, TaskKind.MulticlassClassification, 4, default);
        var label = view.Schema["Label"];
        VBuffer<ReadOnlyMemory<char>> names = default;
        label.Annotations.GetValue("KeyValues", ref names);
        using var cursor = view.GetRowCursor([label]);
        cursor.MoveNext();
        var key = 0u;
        cursor.GetGetter<uint>(label)(ref key);

        Assert.That(label.Type, Is.EqualTo(new KeyDataViewType(typeof(uint), 4)));
        Assert.That(names.DenseValues().Select(name => name.ToString()), Is.EqualTo(new[] { "0", "1", "2", "3" }));
        Assert.That(key, Is.EqualTo(3u));
    }

    [Test]
    public void Schema_Levels_HaveARangeForEachGroup()
    {
        FeatureSlot[] slots =
        [
            new("n", "n"),
            new("a=1", "a", SlotKind.Level, "a"),
            new("a=2", "a", SlotKind.Level, "a"),
            new("b=1", "b", SlotKind.Level, "b"),
            new("b=2", "b", SlotKind.Level, "b"),
            new("b=3", "b", SlotKind.Level, "b"),
            new("c=1", "c", SlotKind.Level, "c"),
            new("t1", "t", SlotKind.Text, "t"),
            new("t2", "t", SlotKind.Text, "t"),
            new("free", "x", SlotKind.Level),
            new("free too", "y", SlotKind.Level),
        ];
        var schema = TrainingSchema.Create(slots, TaskKind.Regression, 1, isWeighted: false);
        VBuffer<int> ranges = default;
        schema["Features"].Annotations.GetValue("CategoricalSlotRanges", ref ranges);
        VBuffer<ReadOnlyMemory<char>> names = default;
        schema["Features"].Annotations.GetValue("SlotNames", ref names);

        Assert.That(ranges.DenseValues(), Is.EqualTo(new[] { 1, 2, 3, 5 }));
        Assert.That(names.DenseValues().Select(name => name.ToString()), Is.EqualTo(slots.Select(slot => slot.Name)));
    }

    [Test]
    public void Schema_NoLevels_HasNoRanges() => Assert.That(
        TrainingSchema.Create([new("n", "n")], TaskKind.Regression, 1, false)["Features"]
            .Annotations.Schema.GetColumnOrNull("CategoricalSlotRanges"),
        Is.Null);

    [Test]
    public void MoveNext_CancelledToken_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        var view = new TrainingView(TrainingRows.Features(10), new double[10], default, TaskKind.Regression, 1, cancellation.Token);
        using var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        cancellation.Cancel();

        Assert.That(() => cursor.MoveNext(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void GetGetter_WhatIsNotThere_IsRefused()
    {
        var view = View(TaskKind.Regression, isSparse: false);
        using var cursor = view.GetRowCursor([view.Schema["Label"]]);
        var label = cursor.GetGetter<float>(view.Schema["Label"]);
        var value = 0f;

        Assert.That(() => cursor.GetGetter<float>(view.Schema["Weight"]), Throws.InvalidOperationException, "not requested");
        Assert.That(() => cursor.GetGetter<double>(view.Schema["Label"]), Throws.InvalidOperationException, "another type");
        Assert.That(() => label(ref value), Throws.InvalidOperationException, "before the first row");
        while (cursor.MoveNext()) label(ref value);
        Assert.That(() => label(ref value), Throws.InvalidOperationException, "after the last row");
        var other = new DataViewSchema.Builder();
        other.AddColumn("Other", NumberDataViewType.Single);
        Assert.That(() => view.GetRowCursor(other.ToSchema()), Throws.InvalidOperationException, "another schema");
    }

    private static TrainingView View(TaskKind task, bool isSparse)
    {
        var dense = new float[Rows * (isSparse ? 2 : 4)];
        for (var row = 0; row < Rows; row++)
        {
            dense[row] = row;
            dense[Rows + row] = row * 10;
        }

        // Even rows have a value in the last slot.
        var sparse = isSparse
            ? new SparseFeatures(
                [.. Enumerable.Range(0, Rows + 1).Select(row => (row + 1) / 2)],
                [.. Enumerable.Range(0, Rows / 2).Select(_ => 3)],
                [.. Enumerable.Range(0, Rows / 2).Select(i => i == 0 ? 9f : i * 2)])
            : null;
        FeatureSlot[] slots = [new("a", "a"), new("b", "b"), new("c", "c"), new("d", "d")];
        return new TrainingView(
            new FeatureMatrix(slots, Rows, dense, sparse),
            Enumerable.Range(0, Rows).Select(row => task == TaskKind.Regression ? row : (double)(row % 2)).ToArray(),
            Enumerable.Range(0, Rows).Select(row => row + 1.0).ToArray(),
            task,
            2,
            default);
    }

    private static List<Seen<T>> Read<T>(DataViewRowCursor cursor, IDataView view)
    {
        using (cursor)
        {
            var id = cursor.GetIdGetter();
            var features = cursor.GetGetter<VBuffer<float>>(view.Schema["Features"]);
            var label = cursor.GetGetter<T>(view.Schema["Label"]);
            var weight = cursor.GetGetter<float>(view.Schema["Weight"]);
            var rows = new List<Seen<T>>();
            DataViewRowId row = default;
            VBuffer<float> values = default;
            T truth = default!;
            var heft = 0f;
            while (cursor.MoveNext())
            {
                id(ref row);
                features(ref values);
                label(ref truth);
                weight(ref heft);
                rows.Add(new Seen<T>(row.Low, cursor.Position, [.. values.DenseValues()], truth, heft));
            }

            return rows;
        }
    }

    private sealed record Seen<T>(ulong Id, long Position, float[] Features, T Label, float Weight);
}
