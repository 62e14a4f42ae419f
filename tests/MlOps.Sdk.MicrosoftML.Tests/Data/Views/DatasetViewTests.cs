using Microsoft.ML;
using Microsoft.ML.Data;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class DatasetViewTests
{
    private static readonly int[] SizesAroundBlocks = [0, 1, 2, 1023, 1024, 1025, 5000];

    [Test]
    public void Schema_OfEveryType_IsThatOfTheTable()
    {
        var view = Tables.OfEveryType(4).AsDataView();

        Assert.That(
            view.Schema.Select(column => (column.Name, column.Type)),
            Is.EqualTo(new (string, DataViewType)[]
            {
                ("number", NumberDataViewType.Double),
                ("integer", NumberDataViewType.Int64),
                ("flag", BooleanDataViewType.Instance),
                ("text", TextDataViewType.Instance),
                ("time", DateTimeDataViewType.Instance),
                ("vector", new VectorDataViewType(NumberDataViewType.Single, 3)),
            }));
        Assert.That(view.Notes, Is.Empty);
    }

    [Test]
    public void Values_OfEveryType_AreThoseOfTheTable()
    {
        var view = Tables.OfEveryType(6).AsDataView();

        Assert.Multiple(() =>
        {
            Assert.That(Reading.Values<double>(view, "number"), Is.EqualTo(new[] { 0, 0.5, 1, 1.5, 2, 2.5 }));
            Assert.That(Reading.Values<long>(view, "integer"), Is.EqualTo(new long[] { -2, -1, 0, 1, 2, 3 }));
            Assert.That(Reading.Values<bool>(view, "flag"), Is.EqualTo(new[] { true, false, true, false, true, false }));
            Assert.That(
                Reading.Texts(view, "text"),
                Is.EqualTo(new[] { "text 0", "text 1", "text 2", "text 3", "text 0", "text 1" }));
            var times = Reading.Values<DateTime>(view, "time");
            Assert.That(times, Is.EqualTo(Enumerable.Range(0, 6).Select(row => Tables.Start.AddDays(row))));
            Assert.That(times.Select(time => time.Kind), Is.All.EqualTo(DateTimeKind.Utc));
            Assert.That(
                Reading.Vectors(view, "vector"),
                Is.EqualTo(Enumerable.Range(0, 6).Select(row => new[] { row, row + 0.25f, -row })));
        });
    }

    [Test]
    public void Values_Missing_AreReadAsTheTableOfThePageSays()
    {
        var view = Tables.OfEveryType(4, missing: true).AsDataView();

        Assert.Multiple(() =>
        {
            Assert.That(
                view.Schema.Select(column => column.Type),
                Is.EqualTo(new DataViewType[]
                {
                    NumberDataViewType.Double,
                    NumberDataViewType.Single,
                    NumberDataViewType.Single,
                    TextDataViewType.Instance,
                    NumberDataViewType.Double,
                    new VectorDataViewType(NumberDataViewType.Single, 3),
                }));
            Assert.That(Reading.Values<double>(view, "number"), Is.EqualTo(new[] { 0, double.NaN, 1, 1.5 }));
            Assert.That(Reading.Values<float>(view, "integer"), Is.EqualTo(new[] { -2, float.NaN, 0, 1 }));
            Assert.That(Reading.Values<float>(view, "flag"), Is.EqualTo(new[] { 1, float.NaN, 1, 0 }));
            Assert.That(Reading.Texts(view, "text"), Is.EqualTo(new[] { "text 0", "", "text 2", "text 3" }));
            Assert.That(
                Reading.Values<double>(view, "time"),
                Is.EqualTo(new[] { 0, double.NaN, 2, 3 }.Select(days => (Tables.Start - DateTime.UnixEpoch).TotalSeconds + days * 86_400)));
            Assert.That(
                Reading.Vectors(view, "vector"),
                Is.EqualTo(new float[][] { [0, 0.25f, 0], [float.NaN, float.NaN, float.NaN], [2, 2.25f, -2], [3, 3.25f, -3] }));
        });
    }

    [Test]
    public void Notes_OfMissingValues_NameEveryColumnThatDiffers()
    {
        var notes = Tables.OfEveryType(4, missing: true).AsDataView().Notes;

        Assert.That(
            notes,
            Is.EqualTo(new[]
            {
                "'integer' has 1 missing value, which Int64 cannot hold: it is read as Single, missing as NaN.",
                "'flag' has 1 missing value, which Boolean cannot hold: it is read as Single, 1 for true and 0 for false, missing as NaN.",
                "'text' has 1 missing value, which Text cannot hold: missing is read as empty text.",
                "'time' has 1 missing value, which DateTime cannot hold: it is read as Double, " +
                    "in seconds since 1970-01-01 UTC, missing as NaN.",
            }));
    }

    [Test]
    public void Notes_OfIntegersThatSingleRounds_CountThem()
    {
        long?[] values = [16_777_216, 16_777_217, -16_777_217, null, long.MaxValue, long.MinValue, 33_554_436];
        var view = Tables.OfOne("id", ColumnType.Integer, values.Length, (row, to) =>
        {
            if (values[row] is { } value) ((IntegerColumnBuilder)to).Append(value);
            else to.AppendNull();
        }).AsDataView();

        Assert.That(view.Notes.Single(), Does.EndWith("Single rounds 3 of its integers."));
        Assert.That(Reading.Values<float>(view, "id")[3], Is.NaN);
    }

    [TestCaseSource(nameof(SizesAroundBlocks))]
    public void GetRowCursor_ToTheEnd_AdvancesThePositionByOneAndEndsForGood(int rows)
    {
        var view = Tables.OfEveryType(rows).AsDataView();
        using var cursor = view.GetRowCursor(view.Schema);

        Assert.That((view.GetRowCount(), cursor.Position, cursor.Batch), Is.EqualTo(((long?)rows, -1L, 0L)));
        for (var row = 0; row < rows; row++)
        {
            if (!cursor.MoveNext() || cursor.Position != row) Assert.Fail($"At row {row} the position is {cursor.Position}.");
        }

        Assert.That(cursor.MoveNext(), Is.False);
        Assert.That(cursor.Position, Is.EqualTo(-1));
        Assert.That(cursor.MoveNext(), Is.False);
    }

    [Test]
    public void GetRowCursor_TwoAtOnce_MoveIndependently()
    {
        var view = Tables.OfEveryType(3).AsDataView();
        using var first = view.GetRowCursor([view.Schema["number"]]);
        using var second = view.GetRowCursor([view.Schema["number"]]);
        first.MoveNext();
        first.MoveNext();
        second.MoveNext();
        double one = 0, other = 0;
        first.GetGetter<double>(view.Schema["number"])(ref one);
        second.GetGetter<double>(view.Schema["number"])(ref other);

        Assert.That((one, other), Is.EqualTo((0.5, 0.0)));
        Assert.That(Reading.Values<double>(view, "number"), Is.EqualTo(new[] { 0, 0.5, 1 }));
        Assert.That(Reading.Values<double>(first, "number"), Is.EqualTo(new[] { 1.0 }));
    }

    [Test]
    public void GetGetter_OfAnotherType_IsRefused()
    {
        var view = Tables.OfEveryType(3).AsDataView();
        using var cursor = view.GetRowCursor(view.Schema);

        Assert.That(
            () => cursor.GetGetter<float>(view.Schema["number"]),
            Throws.InvalidOperationException.With.Message.Contains("'number' is Double").And.Message.Contains("and not Single"));
        Assert.That(() => cursor.GetGetter<string>(view.Schema["text"]), Throws.InvalidOperationException);
        Assert.That(() => cursor.GetGetter<VBuffer<double>>(view.Schema["vector"]), Throws.InvalidOperationException);
    }

    [Test]
    public void GetGetter_OfAColumnThatIsNotActive_IsRefused()
    {
        var view = Tables.OfEveryType(3).AsDataView();
        using var cursor = view.GetRowCursor([view.Schema["number"]]);

        Assert.That(view.Schema.Where(cursor.IsColumnActive).Select(column => column.Name), Is.EqualTo(new[] { "number" }));
        Assert.That(
            () => cursor.GetGetter<long>(view.Schema["integer"]),
            Throws.InvalidOperationException.With.Message.Contains("'integer'"));
    }

    [Test]
    public void GetRowCursor_ForAColumnOfAnotherView_IsRefused()
    {
        var view = Tables.OfEveryType(3).AsDataView(["number", "text"]);
        var other = Tables.OfEveryType(3).AsDataView().Schema;
        using var cursor = view.GetRowCursor(view.Schema);

        Assert.That(() => view.GetRowCursor([other["vector"]]), Throws.InvalidOperationException.With.Message.Contains("'vector'"));
        Assert.That(() => view.GetRowCursorSet([other["integer"]], 2), Throws.InvalidOperationException.With.Message.Contains("'integer'"));
        Assert.That(() => cursor.IsColumnActive(other["integer"]), Throws.InvalidOperationException);
        Assert.That(() => view.GetRowCursor(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Getters_WithoutARow_AreRefused([Values("before", "behind", "disposed")] string when)
    {
        var view = Tables.OfEveryType(2, missing: true).AsDataView();
        var whole = Tables.OfEveryType(2).AsDataView();
        foreach (var of in new[] { view, whole })
        {
            using var cursor = of.GetRowCursor(of.Schema);
            if (when == "behind")
            {
                while (cursor.MoveNext()) Assert.That(cursor.Position, Is.Not.Negative);
            }
            else if (when == "disposed")
            {
                cursor.MoveNext();
                cursor.Dispose();
            }

            foreach (var column in of.Schema)
            {
                Assert.That(() => Read(cursor, column), Throws.InvalidOperationException.With.Message.Contains("MoveNext"), column.Name);
            }

            DataViewRowId id = default;
            Assert.That(() => cursor.GetIdGetter()(ref id), Throws.InvalidOperationException);
        }
    }

    [Test]
    public void Dispose_OfACursor_EndsItAndNotTheView()
    {
        var view = Tables.OfEveryType(3).AsDataView();
        var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        cursor.Dispose();
        cursor.Dispose();

        Assert.That((cursor.MoveNext(), cursor.Position), Is.EqualTo((false, -1L)));
        Assert.That(Reading.Values<double>(view, "number"), Has.Length.EqualTo(3));
    }

    [Test]
    public void GetIdGetter_OfAShuffledCursor_NamesTheRowsOfTheTable()
    {
        var view = Tables.OfEveryType(100).AsDataView();
        using var cursor = view.GetRowCursor([view.Schema["integer"]], new Random(5));
        var id = cursor.GetIdGetter();
        var value = cursor.GetGetter<long>(view.Schema["integer"]);
        var seen = new HashSet<ulong>();
        while (cursor.MoveNext())
        {
            DataViewRowId row = default;
            long integer = 0;
            id(ref row);
            value(ref integer);
            Assert.That(((long)row.Low - 2, row.High), Is.EqualTo((integer, 0UL)));
            seen.Add(row.Low);
        }

        Assert.That(seen, Has.Count.EqualTo(100));
    }

    [Test]
    public void GetRowCursor_Shuffled_GivesEveryRowOnceInAnOrderOfTheSeed()
    {
        var view = Tables.OfEveryType(3000).AsDataView();
        var inOrder = Reading.Values<long>(view, "integer");

        var first = Reading.Values<long>(view, "integer", new Random(1));

        Assert.That(view.CanShuffle, Is.True);
        Assert.That(first, Is.EquivalentTo(inOrder).And.Not.EqualTo(inOrder));
        Assert.That(Reading.Values<long>(view, "integer", new Random(1)), Is.EqualTo(first));
        Assert.That(Reading.Values<long>(view, "integer", new Random(2)), Is.EquivalentTo(first).And.Not.EqualTo(first));
    }

    [Test]
    public void GetRowCursor_Shuffled_PutsEveryRowEverywhereEquallyOften()
    {
        var view = Tables.OfEveryType(3).AsDataView();
        var random = new Random(7);

        var orders = Enumerable.Range(0, 6000).GroupBy(_ => string.Join(' ', Reading.Values<long>(view, "integer", random)));

        // Six orders, 1,000 each; the standard deviation is 29.
        Assert.That(orders.Select(order => order.Count()), Has.Exactly(6).Items.And.All.InRange(850, 1150));
    }

    [Test]
    public void GetRowCursorSet_OfSeveral_SharesTheRowsInOrderOfTheBatches(
        [Values(0, 1, 1024, 1025, 5000)] int rows, [Values(0, 1, 2, 3, 16)] int cursors, [Values] bool shuffled)
    {
        var view = Tables.OfEveryType(rows).AsDataView();
        var column = view.Schema["integer"];

        var set = view.GetRowCursorSet([column], cursors, shuffled ? new Random(3) : null);

        var read = new List<(long Batch, long Value)>();
        foreach (var cursor in set)
        {
            using (cursor)
            {
                var getter = cursor.GetGetter<long>(column);
                long batch = -1, expected = 0;
                while (cursor.MoveNext())
                {
                    Assert.That((cursor.Position, cursor.Batch >= batch), Is.EqualTo((expected++, true)));
                    batch = cursor.Batch;
                    long value = 0;
                    getter(ref value);
                    read.Add((batch, value));
                }
            }
        }

        Assert.That(set, Has.Length.InRange(1, Math.Max(1, cursors)));
        Assert.That(
            read.OrderBy(row => row.Batch).Select(row => row.Value),
            Is.EqualTo(Reading.Values<long>(view, "integer", shuffled ? new Random(3) : null)));
    }

    [Test]
    public void GetRowCursorSet_OnThreadsOfTheirOwn_ReadsEveryRowOnce()
    {
        var view = Tables.OfEveryType(20_000).AsDataView();
        var set = view.GetRowCursorSet(view.Schema, 4);
        var sums = new (double Numbers, long Integers, int Letters)[set.Length];

        Parallel.For(0, set.Length, i =>
        {
            using var cursor = set[i];
            var number = cursor.GetGetter<double>(view.Schema["number"]);
            var integer = cursor.GetGetter<long>(view.Schema["integer"]);
            var text = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["text"]);
            while (cursor.MoveNext())
            {
                double a = 0;
                long b = 0;
                ReadOnlyMemory<char> c = default;
                number(ref a);
                integer(ref b);
                text(ref c);
                sums[i] = (sums[i].Numbers + a, sums[i].Integers + b, sums[i].Letters + c.Length);
            }
        });

        Assert.That(set, Has.Length.EqualTo(4));
        Assert.That(
            (sums.Sum(sum => sum.Numbers), sums.Sum(sum => sum.Integers), sums.Sum(sum => sum.Letters)),
            Is.EqualTo((0.5 * 20_000 * 19_999 / 2, 20_000L * 19_999 / 2 - 2 * 20_000, 6 * 20_000)));
    }

    [Test]
    public void AsDataView_OfSomeColumns_HasTheseInThatOrder()
    {
        var view = Tables.OfEveryType(3).AsDataView(["text", "number"]);

        Assert.That(view.Schema.Select(column => column.Name), Is.EqualTo(new[] { "text", "number" }));
        Assert.That(Reading.Texts(view, "text")[1], Is.EqualTo("text 1"));
        Assert.That(Reading.Values<double>(view, "number")[1], Is.EqualTo(0.5));
    }

    [Test]
    public void AsDataView_OfColumnsWithMissingValuesThatAreNotChosen_HasNoNotes() =>
        Assert.That(Tables.OfEveryType(4, missing: true).AsDataView(["number", "vector"]).Notes, Is.Empty);

    [Test]
    public void AsDataView_OfNoColumns_HasItsRows()
    {
        var view = Tables.OfEveryType(3).AsDataView([]);
        using var cursor = view.GetRowCursor([]);
        var rows = 0;
        while (cursor.MoveNext()) rows++;

        Assert.That((view.Schema.Count, view.GetRowCount(), rows), Is.EqualTo((0, (long?)3, 3)));
    }

    [Test]
    public void AsDataView_OfAnUnknownColumnOrOneTwice_IsRefusedByName()
    {
        var rows = Tables.OfEveryType(3);

        Assert.That(() => rows.AsDataView(["numbr"]), Throws.InstanceOf<MlOpsException>().With.Message.Contains("numbr"));
        Assert.That(() => rows.AsDataView(["text", "text"]), Throws.InstanceOf<MlOpsException>().With.Message.Contains("twice"));
        Assert.That(() => ((Dataset)null!).AsDataView(), Throws.ArgumentNullException);
    }

    [Test]
    public void AsDataView_OfABatch_ReadsItsRows()
    {
        var batch = Tables.OfEveryType(10).ToBatches(4).ElementAt(1);

        Assert.That(Reading.Values<long>(batch.AsDataView(["integer"]), "integer"), Is.EqualTo(new long[] { 2, 3, 4, 5 }));
    }

    [Test]
    public void FromMlOps_OfTheCatalog_IsTheSameView()
    {
        var view = new MLContext(1).Data.FromMlOps(Tables.OfEveryType(5), columns: ["integer"]);

        Assert.That(view.Schema.Single().Name, Is.EqualTo("integer"));
        Assert.That(Reading.Values<long>(view, "integer"), Is.EqualTo(new long[] { -2, -1, 0, 1, 2 }));
    }

    [Test]
    public void GetRowCursor_OverAllRows_AllocatesNothingPerRow()
    {
        var view = Tables.OfEveryType(20_000, missing: true).AsDataView();
        Consume(view);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Consume(view);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(10_000));
    }

    [Test]
    public void GetRowCursor_OfSomeColumns_DoesNotTouchTheOthers()
    {
        // 5,000 texts, each twice: whoever reads them makes a table of 80 kB.
        var view = Tables.Of(
            new Schema(new Field("number", ColumnType.Number), new Field("text", ColumnType.Text)),
            10_000,
            (row, to) =>
            {
                ((NumberColumnBuilder)to[0]).Append(row);
                ((TextColumnBuilder)to[1]).Append($"text {row / 2}");
            }).AsDataView();
        view.GetRowCursor([]).Dispose();

        var before = GC.GetAllocatedBytesForCurrentThread();
        view.GetRowCursor([view.Schema["number"]]).Dispose();
        var without = GC.GetAllocatedBytesForCurrentThread() - before;
        view.GetRowCursor([view.Schema["text"]]).Dispose();
        var with = GC.GetAllocatedBytesForCurrentThread() - before - without;

        Assert.That(without, Is.LessThan(2_000));
        Assert.That(with, Is.GreaterThan(5_000 * 16));
    }

    [TestCase(2)]
    [TestCase(1000)]
    public void Values_OfTextsThatRepeatOrNot_AreTheSame(int distinct)
    {
        string?[] texts = [.. Enumerable.Range(0, 1000).Select(row => row % 7 == 3 ? null : $"text {row % distinct}")];
        var view = Tables.OfOne("text", ColumnType.Text, texts.Length, (row, to) => ((TextColumnBuilder)to).Append(texts[row]))
            .AsDataView();

        Assert.That(Reading.Texts(view, "text"), Is.EqualTo(texts.Select(text => text ?? "")));
    }

    [Test]
    public void Values_OfExtremes_Survive()
    {
        double[] numbers =
        [
            double.MinValue, double.MaxValue, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity, double.NaN, -0.0
        ];
        var view = Tables.Of(
            new Schema(
                new Field("a\0\u202e'\n", ColumnType.Number),
                new Field("text", ColumnType.Text),
                new Field("time", ColumnType.Timestamp)),
            numbers.Length,
            (row, to) =>
            {
                ((NumberColumnBuilder)to[0]).Append(numbers[row]);
                ((TextColumnBuilder)to[1]).Append(row == 0 ? "" : new string('\uD800', row));
                ((TimestampColumnBuilder)to[2]).Append(row == 0 ? DateTime.MinValue : DateTime.MaxValue);
            }).AsDataView();

        Assert.That(
            Reading.Values<double>(view, "a\0\u202e'\n").Select(BitConverter.DoubleToInt64Bits),
            Is.EqualTo(numbers[..^1].Append(0.0).Select(BitConverter.DoubleToInt64Bits)),
            "a column holds 0 for −0");
        Assert.That(Reading.Texts(view, "text")[6], Is.EqualTo(new string('\uD800', 6)));
        Assert.That(Reading.Values<DateTime>(view, "time")[0], Is.EqualTo(DateTime.MinValue));
        Assert.That(view.Notes, Is.Empty);
    }

    private static void Consume(IDataView view)
    {
        using var cursor = view.GetRowCursor(view.Schema);
        var number = cursor.GetGetter<double>(view.Schema["number"]);
        var integer = cursor.GetGetter<float>(view.Schema["integer"]);
        var flag = cursor.GetGetter<float>(view.Schema["flag"]);
        var text = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["text"]);
        var time = cursor.GetGetter<double>(view.Schema["time"]);
        var vector = cursor.GetGetter<VBuffer<float>>(view.Schema["vector"]);
        double a = 0;
        float b = 0;
        ReadOnlyMemory<char> c = default;
        VBuffer<float> d = default;
        while (cursor.MoveNext())
        {
            number(ref a);
            integer(ref b);
            flag(ref b);
            text(ref c);
            time(ref a);
            vector(ref d);
        }
    }

    private static void Read(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        switch (column.Type)
        {
            case VectorDataViewType: Read<VBuffer<float>>(cursor, column); break;
            case TextDataViewType: Read<ReadOnlyMemory<char>>(cursor, column); break;
            case DateTimeDataViewType: Read<DateTime>(cursor, column); break;
            case BooleanDataViewType: Read<bool>(cursor, column); break;
            default:
                if (column.Type == NumberDataViewType.Int64) Read<long>(cursor, column);
                else if (column.Type == NumberDataViewType.Single) Read<float>(cursor, column);
                else Read<double>(cursor, column);
                break;
        }
    }

    private static void Read<T>(DataViewRowCursor cursor, DataViewSchema.Column column)
    {
        T value = default!;
        cursor.GetGetter<T>(column)(ref value);
    }
}
