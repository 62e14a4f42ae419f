using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Contracts;

public sealed class BlessedModelsTests
{
    [Test]
    public async Task CreateTwoAsync_NewModel_LeavesTheTraceOfTwoRealRuns()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        var workspace = temporary.Workspace;

        var (first, second) = await BlessedModels.CreateTwoAsync(workspace);

        Assert.That((first.Version.Version, second.Version.Version), Is.EqualTo((1, 2)));
        Assert.That(second.Version.ContentHash, Is.Not.EqualTo(first.Version.ContentHash));
        Assert.That(second.Blessing.Gates.Select(gate => gate.Name), Has.Member("better than the live version"));
        Assert.That(
            (await workspace.Runs.ListAsync("sample")).Select(run => run.Id),
            Is.EquivalentTo(new[] { first.Version.RunId, second.Version.RunId }));
        Assert.That(
            (await workspace.Models.AliasHistoryAsync("sample", ModelRegistry.Champion)).Select(change => change.Version),
            Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public async Task CreateAsync_ModelThatIsNoBetter_IsNotBlessed()
    {
        await using var temporary = await TemporaryWorkspace.OpenAsync();
        await BlessedModels.CreateAsync(temporary.Workspace);

        Assert.That(
            async () => await BlessedModels.CreateAsync(temporary.Workspace, trainer: Trainers.Baseline()),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("not blessed"));
    }

    [Test]
    public async Task DisposeAsync_TemporaryWorkspace_LeavesNothing()
    {
        var temporary = await TemporaryWorkspace.OpenAsync();
        await BlessedModels.CreateAsync(temporary.Workspace);
        var reopened = await temporary.ReopenAsync();
        Assert.That(await reopened.Models.ModelsAsync(), Is.EqualTo(new[] { "sample" }));

        await temporary.DisposeAsync();

        Assert.That(Directory.Exists(temporary.Path), Is.False);
    }
}
