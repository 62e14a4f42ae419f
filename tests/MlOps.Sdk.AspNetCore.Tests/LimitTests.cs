using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Requests of those who mean harm: each is rejected with its status, and the server answers others as before.</summary>
[TestFixture]
public sealed class LimitTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync(options =>
        (options.RequestBytes, options.BatchRows, options.AllowCompressedRequests) = (128 * 1024, 100, true));

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [TearDown]
    public Task RequireAlive() => _app.RequireAliveAsync();

    [Test]
    public async Task Body_LargerThanTheLimit_Is413WithALengthOrWithout()
    {
        var large = new string(' ', 128 * 1024) + Rows.One;
        using var declared = await _app.PostAsync(Path, large);
        using var chunked = await _app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = new StringContent(large, Encoding.UTF8, "application/json"),
            Headers = { TransferEncodingChunked = true },
        });
        using var lied = await RawConnection.OpenAsync(_app.Address);
        await lied.SendAsync(
            $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n");

        Assert.That(
            (declared.StatusCode, chunked.StatusCode),
            Is.EqualTo((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge)));
        Assert.That(await lied.ReadUntilAsync("\r\n"), Does.StartWith("HTTP/1.1 413"));
    }

    [Test]
    public async Task Rows_MoreThanTheLimit_Are413()
    {
        var many = string.Join(',', Enumerable.Repeat(Rows.One, 101));
        using var rows = await _app.PostAsync(Path, $"[{many}]");
        using var columns = await _app.PostAsync(Path, $$$"""{"columns":{"age":[{{{string.Join(',', Enumerable.Repeat("1", 101))}}}]}}""");
        var ids = string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"k{i}\":\"Yes\""));
        using var labels = await _app.PostAsync($"/models/{SampleLifecycle.Name}/labels", "{\"labels\":{" + ids + "}}");

        foreach (var answer in new[] { rows, columns, labels })
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        }
    }

    [TestCase("[", "]")]
    [TestCase("{\"a\":", "}")]
    [TestCase("[{\"plan\":[", "]}]")]
    public async Task Json_NestedDeeply_Is400(string open, string close)
    {
        foreach (var depth in new[] { 20, 10_000 })
        {
            var body = string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth));
            using var answer = await _app.PostAsync(Path, body);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("16 levels"));
        }
    }

    [TestCase("gzip")]
    [TestCase("br")]
    [TestCase("deflate")]
    public async Task Body_ThatDecompressesToMuch_Is413AndALegitimateOneIsRead(string encoding)
    {
        using var fine = await CompressedAsync(_app, encoding, Rows.One);
        using var bomb = await CompressedAsync(_app, encoding, "[" + new string(' ', 16 << 20) + "]");

        Assert.That((fine.StatusCode, bomb.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.RequestEntityTooLarge)));
    }

    [Test]
    public async Task Body_CompressedWithoutBeingAllowedOrKnownOrRight_IsRejected()
    {
        await using var strict = await TestApp.StartAsync();
        using var closed = await CompressedAsync(strict, "gzip", Rows.One);
        using var unknown = await CompressedAsync(_app, "zstd", Rows.One);
        using var wrong = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Json(Rows.One) };
        wrong.Content.Headers.ContentEncoding.Add("gzip");
        using var damaged = await _app.Client.SendAsync(wrong);

        Assert.That(
            (closed.StatusCode, unknown.StatusCode, damaged.StatusCode),
            Is.EqualTo((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType, HttpStatusCode.BadRequest)));
    }

    [TestCase("gzip")]
    [TestCase("deflate")]
    [TestCase("br")]
    public async Task Body_CompressedAndDamaged_IsABadRequest(string encoding)
    {
        using var wrong = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Json(Rows.One) };
        wrong.Content.Headers.ContentEncoding.Add(encoding);
        using var damaged = await _app.Client.SendAsync(wrong);

        Assert.That(damaged.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        await _app.RequireAliveAsync();
    }

    [TestCase("text/plain")]
    [TestCase("application/xml")]
    [TestCase("multipart/form-data; boundary=x")]
    [TestCase("application/json; charset=utf-16")]
    [TestCase("application/x-www-form-urlencoded")]
    public async Task ContentType_OfAnotherKind_Is415(string type)
    {
        using var content = new StringContent(Rows.One);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var answer = await _app.Client.PostAsync(Path, content);
        using var none = await _app.Client.PostAsync(Path, new ByteArrayContent(Encoding.UTF8.GetBytes(Rows.One)));

        Assert.That(
            (answer.StatusCode, none.StatusCode), Is.EqualTo((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType)));
    }

    [TestCase("..%2f..%2fetc%2fpasswd")]
    [TestCase("..%5c..%5cwindows")]
    [TestCase("%2e%2e%2f")]
    [TestCase("subscribers%00")]
    [TestCase("subscribers%0d%0aX-Injected:%20yes")]
    [TestCase("Subscribers")]
    [TestCase("subscribers%20")]
    [TestCase("%e2%80%aesubscribers")]
    public async Task ModelName_ThatIsNone_Is404AndSaidNowhere(string name)
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync(
            Head($"/models/{name}/predict", "Connection: close\r\n") + "[]");

        var answer = await raw.ReadUntilAsync("never said");

        Assert.That(answer, Does.StartWith("HTTP/1.1 404").Or.StartWith("HTTP/1.1 400"));
        Assert.That(answer, Does.Not.Contain("X-Injected").And.Not.Contain("passwd").And.Not.Contain("/tmp").And.Not.Contain("   at "));
        Assert.That(_app.Log, Has.None.Contains("\n").And.None.Contains("\u202e"), "nothing forges a line of the log");
    }

    [TestCase("X-Routing-Key: a\r\n b")]
    [TestCase("X-Routing-Key: a\u0001b")]
    [TestCase("X-Routing-Key: ")]
    [TestCase("X-Request-Timeout-Ms: -1")]
    [TestCase("X-Request-Timeout-Ms: soon")]
    [TestCase("X-Request-Timeout-Ms: 99999999999999999999")]
    public async Task Headers_Malformed_Are400(string header)
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync(
            Head(Path, $"{header}\r\nConnection: close\r\n") + "[]");

        Assert.That(await raw.ReadUntilAsync("never said"), Does.StartWith("HTTP/1.1 400"));
    }

    [Test]
    public async Task Headers_LongRoutingKey_Is400()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = Json(Rows.One) };
        request.Headers.Add("X-Routing-Key", new string('k', 257));
        using var answer = await _app.Client.SendAsync(request);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Row_OfAHundredThousandColumns_IsAnsweredOrRejectedQuickly()
    {
        await using var app = await TestApp.StartAsync();
        var columns = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"\"column{i}\":{i},"));

        using var known = await app.PostAsync(Path, $"{{{columns}{Rows.One[1..]}");
        using var unknown = await app.PostAsync(Path, $"{{{columns}\"x\":1}}");

        Assert.That((known.StatusCode, unknown.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.UnprocessableEntity)));
    }

    [TestCase("1e400")]
    [TestCase("-1e400")]
    [TestCase("99999999999999999999999999999999999999")]
    [TestCase("0.1e-400")]
    public async Task Numbers_Huge_AreValuesOrMistakesNeverFailures(string number)
    {
        using var answer = await _app.PostAsync(Path, $$"""{"age":{{number}},"spend":{{number}},"plan":"x","abroad":true}""");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    [Test]
    public async Task Body_ThatArrivesSlowly_Is408AfterTheTimeOfTheCaller()
    {
        using var raw = await RawConnection.OpenAsync(_app.Address);
        await raw.SendAsync(
            Head(Path, "X-Request-Timeout-Ms: 150\r\n", 500) + "[");

        Assert.That(await raw.ReadUntilAsync("\r\n"), Does.StartWith("HTTP/1.1 408"));
    }

    [Test]
    public async Task Bodies_MoreThanTheMemoryForThem_Are429UntilThereIsRoomAgain()
    {
        await using var app = await TestApp.StartAsync(
            options => (options.RequestBytes, options.BufferedBytes) = (64 * 1024, 256 * 1024));
        var bodies = app.App.Services.GetRequiredService<ModelServer>().Bodies;
        var large = Rows.One + new string(' ', 60_000);
        using (var raw = await RawConnection.OpenAsync(app.Address))
        {
            await raw.SendAsync(Head(Path, "", 64_000) + new string(' ', 60_000));
            Assert.That(() => bodies.Taken, Is.GreaterThanOrEqualTo(60_000).After(10_000, 10));

            bodies.Take(144 * 1024);
            using var refused = await app.PostAsync(Path, large);
            using var lines = await app.PostAsync(Path, $"{Rows.One}\n{large}", "application/x-ndjson");
            await app.RequireAliveAsync();

            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(refused.Headers.RetryAfter, Is.Not.Null);
            Assert.That(lines.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            bodies.Give(144 * 1024);
        }

        Assert.That(() => bodies.Taken, Is.Zero.After(10_000, 10));
        using var taken = await app.PostAsync(Path, large);
        Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public void Kestrel_ByDefault_BuffersWhatTheThreatModelCountsOn()
    {
        var limits = new KestrelServerOptions().Limits;

        Assert.That(
            (limits.MaxRequestBufferSize, limits.Http2.InitialConnectionWindowSize, limits.Http2.MaxStreamsPerConnection),
            Is.EqualTo((1L << 20, 1 << 20, 100)));
    }

    [Test]
    public async Task Connections_ManyIdleAndHalfOpen_KeepNobodyFromAnAnswer()
    {
        var idle = new List<RawConnection>();
        try
        {
            for (var i = 0; i < LongForm.Of(5_000, 300); i++)
            {
                var raw = await RawConnection.OpenAsync(_app.Address);
                idle.Add(raw);
                if (i % 3 == 1) await raw.SendAsync("POST ");
                if (i % 3 == 2)
                {
                    await raw.SendAsync(
                        $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n[");
                }
            }

            for (var i = 0; i < 20; i++) await _app.RequireAliveAsync();
        }
        finally
        {
            foreach (var raw in idle) raw.Dispose();
        }
    }

    [Test]
    public async Task RateLimit_OfTheApplication_AppliesToTheRoutes()
    {
        await using var app = await TestApp.StartAsync(
            services: services => services.AddRateLimiter(limits => limits.AddFixedWindowLimiter("models", window =>
                (window.PermitLimit, window.Window) = (1, TimeSpan.FromHours(1)))),
            map: app =>
            {
                app.UseRateLimiter();
                app.MapModels().RequireRateLimiting("models");
            });

        using var first = await app.PostAsync(Path, Rows.One);
        using var second = await app.PostAsync(Path, Rows.One);

        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((int)second.StatusCode, Is.EqualTo(503).Or.EqualTo(429));
    }

    [Test]
    public async Task Model_ThatFailsAfterItsCallerHasLeft_LeavesNoUnobservedException()
    {
        await using var app = await TestApp.StartAsync(
            options => (options.ConcurrentRequests, options.QueuedRequests, options.RequestTimeout) = (1, 0, TimeSpan.FromSeconds(20)),
            library: library => library.AddReader(new GatedModel.Reader()).AddServedModels("gated"));
        await app.Workspace.Models.ImportAsync(
            "gated",
            (_, _) => ValueTask.FromResult<IRowModel>(new GatedModel()),
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(500, 3)), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.5)));
        var unobserved = new ConcurrentQueue<string>();
        TaskScheduler.UnobservedTaskException += See;
        try
        {
            using var late = await app.Client.SendAsync(Timed(GatedModel.WaitsAndThrows, 150));
            Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
            GatedModel.Gate.Release();
            HttpStatusCode status;
            do
            {
                using var answer = await app.PostAsync("/models/gated/predict", Row(5));
                status = answer.StatusCode;
            }
            while (status == HttpStatusCode.TooManyRequests);
            for (var i = 0; i < 5; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                await Task.Yield();
            }
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= See;
        }

        Assert.That(unobserved, Has.None.Contains("It failed late."));

        void See(object? sender, UnobservedTaskExceptionEventArgs e) => unobserved.Enqueue(e.Exception.ToString());
    }

    [Test]
    public async Task Model_ThatHangsOrThrows_CostsItsCallerAloneAndTellsNothing()
    {
        await using var app = await TestApp.StartAsync(
            options => (options.ConcurrentRequests, options.QueuedRequests, options.RequestTimeout) = (1, 0, TimeSpan.FromSeconds(20)),
            library: library => library.AddReader(new GatedModel.Reader()).AddServedModels("gated"));
        var imported = await app.Workspace.Models.ImportAsync(
            "gated",
            (_, _) => ValueTask.FromResult<IRowModel>(new GatedModel()),
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(500, 3)), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.5)));
        Assert.That(imported.IsPromoted, Is.True, imported.Reason);

        using var thrown = await app.PostAsync("/models/gated/predict", Row(GatedModel.Throws));
        var text = await thrown.Content.ReadAsStringAsync();
        var stuck = app.Client.SendAsync(Timed(GatedModel.Waits, 150));
        using var late = await stuck;

        // The one place is still taken until the model ends.
        using var busy = await app.PostAsync("/models/gated/predict", Row(5));

        // Nothing is decoded before there is a place.
        using var arrow = new ByteArrayContent([1, 2, 3]);
        arrow.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.apache.arrow.stream");
        using var undecoded = await app.Client.PostAsync("/models/gated/predict", arrow);
        GatedModel.Gate.Release();
        HttpStatusCode status;
        do
        {
            using var answer = await app.PostAsync("/models/gated/predict", Row(5));
            status = answer.StatusCode;
        }
        while (status == HttpStatusCode.TooManyRequests);

        Assert.Multiple(() =>
        {
            Assert.That(thrown.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(text, Does.Not.Contain("secret").And.Not.Contain("hunter2").And.Not.Contain("   at "));
            Assert.That(
                app.Log.Single(line => line.StartsWith("10100", StringComparison.Ordinal)),
                Does.Contain("gated").And.Not.Contain("hunter2"));
            Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
            Assert.That(app.Log, Has.Some.StartsWith("10103"));
            Assert.That(new[] { busy.StatusCode, undecoded.StatusCode }, Is.All.EqualTo(HttpStatusCode.TooManyRequests));
            Assert.That(busy.Headers.RetryAfter, Is.Not.Null);
            Assert.That(status, Is.EqualTo(HttpStatusCode.OK));
        });
    }

    private static string Row(double spend) => FormattableString.Invariant($"{{\"spend\":{spend}}}");

    private static HttpRequestMessage Timed(double spend, int milliseconds)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/models/gated/predict")
        {
            Content = new StringContent(Row(spend), Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("X-Request-Timeout-Ms", $"{milliseconds}");
        return request;
    }

    [Test]
    public async Task Step_OfAPluginThatHangs_CostsItsCallerAlone()
    {
        await using var app = await TestApp.StartAsync(
            options => options.ConcurrentRequests = 2,
            trained: false,
            library: library => library.AddReader(new GatedStep.Reader()));
        var run = await LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(500, seed: 1)))
            .ProcessData(data => data.Apply(new GatedStep()).Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.5))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed()
            .Build()
            .RunAsync(app.Workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        using var request = new HttpRequestMessage(HttpMethod.Post, Path)
        {
            Content = Json(Rows.One.Replace("55.5", "666.25", StringComparison.Ordinal)),
        };
        request.Headers.Add("X-Request-Timeout-Ms", "150");

        using var late = await app.Client.SendAsync(request);
        await app.RequireAliveAsync();
        GatedStep.Gate.Release();

        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
        Assert.That(app.Log, Has.Some.StartsWith("10103"));
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static string Head(string path, string headers, int length = 2) =>
        $"POST {path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\n{headers}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n";

    private static async Task<HttpResponseMessage> CompressedAsync(TestApp app, string encoding, string body)
    {
        using var bytes = new MemoryStream();
        await using (Stream stream = encoding switch
        {
            "br" => new BrotliStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            "deflate" => new ZLibStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
            _ => new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true),
        })
        {
            await stream.WriteAsync(Encoding.UTF8.GetBytes(body));
        }

        using var content = new ByteArrayContent(bytes.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        content.Headers.ContentEncoding.Add(encoding);
        return await app.Client.PostAsync(Path, content);
    }
}
