using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

/// <summary>A host that follows the releases of another workspace through a folder.</summary>
[TestFixture]
public sealed class ReleaseFollowerTests
{
    private const string Name = "sample";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(3);
    private static TemporaryWorkspace _origin = null!;
    private static DesiredDeployment _first = null!;
    private static DesiredDeployment _second = null!;

    private readonly TempFolder _folder = new();
    private readonly HostClock _clock = new(_interval);
    private readonly ConcurrentQueue<(int Id, string Message)> _logged = [];

    [OneTimeSetUp]
    public static async Task TrainAsync()
    {
        _origin = await TemporaryWorkspace.OpenAsync();
        var (first, second) = await BlessedModels.CreateTwoAsync(_origin.Workspace);
        _first = await BlessedModels.DesiredAsync(_origin.Workspace, first);
        _second = await BlessedModels.DesiredAsync(_origin.Workspace, second);
    }

    [OneTimeTearDown]
    public static async Task DeleteAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
    }

    [TearDown]
    public void DeleteFolder() => _folder.Dispose();

    [Test]
    public async Task Follow_Releases_AreTakenUpAtStartAndWithinTheInterval()
    {
        await Target().ApplyAsync(_first);
        using var host = Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<Workspace>().Endpoint(Name);
        Assert.That(endpoint.Version, Is.EqualTo(1), "at start");

        await Target().ApplyAsync(_second);
        await TickAsync(host);
        Assert.That(endpoint.Version, Is.EqualTo(2));

        await Target().ApplyAsync(_first with { PromotedAt = _second.PromotedAt!.Value.AddTicks(1) });
        await TickAsync(host);
        Assert.That(endpoint.Version, Is.EqualTo(1), "a rollback where it was made");
        Assert.That((await HealthAsync(host)).Status, Is.EqualTo(HealthStatus.Healthy));
        await host.StopAsync();
    }

    [Test]
    public async Task Follow_FolderThatIsNotThereYet_IsTakenUpWhenItIs()
    {
        using var host = Build();
        await host.StartAsync();
        var health = await HealthAsync(host);
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Unhealthy), "nothing is live");
        Assert.That(health.Entries["mlops"].Description, Does.Contain("The folder is not there"));
        Assert.That(
            _logged.Where(log => log.Id == 8070).Select(log => log.Message),
            Has.One.Contains("no version is live: The folder is not there"));

        await Target().ApplyAsync(_first);
        await TickAsync(host);

        Assert.That(host.Services.GetRequiredService<Workspace>().Endpoint(Name).Version, Is.EqualTo(1));
        Assert.That((await HealthAsync(host)).Status, Is.EqualTo(HealthStatus.Healthy));
        await host.StopAsync();
    }

    [Test]
    public async Task Follow_ReleaseOfAStranger_IsToldOnceAndTheOldGoesOnUntilAGoodOneComes()
    {
        await Target().ApplyAsync(_first);
        using var host = Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<Workspace>().Endpoint(Name);
        using var stranger = PackageSigner.Create();

        await Target(stranger).ApplyAsync(_second);
        for (var look = 0; look < 5; look++) await TickAsync(host);

        Assert.That(endpoint.Version, Is.EqualTo(1));
        Assert.That(_logged.Where(log => log.Id == 8070).Select(log => log.Message), Has.One.Contains("is not trusted here"));
        var health = await HealthAsync(host);
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(health.Entries["mlops"].Description, Does.Contain("The release of 'sample' is not taken up"));

        await Target().ApplyAsync(_second);
        await TickAsync(host);
        Assert.That((endpoint.Version, (await HealthAsync(host)).Status), Is.EqualTo((2, HealthStatus.Healthy)));
        await host.StopAsync();
    }

    [TestCase("current.json is cut")]
    [TestCase("the file is missing")]
    [TestCase("the file is cut")]
    public async Task Follow_FolderThatIsHalfCopied_WaitsForTheRest(string what)
    {
        await Target().ApplyAsync(_first);
        using var host = Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<Workspace>().Endpoint(Name);
        await Target().ApplyAsync(_second);
        var current = ReleaseFolder.Find(_folder["releases"], Name)!.ReadCurrent()!;
        var path = Path.Combine(_folder["releases"], Name, what == "current.json is cut" ? "current.json" : current.File);
        var whole = await File.ReadAllBytesAsync(path);
        if (what == "the file is missing") File.Delete(path);
        else await File.WriteAllBytesAsync(path, whole[..(whole.Length / 2)]);
        await TickAsync(host);
        Assert.That((endpoint.Version, (await HealthAsync(host)).Status), Is.EqualTo((1, HealthStatus.Degraded)));

        await File.WriteAllBytesAsync(path, whole);
        await TickAsync(host);

        Assert.That((endpoint.Version, (await HealthAsync(host)).Status), Is.EqualTo((2, HealthStatus.Healthy)));
        await host.StopAsync();
    }

    [Test]
    public async Task Follow_HostWithAFloor_TellsOfAnOldReleaseAndTakesUpTheNext()
    {
        var floor = _clock.GetUtcNow();
        await Target().ApplyAsync(_first with { PromotedAt = floor.AddTicks(-1) });
        using var host = Build(builder => builder.Services.Configure<MlOpsOptions>(options => options.ReleasesNotBefore = floor));
        await host.StartAsync();
        var workspace = host.Services.GetRequiredService<Workspace>();
        Assert.That(workspace.FindSlot(Name)?.Current, Is.Null);
        Assert.That(_logged.Where(log => log.Id == 8070).Select(log => log.Message), Has.One.Contains("nothing from before"));
        Assert.That((await HealthAsync(host)).Entries["mlops"].Description, Does.Contain("MlOps:ReleasesNotBefore"));

        await Target().ApplyAsync(_second);
        await TickAsync(host);

        Assert.That((workspace.Endpoint(Name).Version, (await HealthAsync(host)).Status), Is.EqualTo((2, HealthStatus.Healthy)));
        await host.StopAsync();
    }

    [Test]
    public async Task Follow_FolderThatIsDeletedAndMadeAgain_IsToldAndFollowedAgain()
    {
        await Target().ApplyAsync(_first);
        using var host = Build();
        await host.StartAsync();
        var endpoint = host.Services.GetRequiredService<Workspace>().Endpoint(Name);
        Directory.Move(_folder["releases"], _folder["elsewhere"]);

        for (var look = 0; look < 2; look++) await TickAsync(host);
        var health = await HealthAsync(host);
        Assert.That((endpoint.Version, health.Status), Is.EqualTo((1, HealthStatus.Degraded)));
        Assert.That(health.Entries["mlops"].Description, Does.Contain("The folder is not there"));
        Assert.That(_logged.Count(log => log.Id == 8070), Is.EqualTo(1));

        Directory.Move(_folder["elsewhere"], _folder["releases"]);
        await TickAsync(host);
        Assert.That((endpoint.Version, (await HealthAsync(host)).Status), Is.EqualTo((1, HealthStatus.Healthy)), "it is mounted again");

        Directory.Delete(_folder["releases"], recursive: true);
        await Target().ApplyAsync(_second);
        await TickAsync(host);
        Assert.That((endpoint.Version, (await HealthAsync(host)).Status), Is.EqualTo((2, HealthStatus.Healthy)));
        await host.StopAsync();
    }

    // A drive that is not mounted when the machine starts.
    [Test]
    public async Task Follow_EmptyFolderWhenTheHostStartsAgain_IsToldAndTheVersionStays()
    {
        await Target().ApplyAsync(_first);
        using (var before = Build())
        {
            await before.StartAsync();
            await before.StopAsync();
        }

        Directory.Move(_folder["releases"], _folder["elsewhere"]);
        Directory.CreateDirectory(_folder["releases"]);
        using var host = Build();
        await host.StartAsync();

        var health = await HealthAsync(host);
        Assert.That(
            (host.Services.GetRequiredService<Workspace>().Endpoint(Name).Version, health.Status),
            Is.EqualTo((1, HealthStatus.Degraded)));
        Assert.That(health.Entries["mlops"].Description, Does.Contain("The folder has no release"));
        Assert.That(
            _logged.Where(log => log.Id == 8070).Select(log => log.Message),
            Has.One.Contains("what is live stays: The folder has no release"));
        await host.StopAsync();
    }

    [TestCase("it is gone", "Its current.json is gone")]
    [TestCase("it cannot be read", "2770")]
    [TestCase("it is of a later format", "Its current.json has the format 2, and this version of the library reads 1")]
    [TestCase("it is cut", "Its current.json is cut off")]
    [TestCase("the file is missing", "which current.json names, is not there")]
    [TestCase("the file was changed", "is not the one that was written")]
    [TestCase("the file cannot be read", "2770")]
    public async Task Follow_ReleaseThatIsNotRead_SaysWhy(string what, string said)
    {
        await Target().ApplyAsync(_first);
        using var host = Build();
        await host.StartAsync();
        await Target().ApplyAsync(_second);
        var (current, file) = (Path.Combine(_folder["releases"], Name, "current.json"), CurrentFile());
        switch (what)
        {
            case "it is gone":
                File.Delete(current);
                break;
            case "it is of a later format":
                await File.WriteAllTextAsync(current, """{ "format": 2, "endpoints": ["sample"] }""");
                break;
            case "it is cut":
                await File.WriteAllTextAsync(current, "{ \"format\": 1,");
                break;
            case "the file is missing":
                File.Delete(file);
                break;
            case "the file was changed":
                await File.AppendAllTextAsync(file, "changed");
                break;
            default:
                // The system denies access to a folder as to a file without rights, also to an administrator.
                var denied = what.StartsWith("it ", StringComparison.Ordinal) ? current : file;
                File.Delete(denied);
                Directory.CreateDirectory(denied);
                break;
        }

        await TickAsync(host);

        var health = await HealthAsync(host);
        Assert.That(health.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(health.Entries["mlops"].Description, Does.Contain(said));
        Assert.That(_logged.Where(log => log.Id == 8070).Select(log => log.Message), Has.One.Contains(said));
        await host.StopAsync();
    }

    // As from a medium that can only be read, by two hosts with a workspace each.
    [Test]
    public async Task Follow_TwoHostsOfOneFolder_WriteNothingIntoIt()
    {
        await Target().ApplyAsync(_first);
        var before = Contents();
        var hosts = await Task.WhenAll(Enumerable.Range(0, 2).Select(async i =>
        {
            var workspace = await Workspace.OpenAsync(
                _folder[$"workspace {i}"], options => options.Trust = new PackageTrust(_signer.PublicKey));
            using var log = new LogWatcher(_ => { });
            var follower = new ReleaseFollower(
                workspace, new ReleaseSource(_folder["releases"], TimeSpan.FromHours(1), 256 << 20), _ => true, TimeProvider.System, log);
            await Task.Run(() => follower.LookAsync(default));
            return (Workspace: workspace, Follower: follower);
        }));

        foreach (var (workspace, follower) in hosts)
        {
            Assert.That(follower.Problems, Is.Empty);
            Assert.That(workspace.Endpoint(Name).Version, Is.EqualTo(1));
            await workspace.DisposeAsync();
        }

        Assert.That(Contents(), Is.EqualTo(before));

        (string, DateTime, DateTime)[] Contents() =>
        [
            .. new DirectoryInfo(_folder["releases"]).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .OrderBy(entry => entry.FullName, StringComparer.Ordinal)
                .Select(entry => (entry.FullName, entry.LastWriteTimeUtc, entry.CreationTimeUtc)),
        ];
    }

    [Test]
    public async Task Follow_LinksOutOfTheFolder_AreNoReleases()
    {
        await Target().ApplyAsync(_first);
        await Target().ApplyAsync(_first with { Endpoint = "other" });
        using var host = Build();
        await host.StartAsync();
        var current = Path.Combine(_folder["releases"], Name, "current.json");
        File.Delete(current);
        File.CreateSymbolicLink(current, Path.Combine(_folder["releases"], "other", "current.json"));

        await TickAsync(host);

        Assert.That(host.Services.GetRequiredService<Workspace>().Endpoint(Name).Version, Is.EqualTo(1));
        Assert.That((await HealthAsync(host)).Status, Is.EqualTo(HealthStatus.Degraded), "it names the release of another model");
        await host.StopAsync();
    }

    [Test]
    public async Task Follow_HostOfCertainModels_TakesUpNoOthers()
    {
        await Target().ApplyAsync(_first);
        await Target().ApplyAsync(_first with { Endpoint = "other" });
        using var host = Build(builder => builder.AddServedModels("other"));
        await host.StartAsync();

        Assert.That(await host.Services.GetRequiredService<Workspace>().Models.ModelsAsync(), Is.EqualTo(new[] { "other" }));
        await host.StopAsync();
    }

    [Test]
    public void Follow_HostThatTrustsNobody_DoesNotStart()
    {
        using var host = Build(trusts: false);

        Assert.That(
            async () => await host.StartAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("PackageTrust"));
    }

    [Test]
    public void FollowReleases_ArgumentsThatAreNone_AreRejected()
    {
        var builder = new ServiceCollection().AddMlOps();

        Assert.That(() => builder.FollowReleases(" "), Throws.ArgumentException);
        Assert.That(() => builder.FollowReleases("a", TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.FollowReleases("a", releaseBytes: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task Look_ReleaseLargerThanTheLimit_IsNotReadAndTold()
    {
        await using var workspace = await Workspace.OpenAsync(
            _folder["workspace"], options => options.Trust = new PackageTrust(_signer.PublicKey));
        await Target().ApplyAsync(_first);
        using var log = new LogWatcher(_ => { });
        var follower = new ReleaseFollower(
            workspace, new ReleaseSource(_folder["releases"], TimeSpan.FromHours(1), 1_000), _ => true, TimeProvider.System, log);

        await follower.LookAsync(default);

        Assert.That(follower.Problems[Name], Does.Contain("1,000 are read here at most").And.Contain("releaseBytes"));
    }

    [Test]
    public async Task Look_UnderRenames_SeesEachFinalStateAndNeverHalfAFile()
    {
        await using var workspace = await Workspace.OpenAsync(
            _folder["workspace"], options => options.Trust = new PackageTrust(_signer.PublicKey));
        using var log = new LogWatcher(_ => { }, message => _logged.Enqueue((0, message)));
        var follower = new ReleaseFollower(
            workspace, new ReleaseSource(_folder["releases"], TimeSpan.FromHours(1), 256 << 20), _ => true, TimeProvider.System, log);
        using var end = new CancellationTokenSource();
        var looking = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested) await follower.LookAsync(default);
        });
        var target = Target();
        var rounds = LongForm.Of(200, 40);
        for (var i = 0; i < rounds; i++)
        {
            var desired = (i % 2 == 0 ? _first : _second) with { PromotedAt = _second.PromotedAt!.Value.AddSeconds(i) };
            await target.ApplyAsync(desired);
            if (i % 10 != 9) continue;

            // A pause of the releases: the last one is taken up, whatever was seen in between.
            var looks = follower.Looks;
            while (follower.Looks < looks + 2) await Task.Yield();
            Assert.That(workspace.Endpoint(Name).Version, Is.EqualTo(desired.Model.Version.Version));
            Assert.That((await workspace.Receiver.ReceiveAsync(
                await File.ReadAllBytesAsync(CurrentFile()), Name, default)).IsNew, Is.False, "it is this very release");
        }

        await end.CancelAsync();
        await looking;
        Assert.That(follower.Problems, Is.Empty);
        Assert.That(_logged.Select(entry => entry.Message), Is.Empty, "no half was seen");
        Assert.That((await workspace.Audit.VerifyAsync()).IsIntact, Is.True);
    }

    private string CurrentFile()
    {
        var current = ReleaseFolder.Find(_folder["releases"], Name)!.ReadCurrent()!;
        return Path.Combine(_folder["releases"], Name, current.File);
    }

    private ReleaseFolderTarget Target(PackageSigner? signer = null) => new(
        _folder["releases"], new OutgoingReleases(signer ?? _signer, _origin.Workspace.Readers), TimeProvider.System);

    private IHost Build(Action<MlOpsBuilder>? configure = null, bool trusts = true)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<TimeProvider>(_clock);
        builder.Services.AddSingleton<ILoggerFactory>(new LogWatcherFactory(_logged));
        if (trusts) builder.Services.AddSingleton(new PackageTrust(_signer.PublicKey));
        var added = builder.Services.AddMlOps(options => options.Workspace = _folder["workspace"])
            .FollowReleases(_folder["releases"], _interval);
        if (configure is null) added.AddServedModels();
        configure?.Invoke(added);
        builder.Services.AddHealthChecks().AddMlOps();
        return builder.Build();
    }

    private async Task TickAsync(IHost host)
    {
        var follower = host.Services.GetRequiredService<MlOpsHostedService>().Releases.Single();
        await _clock.Waits.WaitAsync(TimeSpan.FromSeconds(30));
        var looks = follower.Looks;
        _clock.Advance(_interval);
        Assert.That(() => follower.Looks, Is.GreaterThan(looks).After(30_000, 5));
    }

    private static Task<HealthReport> HealthAsync(IHost host) => host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private sealed class LogWatcherFactory(ConcurrentQueue<(int Id, string Message)> logged) : ILoggerFactory, ILogger
    {
        public ILogger CreateLogger(string categoryName) =>
            categoryName.StartsWith("MlOps", StringComparison.Ordinal) ? this : NullLogger.Instance;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logged.Enqueue((eventId.Id, formatter(state, exception)));

        public void Dispose()
        {
        }
    }
}
