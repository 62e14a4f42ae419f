using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Plugins;
using NUnit.Framework;
using Polly;
using Polly.Retry;

namespace MlOps.Sdk.Tests.Collection;

public sealed class HttpSourceTests
{
    private static readonly byte[] Table = "a,b\n1,x\n2,y\n"u8.ToArray();

    [Test]
    public async Task ReadAsync_Csv_IsDownloadedAndTheFileDeleted()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(Table));
        string? path = null;
        var source = DataSources.Http(Url(server), file => DataSources.Csv(path = file));

        var scan = await source.OpenAsync(ReadRequest.All);
        var existed = File.Exists(path);
        var data = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
        await scan.DisposeAsync();

        Assert.That((data.RowCount, existed, File.Exists(path)), Is.EqualTo((2, true, false)));
        Assert.That(scan.Version!.Value, Does.StartWith("sha256:"));
    }

    [Test]
    public async Task OpenAsync_WhatTheFileNoticed_IsHandedOn()
    {
        var table = System.Text.Encoding.UTF8.GetBytes($"n\n{string.Join('\n', Enumerable.Range(0, 40))}\nNA\n");
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(table));
        await using var scan = await DataSources.Http(Url(server), file => DataSources.Csv(file)).OpenAsync(ReadRequest.All);

        Assert.That(scan.Notes.Single(), Does.Contain("'n' is text because of 'NA'"));
    }

    [Test]
    public async Task OpenAsync_FileThatCannotBeRead_IsDeleted()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok("a,b\n1\n"u8.ToArray()));
        string? path = null;

        await Assert.ThatAsync(
            () => DataSources.Http(Url(server), file => DataSources.Csv(path = file)).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Property("Line").EqualTo(2));

        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public async Task OpenAsync_SecretsOfTheAddress_AreSentAndInNoNameOrMessage()
    {
        var heads = new List<string>();
        await using var server = new LoopbackServer(head =>
        {
            heads.Add(head);
            return LoopbackServer.Ok("a,b\n1\n"u8.ToArray());
        });
        var source = DataSources.Http(
            new Uri($"http://us%65r:hush@{server.Address}/data/x.csv?token=secret#part"),
            file => DataSources.Csv(file));

        var failure = await Assert.ThrowsAsync<MlOpsException>(() => source.ReadAllAsync());

        Assert.That(source.Name, Is.EqualTo($"http://{server.Address}/data/x.csv"));
        Assert.That(failure!.ToString(), Does.Contain(source.Name).And.Not.Contain("secret").And.Not.Contain("hush"));
        Assert.That(
            heads.Single(),
            Does.StartWith("GET /data/x.csv?token=secret HTTP/1.1")
                .And.Contain($"Authorization: Basic {Convert.ToBase64String("user:hush"u8)}"));
    }

    [Test]
    public async Task OpenAsync_FailuresThatPass_AreRetriedByThePipeline()
    {
        var answers = new Queue<byte[]>([
            LoopbackServer.Status(503),
            LoopbackServer.Ok(Table, Table.Length + 5),
            [],
            LoopbackServer.Status(429),
            LoopbackServer.Ok(Table)
        ]);
        await using var server = new LoopbackServer(_ => answers.Dequeue());
        var plan = new CollectionBuilder().FromHttp(Url(server), file => DataSources.Csv(file)).Resilience(Retry).Build();

        await using var spool = new MalformedSpool();
        await using var reader = await CollectionReader.OpenAsync(plan, null, PluginServices.None, TimeProvider.System);
        var rows = 0;
        await foreach (var batch in reader.ReadAsync(spool)) rows += batch.RowCount;

        Assert.That((rows, answers.Count), Is.EqualTo((2, 0)));
    }

    [Test]
    public async Task OpenAsync_ConnectionCutOff_IsAnIOException()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(Table, Table.Length + 1));

        await Assert.ThatAsync(
            async () => await DataSources.Http(Url(server), file => DataSources.Csv(file)).OpenAsync(ReadRequest.All),
            Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task OpenAsync_HandlerThatHidesACut_IsAnIOException()
    {
        using var client = new HttpClient(new ShortHandler());

        await Assert.ThatAsync(
            async () =>
                await DataSources.Http(new Uri("http://nowhere.test/x.csv"), file => DataSources.Csv(file), http => http.Client = client)
                    .OpenAsync(ReadRequest.All),
            Throws.TypeOf<IOException>().With.Message.Contains("4 of 9 bytes"));
    }

    [TestCase(404, "Check the address")]
    [TestCase(401, "credentials")]
    [TestCase(204, "Check the address")]
    public async Task OpenAsync_FailureThatStays_SaysSo(int status, string remedy)
    {
        var asked = 0;
        await using var server = new LoopbackServer(_ =>
        {
            asked++;
            return LoopbackServer.Status(status);
        });
        var plan = new CollectionBuilder().FromHttp(Url(server), file => DataSources.Csv(file)).Resilience(Retry).Build();

        var failure = await Assert.ThrowsAsync<MlOpsException>(
            () => CollectionReader.OpenAsync(plan, null, PluginServices.None, TimeProvider.System));

        Assert.That((failure!.Problem, asked), Is.EqualTo(($"The server answered {status}.", 1)));
        Assert.That(failure.Remedy, Does.Contain(remedy));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_TooLarge_IsRefused(bool saysLength)
    {
        var body = new byte[300_000];
        await using var server = new LoopbackServer(
            _ => saysLength ? LoopbackServer.Ok(body) : [.. "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8, .. body]);

        await Assert.ThatAsync(
            () => DataSources.Http(Url(server), file => DataSources.Csv(file), http => http.MaxBytes = 299_999).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("larger than 299,999 bytes"));
    }

    [Test]
    public async Task OpenAsync_NobodyThere_IsAnIOExceptionWithoutTheQuery()
    {
        string address;
        await using (var server = new LoopbackServer(_ => [])) address = server.Address;

        var failure = await Assert.ThrowsAsync<IOException>(async () =>
            await DataSources.Http(new Uri($"http://{address}/x?token=secret"), file => DataSources.Csv(file)).OpenAsync(ReadRequest.All));

        Assert.That(failure!.ToString(), Does.Not.Contain("secret"));
    }

    [Test]
    public async Task OpenAsync_ServerThatHangs_TimesOut()
    {
        using var client = new HttpClient(new HangingHandler(() => { })) { Timeout = TimeSpan.FromMilliseconds(50) };

        await Assert.ThatAsync(
            async () =>
                await DataSources.Http(new Uri("http://nowhere.test/x.csv"), file => DataSources.Csv(file), http => http.Client = client)
                    .OpenAsync(ReadRequest.All),
            Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public async Task OpenAsync_Cancelled_IsCancelled()
    {
        using var stop = new CancellationTokenSource();
        using var client = new HttpClient(new HangingHandler(stop.Cancel));

        await Assert.ThatAsync(
            async () =>
                await DataSources.Http(new Uri("http://nowhere.test/x.csv"), file => DataSources.Csv(file), http => http.Client = client)
                    .OpenAsync(ReadRequest.All, stop.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("ftp://example.org/x.csv")]
    [TestCase("file:///etc/passwd")]
    [TestCase("x.csv")]
    public void Http_AddressOfNoWebServer_FailsAtTheCall(string url) =>
        Assert.That(
            () => DataSources.Http(new Uri(url, UriKind.RelativeOrAbsolute), file => DataSources.Csv(file)),
            Throws.TypeOf<MlOpsException>());

    [Test]
    public void Http_NoBytes_FailsAtTheCall() =>
        Assert.That(
            () => DataSources.Http(new Uri("http://x.test"), file => DataSources.Csv(file), http => http.MaxBytes = 0),
            Throws.TypeOf<MlOpsException>());

    private static Uri Url(LoopbackServer server) => new($"http://{server.Address}/x.csv");

    private static void Retry(ResiliencePipelineBuilder pipeline) => pipeline.AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<IOException>(),
        MaxRetryAttempts = 10,
        Delay = TimeSpan.Zero
    });

    private sealed class ShortHandler : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(new MemoryStream("a\n1\n"u8.ToArray()));
            content.Headers.ContentLength = 9;
            return Task.FromResult(new HttpResponseMessage { Content = content });
        }
    }

    /// <summary>Begins an answer, and gives nothing of it; tells when the rest is waited for.</summary>
    private sealed class HangingHandler(Action hangs) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new HangingStream(hangs)) });
    }

    private sealed class HangingStream(Action hangs) : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var hanging = Task.Delay(Timeout.Infinite, cancellationToken);
            hangs();
            await hanging;
            return 0;
        }
    }
}
