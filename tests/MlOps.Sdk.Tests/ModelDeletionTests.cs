using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>Versions of whole lifecycles that are archived and deleted.</summary>
internal sealed class ModelDeletionTests
{
    private TempFolder _folder = null!;
    private FakeTimeProvider _clock = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task TrainTwo()
    {
        _folder = new TempFolder();
        _clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using (var before = await OpenAsync())
        {
            await SampleLifecycle.Begin().Deployed().Build().RunAsync(before);
            await SampleLifecycle.Begin(Subscriber.Draw(1_500, seed: 3)).Deployed(deploy => deploy.ToProcess().ReplaceIncomparable())
                .Build().RunAsync(before);
        }

        // Closed meanwhile: what a workspace does every few seconds would be done for hours.
        _clock.Advance(TimeSpan.FromHours(3));
        _workspace = await OpenAsync();
    }

    [TearDown]
    public async Task Close()
    {
        Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task DeleteAsync_Version_LetsItsPackageBeCollected()
    {
        var live = (await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!;
        var other = await _workspace.Models.GetAsync(SampleLifecycle.Name, live.Version == 1 ? 2 : 1);
        Assert.That((await _workspace.CollectGarbageAsync(dryRun: true)).Artifacts, Is.Empty);
        await _workspace.Models.ArchiveAsync(SampleLifecycle.Name, other.Version, "old");
        Assert.That((await _workspace.CollectGarbageAsync(dryRun: true)).Artifacts, Is.Empty, "an archived version keeps its package");
        Assert.That((await _workspace.ReadPackageAsync(other)).Name, Is.EqualTo(SampleLifecycle.Name));

        await _workspace.Models.DeleteAsync(SampleLifecycle.Name, other.Version, "rows of others");

        var dry = await _workspace.CollectGarbageAsync(dryRun: true);
        Assert.That(dry.Artifacts.Select(artifact => artifact.Id), Is.EqualTo(new[] { other.PackageId }));
        Assert.That(dry.TotalSize, Is.Positive);
        await _workspace.CollectGarbageAsync(dryRun: false);
        Assert.That(await _workspace.Artifacts.ExistsAsync(other.PackageId), Is.False);
        Assert.That(await _workspace.ServeAsync(SampleLifecycle.Name), Is.EqualTo(live.Version), "the live one answers as before");
        var deleted = await _workspace.Models.GetAsync(SampleLifecycle.Name, other.Version);
        Assert.That(
            async () => await _workspace.ReadPackageAsync(deleted),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was deleted by").And.Message.Contains("rows of others"));
        Assert.That(
            async () => await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "x", other.Version),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("was deleted"));
        Assert.That((await _workspace.Runs.GetAsync(other.RunId!)).Id, Is.EqualTo(other.RunId), "its run can be read as before");
    }

    [Test]
    public async Task DeleteAsync_PredictionsOfTheVersion_StayReadable()
    {
        var live = (await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version;
        await _workspace.ServeAsync(SampleLifecycle.Name);
        SampleLifecycle.Serve(_workspace, Subscriber.Draw(20, seed: 5));
        await _workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var other = live == 1 ? 2 : 1;
        await _workspace.Models.BlessAsync(
            await _workspace.Models.GetAsync(SampleLifecycle.Name, other),
            [new GateResult("by hand", GateOutcome.Passed, "1", "1", "It is to go live.")],
            "ann");
        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "x", other);
        await _workspace.Models.ArchiveAsync(SampleLifecycle.Name, live, "old");
        await _workspace.Models.DeleteAsync(SampleLifecycle.Name, live, "old");

        Assert.That(
            await _workspace.MonitoringServices.Predictions.ReadLatestAsync(SampleLifecycle.Name, live, 100), Has.Count.EqualTo(20));
    }

    private Task<Workspace> OpenAsync() => Workspace.OpenAsync(_folder.Path, options =>
    {
        options.Time = _clock;
        options.Actor = "ann";
    });
}
