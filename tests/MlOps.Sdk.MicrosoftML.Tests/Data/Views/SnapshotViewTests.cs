using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.MLNet.Tests;

[TestFixture]
public sealed class SnapshotViewTests
{
    [Test]
    public async Task AsDataViewAsync_OfASource_GivesWhatTheTableGives([Values] bool missing)
    {
        // More than a batch of the file.
        var rows = Tables.OfEveryType(20_000, missing);
        var expected = rows.AsDataView();
        using var view = await new DatasetSource(rows).AsDataViewAsync();

        Assert.That(
            view.Schema.Select(column => (column.Name, column.Type)),
            Is.EqualTo(expected.Schema.Select(column => (column.Name, column.Type))));
        Assert.That(view.Notes, Is.EqualTo(expected.Notes));
        Assert.That((view.GetRowCount(), view.CanShuffle), Is.EqualTo(((long?)20_000, false)));
        Assert.That(Reading.Values<double>(view, "number"), Is.EqualTo(Reading.Values<double>(expected, "number")));
        Assert.That(Reading.Texts(view, "text"), Is.EqualTo(Reading.Texts(expected, "text")));
        Assert.That(Reading.Vectors(view, "vector"), Is.EqualTo(Reading.Vectors(expected, "vector")));
        if (missing)
        {
            Assert.That(Reading.Values<float>(view, "integer"), Is.EqualTo(Reading.Values<float>(expected, "integer")));
            Assert.That(Reading.Values<float>(view, "flag"), Is.EqualTo(Reading.Values<float>(expected, "flag")));
            Assert.That(Reading.Values<double>(view, "time"), Is.EqualTo(Reading.Values<double>(expected, "time")));
        }
        else
        {
            Assert.That(Reading.Values<long>(view, "integer"), Is.EqualTo(Reading.Values<long>(expected, "integer")));
            Assert.That(Reading.Values<bool>(view, "flag"), Is.EqualTo(Reading.Values<bool>(expected, "flag")));
            Assert.That(Reading.Values<DateTime>(view, "time"), Is.EqualTo(Reading.Values<DateTime>(expected, "time")));
        }
    }

    [Test]
    public async Task AsDataViewAsync_WithOneMissingValueInTheLastRow_ReadsTheWholeColumnAsSingle()
    {
        const int rowCount = 20_000;
        var rows = Tables.OfOne("id", ColumnType.Integer, rowCount, (row, to) =>
        {
            if (row == rowCount - 1) to.AppendNull();
            else ((IntegerColumnBuilder)to).Append(row == 0 ? 16_777_217 : row);
        });
        using var view = await new DatasetSource(rows).AsDataViewAsync();

        Assert.That(
            view.Notes,
            Is.EqualTo(new[]
            {
                "'id' has 1 missing value, which Int64 cannot hold: it is read as Single, missing as NaN. Single rounds 1 of its integers."
            }));
        var values = Reading.Values<float>(view, "id");
        Assert.That((values[1], values[rowCount - 1]), Is.EqualTo((1f, float.NaN)));
    }

    [Test]
    public async Task AsDataViewAsync_OfSomeColumns_AsksTheSourceForNoOthers()
    {
        var source = new AskedSource(new DatasetSource(Tables.OfEveryType(5)));
        using var view = await source.AsDataViewAsync(["text", "number"]);

        Assert.That(view.Schema.Select(column => column.Name), Is.EqualTo(new[] { "text", "number" }));
        Assert.That(source.Asked, Is.EqualTo(new[] { "text number" }));
        Assert.That(Reading.Texts(view, "text")[4], Is.EqualTo("text 0"));
    }

    [Test]
    public async Task AsDataViewAsync_OfASourceThatChanges_StaysAsItWas()
    {
        var path = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"{Guid.NewGuid():N}.csv");
        await File.WriteAllTextAsync(path, "id,name\n1,one\n2,two\n");
        using var view = await DataSources.Csv(path).AsDataViewAsync();
        File.Delete(path);

        Assert.That(Reading.Values<long>(view, "id"), Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(Reading.Texts(view, "name"), Is.EqualTo(new[] { "one", "two" }));
    }

    [Test]
    public async Task AsDataViewAsync_OfNoColumns_HasItsRows()
    {
        using var view = await new DatasetSource(Tables.OfEveryType(7)).AsDataViewAsync([]);
        using var cursor = view.GetRowCursor([]);
        var rows = 0;
        while (cursor.MoveNext()) rows++;

        Assert.That((view.Schema.Count, view.GetRowCount(), rows, cursor.Position), Is.EqualTo((0, (long?)7, 7, -1L)));
    }

    [Test]
    public async Task AsDataViewAsync_OfNoRows_HasNone()
    {
        using var view = await new DatasetSource(Tables.OfEveryType(0)).AsDataViewAsync();

        Assert.That(Reading.Values<double>(view, "number"), Is.Empty);
        Assert.That(view.GetRowCount(), Is.Zero);
    }

    [Test]
    public void AsDataViewAsync_OfAnUnknownColumn_IsRefusedByName() =>
        Assert.That(
            async () => await new DatasetSource(Tables.OfEveryType(3)).AsDataViewAsync(["nmber"]),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("nmber"));

    [Test]
    public void AsDataViewAsync_Cancelled_Throws() =>
        Assert.That(
            async () => await new DatasetSource(Tables.OfEveryType(3)).AsDataViewAsync(cancellationToken: new CancellationToken(true)),
            Throws.InstanceOf<OperationCanceledException>());

    [Test]
    public async Task GetRowCursor_ByThreadsAtOnce_GivesEachAllRowsAndAscendingPositions()
    {
        using var view = await new DatasetSource(Tables.OfEveryType(20_000)).AsDataViewAsync();
        var column = view.Schema["integer"];
        var results = new (long Sum, bool Ascending, bool Named)[4];

        Parallel.For(0, results.Length, i =>
        {
            using var cursor = view.GetRowCursorSet([column], 4).Single();
            var (getter, id) = (cursor.GetGetter<long>(column), cursor.GetIdGetter());
            var (ascending, named) = (true, true);
            long sum = 0, position = 0;
            while (cursor.MoveNext())
            {
                long value = 0;
                DataViewRowId row = default;
                getter(ref value);
                id(ref row);
                sum += value;
                named &= row.Low == (ulong)(value + 2);
                ascending &= cursor.Position == position++;
            }

            results[i] = (sum, ascending, named);
        });

        Assert.That(results, Is.All.EqualTo((20_000L * 19_999 / 2 - 2 * 20_000, true, true)));
    }

    [Test]
    public async Task GetRowCursor_WithAGenerator_LeavesItAndTheOrderAlone()
    {
        using var view = await new DatasetSource(Tables.OfEveryType(50)).AsDataViewAsync();
        var random = new Random(3);

        Assert.That(Reading.Values<long>(view, "integer", random), Is.Ordered.And.Length.EqualTo(50));
        Assert.That(random.Next(), Is.EqualTo(new Random(3).Next()));
    }

    [Test]
    public async Task GetGetter_OfAnotherTypeOrBeforeTheFirstRow_IsRefused()
    {
        using var view = await new DatasetSource(Tables.OfEveryType(3)).AsDataViewAsync();
        using var cursor = view.GetRowCursor([view.Schema["number"], view.Schema["text"]]);
        double number = 0;
        ReadOnlyMemory<char> text = default;

        Assert.That(() => cursor.GetGetter<float>(view.Schema["number"]), Throws.InvalidOperationException);
        Assert.That(() => cursor.GetGetter<long>(view.Schema["integer"]), Throws.InvalidOperationException);
        Assert.That(() => cursor.GetGetter<double>(view.Schema["number"])(ref number), Throws.InvalidOperationException);
        Assert.That(() => cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["text"])(ref text), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Dispose_OfTheView_FailsCursorsAndLaterOnes()
    {
        var view = await new DatasetSource(Tables.OfEveryType(20_000)).AsDataViewAsync();
        using var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();

        view.Dispose();
        view.Dispose();

        Assert.That(() => Drain(cursor), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => view.GetRowCursor(view.Schema), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => view.GetRowCursorSet(view.Schema, 2), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Dispose_OfACursorInTheMiddle_EndsIt()
    {
        using var view = await new DatasetSource(Tables.OfEveryType(20_000)).AsDataViewAsync();
        var cursor = view.GetRowCursor(view.Schema);
        cursor.MoveNext();
        cursor.Dispose();
        cursor.Dispose();

        Assert.That((cursor.MoveNext(), cursor.Position), Is.EqualTo((false, -1L)));
        Assert.That(Reading.Values<double>(view, "number"), Has.Length.EqualTo(20_000));
    }

    [Test]
    public async Task Fit_OfFastTree_LearnsTheSameAsFromTheTable()
    {
        var rows = SampleRows.Create(3000);
        using var view = await new DatasetSource(rows).AsDataViewAsync();

        Assert.That(Probabilities(view), Is.EqualTo(Probabilities(rows.AsDataView())));

        static float[] Probabilities(IDataView view)
        {
            var ml = new MLContext(1);
            var outcomes = new Dictionary<string, bool> { ["yes"] = true, ["no"] = false };
            var pipeline = ml.Transforms.Conversion
                .ConvertType([new InputOutputColumnPair("amount"), new InputOutputColumnPair("visits")], DataKind.Single)
                .Append(ml.Transforms.Categorical.OneHotEncoding("plan"))
                .Append(ml.Transforms.Concatenate("Features", "amount", "visits", "plan"))
                .Append(ml.Transforms.Conversion.MapValue("Label", outcomes, "outcome"))
                .Append(ml.BinaryClassification.Trainers.FastTree(
                    new FastTreeBinaryTrainer.Options { NumberOfTrees = 5, NumberOfThreads = 1 }));
            return Reading.Values<float>(pipeline.Fit(view).Transform(view), "Probability");
        }
    }

    private static void Drain(DataViewRowCursor cursor)
    {
        while (cursor.MoveNext()) Assert.That(cursor.Position, Is.Not.Negative);
    }

    /// <summary>Another source, and the columns that are asked of it.</summary>
    private sealed class AskedSource(IDataSource source) : IDataSource
    {
        public string Name => source.Name;

        public List<string> Asked { get; } = [];

        public ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
        {
            Asked.Add(string.Join(' ', request.Columns ?? []));
            return source.OpenAsync(request, cancellationToken);
        }
    }
}
