using System.Globalization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class AggregateRowsTests
{
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(100)]
    public async Task Process_TumblingWindows_ComputeEveryAggregate(int size)
    {
        var rows = Tables.Batch(
            "id:Text,at:Timestamp,x:Number,n:Integer,t:Text\na,2024-01-01T10:00,3,9007199254740993,u\nb,2024-01-01T11:00,,,\n" +
            "a,2024-01-01T09:00,1,9007199254740992,v\na,2024-01-01T12:00,,,\na,2024-01-02T00:00,5,1,w\n" +
            "a,2024-01-01T23:59,2,9007199254740993,u");
        var step = Step(TimeSpan.FromDays(1), null, columns => columns
            .Count("rows")
            .Count("x", "values")
            .Sum("x", "sum")
            .Mean("x", "mean")
            .StandardDeviation("x", "sd")
            .Min("n", "min")
            .Max("n", "max")
            .DistinctCount("t", "kinds")
            .First("t", "first")
            .Last("t", "last")
            .Min("at", "since"));

        var result = await SetSteps.RunAsync(step, rows, size);

        Assert.That(result.Schema.ToString(), Is.EqualTo(
            "id: Text, window_start: Timestamp, window_end: Timestamp, rows: Integer, values: Integer, sum: Number, mean: Number, sd: " +
            "Number, min: Integer, max: Integer, kinds: Integer, first: Text, last: Text, since: Timestamp"));
        Assert.That(Short(result.Rows), Is.EqualTo(
            "a,2024-01-01,2024-01-02,4,3,6,2,1,9007199254740992,9007199254740993,2,v,u,2024-01-01T09:00\n" +
            "b,2024-01-01,2024-01-02,1,0,,,,,,0,,,2024-01-01T11:00\n" +
            "a,2024-01-02,2024-01-03,1,1,5,5,,1,1,1,w,w,2024-01-02"));
    }

    [Test]
    public async Task Process_SlidingWindows_HoldEachRowInAllThatCoverIt()
    {
        var rows = Tables.Batch(
            "id:Text,at:Timestamp,x:Number\na,2024-01-01T00:00,1\na,2024-01-01T06:00,2\na,2024-01-01T11:59,4\na,2024-01-01T12:00,8");

        var result = await SetSteps.RunAsync(Step(TimeSpan.FromHours(12), TimeSpan.FromHours(6), columns => columns.Sum("x", "sum")), rows);

        Assert.That(Short(result.Rows), Is.EqualTo(
            "a,2023-12-31T18:00,2024-01-01T06:00,1\na,2024-01-01,2024-01-01T12:00,7\na,2024-01-01T06:00,2024-01-01T18:00,14\n" +
            "a,2024-01-01T12:00,2024-01-02,8"));
    }

    [Test]
    public async Task Process_TimesBeforeTheEpoch_AreAlignedToo()
    {
        var result = await SetSteps.RunAsync(
            Step(TimeSpan.FromDays(1), null, columns => columns.Count("rows")),
            Tables.Batch("id:Text,at:Timestamp\na,1969-12-31T23:00\na,1969-12-31T00:00\na,1970-01-01T00:00"));

        Assert.That(Short(result.Rows), Is.EqualTo("a,1969-12-31,1970-01-01,2\na,1970-01-01,1970-01-02,1"));
    }

    [Test]
    public async Task Process_AnyOrderOfRows_GivesTheSameGroups()
    {
        var random = new Random(5);
        var text = "id:Text,at:Timestamp,x:Number\n" + string.Concat(Enumerable.Range(0, 500).Select(i =>
            $"{(char)('a' + random.Next(4))},{new DateTime(2024, 1, 1).AddMinutes(random.Next(20_000)):O}," +
            $"{(random.Next(10) == 0 ? "" : random.Next(100))}\n"));
        var rows = Tables.Batch(text);
        var step = Step(TimeSpan.FromHours(36), TimeSpan.FromHours(5), columns =>
            columns.Count("rows").Count("x", "values").Sum("x", "sum").Min("x", "min").Max("x", "max").DistinctCount("x", "kinds"));
        int[] order = [.. Enumerable.Range(0, rows.RowCount)];
        random.Shuffle(order);

        var expected = new List<string>();
        var times = (TimestampColumn)rows["at"];
        var numbers = rows["x"];
        var begin = new DateTime(2023, 12, 20, 0, 0, 0, DateTimeKind.Utc);
        for (var start = begin.AddHours(
            -((begin - DateTime.UnixEpoch).TotalHours % 5)); start < new DateTime(2024, 2, 1); start = start.AddHours(5))
        {
            foreach (var id in "abcd")
            {
                int[] inside = [.. Enumerable.Range(0, rows.RowCount).Where(row => rows["id"].GetText(row) == $"{id}"
                    && times.GetTimestamp(row) >= start
                    && times.GetTimestamp(row) < start.AddHours(36))];
                double[] values = [.. inside.Where(row => !numbers.IsNull(row)).Select(numbers.GetNumber)];
                if (inside.Length > 0)
                {
                    var statistics = values.Length == 0
                        ? ",,"
                        : FormattableString.Invariant($"{values.Sum()},{values.Min()},{values.Max()}");
                    expected.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{id},{start:O},{start.AddHours(36):O},{inside.Length},{values.Length},{statistics},{values.Distinct().Count()}"));
                }
            }
        }

        Assert.That((await SetSteps.RunAsync(step, rows, 7)).Rows.Split('\n'), Is.EquivalentTo(expected));
        Assert.That((await SetSteps.RunAsync(step, rows.Take(order))).Rows.Split('\n'), Is.EquivalentTo(expected));
    }

    [Test]
    public async Task Process_NaN_IsSkippedLikeAMissingValue()
    {
        var builder = new RecordBatchBuilder(
            new Schema(new Field("id", ColumnType.Text), new Field("at", ColumnType.Timestamp), new Field("x", ColumnType.Number)));
        foreach (var x in new[] { 1, double.NaN, 3 })
        {
            ((TextColumnBuilder)builder[0]).Append("a");
            ((TimestampColumnBuilder)builder[1]).Append(new DateTime(2024, 1, 1));
            ((NumberColumnBuilder)builder[2]).Append(x);
        }

        var result = await SetSteps.RunAsync(
            Step(
                TimeSpan.FromDays(1),
                null,
                columns => columns.Count("x", "values").Sum("x", "sum").Max("x", "max").Mean("x", "mean").DistinctCount("x", "kinds")),
            builder.Build());

        Assert.That(result.Rows, Does.EndWith(",2,4,3,2,2"));
    }

    [Test]
    public async Task Process_SumOfLargeAndSmall_LosesNothing()
    {
        var result = await SetSteps.RunAsync(
            Step(TimeSpan.FromDays(1), null, columns => columns.Sum("x", "sum")),
            Tables.Batch("id:Text,at:Timestamp,x:Number\na,2024-01-01,1\na,2024-01-01,1e100\na,2024-01-01,1\na,2024-01-01,-1e100"));

        Assert.That(result.Rows, Does.EndWith(",2"));
    }

    [Test]
    public void Process_MoreGroupsThanAllowed_SaysSo() => Assert.That(
        () => SetSteps.RunAsync(
            new AggregateRows(
                ["id"],
                "at",
                TimeSpan.FromDays(1),
                TimeSpan.FromDays(1),
                [new AggregateColumn(AggregateKind.Rows, "", "rows")],
                mostGroups: 2),
            Tables.Batch("id:Text,at:Timestamp\na,2024-01-01\nb,2024-01-01\na,2024-01-02")),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("more than 2 groups"));

    [Test]
    public void Process_WindowBeyondTheCalendar_NamesTheRow() => Assert.That(
        () => SetSteps.RunAsync(
            Step(TimeSpan.FromDays(1000), null, columns => columns.Count("rows")),
            Tables.Batch("id:Text,at:Timestamp\na,2024-01-01\na,0001-01-01")),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2").And.Property("Column").EqualTo("at"));

    [Test]
    public void Bind_MeanOfATextColumn_IsRefused() => Assert.That(
        () => Step(TimeSpan.FromDays(1), null, columns => columns.Mean("id", "mean"))
            .Bind(Tables.Batch("id:Text,at:Timestamp\na,2024-01-01").Schema),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("'mean' cannot be computed from a Text column"));

    [Test]
    public void Aggregate_WrongWindows_FailAtTheCall()
    {
        Assert.That(
            () => new ProcessingBuilder().Aggregate([], "at", TimeSpan.Zero, columns => columns.Count("n")),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new ProcessingBuilder().Aggregate(
                [], "at", TimeSpan.FromDays(1), columns => columns.Count("n"), every: TimeSpan.FromDays(2)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new ProcessingBuilder().Aggregate(
                [], "at", TimeSpan.FromDays(1), columns => columns.Count("n"), every: TimeSpan.FromSeconds(1)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ProcessingBuilder().Aggregate([], "at", TimeSpan.FromDays(1), _ => { }), Throws.TypeOf<ArgumentException>());
    }

    private static AggregateRows Step(TimeSpan length, TimeSpan? every, Action<AggregateColumns> choose)
    {
        var columns = new AggregateColumns();
        choose(columns);
        return new AggregateRows(["id"], "at", length, every ?? length, columns.Columns);
    }

    private static string Short(string rows) =>
        rows.Replace("T00:00:00.0000000Z", "", StringComparison.Ordinal).Replace(":00.0000000Z", "", StringComparison.Ordinal);
}
