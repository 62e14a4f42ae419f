using MlOps.Sdk.Storage;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Tracking;

internal sealed class StageResultsTests : StoreFixture
{
    private static readonly ArtifactId Old = ArtifactId.Of("old"u8), New = ArtifactId.Of("new"u8);

    private StageResults _results = null!;

    [SetUp]
    public void Open() => _results = new StageResults(Store);

    [Test]
    public async Task FindStageResultAsync_Saved_IsFoundByFingerprintOnly()
    {
        await SaveAsync("f1", "run-1", Old, ("seed", "1"), ("rows", "abc"));
        var found = await FindAsync("f1");
        Assert.That((found!.RunId, found.Outputs["model"], found.SavedAt), Is.EqualTo(("run-1", Old, Clock.GetUtcNow())));
        Assert.That(found.Inputs, Is.EqualTo(new[] { ("seed", "1"), ("rows", "abc") }));
        Assert.That(await FindAsync("f2"), Is.Null);
        Assert.That(await _results.FindStageResultAsync("price", LifecycleStage.Training, "f1"), Is.Null);
        Assert.That(await _results.FindStageResultAsync("churn", LifecycleStage.Features, "f1"), Is.Null);
    }

    [Test]
    public async Task SaveStageResultAsync_SameFingerprint_ReplacesAndMovesTheReferences()
    {
        await SaveAsync("f1", "run-1", Old, ("seed", "1"));
        await SaveAsync("f1", "run-2", New, ("seed", "1"));
        Assert.That((await FindAsync("f1"))!.Outputs["model"], Is.EqualTo(New));
        Assert.That(await IsReferencedAsync(Old), Is.False);
        Assert.That(await IsReferencedAsync(New), Is.True);
    }

    [Test]
    public async Task LatestStageInputsAsync_SeveralResults_GivesTheNewest()
    {
        Assert.That(await _results.LatestStageInputsAsync("churn", LifecycleStage.Training), Is.Null);
        await SaveAsync("f1", "run-1", Old, ("seed", "1"));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await SaveAsync("f2", "run-2", New, ("seed", "2"));
        Assert.That(await _results.LatestStageInputsAsync("churn", LifecycleStage.Training), Is.EqualTo(new[] { ("seed", "2") }));
        Clock.Advance(TimeSpan.FromSeconds(1));
        await SaveAsync("f1", "run-3", Old, ("seed", "1"));
        Assert.That(await _results.LatestStageInputsAsync("churn", LifecycleStage.Training), Is.EqualTo(new[] { ("seed", "1") }));
    }

    private Task SaveAsync(string fingerprint, string run, ArtifactId model, params (string, string)[] inputs) =>
        _results.SaveStageResultAsync(
            "churn", LifecycleStage.Training, fingerprint, run, new Dictionary<string, ArtifactId> { ["model"] = model }, inputs);

    private Task<StageResult?> FindAsync(string fingerprint) =>
        _results.FindStageResultAsync("churn", LifecycleStage.Training, fingerprint);

    private Task<bool> IsReferencedAsync(ArtifactId id) => Store.ReadAsync(c => ArtifactRefTable.IsReferenced(c, id));
}
