using System.Threading.Channels;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Tracking;
using NUnit.Framework;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Tests.Collection;

[TestFixture]
public sealed class StreamTests
{
    private static readonly DateTime Noon = new(2024, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Channel_RowsThatAreThere_AreHandedOnBeforeItIsCompleted()
    {
        var channel = Channel.CreateUnbounded<Event>();
        await using var scan = await DataSources.Channel(channel.Reader).OpenAsync(new ReadRequest { BatchSize = 100 });
        await using var batches = scan.ReadAsync().GetAsyncEnumerator();

        channel.Writer.TryWrite(new Event(1, Noon));
        channel.Writer.TryWrite(new Event(2, Noon));
        Assert.That((await batches.MoveNextAsync(), batches.Current.RowCount), Is.EqualTo((true, 2)));
        channel.Writer.TryWrite(new Event(3, Noon));
        Assert.That((await batches.MoveNextAsync(), batches.Current.RowCount), Is.EqualTo((true, 1)));
        channel.Writer.Complete();
        Assert.That(await batches.MoveNextAsync(), Is.False);
    }

    [Test]
    public async Task Open_Again_SaysThatTheRowsAreGone()
    {
        var source = DataSources.Objects(new[] { new Event(1, Noon) }.ToAsyncEnumerable());
        await using var scan = await source.OpenAsync(ReadRequest.All);

        Assert.That(
            async () => await source.OpenAsync(ReadRequest.All),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("has been read").And.Property("Remedy").Contains("list"));
    }

    [Test]
    public async Task Run_ResilienceOnAStream_IsRefusedWithTheRemedy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = LifecycleBuilder.Create("stream").CollectData(data => data
            .FromChannel(Channel.CreateUnbounded<Event>().Reader).Resilience(pipeline => pipeline.AddRetry(new RetryStrategyOptions())))
            .Build();

        Assert.That(
            async () => await lifecycle.RunAsync(workspace),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("lose or repeat rows")
                .And.Property("Remedy")
                .Contains("Remove Resilience"));
    }

    [Test]
    public async Task Run_Stream_CollectsWhatCameAndIsNeverReused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        async Task<LifecycleRun> RunAsync() => await LifecycleBuilder.Create("stream")
            .CollectData(data => data.FromObjects(Events(0, 1, 2).ToAsyncEnumerable()))
            .Build()
            .RunAsync(workspace);

        await RunAsync();
        var second = await RunAsync();

        Assert.That((second.Collection!.Rows, second.Record.Stages[0].State), Is.EqualTo((3, StageState.Succeeded)));
        Assert.That(second.Explain(), Does.Contain("cannot determine whether its content has changed"));
    }

    [TestCase(3, 3, "0 1 2|3 4 5|6")]
    [TestCase(3, 1, "0 1 2|1 2 3|2 3 4|3 4 5|4 5 6")]
    [TestCase(4, 3, "0 1 2 3|3 4 5 6")]
    [TestCase(7, 7, "0 1 2 3 4 5 6")]
    [TestCase(9, 2, "0 1 2 3 4 5 6")]
    public async Task ByCount_Rows_AreCutWithoutLoss(int rows, int every, string expected) =>
        Assert.That(await ShowAsync(Source(Events(0, 1, 2, 3, 4, 5, 6)).ByCount(rows, every)), Is.EqualTo(expected));

    [Test]
    public async Task ByTime_Tumbling_GivesAWindowWhenTheLatenessIsOver()
    {
        // Minutes after noon, in the order in which they come: 4 is late by 3 when 7 was there, 1 by more than 5.
        var windows = await ListAsync(
            Source(Events(0, 2, 7, 4, 9, 10, 1, 11, 26)).ByTime("at", TimeSpan.FromMinutes(5), lateness: TimeSpan.FromMinutes(5)));

        Assert.Multiple(() =>
        {
            Assert.That(windows.Select(Show), Is.EqualTo(new[] { "0 2 4", "7 9", "10 11", "26" }));
            Assert.That(
                windows.Select(window => window.Start),
                Is.EqualTo(new DateTime?[] { Noon, Noon.AddMinutes(5), Noon.AddMinutes(10), Noon.AddMinutes(25) }));
            Assert.That(windows.Select(window => window.End!.Value - window.Start!.Value), Is.All.EqualTo(TimeSpan.FromMinutes(5)));
            Assert.That(
                string.Join('|', windows.Select(window => Minutes(window.Late))),
                Is.EqualTo("|1||"),
                "1 came when 10 had closed its window");
        });
    }

    [Test]
    public async Task ByTime_Sliding_PutsARowIntoEachOfItsWindows()
    {
        var windows = await ListAsync(Source(Events(0, 3, 6, 20)).ByTime("at", TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(3)));

        Assert.That(
            windows.Select(window => $"{(window.Start!.Value - Noon).TotalMinutes}: {Show(window)}"),
            Is.EqualTo(new[] { "-3: 0", "0: 0 3", "3: 3 6", "6: 6", "15: 20", "18: 20" }));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public async Task ByTime_AnyOrder_EachRowIsInItsWindowsOrLate(int seed)
    {
        var random = new Random(seed);
        var minutes = Enumerable.Range(0, 300).Select(i => i / 2 + random.Next(-12, 12)).ToArray();
        var windows = await ListAsync(
            Source(Events(minutes)).ByTime("at", TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(6)));

        var within = windows
            .SelectMany(window => Numbers(window.Rows))
            .GroupBy(minute => minute)
            .ToDictionary(group => group.Key, group => group.Count());
        var late = windows
            .SelectMany(window => Numbers(window.Late))
            .GroupBy(minute => minute)
            .ToDictionary(group => group.Key, group => group.Count());
        Assert.Multiple(() =>
        {
            Assert.That(windows.Select(window => window.Start), Is.Ordered.And.Unique);
            Assert.That(
                windows.All(window => Numbers(window.Rows)
                    .All(minute => Noon.AddMinutes(minute) >= window.Start && Noon.AddMinutes(minute) < window.End)),
                Is.True);
            Assert.That(late, Is.Not.Empty);
            foreach (var group in minutes.GroupBy(minute => minute))
            {
                var (inside, outside) = (within.GetValueOrDefault(group.Key), late.GetValueOrDefault(group.Key));
                Assert.That(
                    inside,
                    Is.InRange(group.Count() - outside, 2 * (group.Count() - outside)),
                    $"minute {group.Key}: once or twice, unless late");
            }
        });
    }

    [Test]
    public void ByTime_RowWithoutTimeOrWrongColumn_SaysSo()
    {
        var missing = DataSources.Objects([new { At = (DateTime?)Noon }, new { At = (DateTime?)null }]);

        Assert.That(
            async () => await ListAsync(missing.ByTime("at", TimeSpan.FromMinutes(1))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Row 2 has no time"));
        Assert.That(
            async () => await ListAsync(Source(Events(1)).ByTime("minute", TimeSpan.FromMinutes(1))),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("Integer"));
        Assert.That(
            () => missing.ByTime("at", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2)),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static Event[] Events(params int[] minutes) => [.. minutes.Select(minute => new Event(minute, Noon.AddMinutes(minute)))];

    private static IDataSource Source(Event[] events) => DataSources.Objects(events.ToAsyncEnumerable());

    private static IEnumerable<int> Numbers(Dataset rows) =>
        Enumerable.Range(0, rows.RowCount).Select(row => (int)rows["minute"].GetNumber(row));

    private static string Minutes(Dataset rows) => string.Join(' ', Numbers(rows));

    private static string Show(StreamWindow window) => Minutes(window.Rows);

    private static async Task<string> ShowAsync(IAsyncEnumerable<StreamWindow> windows) =>
        string.Join('|', (await ListAsync(windows)).Select(Show));

    private static async Task<List<StreamWindow>> ListAsync(IAsyncEnumerable<StreamWindow> windows)
    {
        var list = new List<StreamWindow>();
        await foreach (var window in windows) list.Add(window);
        return list;
    }

    private sealed record Event(int Minute, DateTime At);
}
