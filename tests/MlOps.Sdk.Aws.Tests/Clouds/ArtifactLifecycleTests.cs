using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Clouds;

/// <summary>A lifecycle whose artifacts are in a cloud's store, from training to garbage collection.</summary>
public abstract class ArtifactLifecycleTests
{
    /// <summary>Opens the store as a process of its own does; all stores of a test have the same place, which is empty before.</summary>
    private protected abstract IArtifactStore Open();

    [Test]
    public async Task Lifecycle_ArtifactsInTheStore_IsServedByTheNextProcessAndCollected()
    {
        using var folder = new TempFolder();
        var store = Open();
        var row = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 2)[0]);
        Answer answer;
        await using (var workspace = await Workspace.OpenAsync(folder.Path, options => options.Artifacts = store))
        {
            var run = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
            Assert.That(run.State, Is.EqualTo(Tracking.RunState.Succeeded));
            answer = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row).Value;
            await store.PutAsync("nobody needs it"u8.ToArray());
        }

        // The next process, two hours later.
        var other = Open();
        await using var later = await Workspace.OpenAsync(
            folder.Path, options => (options.Artifacts, options.Time) = (other, new LaterTime()));
        var garbage = await later.CollectGarbageAsync(dryRun: false);
        await later.ServeAsync(SampleLifecycle.Name);
        var served = later.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row).Value;

        Assert.Multiple(() =>
        {
            Assert.That(served, Is.EqualTo(answer));
            Assert.That(garbage.Artifacts.Select(artifact => artifact.Id), Is.EqualTo(new[] { ArtifactId.Of("nobody needs it"u8) }));
            Assert.That(Directory.Exists(folder["artifacts"]) && Directory.EnumerateFileSystemEntries(folder["artifacts"]).Any(), Is.False);
        });
        Assert.That(await other.FindAsync(ArtifactId.Of("nobody needs it"u8)), Is.Null);
        Assert.That((await SampleLifecycle.Begin().Deployed().Build().RunAsync(later)).State, Is.EqualTo(Tracking.RunState.Succeeded));
    }

    private sealed class LaterTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddHours(2);
    }
}
