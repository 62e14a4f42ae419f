using System.Net;
using System.Text;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>The example started as SageMaker starts a container: the argument serve, an unpacked archive, and no credentials.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "It is ended by a signal.")]
public sealed class SageMakerContainerTests
{
    [Test]
    public async Task ModelServer_Serve_AnswersPingAndInvocationsAndEndsOnTheSignal()
    {
        using var folder = new TempFolder();
        using var signer = PackageSigner.Create();
        await ReleaseAsync(folder, signer);
        await using var server = await StartAsync(folder, signer.PublicKey);

        using var ping = await server.Client.GetAsync(new Uri("/ping", UriKind.Relative));
        using var answer = await server.Client.PostAsync(
            new Uri("/invocations", UriKind.Relative), new StringContent(Rows.One, Encoding.UTF8, "application/json"));
        using var instances = await server.Client.PostAsync(
            new Uri("/invocations", UriKind.Relative),
            new StringContent($"{{\"instances\":[{Rows.One}]}}", Encoding.UTF8, "application/json"));
        using var csv = await server.Client.PostAsync(
            new Uri("/invocations", UriKind.Relative), new StringContent("y,41\n", Encoding.UTF8, "text/csv"));
        using var admin = await server.Client.PostAsync(
            new Uri($"/models/{SampleLifecycle.Name}/promote", UriKind.Relative),
            new StringContent("{}", Encoding.UTF8, "application/json"));

        Assert.Multiple(async () =>
        {
            Assert.That(ping.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "a row alone is none of the forms");
            var json = await TestApp.ReadAsync(instances, HttpStatusCode.OK);
            Assert.That(json.GetProperty("predictions").GetArrayLength(), Is.EqualTo(1));
            Assert.That(csv.StatusCode, Is.EqualTo(HttpStatusCode.OK), "in the order of SageMaker:CsvColumns");
            Assert.That(Directory.Exists(folder["served"]), Is.True, "the workspace of the settings");
            Assert.That(admin.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "nobody releases in a container");
        });
        Assert.That((await server.TerminateAsync()).ExitCode, Is.Zero);
    }

    [Test]
    public async Task ModelServer_SignedByNobodyTrusted_IsNotHealthy()
    {
        using var folder = new TempFolder();
        using var signer = PackageSigner.Create();
        using var other = PackageSigner.Create();
        await ReleaseAsync(folder, signer);
        await using var server = await StartAsync(folder, other.PublicKey);

        using var ping = await server.Client.GetAsync(new Uri("/ping", UriKind.Relative));

        Assert.That(ping.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    // What the archive of a deployment has.
    private static async Task ReleaseAsync(TempFolder folder, PackageSigner signer)
    {
        TrainedWorkspace.CopyTo(folder["trained"]);
        await using var workspace = await Workspace.OpenAsync(folder["trained"], options => options.Signer = signer);
        var desired = await workspace.Promoted.ReadPromotedAsync(SampleLifecycle.Name, CancellationToken.None);
        await new ReleaseFolderTarget(folder["model"], workspace.Outgoing, TimeProvider.System).ApplyAsync(desired);
    }

    private static Task<WebProcess> StartAsync(TempFolder folder, string key)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return WebProcess.StartAsync(
            folder.Path,
            Path.Combine(Repository.Root, "examples", "ModelServer", "bin", output.Parent!.Name, output.Name, "ModelServer.dll"),
            [
                "serve",
                $"--MLOPS_ENDPOINT={SampleLifecycle.Name}",
                $"--Trust:0={key}",
                $"--Releases={folder["model"]}",
                $"--MlOps:Workspace={folder["served"]}",
                "--SageMaker:CsvColumns:0=plan",
                "--SageMaker:CsvColumns:1=age",
                "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
            ]);
    }
}
