using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ModelPromotionTests
{
    private TempFolder _folder = null!;

    [SetUp]
    public void Begin() => _folder = new TempFolder();

    [TearDown]
    public void End() => _folder.Dispose();

    [Test]
    public async Task PromoteAsync_VersionThatARunKeptBack_IsLive()
    {
        await using (var trainer = await OpenAsync(new Actor("trainer", MayPromote: false)))
        {
            await SampleLifecycle.Begin().Deployed().Build().RunAsync(trainer);
            Assert.That(await LiveAsync(trainer), Is.Null);
            Assert.That(
                () => trainer.Models.PromoteAsync(SampleLifecycle.Name, 1, "mine"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("'trainer' may not promote"));
        }

        await using var workspace = await OpenAsync(new Actor("boss", MayPromote: true));
        var change = await workspace.Models.PromoteAsync(SampleLifecycle.Name, 1, "approved");

        var entry = await workspace.Audit.ReadAsync().LastAsync();
        Assert.Multiple(() =>
        {
            Assert.That((change.Version, change.Previous, change.Actor, change.Reason), Is.EqualTo((1, (int?)null, "boss", "approved")));
            Assert.That((entry.Action, entry.Actor, entry.At), Is.EqualTo(("model.promoted", "boss", change.At)));
        });
        Assert.That(await workspace.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
        Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }

    [Test]
    public async Task PromoteAsync_AnotherVersionThanTheLiveOne_TakesItsPlaceInThisProcess()
    {
        await using var workspace = await OpenAsync();
        await BlessedModels.CreateTwoAsync(workspace, "sample");

        var change = await workspace.Models.PromoteAsync("sample", 1, "by hand");

        Assert.Multiple(() =>
        {
            Assert.That((change.Version, change.Previous), Is.EqualTo((1, (int?)2)));
            Assert.That(workspace.Endpoint("sample").Version, Is.EqualTo(1));
            Assert.That(
                () => workspace.Models.PromoteAsync("sample", 1, "again"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("is already live"));
        });
    }

    [Test]
    public async Task PromoteAsync_NotBlessedOrUnknown_ChangesNothing()
    {
        await using var workspace = await OpenAsync();
        await LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(1_000, seed: 1)))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.9999))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Build().RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(
                () => workspace.Models.PromoteAsync(SampleLifecycle.Name, 1, "anyway"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("roc_auc"));
            Assert.That(
                () => workspace.Models.PromoteAsync(SampleLifecycle.Name, 2, "anyway"),
                Throws.InstanceOf<MlOpsException>().With.Message.Contains("no version 2"));
            Assert.That(() => workspace.Models.PromoteAsync(SampleLifecycle.Name, 1, " "), Throws.InstanceOf<ArgumentException>());
        });
        Assert.That(await LiveAsync(workspace), Is.Null);
    }

    private Task<Workspace> OpenAsync(IActorProvider? actors = null) =>
        Workspace.OpenAsync(_folder.Path, options => options.Actors = actors);

    private static async Task<int?> LiveAsync(Workspace workspace) =>
        (await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))?.Version;

    private sealed record Actor(string Name, bool MayPromote) : IActorProvider
    {
        string IActorProvider.Actor => Name;

        public bool May(ReleaseAction action, string model) => action != ReleaseAction.Promote || MayPromote;
    }
}
