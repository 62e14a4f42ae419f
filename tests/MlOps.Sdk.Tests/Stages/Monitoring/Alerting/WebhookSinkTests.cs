using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

[TestFixture]
public sealed class WebhookSinkTests
{
    private const string Secret = "a shared secret of more than sixty-four bytes, which is hashed before it is a key";

    private static readonly Alert Sample = new(
        "alert-7", "churn", 3, new DateTimeOffset(2026, 5, 1, 12, 0, 0, TimeSpan.Zero), [Signal.DataDrift], "age changed.")
    {
        Subjects = [new AlertSubject(Signal.DataDrift, "age")],
    };

    [Test]
    public async Task Send_Json_HasTheDocumentedMembersAndAStableId()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");

        await Sink(receiver).SendAsync(Sample);

        var request = receiver.Requests.Single();
        var json = request.Json;
        Assert.Multiple(() =>
        {
            Assert.That(request.Line, Is.EqualTo("POST /services/T000/B000/path-secret HTTP/1.1"));
            Assert.That(request.Headers["Content-Type"], Is.EqualTo("application/json; charset=utf-8"));
            Assert.That(request.Headers["X-MlOps-Id"], Is.EqualTo("alert-7-Raised"));
            Assert.That(request.Headers.Keys, Has.None.EqualTo("X-MlOps-Signature").And.None.EqualTo("X-MlOps-Timestamp"));
            Assert.That(json.EnumerateObject().Select(member => member.Name), Is.EqualTo(
                new[] { "schema", "id", "kind", "model", "version", "at", "signals", "subjects", "message" }));
            Assert.That(json.GetProperty("schema").GetString(), Is.EqualTo("mlops.alert/1"));
            Assert.That(json.GetProperty("kind").GetString(), Is.EqualTo("Raised"));
            Assert.That(json.GetProperty("at").GetDateTimeOffset(), Is.EqualTo(Sample.At));
            Assert.That(json.GetProperty("signals")[0].GetString(), Is.EqualTo("DataDrift"));
            Assert.That(json.GetProperty("subjects")[0].GetProperty("subject").GetString(), Is.EqualTo("age"));
        });
    }

    [Test]
    public async Task Send_Signed_SignatureIsThatOfIdTimestampAndBody()
    {
        await using var receiver = new WebhookReceiver(_ => "202 Accepted");
        var clock = new DelayClock();

        await Sink(receiver, options => options.Secret = _ => ValueTask.FromResult(Secret), clock).SendAsync(Sample);

        var request = receiver.Requests.Single();
        var timestamp = request.Headers["X-MlOps-Timestamp"];
        byte[] signed = [.. Encoding.ASCII.GetBytes($"alert-7-Raised.{timestamp}."), .. request.Body];
        Assert.That(timestamp, Is.EqualTo(clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        Assert.That(request.Headers["X-MlOps-Signature"], Is.EqualTo("v1=" + Hmac(Encoding.UTF8.GetBytes(Secret), signed)));
    }

    // Python: hmac.new(b"key", b"event-1.1700000000.{}", "sha256").hexdigest()
    [Test]
    public void Sign_KnownRequest_IsAsOtherLibrariesSignIt() => Assert.That(
        WebhookClient.Sign("key"u8.ToArray(), "event-1", "1700000000", "{}"u8.ToArray()),
        Is.EqualTo("v1=59e9d3c816e0a00b637aa5aca6e4166df0a18597544939c99c4c1427d8bea8bb"));

    [Test]
    public async Task Send_ServerIsBusy_RepeatsWithTheSameId()
    {
        await using var receiver = new WebhookReceiver(number => number < 3 ? "503 Busy" : "200 OK");
        var clock = new DelayClock();

        var sending = Sink(receiver, clock: clock).SendAsync(Sample).AsTask();
        await AdvanceAsync(clock, sending);

        await sending;
        Assert.That(
            receiver.Requests.Select(request => request.Headers["X-MlOps-Id"]), Is.EqualTo(Enumerable.Repeat("alert-7-Raised", 3)));
    }

    [TestCase("408 Timeout")]
    [TestCase("429 Slow down")]
    [TestCase("500 Broken")]
    public async Task Send_MayPass_IsRepeatedAsOftenAsAllowedAndThenAnError(string status)
    {
        await using var receiver = new WebhookReceiver(_ => status);
        var clock = new DelayClock();

        var sending = Sink(receiver, options => options.Retries = 2, clock).SendAsync(Sample).AsTask();
        await AdvanceAsync(clock, sending);

        Assert.That(async () => await sending, Throws.TypeOf<MlOpsException>().With.Message.Contains($"answered {status[..3]}"));
        Assert.That(receiver.Requests, Has.Count.EqualTo(3));
    }

    [TestCase("400 Bad")]
    [TestCase("404 Gone")]
    [TestCase("403 No")]
    public async Task Send_Refused_IsNotRepeatedAndSaysWhatTheReceiverSaid(string status)
    {
        await using var receiver = new WebhookReceiver(_ => status, "invalid_payload, token=abc\r\n");

        var thrown = await Assert.ThrowsAsync<MlOpsException>(async () => await Sink(receiver).SendAsync(Sample));

        Assert.That(
            thrown!.Message,
            Does.Contain($"The webhook at '127.0.0.1' answered {status[..3]}: invalid_payload").And.Not.Contain("abc")
                .And.Not.Contain("path-secret"));
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void Send_ClientThrowsWhatItLikes_IsAnErrorWithARemedy()
    {
        using var client = new HttpClient(new ThrowingHandler());
        var sink = new WebhookSink("https://hooks.example/path-secret", new WebhookOptions { Client = client });

        Assert.That(
            async () => await sink.SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("the circuit is open").And.Message.Not.Contains("path-secret"));
    }

    [Test]
    public async Task Send_RetryAfter_IsHonoured()
    {
        await using var receiver = new WebhookReceiver(number => number == 1 ? "429 Slow down\r\nRetry-After: 97" : "200 OK");
        var clock = new DelayClock();

        var sending = Sink(receiver, options => options.Timeout = TimeSpan.FromMinutes(2), clock).SendAsync(Sample).AsTask();
        await AdvanceAsync(clock, sending);

        await sending;
        Assert.That(clock.Delays, Has.One.EqualTo(TimeSpan.FromSeconds(97)));
        Assert.That(receiver.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Send_RetryAfterIsBeyondAllTime_IsNotWaitedFor()
    {
        await using var receiver = new WebhookReceiver(_ => "503 Busy\r\nRetry-After: 3600");

        Assert.That(
            async () => await Sink(receiver).SendAsync(Sample), Throws.TypeOf<MlOpsException>().With.Message.Contains("answered 503"));
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Send_RetryAfterIsBeyondWhatIsLeft_IsNotWaitedFor()
    {
        var time = new FakeTimeProvider();
        await using var receiver = new WebhookReceiver(_ =>
        {
            time.Advance(TimeSpan.FromSeconds(8));
            return "503 Busy\r\nRetry-After: 25";
        });

        Assert.That(
            async () => await Sink(receiver, clock: time).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("answered 503"));
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Options_ChangedAfterwards_AreThoseOfTheBeginning()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        WebhookOptions? kept = null;
        var sink = Sink(receiver, options => kept = options);

        (kept!.Format, kept.Retries, kept.Timeout) = ((WebhookFormat)99, -1, TimeSpan.Zero);

        await sink.SendAsync(Sample);
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void Options_TimeThatNoCheckWaits_IsRejected() => Assert.That(
        () => new MonitoringBuilder().AlertByWebhook("https://example.org/x", options => options.Timeout = TimeSpan.FromMinutes(3)),
        Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("between 10 milliseconds and 2 minutes"));

    [Test]
    public async Task Send_ServerDoesNotAnswer_EndsInTime()
    {
        await using var receiver = new WebhookReceiver((_, _, token) => Task.Delay(Timeout.Infinite, token));

        Assert.That(
            async () => await Sink(receiver, options => (options.Retries, options.RequestTimeout) = (0, TimeSpan.FromMilliseconds(100)))
                .SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not answer in time"));
        Assert.That(
            async () => await Sink(receiver, options => options.Timeout = TimeSpan.FromMilliseconds(100)).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("did not answer in time"));
    }

    [Test]
    public async Task Send_Redirected_IsNotFollowed()
    {
        await using var other = new WebhookReceiver(_ => "200 OK");
        await using var receiver = new WebhookReceiver(_ => $"307 Elsewhere\r\nLocation: {other.Url}");

        Assert.That(async () => await Sink(receiver).SendAsync(Sample), Throws.TypeOf<MlOpsException>().With.Message.Contains("redirects"));
        Assert.That(other.Requests, Is.Empty);
        using var following = new HttpClient();
        Assert.That(
            async () => await Sink(receiver, options => options.Client = following).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("redirects"),
            "a client that follows by itself is told of");
    }

    [TestCase("400 Bad")]
    [TestCase("200 OK")]
    public async Task Send_AnswerHasNoEnd_IsNotRead(string status)
    {
        long written = 0;
        await using var receiver = new WebhookReceiver(async (_, stream, token) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nConnection: close\r\n\r\n"), token);
            var block = new byte[64 * 1024];
            for (; ; Interlocked.Add(ref written, block.Length)) await stream.WriteAsync(block, token);
        });
        var watch = Stopwatch.StartNew();

        var sending = Sink(receiver, options => options.RequestTimeout = TimeSpan.FromMinutes(1)).SendAsync(Sample).AsTask();

        if (status == "200 OK") await sending;
        else Assert.That(async () => await sending, Throws.TypeOf<MlOpsException>());
        Assert.That(watch.Elapsed, Is.LessThan(TimeSpan.FromSeconds(20)));
        Assert.That(Interlocked.Read(ref written), Is.LessThan(50_000_000));
    }

    [Test]
    public async Task Send_CancelledWhileItWaits_EndsAsCancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await using var receiver = new WebhookReceiver(async (_, _, token) =>
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.Infinite, token);
        });

        Assert.That(
            async () => await Sink(receiver).SendAsync(Sample, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(receiver.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Send_NobodyListens_SaysSoWithoutTheAddress()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var sink = new WebhookSink(
            $"http://localhost:{port}/hooks/path-secret?token=query-secret",
            new WebhookOptions { Retries = 0, Secret = _ => ValueTask.FromResult(Secret) });

        var thrown = await Assert.ThrowsAsync<MlOpsException>(async () => await sink.SendAsync(Sample));

        Assert.That(thrown!.Message, Does.Contain("The webhook at 'localhost' cannot be reached"));
        Assert.That(thrown.ToString(), Does.Not.Contain("path-secret").And.Not.Contain("query-secret").And.Not.Contain(Secret));
    }

    [Test]
    public async Task Send_SecretCannotBeRead_IsAnErrorAndSendsNothing()
    {
        await using var receiver = new WebhookReceiver(_ => "200 OK");
        var variable = $"MLOPS_TEST_{Guid.NewGuid():N}";

        Assert.That(
            async () => await Sink(receiver, options => options.SignWithEnvironment(variable)).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"'{variable}' is not set"));
        Assert.That(
            async () => await Sink(receiver, options => options.Secret = _ => ValueTask.FromResult("")).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("is empty"));
        Assert.That(
            async () => await Sink(receiver, options => options.Secret = _ => throw new IOException("password=hunter2")).SendAsync(Sample),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be read").And.Message.Not.Contains("hunter2"));
        Assert.That(receiver.Requests, Is.Empty);
    }

    [TestCase("http://hooks.example.org/path-secret", "use https")]
    [TestCase("ftp://hooks.example.org/path-secret", "with https")]
    [TestCase("hooks/path-secret", "with https")]
    [TestCase("https://user:path-secret@hooks.example.org/", "a user or a password")]
    public void Create_AddressThatMayNotBeCalled_IsRefusedWithoutItsSecret(string url, string says)
    {
        var thrown = Assert.Throws<ArgumentException>(() => new MonitoringBuilder().AlertByWebhook(url));

        Assert.That(thrown!.Message, Does.Contain(says).And.Not.Contain("path-secret"));
    }

    [Test]
    public void Create_OptionOutOfItsRange_IsRefused()
    {
        Assert.That(() => Create(options => options.Retries = 11), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Create(options => options.Timeout = TimeSpan.FromHours(1)), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Create(options => options.RequestTimeout = TimeSpan.Zero), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => Create(options => options.Format = (WebhookFormat)9), Throws.InstanceOf<ArgumentOutOfRangeException>());

        static void Create(Action<WebhookOptions> configure) =>
            new MonitoringBuilder().AlertByWebhook("https://hooks.example.org/", configure);
    }

    [Test]
    public async Task Check_WebhookRefuses_MonitoringGoesOnAndTheReportSaysSo()
    {
        await using var receiver = new WebhookReceiver(_ => "400 Bad");
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var lifecycle = SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring
            .DataDrift()
            .AlertByWebhook(receiver.Url, options => options.Retries = 0)
            .RetrainOn(Signal.DataDrift, RetrainingData.Original)).Build();
        await lifecycle.RunAsync(workspace);
        SampleLifecycle.Serve(workspace, Subscriber.Draw(500, seed: 9, shifted: true));

        var report = (await workspace.Monitor(SampleLifecycle.Name).CheckAsync())!;

        Assert.That(report.AskedForRetraining, Is.True);
        Assert.That(report.AlertFailure, Does.Contain("The webhook at '127.0.0.1' answered 400").And.Not.Contain("path-secret"));
        Assert.That(receiver.Requests.Single().Json.GetProperty("id").GetString(), Is.EqualTo(report.Alert!.Id));
        Assert.That(
            receiver.Requests.Single().Json.GetProperty("subjects").GetArrayLength(), Is.EqualTo(report.Alert.Subjects.Count).And.Positive);
    }

    private static WebhookSink Sink(WebhookReceiver receiver, Action<WebhookOptions>? configure = null, TimeProvider? clock = null)
    {
        var options = new WebhookOptions();
        configure?.Invoke(options);
        return new WebhookSink(receiver.Url, options, clock);
    }

    // Each pause that is waited for passes at once.
    private static async Task AdvanceAsync(DelayClock clock, Task sending)
    {
        var watch = Stopwatch.StartNew();
        while (!sending.IsCompleted && watch.Elapsed < TimeSpan.FromSeconds(20))
        {
            await Task.Delay(10);
            clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    // RFC 2104, without the class that the library uses.
    private static string Hmac(byte[] key, byte[] text)
    {
        var block = new byte[64];
        (key.Length > block.Length ? SHA256.HashData(key) : key).CopyTo(block, 0);
        byte[] Pad(byte with) => [.. block.Select(each => (byte)(each ^ with))];
        var inner = SHA256.HashData([.. Pad(0x36), .. text]);
        return Convert.ToHexStringLower(SHA256.HashData([.. Pad(0x5c), .. inner]));
    }

    private sealed class ThrowingHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            throw new InvalidOperationException("the circuit is open");
    }
}
