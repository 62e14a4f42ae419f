using System.Text;
using Acme;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Tests.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

[TestFixture]
public sealed class DeploymentWebhookTests
{
    private const string Hook = "releases";

    private FakeTimeProvider _time = null!;
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task Open()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Time = _time);
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Tell_Events_ArriveSignedInTheirOrderAndOnce()
    {
        await using var receiver = new WebhookReceiver(_ => "204 No Content");
        var follower = Follow(receiver, options => options.Secret = _ => ValueTask.FromResult("key"));
        await DoAsync(1);
        await follower.TellAsync(CancellationToken.None);
        Assert.That(receiver.Requests, Is.Empty, "what happened before it was added");
        await DoAsync(2);
        await _workspace.Audit.AppendAsync("ann", "run.deleted", "run:x", "{}");
        await DoAsync(3);

        await follower.TellAsync(CancellationToken.None);
        await follower.TellAsync(CancellationToken.None);

        Assert.That(receiver.Requests.Select(request => request.Json.GetProperty("version").GetInt32()), Is.EqualTo(new[] { 2, 3 }));
        var (request, json) = (receiver.Requests[0], receiver.Requests[0].Json);
        Assert.Multiple(() =>
        {
            Assert.That(request.Headers[WebhookClient.IdHeader], Does.Match($"^{_workspace.Id}-2-[0-9a-f]{{16}}$"));
            Assert.That(json.GetProperty("workspace").GetString(), Is.EqualTo(_workspace.Id));
            Assert.That(
                request.Headers[WebhookClient.SignatureHeader],
                Is.EqualTo(WebhookClient.Sign(
                    "key"u8.ToArray(),
                    request.Headers[WebhookClient.IdHeader],
                    request.Headers[WebhookClient.TimestampHeader],
                    request.Body)));
            Assert.That(json.GetProperty("schema").GetString(), Is.EqualTo("mlops.deployment-event/1"));
            Assert.That(json.GetProperty("position").GetInt64(), Is.EqualTo(2));
            Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("Promoted"));
            Assert.That(json.GetProperty("model").GetString(), Is.EqualTo("churn"));
            Assert.That(json.GetProperty("previousVersion").GetInt32(), Is.EqualTo(1));
            Assert.That(json.GetProperty("at").GetDateTimeOffset(), Is.EqualTo(_time.GetUtcNow()));
            Assert.That(json.GetProperty("actor").GetString(), Is.EqualTo("ann"));
            Assert.That(json.GetProperty("reason").GetString(), Is.EqualTo("better"));
        });
    }

    [Test]
    public async Task Tell_ReceiverThatCannotBeReached_IsToldAgainFromThatEventOn()
    {
        var isDown = true;
        await using var receiver = new WebhookReceiver(_ => isDown ? "503 Service Unavailable" : "200 OK");
        var follower = Follow(receiver, options => options.Retries = 0);
        await follower.TellAsync(CancellationToken.None);
        await DoAsync(1);
        await DoAsync(2);
        for (var i = 0; i < 3; i++)
        {
            Assert.That(
                async () => await follower.TellAsync(CancellationToken.None),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("503"));
        }

        isDown = false;
        await Follow(receiver).TellAsync(CancellationToken.None);

        Assert.That(
            receiver.Requests.Select(request => request.Json.GetProperty("position").GetInt64()),
            Is.EqualTo(new[] { 1, 1, 1, 1, 2 }), "another process goes on");
    }

    [TestCase("401 Unauthorized")]
    [TestCase("403 Forbidden")]
    [TestCase("404 Not Found")]
    [TestCase("410 Gone")]
    [TestCase("308 Elsewhere\r\nLocation: http://127.0.0.1:9/x")]
    public async Task Tell_SecretOrAddressIsWrong_EventWaitsUntilItIsCorrected(string status)
    {
        var isWrong = true;
        await using var receiver = new WebhookReceiver(_ => isWrong ? status : "200 OK");
        var follower = Follow(receiver);
        await follower.TellAsync(CancellationToken.None);
        await DoAsync(1);
        await DoAsync(2);

        Assert.That(async () => await follower.TellAsync(CancellationToken.None), Throws.TypeOf<MlOpsException>());
        isWrong = false;
        await follower.TellAsync(CancellationToken.None);

        Assert.That(receiver.Requests.Select(request => request.Json.GetProperty("position").GetInt64()), Is.EqualTo(new[] { 1, 1, 2 }));
    }

    [Test]
    public async Task Follow_ClientThrowsWhatItLikes_GoesOnWhenItNoLongerDoes()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        using var handler = new BrokenHandler();
        using var client = new HttpClient(handler);
        var options = new WebhookOptions { Client = client };
        var webhooks = new DeploymentWebhooks([new DeploymentWebhookRegistration(Hook, receiver.Url, options)], TimeProvider.System);
        var follower = new DeploymentWebhookFollower(Hook, webhooks, _workspace, _time, NullLogger.Instance);
        await follower.TellAsync(CancellationToken.None);
        await DoAsync(1);
        using var stop = new CancellationTokenSource();
        var following = follower.FollowAsync(stop.Token);
        while (webhooks.ProblemOf(Hook) is null) await Task.Delay(1);
        Assert.That(webhooks.ProblemOf(Hook), Does.Contain("the circuit is open"));

        handler.IsBroken = false;
        while (receiver.Requests.Count == 0 || webhooks.ProblemOf(Hook) is not null)
        {
            Assert.That(following.IsCompleted, Is.False);
            _time.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(1);
        }

        await stop.CancelAsync();
        await following;
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Tell_TwoSecrets_SignsWithBoth()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        var follower = Follow(receiver, options =>
        {
            options.Secret = _ => ValueTask.FromResult("new");
            options.OtherSecret = _ => ValueTask.FromResult<string?>("old");
        });
        await follower.TellAsync(CancellationToken.None);
        await DoAsync(1);

        await follower.TellAsync(CancellationToken.None);

        var request = receiver.Requests.Single();
        var (id, timestamp) = (request.Headers[WebhookClient.IdHeader], request.Headers[WebhookClient.TimestampHeader]);
        Assert.That(request.Headers[WebhookClient.SignatureHeader].Split(','), Is.EqualTo(new[]
        {
            WebhookClient.Sign("new"u8.ToArray(), id, timestamp, request.Body),
            WebhookClient.Sign("old"u8.ToArray(), id, timestamp, request.Body),
        }));
    }

    [Test]
    public async Task Tell_WorkspacesThatWentOnFromOneBackup_GiveOtherEventsOtherIds()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        var follower = Follow(receiver);
        await follower.TellAsync(CancellationToken.None);
        using var elsewhere = new TempFolder();
        await _workspace.BackupAsync(elsewhere["backup"]);
        await Workspace.RestoreAsync(elsewhere["backup"], elsewhere["restored"]);
        await DoAsync(1);
        await follower.TellAsync(CancellationToken.None);
        await _workspace.DisposeAsync();
        _workspace = await Workspace.OpenAsync(elsewhere["restored"], options => options.Time = _time);
        await DoAsync(2);

        await Follow(receiver).TellAsync(CancellationToken.None);

        var requests = receiver.Requests;
        Assert.That(requests.Select(request => request.Json.GetProperty("position").GetInt64()), Is.EqualTo(new[] { 1, 1 }));
        Assert.That(requests.Select(request => request.Json.GetProperty("workspace").GetString()).Distinct().Count(), Is.EqualTo(1));
        Assert.That(requests.Select(request => request.Headers[WebhookClient.IdHeader]).Distinct().Count(), Is.EqualTo(2));
    }

    [TestCase("400 Bad Request")]
    [TestCase("413 Too Large")]
    [TestCase("422 No")]
    public async Task Tell_EventThatTheReceiverRejects_IsLeftOutAndLogged(string status)
    {
        await using var receiver = new WebhookReceiver(number => number == 1 ? status : "200 OK", "no such model");
        var lines = new List<string>();
        using var log = new LogWatcher(_ => { }, lines.Add);
        var follower = Follow(receiver, logger: log);
        await follower.TellAsync(CancellationToken.None);
        await DoAsync(1);
        await DoAsync(2);

        await follower.TellAsync(CancellationToken.None);
        await follower.TellAsync(CancellationToken.None);

        Assert.That(receiver.Requests.Select(request => request.Json.GetProperty("position").GetInt64()), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(
            lines.Single(),
            Does.Contain("rejects event 1").And.Contain($"{status[..3]}: no such model").And.Not.Contain("path-secret"));
    }

    [Test]
    public async Task Tell_TwoProcesses_OneTellsAtATimeAndTheOtherGoesOnWhenItIsKilled()
    {
        var release = new TaskCompletionSource();
        await using var receiver = new WebhookReceiver(async (number, stream, token) =>
        {
            if (number == 1) await release.Task.WaitAsync(token);
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), token);
        });
        var (first, second) = (Follow(receiver), Follow(receiver));
        await first.TellAsync(CancellationToken.None);
        await DoAsync(1);
        var telling = first.TellAsync(CancellationToken.None);
        while (receiver.Requests.Count == 0) await Task.Delay(1);

        await second.TellAsync(CancellationToken.None);
        Assert.That(receiver.Requests, Has.Count.EqualTo(1), "the first has the right");
        _time.Advance(TimeSpan.FromSeconds(61));
        await second.TellAsync(CancellationToken.None);
        Assert.That(receiver.Requests, Has.Count.EqualTo(2), "as if the first had been killed");
        release.SetResult();
        await telling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DoAsync(2);
        await second.TellAsync(CancellationToken.None);

        Assert.That(receiver.Requests.Select(request => request.Json.GetProperty("position").GetInt64()), Is.EqualTo(new[] { 1, 1, 2 }));
    }

    [TestCase(WebhookFormat.Slack)]
    [TestCase(WebhookFormat.Teams)]
    public async Task Tell_Chat_HasATextInWhichNothingCallsAnybody(WebhookFormat format)
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        var follower = Follow(receiver, options => options.Format = format);
        await follower.TellAsync(CancellationToken.None);
        await _workspace.Audit.AppendAsync(
            "ann", "rollout.advanced", "model:churn/7", """{"share":"0.05","reason":"<!channel> see http://evil.example"}""");

        await follower.TellAsync(CancellationToken.None);

        var body = Encoding.UTF8.GetString(receiver.Requests.Single().Body);
        Assert.That(body, Does.Contain("churn version 7: ").And.Contain("rollout advanced, 5.0 %"));
        Assert.That(body, Does.Not.Contain("<!channel>").And.Not.Contain("http://evil"));
    }

    [Test]
    public async Task Test_InAHost_PostsATestAndSaysWhenItFails()
    {
        var status = "200 OK";
        await using var receiver = new WebhookReceiver(_ => status);
        using var host = Build(receiver);
        var webhooks = host.Services.GetRequiredService<DeploymentWebhooks>();

        await webhooks.TestAsync(Hook);
        status = "401 Unauthorized";

        Assert.That(async () => await webhooks.TestAsync(Hook), Throws.InstanceOf<MlOpsException>().With.Message.Contains("401"));
        Assert.That(
            async () => await webhooks.TestAsync("other"),
            Throws.ArgumentException.With.Message.Contains("'other'").And.Message.Contains(Hook));
        Assert.That(webhooks.Names, Is.EqualTo(new[] { Hook }));
        var json = receiver.Requests[0].Json;
        Assert.That((json.GetProperty("kind").GetString(), json.GetProperty("position").GetInt64()), Is.EqualTo(("Test", 0L)));
        Assert.That(receiver.Requests[0].Headers[WebhookClient.IdHeader], Does.StartWith("test-"));
    }

    [Test]
    public async Task Host_Running_TellsWhatHappens()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        using var host = Build(receiver);
        await host.StartAsync();
        var workspace = await host.Services.GetRequiredService<MlOpsHostedService>().WaitUntilReadyAsync();
        while (await PositionAsync() is null) await Task.Delay(5);
        await workspace.Audit.AppendAsync("ann", "model.stopped", "model:churn/0", """{"reason":"an incident"}""");

        while (receiver.Requests.Count == 0)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }

        await host.StopAsync();
        var json = receiver.Requests.Single().Json;
        Assert.That((json.GetProperty("kind").GetString(), json.TryGetProperty("version", out _)), Is.EqualTo(("Stopped", false)));

        Task<long?> PositionAsync() => workspace.Store.ReadAsync(
            connection => Dapper.SqlMapper.ExecuteScalar<long?>(connection, "SELECT position FROM event_cursors"), CancellationToken.None);
    }

    [Test]
    public async Task Documented_StreamAndWebhook_Work()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        var services = new ServiceCollection();
        WatchedReleases.Add(services.AddMlOps(), receiver.Url);
        await using var provider = services.BuildServiceProvider();
        Environment.SetEnvironmentVariable("RELEASE_WEBHOOK_SECRET", "a secret of this test");
        try
        {
            await WatchedReleases.TestAsync(provider, CancellationToken.None);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RELEASE_WEBHOOK_SECRET", null);
        }
        await DoAsync(2);
        using var end = new CancellationTokenSource();
        using var lines = new StringWriter();
        var following = WatchedReleases.FollowAsync(_workspace, 0, lines, end.Token);
        while (lines.ToString().Length == 0) await Task.Delay(1);
        await end.CancelAsync();

        Assert.That(receiver.Requests.Single().Headers, Does.ContainKey(WebhookClient.SignatureHeader));
        Assert.That(await following, Is.EqualTo(1));
        Assert.That(lines.ToString().TrimEnd(), Is.EqualTo("churn: version 2 after 1, better"));
    }

    [Test]
    public void Add_Mistakes_AreRejected()
    {
        var builder = new ServiceCollection().AddMlOps().AddDeploymentWebhook(Hook, "https://hooks.example/x");

        Assert.That(() => builder.AddDeploymentWebhook(" ", "https://hooks.example/x"), Throws.ArgumentException);
        Assert.That(
            () => builder.AddDeploymentWebhook("a", "http://hooks.example/x"), Throws.ArgumentException.With.Message.Contains("https"));
        Assert.That(
            () => builder.AddDeploymentWebhook("a", "https://hooks.example/x", options => options.Retries = 11),
            Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => builder.AddDeploymentWebhook("a", "https://hooks.example/x", options => options.SendResolved = true),
            Throws.ArgumentException.With.Message.Contains("SendResolved"));
        Assert.That(
            () => builder.AddDeploymentWebhook(Hook, "https://hooks.example/y"),
            Throws.InvalidOperationException.With.Message.Contains($"'{Hook}' is added twice"));
    }

    private IHost Build(WebhookReceiver receiver)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddMlOps(options => options.Workspace = _folder["hosted"])
            .AddDeploymentWebhook(Hook, receiver.Url, options => options.Retries = 0);
        return builder.Build();
    }

    private DeploymentWebhookFollower Follow(
        WebhookReceiver receiver, Action<WebhookOptions>? configure = null, ILogger? logger = null)
    {
        var options = new WebhookOptions();
        configure?.Invoke(options);
        var webhooks = new DeploymentWebhooks([new DeploymentWebhookRegistration(Hook, receiver.Url, options)], TimeProvider.System);
        return new DeploymentWebhookFollower(Hook, webhooks, _workspace, _time, logger ?? NullLogger.Instance);
    }

    private Task DoAsync(int version) => _workspace.Audit.AppendAsync(
        "ann", "model.promoted", FormattableString.Invariant($"model:churn/{version}"), """{"previous":"1","reason":"better"}""");

    private sealed class BrokenHandler() : DelegatingHandler(new SocketsHttpHandler())
    {
        public bool IsBroken { get; set; } = true;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            IsBroken ? throw new InvalidOperationException("the circuit is open") : base.SendAsync(request, cancellationToken);
    }
}
