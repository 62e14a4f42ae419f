using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>A workspace with two blessed versions of a model, trained once for all tests; each server opens a copy of its own.</summary>
[SetUpFixture]
public sealed class TrainedWorkspace
{
    private static TempFolder s_folder = null!;

    [OneTimeSetUp]
    public static async Task Train()
    {
        s_folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(s_folder["trained"], options => options.Actor = "trainer");
        for (var i = 1; i <= 2; i++)
        {
            var run = await SampleLifecycle.Begin(Subscriber.Draw(400 + i * 100, i))
                .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable())
                .Monitored()
                .Build()
                .RunAsync(workspace);
            Assert.That((run.Deployment!.Version, run.Deployment.IsDeployed), Is.EqualTo((i, true)), run.Deployment.Reason);

            // What can no more be compared may be replaced.
            await workspace.Files.DeleteAnywayAsync(
                run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value, CancellationToken.None);
        }
        Assert.That((await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version, Is.EqualTo(2));
    }

    [OneTimeTearDown]
    public static void Delete() => s_folder.Dispose();

    /// <summary>Copies the workspace.</summary>
    public static void CopyTo(string path)
    {
        var source = s_folder["trained"];
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(path, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
