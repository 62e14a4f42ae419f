using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class DeploymentStageTests
{
    [Test]
    public async Task Run_ChampionCannotBeRead_FailsAndKeepsTheChampion(
        [Values] bool replaceIncomparable, [Values("package", "train keys")] string what, [Values] bool isMissing)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await Build(rows: 1_000, replaceIncomparable).RunAsync(workspace);
        var unreadable = first.Record.Stages.Single(stage => stage.Outputs.ContainsKey(what)).Outputs[what];
        if (isMissing) await workspace.Artifacts.DeleteAsync(unreadable);
        else await DamageAsync(workspace, unreadable);

        // Of other rows, so that no stage before reads what the champion's run saved.
        var failure = await Assert.CatchAsync<MlOpsException>(
            async () => await Build(rows: 1_200, replaceIncomparable).RunAsync(workspace));

        Assert.Multiple(async () =>
        {
            Assert.That(failure!.Message, Does.Contain(unreadable.ToString()));
            Assert.That(failure.Stage, Is.EqualTo(LifecycleStage.Deployment));
            Assert.That((await workspace.Runs.LatestAsync(SampleLifecycle.Name))!.State, Is.EqualTo(RunState.Failed));
            Assert.That((await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version, Is.EqualTo(1));
            Assert.That(
                await workspace.Models.ListAsync(SampleLifecycle.Name), Has.Count.EqualTo(1), "what could not be judged is not registered");
            Assert.That(workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Version, Is.EqualTo(1));
        });
    }

    private static Lifecycle Build(int rows, bool replaceIncomparable) => SampleLifecycle.Begin(Subscriber.Draw(rows, seed: 1))
        .Deployed(deployment => _ = replaceIncomparable ? deployment.ToProcess().ReplaceIncomparable() : deployment.ToProcess())
        .Build();

    private static async Task DamageAsync(Workspace workspace, ArtifactId id)
    {
        var file = ((FileArtifactStore)workspace.Artifacts).PathOf(id);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
    }
}
