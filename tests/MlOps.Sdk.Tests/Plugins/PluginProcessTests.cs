using MlOps.Sdk.Registry;
using MlOps.Sdk.Testing;
using MlOps.Sdk.Tests.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Plugins;

[TestFixture]
public sealed class PluginProcessTests
{
    [Test]
    public async Task Serve_InAnotherProcessWithReaders_SameBits()
    {
        await using var temporary = await TrainAsync();
        var here = PluginLifecycle.Predict(temporary.Workspace, PluginLifecycle.Name);

        using var host = HostProcess.Start("predict", temporary.Path, PluginLifecycle.Name);
        var there = await host.FinishAsync();

        Assert.That(there, Is.EqualTo(here));
        Assert.That(here.Distinct().Count(), Is.GreaterThan(50), "the scores have to differ, or equal bits say little");
    }

    [Test]
    public async Task Serve_InAnotherProcessWithoutReaders_IsRefusedNamingTheFormat()
    {
        await using var temporary = await TrainAsync();

        using var host = HostProcess.Start("predict", temporary.Path, PluginLifecycle.Name, "--without-readers");
        var (exitCode, output, error) = await host.EndAsync();

        Assert.That(exitCode, Is.EqualTo(3), error);
        Assert.That(output, Is.Empty);
        Assert.That(error, Does.Contain($"No reader for the format '{FittedLogScale.Format}'").And.Contain("Readers.Add"));
    }

    [Test]
    public async Task Serve_DamagedArtifact_IsRefused()
    {
        await using var temporary = await TrainAsync();
        var champion = await temporary.Workspace.Models.FindByAliasAsync(PluginLifecycle.Name, ModelRegistry.Champion);
        var file = Directory.EnumerateFiles(temporary.Path, "*", SearchOption.AllDirectories)
            .Single(path => Path.GetFileName(path).Contains(champion!.PackageId.Hex[8..], StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[bytes.Length / 2] ^= 1;
        File.SetAttributes(file, FileAttributes.Normal);
        await File.WriteAllBytesAsync(file, bytes);
        var workspace = await temporary.ReopenAsync();

        Assert.That(
            async () => await workspace.ServeAsync(PluginLifecycle.Name),
            Throws.InstanceOf<MlOpsException>()
                .With.Property(nameof(MlOpsException.Remedy))
                .Not.Null.And.Message.Contains(champion!.PackageId.Hex));
        Assert.That(() => PluginLifecycle.Predict(workspace, PluginLifecycle.Name), Throws.InstanceOf<MlOpsException>());
    }

    private static async Task<TemporaryWorkspace> TrainAsync()
    {
        var temporary = await TemporaryWorkspace.OpenAsync(options => PluginLifecycle.AddReaders(options.Readers));
        var run = await PluginLifecycle.Build().RunAsync(temporary.Workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        return temporary;
    }
}
