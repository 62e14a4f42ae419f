using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelFileFeedTests
{
    private const string Good = """{"monthly":0.7,"yearly":0.3}""";

    [Test]
    public async Task Host_FollowsAFile_ImportsItAndItsSuccessorAndKeepsWhatIsLiveWhenItIsDamaged()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "model.json");
        await File.WriteAllTextAsync(file, Good);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddMlOps(options => options.Workspace = Path.Combine(folder.Path, "workspace"))
            .AddReader(new Reader())
            .AddEndpoint<Row, double>("subscribers", endpoint => endpoint.From(new ModelFileFeed(file, ImportAsync, watch: true)));
        using var host = builder.Build();
        await host.StartAsync();
        var workspace = host.Services.GetRequiredService<Workspace>();
        var endpoint = host.Services.GetRequiredKeyedService<IEndpoint<Row, double>>("subscribers");
        Assert.That(endpoint.Predict(new Row("monthly")).Value, Is.EqualTo(0.7));

        // A file that is damaged, then one that is better, put in place by a rename.
        await File.WriteAllTextAsync(file, "{");
        await UntilAsync(time, () => Task.FromResult(_failures > 0));
        Assert.That(endpoint.Predict(new Row("monthly")).Version, Is.EqualTo(1));
        var next = file + ".next";
        await File.WriteAllTextAsync(next, """{"monthly":0.7,"yearly":0.3,"other":0.5}""");
        File.Move(next, file, overwrite: true);
        await UntilAsync(time, async () => (await workspace.Models.ListAsync("subscribers")).Count == 2);

        // Both answer alike on these rows, so the first stays.
        Assert.That(endpoint.Predict(new Row("monthly")).Version, Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    public async Task Host_FileThatIsMissing_DoesNotStart()
    {
        using var folder = new TempFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddMlOps(options => options.Workspace = Path.Combine(folder.Path, "workspace"))
            .AddEndpoint<Row, double>(
                "subscribers", endpoint => endpoint.From(new ModelFileFeed(Path.Combine(folder.Path, "none.json"), ImportAsync)));
        using var host = builder.Build();

        Assert.That(() => host.StartAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("There is no file 'none.json'"));
    }

    [Test]
    public async Task Host_StartedAgainWithTheSameFile_LeavesWhatReplacedItAndRegistersNothing()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "model.json");
        await File.WriteAllTextAsync(file, """{"monthly":0.5,"yearly":0.5}""");
        await StartAndStopAsync(rows: 400);
        await using (var workspace = await OpenAsync())
        {
            // What a lifecycle would do: another version is better, and takes its place.
            var better = await workspace.Models.ImportAsync(
                "subscribers",
                (_, _) => ValueTask.FromResult<IRowModel>(Model(Good)),
                import => Declare(import, 400));
            Assert.That(better.IsPromoted, Is.True, better.Reason);
        }

        await StartAndStopAsync(rows: 400);
        await StartAndStopAsync(rows: 500);

        await using (var workspace = await OpenAsync())
        {
            Assert.That(await workspace.Models.ListAsync("subscribers"), Has.Count.EqualTo(2));
            Assert.That(await workspace.Models.BlessingsAsync("subscribers", 1), Has.Count.EqualTo(1));
            Assert.That(await workspace.ServeAsync("subscribers"), Is.EqualTo(2));
        }

        // Another declaration is another question.
        await StartAndStopAsync(rows: 500, margin: 0.1);
        await using (var workspace = await OpenAsync())
        {
            Assert.That(await workspace.Models.ListAsync("subscribers"), Has.Count.EqualTo(3));
        }

        async Task StartAndStopAsync(int rows, double margin = 0)
        {
            var builder = Host.CreateApplicationBuilder();
            builder.Services.AddMlOps(options => options.Workspace = Path.Combine(folder.Path, "workspace"))
                .AddReader(new Reader())
                .AddEndpoint<Row, double>("subscribers", endpoint => endpoint.FromFile(
                    file,
                    async (_, token) => Model(await File.ReadAllTextAsync(file, token)),
                    import => Declare(import.MustBeatBy(margin), rows)));
            using var host = builder.Build();
            await host.StartAsync();
            await host.StopAsync();
        }

        Task<Workspace> OpenAsync() => Workspace.OpenAsync(
            Path.Combine(folder.Path, "workspace"), options => options.Readers.Add(new Reader()));
    }

    [Test]
    public async Task WaitForChangeAsync_ImportThatFailed_IsOverAtOnceUnlessTheContentWasRefused()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "model.json");
        await File.WriteAllTextAsync(file, Good);
        await using var workspace = await Workspace.OpenAsync(Path.Combine(folder.Path, "workspace"));
        var time = new FakeTimeProvider();
        Exception? failure = null;
        var feed = new ModelFileFeed(file, (_, _) => failure is null ? Task.CompletedTask : Task.FromException(failure), watch: true);
        foreach (var (thrown, isRefusal) in new (Exception, bool)[]
        {
            (new MlOpsException("The rows cannot be read.", "Wait.", new IOException("The database is down.")), false),
            (new IOException("The file is locked."), false),
            (new TimeoutException(), false),
            (new MlOpsException("The model does not fit the rows.", "Save another."), true),
            (new MlOpsException("The file cannot be unpacked.", "Copy it.", new InvalidDataException()), true),
        })
        {
            failure = thrown;
            Assert.That(() => feed.ImportAsync(workspace), Throws.InstanceOf(thrown.GetType()));
            using var stop = new CancellationTokenSource();
            var waiting = feed.WaitForChangeAsync(time, stop.Token);
            await PassAsync(time, 20);
            Assert.That(waiting.IsCompleted, Is.Not.EqualTo(isRefusal), thrown.Message);
            await stop.CancelAsync();
            await waiting.ContinueWith(_ => { }, TaskScheduler.Default);
        }

        failure = null;
        await feed.ImportAsync(workspace);
        using var end = new CancellationTokenSource();
        var following = feed.WaitForChangeAsync(time, end.Token);
        await PassAsync(time, 20);
        Assert.That(following.IsCompleted, Is.False);
        await end.CancelAsync();
    }

    [Test]
    public async Task WaitForChangeAsync_OtherContentOfTheSameTimeAndLength_IsNoticedAndATouchIsNot()
    {
        using var folder = new TempFolder();
        var file = Path.Combine(folder.Path, "model.json");
        await File.WriteAllTextAsync(file, Good);
        await using var workspace = await Workspace.OpenAsync(Path.Combine(folder.Path, "workspace"));
        var time = new FakeTimeProvider();
        var feed = new ModelFileFeed(file, (_, _) => Task.CompletedTask, watch: true);
        await feed.ImportAsync(workspace);
        var waiting = feed.WaitForChangeAsync(time);

        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await PassAsync(time, 20);
        Assert.That(waiting.IsCompleted, Is.False, "the content is the same");

        await File.WriteAllTextAsync(file, Good.Replace('7', '8'));
        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await UntilAsync(time, () => Task.FromResult(waiting.IsCompletedSuccessfully));
    }

    [Test]
    public async Task Host_FeedThatFails_IsFollowedFurtherAndStopsCleanly()
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var feed = new FailingFeed();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddMlOps(options => options.Workspace = Path.Combine(folder.Path, "workspace"))
            .AddEndpoint<Row, double>("subscribers", endpoint => endpoint.From(feed));
        using var host = builder.Build();
        await host.StartAsync();

        await UntilAsync(time, () => Task.FromResult(feed.Imports >= 3));

        Assert.That(feed.Waits, Is.GreaterThanOrEqualTo(4));
        Assert.That(() => host.StopAsync(), Throws.Nothing);
    }

    private static int _failures;

    private static RateByPlanModel Model(string rates) =>
        new(new Field("plan", ColumnType.Text), JsonSerializer.Deserialize<Dictionary<string, double>>(rates)!, 0.5);

    private static void Declare(ModelImport import, int rows) => import
        .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .Judge(DataSources.Objects(Subscriber.Draw(rows, seed: 5), "judge"));

    private static async Task PassAsync(FakeTimeProvider time, int looks)
    {
        // Each look may hash the file, on other threads.
        for (var i = 0; i < looks * 20; i++)
        {
            time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }
    }

    private static async Task ImportAsync(Workspace workspace, CancellationToken cancellationToken)
    {
        var file = Path.Combine(Path.GetDirectoryName(workspace.Path)!, "model.json");
        await workspace.Models.ImportAsync(
            "subscribers",
            async (_, token) =>
            {
                try
                {
                    var rates = JsonSerializer.Deserialize<Dictionary<string, double>>(await File.ReadAllTextAsync(file, token))!;
                    return new RateByPlanModel(new Field("plan", ColumnType.Text), rates, 0.5);
                }
                catch (JsonException)
                {
                    Interlocked.Increment(ref _failures);
                    throw;
                }
            },
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(400, seed: 5), "judge")),
            cancellationToken);
    }

    // The host's own work is waited for by moving the clock until it has been done.
    private static async Task UntilAsync(FakeTimeProvider time, Func<Task<bool>> done)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await done())
        {
            Assert.That(limit.IsCancellationRequested, Is.False, "The host does not notice the file.");
            time.Advance(TimeSpan.FromSeconds(2));

            // On a busy machine the host needs a processor more than rounds.
            await Task.Delay(1);
        }
    }

    private sealed record Row(string Plan);

    /// <summary>A feed of a server that is away at first, for the waiting, then for the import.</summary>
    private sealed class FailingFeed : IModelFeed
    {
        private int _imports;
        private int _waits;

        public string Name => "server";

        public int Imports => Volatile.Read(ref _imports);

        public int Waits => Volatile.Read(ref _waits);

        // The host's start, a failure, and what comes after it.
        public Task ImportAsync(Workspace workspace, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref _imports) == 2 ? throw new HttpRequestException("The server is away.") : Task.CompletedTask;

        public Task WaitForChangeAsync(TimeProvider time, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref _waits) == 1 ? throw new HttpRequestException("The server is away.")
            : Imports < 3 ? Task.CompletedTask
            : Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
    }

    private sealed class Reader : IFormatReader<IRowModel>
    {
        public string FormatId => RateByPlanModel.Format;

        public IRowModel Read(ReadOnlyMemory<byte> bytes) => RateByPlanModel.Read(bytes);
    }
}
