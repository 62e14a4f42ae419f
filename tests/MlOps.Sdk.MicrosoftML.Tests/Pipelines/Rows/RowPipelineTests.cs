using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet;

internal sealed class RowPipelineTests
{
    private static readonly Dataset s_rows = PipelineRows.Create(200);

    // Why the position must advance: with a version of ML.NET in which this test fails, it need not any more.
    [Test]
    public void GetRow_PositionThatStays_GivesTheAnswersOfTheRowBefore()
    {
        var (schema, columns, transformer) = Fit();
        var mapper = transformer.GetRowToRowMapper(schema.Schema);
        var values = new InputValues(schema, _ => true);
        for (var i = 0; i < columns.Length; i++) values.Bind(i, columns[i]);
        var outputs = mapper.OutputSchema.Where(column => column.Name is "Probability").ToArray();
        using var frozen = mapper.GetRow(new FrozenRow(values), outputs);
        var pipeline = new RowPipeline(transformer, schema, output => [output["Probability"]]);
        using var engine = pipeline.CreateEngine();
        for (var i = 0; i < columns.Length; i++) engine.Bind(i, columns[i]);

        var wrong = Read(frozen, outputs[0], row => values.Row = row);
        var right = Read(engine.Output, pipeline.Outputs[0], engine.MoveTo);

        Assert.That(wrong.Distinct().Count(), Is.EqualTo(1), "Every answer is that of the first row.");
        var all = transformer.Transform(new InputView(schema, columns, 0, 200, default));
        Assert.That(right, Is.EqualTo(all.GetColumn<float>("Probability")));
        Assert.That(right.Distinct().Count(), Is.GreaterThan(5));
    }

    [Test]
    public void GetRowCursorSet_AnyNumber_SharesAllRowsInOrder()
    {
        var schema = new InputSchema([InputColumn.Of(PipelineRows.Schema["visits"])]);
        var rows = PipelineRows.Create(1500);
        var view = new InputView(schema, [rows["visits"]], 100, 1300, default);
        foreach (var n in new[] { 1, 2, 3, 100 })
        {
            var found = new List<(long Batch, float Value)>();
            foreach (var cursor in view.GetRowCursorSet(view.Schema, n))
            {
                using (cursor)
                {
                    var getter = cursor.GetGetter<float>(view.Schema[0]);
                    while (cursor.MoveNext())
                    {
                        var value = 0f;
                        getter(ref value);
                        found.Add((cursor.Batch, value));
                    }

                    Assert.That(cursor.MoveNext(), Is.False);
                }
            }

            Assert.That(
                found.OrderBy(item => item.Batch).Select(item => (double)item.Value),
                Is.EqualTo(Enumerable.Range(100, 1300).Select(row => rows["visits"].GetNumber(row))),
                $"{n} cursors");
        }
    }

    [Test]
    public void GetRowCursor_Shuffled_GivesEveryRowOnce()
    {
        var schema = new InputSchema([InputColumn.Of(PipelineRows.Schema["since"], DataKind.Double)]);
        var view = new InputView(schema, [s_rows["since"]], 0, 200, default);
        var expected = Enumerable.Range(0, 200).Select(row => s_rows["since"].GetNumber(row)).ToArray();

        var first = Shuffled(3);

        Assert.That(first, Is.Not.EqualTo(expected).And.EquivalentTo(expected));
        Assert.That(Shuffled(3), Is.EqualTo(first));
        Assert.That(Shuffled(4), Is.Not.EqualTo(first));

        List<double> Shuffled(int seed)
        {
            var values = new List<double>();
            using var cursor = view.GetRowCursor(view.Schema, new Random(seed));
            var getter = cursor.GetGetter<double>(view.Schema[0]);
            while (cursor.MoveNext())
            {
                var value = 0.0;
                getter(ref value);
                values.Add(value);
            }

            return values;
        }
    }

    [Test]
    public void GetGetter_ColumnThatIsNotActiveOrOfAnotherType_Throws()
    {
        var schema = new InputSchema([InputColumn.Of(PipelineRows.Schema["visits"]), InputColumn.Of(PipelineRows.Schema["tenure"])]);
        var view = new InputView(schema, [s_rows["visits"], s_rows["tenure"]], 0, 200, default);
        using var cursor = view.GetRowCursor([view.Schema[0]]);

        Assert.That(() => cursor.GetGetter<double>(view.Schema[0]), Throws.InvalidOperationException);
        Assert.That(() => cursor.GetGetter<float>(view.Schema[1]), Throws.InvalidOperationException);
        var value = 0f;
        Assert.That(cursor.GetGetter<float>(view.Schema[0]), Is.Not.Null);
        Assert.That(value, Is.Zero);
    }

    [TestCase("tenure", DataKind.Single, typeof(float))]
    [TestCase("tenure", DataKind.Double, typeof(double))]
    [TestCase("tenure", DataKind.String, typeof(ReadOnlyMemory<char>))]
    [TestCase("visits", DataKind.Int32, typeof(int))]
    [TestCase("visits", DataKind.Int64, typeof(long))]
    [TestCase("member", DataKind.Boolean, typeof(bool))]
    [TestCase("since", DataKind.DateTime, typeof(DateTime))]
    [TestCase("since", DataKind.Double, typeof(double))]
    [TestCase("contract", DataKind.String, typeof(ReadOnlyMemory<char>))]
    public void Read_ColumnAsAKind_HasItsValues(string name, DataKind kind, Type type)
    {
        var column = InputColumn.Of(PipelineRows.Schema[name], kind);
        var values = new InputValues(new InputSchema([column]), _ => true);
        values.Bind(0, s_rows[name]);

        Assert.That(column.Type.RawType, Is.EqualTo(type));
        for (var row = 0; row < 8; row++)
        {
            values.Row = row;
            var expected = (object)(kind switch
            {
                DataKind.Single => (float)s_rows[name].GetNumber(row),
                DataKind.Double => s_rows[name].GetNumber(row),
                DataKind.Int32 => (int)s_rows[name].GetNumber(row),
                DataKind.Int64 => (long)s_rows[name].GetNumber(row),
                DataKind.Boolean => s_rows[name].GetNumber(row) == 1,
                DataKind.DateTime => DateTime.UnixEpoch.AddSeconds(s_rows[name].GetNumber(row)),
                _ => s_rows[name].GetText(row) ?? "",
            });
            Assert.That(Value(values, type), Is.EqualTo(expected), $"row {row}");
        }
    }

    // The order of keys is that of their first occurrence in the file's training rows, and no number of the rows.
    [TestCase(ColumnType.Integer)]
    [TestCase(ColumnType.Text)]
    public void Read_Key_IsFoundByItsText(ColumnType type)
    {
        var schema = new InputSchema([new InputColumn("code", InputKind.Key, type, Keys: ["3", "1", "-2", "1"])]);
        var builder = ColumnBuilder.Create(type);
        foreach (var code in new long?[] { 1, 3, -2, 2, 0, -1, null, long.MaxValue })
        {
            if (code is null) builder.AppendNull();
            else if (builder is IntegerColumnBuilder integers) integers.Append(code.Value);
            else ((TextColumnBuilder)builder).Append(code.Value.ToString(CultureInfo.InvariantCulture));
        }

        var values = new InputValues(schema, _ => true);
        values.Bind(0, builder.Build());

        Assert.That(schema.Columns[0].IsValid());
        Assert.That(
            Enumerable.Range(0, 8).Select(row =>
            {
                values.Row = row;
                var key = 0u;
                values.Getter<uint>(values.Schema[0])(ref key);
                return key;
            }),
            Is.EqualTo(new uint[] { 2, 1, 3, 0, 0, 0, 0, 0 }));
    }

    private static object Value(InputValues values, Type type)
    {
        if (type == typeof(float)) return Of<float>();
        if (type == typeof(double)) return Of<double>();
        if (type == typeof(int)) return Of<int>();
        if (type == typeof(long)) return Of<long>();
        if (type == typeof(bool)) return Of<bool>();
        return type == typeof(DateTime) ? Of<DateTime>() : Of<ReadOnlyMemory<char>>().ToString();

        T Of<T>()
        {
            T value = default!;
            values.Getter<T>(values.Schema[0])(ref value);
            return value;
        }
    }

    private static float[] Read(DataViewRow row, DataViewSchema.Column column, Action<int> moveTo)
    {
        var getter = row.GetGetter<float>(column);
        var values = new float[200];
        for (var i = 0; i < values.Length; i++)
        {
            moveTo(i);
            getter(ref values[i]);
        }

        return values;
    }

    private static (InputSchema Schema, Column[] Columns, ITransformer Transformer) Fit()
    {
        string[] names = ["tenure", "visits", "member", "contract"];
        var label = ColumnBuilder.Create(ColumnType.Boolean);
        for (var row = 0; row < 200; row++) ((BooleanColumnBuilder)label).Append(s_rows["churn"].GetText(row) == "yes");
        var schema = new InputSchema(
        [
            .. names.Select(name => InputColumn.Of(PipelineRows.Schema[name])),
            new InputColumn("churn", InputKind.Boolean, ColumnType.Boolean),
        ]);
        Column[] columns = [.. names.Select(name => s_rows[name]), label.Build()];
        var ml = new MLContext(seed: 1);
        var transformer = PipelineSamples.Numbers(ml)
            .Append(ml.BinaryClassification.Trainers.FastTree("churn", numberOfTrees: 10, numberOfLeaves: 6, minimumExampleCountPerLeaf: 5))
            .Fit(new InputView(schema, columns, 0, 200, default));
        return (schema, columns, transformer);
    }

    /// <summary>A row as one might write it: it never says that it has become another.</summary>
    private sealed class FrozenRow(InputValues values) : DataViewRow
    {
        public override long Position => 0;

        public override long Batch => 0;

        public override DataViewSchema Schema => values.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => values.IsActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => values.Getter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = default;
    }
}
