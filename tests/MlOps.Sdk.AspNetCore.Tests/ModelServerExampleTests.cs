using System.Net;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Tests.Architecture;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>The example, started as a process from another folder and ended by a signal while it is busy.</summary>
[TestFixture]
[Platform(Exclude = "Win", Reason = "It is ended by a signal.")]
public sealed class ModelServerExampleTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";
    private const string Key = "0123456789abcdef0123456789abcdef";
    private const string ReleaseKey = "fedcba9876543210fedcba9876543210";

    // The build of the tests has made it.
    private static string Folder
    {
        get
        {
            var output = new DirectoryInfo(AppContext.BaseDirectory);
            return Path.Combine(Repository.Root, "examples", "ModelServer", "bin", output.Parent!.Name, output.Name);
        }
    }

    [Test]
    public async Task ModelServer_TrustAndReleasesInItsSettings_ServesWhatIsReleased()
    {
        using var folder = new TempFolder();
        using var signer = PackageSigner.Create();
        TrainedWorkspace.CopyTo(folder["origin"]);
        await using var origin = await Workspace.OpenAsync(folder["origin"], options => options.Signer = signer);
        var desired = await origin.Promoted.ReadPromotedAsync(SampleLifecycle.Name, default);
        await new ReleaseFolderTarget(folder["releases"], origin.Outgoing, TimeProvider.System).ApplyAsync(desired);
        await using var server = await StartAsync(
            folder,
            $"--Keys:shop={Key}",
            $"--ReleaseKeys:eve={ReleaseKey}",
            $"--Trust:0={signer.PublicKey}",
            $"--Releases={folder["releases"]}");

        using var predicted = await PostAsync(server.Client, "predict", Rows.One, Key);
        Assert.That((await TestApp.ReadAsync(predicted, HttpStatusCode.OK)).GetProperty("version").GetInt32(), Is.EqualTo(2));
        var target = new HttpTarget(
            HttpTarget.Check(new Uri(server.Client.BaseAddress!, "models")),
            new HttpTargetOptions { HeaderName = "X-Api-Key", HeaderValue = _ => ValueTask.FromResult(ReleaseKey) },
            origin.Outgoing,
            TimeProvider.System);
        await target.ApplyAsync(desired);
        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task ModelServer_EndedUnderLoad_AnswersAllThatItHasAccepted()
    {
        using var folder = new TempFolder();
        TrainedWorkspace.CopyTo(folder["workspace"]);
        await using var server = await StartAsync(folder, $"--Keys:shop={Key}", $"--ReleaseKeys:eve={ReleaseKey}");
        var address = server.Client.BaseAddress!;

        using var closed = await PostAsync(server.Client, "predict", Rows.One, null);
        using var wrong = await PostAsync(server.Client, "predict", Rows.One, Key + "0");
        using var predicted = await PostAsync(server.Client, "predict", Rows.One, Key);
        var id = (await TestApp.ReadAsync(predicted, HttpStatusCode.OK)).GetProperty("predictions")[0].GetProperty("id").GetString();
        using var labelled = await PostAsync(server.Client, "labels", $"{{\"labels\":{{\"{id}\":\"Yes\"}}}}", Key);
        using var refused = await PostAsync(server.Client, "promote", """{"version":1,"reason":"x"}""", Key);
        using var promoted = await PostAsync(server.Client, "promote", """{"version":1,"reason":"x"}""", ReleaseKey);
        using var method = await PostAsync(server.Client, "openapi.json", "{}", Key);
        Assert.Multiple(async () =>
        {
            Assert.That((closed.StatusCode, wrong.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)));
            Assert.That((await TestApp.ReadAsync(labelled, HttpStatusCode.OK)).GetProperty("added").GetInt32(), Is.EqualTo(1));
            Assert.That((refused.StatusCode, promoted.StatusCode), Is.EqualTo((HttpStatusCode.Forbidden, HttpStatusCode.OK)));
            Assert.That(method.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
            foreach (var answer in new[] { closed, wrong, refused, method })
            {
                var problem = await TestApp.ReadAsync(answer, answer.StatusCode);
                Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
                Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo((int)answer.StatusCode));
            }

            Assert.That(await server.Client.GetStringAsync("/v2/health/ready"), Does.Contain("true"));
        });

        // Requests that the server has begun to read, and others around them.
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BeginAsync(address)));
        using var stop = new CancellationTokenSource();
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => LoadAsync(address, busy, stop.Token)));
        await busy.Task;
        var ended = server.TerminateAsync();
        await WaitUntilClosedAsync(address);
        var answers = new List<string>();
        foreach (var raw in begun)
        {
            await raw.SendAsync(Rows.One);
            answers.Add(await raw.ReadUntilAsync("\"scores\""));
            raw.Dispose();
        }

        var (exitCode, output) = await ended;
        await stop.CancelAsync();
        var counts = await load;
        Assert.Multiple(() =>
        {
            Assert.That(answers, Has.All.Contains("HTTP/1.1 200").And.All.Contains("\"scores\""));
            Assert.That(counts.Sum(count => count.Answered), Is.GreaterThan(50));
            Assert.That(counts.Sum(count => count.Failed), Is.Zero);
            Assert.That(exitCode, Is.Zero, output);
            Assert.That(output, Does.Not.Contain("fail:").And.Not.Contain("crit:"));
        });
    }

    [Test]
    public async Task ModelServer_WithoutAKey_DoesNotStartUnlessAskedTo()
    {
        using var folder = new TempFolder();
        TrainedWorkspace.CopyTo(folder["workspace"]);
        Assert.That(
            async () => await StartAsync(folder), Throws.Exception.With.Message.Contains("There is no key"));
        Assert.That(
            async () => await StartAsync(folder, "--Keys:shop=short"), Throws.Exception.With.Message.Contains("shorter than 32"));

        await using var open = await StartAsync(folder, "--Serving:AllowAnonymousPredictions=true");
        using var predicted = await PostAsync(open.Client, "predict", Rows.One, null);
        using var labelled = await PostAsync(open.Client, "labels", "{\"labels\":{}}", null);
        Assert.That((predicted.StatusCode, labelled.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.Unauthorized)));
    }

    [Test]
    public async Task ModelServer_SettingsThatWouldDoNothing_KeepItFromStarting()
    {
        using var folder = new TempFolder();
        TrainedWorkspace.CopyTo(folder["workspace"]);
        string[] keys = [$"--Keys:shop={Key}", $"--ReleaseKeys:eve={ReleaseKey}"];

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await StartAsync(folder, [.. keys, "--Serving:BatchRow=5"]),
                Throws.Exception.With.Message.Contains("'Serving:BatchRow'").And.Message.Contains("BatchRows"));
            Assert.That(
                async () => await StartAsync(folder, [.. keys, "--Serving:AdminPolicy=nobody"]),
                Throws.Exception.With.Message.Contains("AdminPolicy names the policy 'nobody'"));
            Assert.That(
                async () => await StartAsync(folder, $"--Keys:shop={Key}", $"--ReleaseKeys:eve={Key}"),
                Throws.Exception.With.Message.Contains("'shop' and 'eve' have the same key"));
        });

        // Without its settings file, it has no policy for releases.
        Directory.CreateDirectory(folder["program"]);
        foreach (var file in Directory.EnumerateFiles(Folder).Where(file => Path.GetFileName(file) != "appsettings.json"))
        {
            File.Copy(file, Path.Combine(folder["program"], Path.GetFileName(file)));
        }

        Assert.That(
            async () => await StartAsync(folder, folder["program"], keys), Throws.Exception.With.Message.Contains("There are ReleaseKeys"));
    }

    private static Task<WebProcess> StartAsync(TempFolder folder, params string[] arguments) => StartAsync(folder, Folder, arguments);

    private static Task<WebProcess> StartAsync(TempFolder folder, string program, string[] arguments) => WebProcess.StartAsync(
        folder.Path,
        Path.Combine(program, "ModelServer.dll"),
        [
            $"--MlOps:Workspace={folder["workspace"]}",
            "--Logging:LogLevel:Microsoft.Hosting.Lifetime=Information",
            .. arguments,
        ]);

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string route, string body, string? key)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{Model}/{route}")
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (key is not null) request.Headers.Add("X-Api-Key", key);
        return client.SendAsync(request);
    }

    private static async Task<RawConnection> BeginAsync(Uri address)
    {
        var raw = await RawConnection.OpenAsync(address);
        await raw.SendAsync(
            $"POST {Model}/predict HTTP/1.1\r\nHost: x\r\nX-Api-Key: {Key}\r\nContent-Type: application/json\r\n" +
                $"Content-Length: {Rows.One.Length}\r\nExpect: 100-continue\r\n\r\n");
        Assert.That(await raw.ReadUntilAsync("\r\n\r\n"), Does.StartWith("HTTP/1.1 100"));
        return raw;
    }

    // The server has heard the signal when it takes no more connections.
    private static async Task WaitUntilClosedAsync(Uri address)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        try
        {
            while (true)
            {
                patience.Token.ThrowIfCancellationRequested();
                using var raw = await RawConnection.OpenAsync(address);
            }
        }
        catch (System.Net.Sockets.SocketException)
        {
        }
    }

    // A connection that is not accepted is no failure; an answer that is cut off, or another status, is.
    private static async Task<(int Answered, int Failed)> LoadAsync(Uri address, TaskCompletionSource busy, CancellationToken stop)
    {
        var (answered, failed) = (0, 0);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var raw = await RawConnection.OpenAsync(address);
                await raw.SendAsync(
                    $"POST {Model}/predict HTTP/1.1\r\nHost: x\r\nX-Api-Key: {Key}\r\nContent-Type: application/json\r\n" +
                        $"Content-Length: {Rows.One.Length}\r\nConnection: close\r\n\r\n{Rows.One}");
                var answer = await raw.ReadUntilAsync("never said");
                if (answer.Length == 0) return (answered, failed);
                var isRight = answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal);
                if (isRight && answer.EndsWith("]}", StringComparison.Ordinal)) answered++;
                else failed++;
                if (answered > 50) busy.TrySetResult();
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException)
            {
                return (answered, failed);
            }
        }

        return (answered, failed);
    }
}
