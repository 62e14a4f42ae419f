using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Testing;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packages;

/// <summary>The program of a container context, published as its Dockerfile does, from packages.</summary>
[TestFixture]
[LongForm]
[NonParallelizable] // It shares a folder of packages, and keeps the machine busy.
public sealed class ContainerContextTests
{
    private const string Name = "sample";

    private const string Row = """
        [{ "amount": 140.5, "visits": 3, "member": false, "plan": "pro", "since": "2024-05-01T00:00:00Z" }]
        """;

    [Test]
    public async Task Publish_ProgramOfAContext_ServesItsRelease()
    {
        using var signer = PackageSigner.Create();
        await using var origin = await TemporaryWorkspace.OpenAsync();
        var model = await BlessedModels.CreateAsync(origin.Workspace);
        var desired = await BlessedModels.DesiredAsync(origin.Workspace, model);
        var contexts = PackedPackages.PathOf("contexts");
        await new ContainerContextTarget(contexts, new OutgoingReleases(signer, origin.Workspace.Readers), TimeProvider.System)
            .ApplyAsync(desired);
        var context = Path.Combine(contexts, Name, await File.ReadAllTextAsync(Path.Combine(contexts, Name, "current")));

        // The packages of this run have a version of their own.
        var project = Path.Combine(context, "Directory.Packages.props");
        var text = await File.ReadAllTextAsync(project);
        await File.WriteAllTextAsync(
            project, text.Replace($"\"{ContainerProgram.LibraryVersion}\"", $"\"{PackedPackages.Version}\"", StringComparison.Ordinal));
        var app = PackedPackages.PathOf("context-app");
        Assert.That(
            await Dotnet.RunAsync(context, "publish", "Server.csproj", "-c", "Release", "-o", app, "-p:NuGetAudit=false"),
            Does.Not.Contain("warning"));

        await RequireBillAsync(context, app);
        Assert.That(await ExitCodeAsync(app, "Server.dll"), Is.Not.Zero, "nobody may call without a key");
        var key = new string('k', 32);
        await using var web = await WebProcess.StartAsync(
            app, Path.Combine(app, "Server.dll"), "--Keys:shop", key, "--MlOps:Workspace", PackedPackages.PathOf("context-workspace"));
        await web.WaitForAsync("models/health/ready");
        Assert.That(await HealthAsync(app, web.Client.BaseAddress!.Port), Is.Zero);
        Assert.That(await HealthAsync(app, port: 1), Is.EqualTo(1), "nobody answers there");
        using (var refused = await web.Client.PostAsync($"models/{Name}/predict", Json()))
        {
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
            Assert.That(await refused.Content.ReadAsStringAsync(), Does.Contain("\"status\":401"), "a problem, not an empty body");
            Assert.That(refused.Headers.Contains("Server"), Is.False);
        }

        web.Client.DefaultRequestHeaders.Add("X-Api-Key", key);
        using var answer = await web.Client.PostAsync($"models/{Name}/predict", Json());
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body);
        Assert.That(body, Does.Contain("score"));
        using (var metadata = await web.Client.GetAsync($"v2/models/{Name}"))
        {
            Assert.That(metadata.StatusCode, Is.EqualTo(HttpStatusCode.OK), "the protocol of KServe");
        }

        await using var container = await WebProcess.StartAsync(
            app, Path.Combine(app, "Server.dll"), "serve", "--MlOps:Workspace", PackedPackages.PathOf("context-sagemaker"));
        await container.WaitForAsync("ping");
        using var invoked = await container.Client.PostAsync("invocations", Json($$"""{ "dataframe_records": {{Row}} }"""));
        Assert.That(invoked.StatusCode, Is.EqualTo(HttpStatusCode.OK), await invoked.Content.ReadAsStringAsync());

        await RequireRefusesOlderAsync(app, signer, origin, desired);
    }

    // What is published is what the bill lists, but for what ASP.NET brings itself.
    private static async Task RequireBillAsync(string context, string app)
    {
        using var bill = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(context, "sbom.cdx.json")));
        var listed = bill.RootElement.GetProperty("components").EnumerateArray().ToDictionary(
            component => component.GetProperty("name").GetString()!,
            component => component.GetProperty("version").GetString()!,
            StringComparer.OrdinalIgnoreCase);
        using var deps = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(app, "Server.deps.json")));
        var published = deps.RootElement.GetProperty("libraries").EnumerateObject()
            .Where(library => library.Value.GetProperty("type").GetString() == "package")
            .Select(library => library.Name.Split('/'))
            .Where(parts => !ServerPackages.IsOwn(parts[0]))
            .Select(parts => (Name: parts[0], Version: parts[1]))
            .ToArray();
        Assert.That(published, Has.Length.GreaterThan(10));
        Assert.Multiple(() =>
        {
            foreach (var (name, version) in published) Assert.That(listed.GetValueOrDefault(name), Is.EqualTo(version), name);
        });
    }

    // The folder of releases may be another one at run time than at build time.
    private static async Task RequireRefusesOlderAsync(
        string app, PackageSigner signer, TemporaryWorkspace origin, DesiredDeployment desired)
    {
        var releases = Path.Combine(app, "releases");
        Directory.Delete(releases, recursive: true);
        await new ReleaseFolderTarget(releases, new OutgoingReleases(signer, origin.Workspace.Readers), TimeProvider.System)
            .ApplyAsync(desired with { PromotedAt = desired.PromotedAt!.Value.AddTicks(-1) });
        await using var web = await WebProcess.StartAsync(
            app, Path.Combine(app, "Server.dll"), "serve", "--MlOps:Workspace", PackedPackages.PathOf("context-replayed"));

        using var answer = await web.Client.GetAsync("models/health/ready");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable), "an older release of the same key");
    }

    private static StringContent Json(string body = Row) => new(body, Encoding.UTF8, "application/json");

    private static Task<int> HealthAsync(string app, int port) => ExitCodeAsync(app, "Server.dll", port, "--health");

    private static async Task<int> ExitCodeAsync(string app, string assembly, int port = 0, params string[] arguments)
    {
        var command = Dotnet.Command(app, [Path.Combine(app, assembly), .. arguments]);
        command.Environment["ASPNETCORE_HTTP_PORTS"] = $"{port}";
        using var process = Process.Start(command)!;
        var output = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await output;
        }

        return process.ExitCode;
    }
}
