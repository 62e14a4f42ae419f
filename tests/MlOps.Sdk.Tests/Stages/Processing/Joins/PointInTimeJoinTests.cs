using FsCheck;
using FsCheck.Fluent;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Processing;

public sealed class PointInTimeJoinTests
{
    private static readonly DateTime Begin = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Process_LateKnownFeature_IsNotSeenBeforeItIsKnown()
    {
        var features = SetSteps.Table(
            "id:Integer,event:Timestamp,known:Timestamp,v:Text\n1,2024-01-01,2024-01-01,first\n1,2024-01-03,2024-01-06,late\n" +
            "1,2024-01-05,2024-01-05,third\n2,2024-01-01,2024-01-09,other");
        var rows = Tables.Batch(
            "id:Integer,at:Timestamp\n1,2024-01-04\n1,2023-12-31\n1,2024-01-05\n2,2024-01-08\n,2024-01-08\n1,2024-01-01\n2,2024-01-09\n" +
            "9,2024-01-09");

        var result = await SetSteps.RunAsync(
            new PointInTimeJoin(ReferenceTable.Of(features), ["id"], "at", "event", "known", null, null, "f_"), rows, 3);

        Assert.That(result.Schema.ToString(), Is.EqualTo("id: Integer, at: Timestamp, f_v: Text"));
        Assert.That(
            result.Rows.Split('\n').Select(row => row.Split(',')[2]),
            Is.EqualTo(new[] { "first", "", "third", "", "", "first", "other", "" }));
    }

    [Test]
    public async Task Process_MaximumAge_IncludesItsEnd()
    {
        var features = SetSteps.Table("id:Integer,event:Timestamp,v:Text\n1,2024-01-01,a");
        var rows = Tables.Batch("id:Integer,at:Timestamp\n1,2024-01-03T00:00:00\n1,2024-01-03T00:00:00.000001");

        var result = await SetSteps.RunAsync(
            new PointInTimeJoin(ReferenceTable.Of(features), ["id"], "at", "event", null, TimeSpan.FromDays(2), null, ""),
            rows);

        Assert.That(result.Rows.Split('\n').Select(row => row.Split(',')[2]), Is.EqualTo(new[] { "a", "" }));
    }

    [Test]
    public void Process_ArbitraryTables_EqualTheDefinition() =>
        Prop.ForAll<(byte Entity, byte Event, byte Delay)[], (byte Entity, byte Time)[], int>((features, requests, seed) =>
        {
            // Few entities and times, so that ties and late features come up all the time.
            var table = features
                .Select((row, i) => (Entity: row.Entity % 3, Event: row.Event % 8, Known: row.Event % 8 + row.Delay % 5 - 1, Row: i))
                .ToArray();
            var asked = requests.Select(row => (Entity: row.Entity % 4, Time: row.Time % 12)).ToArray();
            TimeSpan? maxAge = seed % 3 == 0 ? null : TimeSpan.FromHours(Math.Abs((long)seed) % 7);
            var joined = SetSteps.RunAsync(
                new PointInTimeJoin(ReferenceTable.Of(Features(table)), ["id"], "at", "event", "known", maxAge, null, ""), Requests(
                    asked), 1 + Math.Abs(seed % 5))
                .GetAwaiter()
                .GetResult();
            return joined.Rows == string.Join('\n', asked.Select(request => FormattableString.Invariant(
                $"{request.Entity},{Begin.AddHours(request.Time):O},{Expected(table, request, maxAge)}")));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    // What pandas.merge_asof(direction='backward', by='id', tolerance=maxAge) gives among the features known by then, request by request.
    private static string Expected((int Entity, int Event, int Known, int Row)[] features, (int Entity, int Time) request, TimeSpan? maxAge)
    {
        (int Entity, int Event, int Known, int Row)? best = null;
        foreach (var feature in features)
        {
            if (feature.Entity != request.Entity || feature.Event > request.Time || feature.Known > request.Time) continue;
            if (TimeSpan.FromHours(request.Time - feature.Event) > maxAge) continue;
            if (best is not { } other || (feature.Event, feature.Known, feature.Row).CompareTo((other.Event, other.Known, other.Row)) > 0)
            {
                best = feature;
            }
        }

        return best is { } found ? FormattableString.Invariant($"{found.Row}") : "";
    }

    [Test]
    public void Bind_FeatureWithoutTime_IsNamed() => Assert.That(
        () => SetSteps.RunAsync(
            new PointInTimeJoin(
                ReferenceTable.Of(SetSteps.Table("id:Integer,event:Timestamp,v:Text\n1,2024-01-01,a\n1,,b")),
                ["id"],
                "at",
                "event",
                null,
                null,
                null,
                ""),
            Requests([(1, 1)])),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2 of the features has no time").And.Property("Column").EqualTo("event"));

    [Test]
    public void Process_RowWithoutTime_IsNamed() => Assert.That(
        () => SetSteps.RunAsync(
            new PointInTimeJoin(ReferenceTable.Of(Features([])), ["id"], "at", "event", "known", null, null, ""),
            Tables.Batch("id:Integer,at:Timestamp\n1,2024-01-01\n1,"),
            1),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2").And.Property("Column").EqualTo("at"));

    [Test]
    public void PointInTimeJoin_NegativeAge_FailsAtTheCall() =>
        Assert.That(
            () => new ProcessingBuilder().PointInTimeJoin(Features([]), ["id"], "at", "event", maxAge: TimeSpan.FromHours(-1)),
            Throws.TypeOf<ArgumentOutOfRangeException>());

    private static Dataset Features((int Entity, int Event, int Known, int Row)[] rows) =>
        SetSteps.Table("id:Integer,event:Timestamp,known:Timestamp,v:Integer\n" + string.Concat(rows.Select(
            row => FormattableString.Invariant($"{row.Entity},{Begin.AddHours(row.Event):O},{Begin.AddHours(row.Known):O},{row.Row}\n"))));

    private static RecordBatch Requests((int Entity, int Time)[] rows) =>
        Tables.Batch("id:Integer,at:Timestamp\n"
            + string.Concat(rows.Select(row => FormattableString.Invariant($"{row.Entity},{Begin.AddHours(row.Time):O}\n"))));
}
