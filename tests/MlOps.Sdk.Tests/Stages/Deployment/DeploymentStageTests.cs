using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Deployment;

[TestFixture]
public sealed class DeploymentStageTests
{
    [Test]
    public async Task Run_WhatTheChampionIsComparedByIsLost_IsIncomparable(
        [Values] bool replaceIncomparable, [Values("package", "train keys")] string what, [Values] bool isMissing)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var first = await Build(rows: 1_000, replaceIncomparable).RunAsync(workspace);
        var lost = first.Record.Stages.Single(stage => stage.Outputs.ContainsKey(what)).Outputs[what];
        if (isMissing) workspace.Files.Delete(lost);
        else LostArtifactTests.Damage(workspace, lost);

        // Of other rows, so that no stage before reads what the champion's run saved.
        var second = await Build(rows: 1_200, replaceIncomparable).RunAsync(workspace);

        var deployment = second.Deployment!;
        var comparison = deployment.Gates.Single(gate => gate.Name == "better than the live version");
        Assert.Multiple(async () =>
        {
            Assert.That(second.Record.State, Is.EqualTo(RunState.Succeeded));
            Assert.That(deployment.Version, Is.EqualTo(2));
            Assert.That(deployment.IsDeployed, Is.EqualTo(replaceIncomparable), deployment.Reason);
            Assert.That(comparison.Outcome, Is.EqualTo(replaceIncomparable ? GateOutcome.NotApplicable : GateOutcome.Failed));
            Assert.That(comparison.Explanation, Does.Contain(lost.ToString()).And.Contain("ReplaceIncomparable"));
            Assert.That(
                workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Version,
                Is.EqualTo(replaceIncomparable ? 2 : 1),
                "what is served stays until there is something better");
            Assert.That(
                (await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version,
                Is.EqualTo(replaceIncomparable ? 2 : 1));
        });
    }

    [Test]
    public async Task Run_SameModelAsTheChampionWhosePackageIsLost_GivesItAPackageAgain([Values] bool isMissing, [Values] bool reuse)
    {
        using var folder = new TempFolder();
        await using (var workspace = await Workspace.OpenAsync(folder.Path))
        {
            var version = await RunAsync(workspace, reuse: true);
            if (isMissing) workspace.Files.Delete(version.PackageId);
            else LostArtifactTests.Damage(workspace, version.PackageId);

            var again = await RunAsync(workspace, reuse);

            Assert.That((again.Version, again.ContentHash), Is.EqualTo((1, version.ContentHash)));
            Assert.That(await workspace.Models.ListAsync(SampleLifecycle.Name), Has.Count.EqualTo(1));
            Assert.That(
                (await workspace.Models.RouteAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.PackageId, Is.EqualTo(again.PackageId));
            Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);
        }

        await using var restarted = await Workspace.OpenAsync(folder.Path);
        Assert.That(await restarted.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));

        static async Task<ModelVersion> RunAsync(Workspace workspace, bool reuse)
        {
            await Build(rows: 1_000, replaceIncomparable: false).RunAsync(workspace, new RunOptions { Reuse = reuse });
            return (await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!;
        }
    }

    private static Lifecycle Build(int rows, bool replaceIncomparable) => SampleLifecycle.Begin(Subscriber.Draw(rows, seed: 1))
        .Deployed(deployment => _ = replaceIncomparable ? deployment.ToProcess().ReplaceIncomparable() : deployment.ToProcess())
        .Build();
}
