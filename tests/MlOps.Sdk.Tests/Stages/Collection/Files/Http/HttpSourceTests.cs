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
    public async Task ReadAsync_Csv_IsDownloadedAndTheFileGoneWithTheScan()
    {
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(Table));
        string? path = null;
        var source = DataSources.Http(Url(server), file => DataSources.Csv(path = file));

        var scan = await source.OpenAsync(ReadRequest.All);
        var file = Named(path!);
        var data = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync());
        await scan.DisposeAsync();

        Assert.That((data.RowCount, Named(path!) == file), Is.EqualTo((2, false)));
        Assert.That(scan.Version!.Value, Does.StartWith("sha256:"));
        await Assert.ThatAsync(
            async () => await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync()), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    [Platform("Linux")]
    public async Task OpenAsync_WhileItIsDownloadedAndRead_TheFileHasNoNameThatAKilledProcessLeaves()
    {
        var before = Directory.GetFiles(Path.GetTempPath(), "mlops-*");
        string? path = null;
        var whileDownloading = Array.Empty<string>();
        using var client = new HttpClient(new AnswerHandler(_ => new StreamContent(new PiecesStream(Table, () =>
            whileDownloading = Directory.GetFiles(Path.GetTempPath(), "mlops-*")))));

        await using var scan = await Open(client, file => DataSources.Csv(path = file));

        Assert.That(Named(path!), Does.Contain("/mlops-").And.EndWith("(deleted)"));
        Assert.That(whileDownloading.Except(before), Is.Empty);
        Assert.That(
            OperatingSystem.IsWindows() || File.GetUnixFileMode(path!) == (UnixFileMode.UserRead | UnixFileMode.UserWrite), Is.True);
    }

    [TestCase("csv")]
    [TestCase("csv.gz")]
    [TestCase("jsonl")]
    [TestCase("jsonl.gz")]
    [TestCase("arrow")]
    public async Task ReadAsync_EveryKindOfFile_CanBeReadTwiceAndFromAPosition(string kind)
    {
        var bytes = kind[0] switch
        {
            'c' => Table,
            'j' => "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n"u8.ToArray(),
            _ => await ArrowAsync()
        };
        if (kind.EndsWith("gz", StringComparison.Ordinal)) bytes = Gzip(bytes);
        await using var server = new LoopbackServer(_ => LoopbackServer.Ok(bytes));
        await using var scan = await DataSources.Http(Url(server), file => kind[0] switch
        {
            'c' => DataSources.Csv(file),
            'j' => DataSources.JsonLines(file),
            _ => DataSources.Arrow(file)
        }).OpenAsync(ReadRequest.All);

        foreach (var from in new long[] { 0, 0, 1 })
        {
            var rows = await Dataset.FromBatchesAsync(scan.Schema, scan.ReadAsync(new Position(from)));
            Assert.That(rows["a"].GetNumber(0), Is.EqualTo(from + 1));
            Assert.That(rows.RowCount, Is.EqualTo(2 - from));
        }
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
        string? file = null;

        await Assert.ThatAsync(
            () => DataSources.Http(Url(server), to =>
            {
                file = Named(path = to);
                return DataSources.Csv(to);
            }).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Property("Line").EqualTo(2));

        Assert.That(Named(path!), Is.Not.EqualTo(file));
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
    [TestCase(206, "request all of it")]
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

    [TestCase("csv", "")]
    [TestCase("jsonl", "")]
    [TestCase("csv", "client")]
    public async Task OpenAsync_MoreThanMayBeUnpacked_IsRefused(string kind, string unpacks)
    {
        var text = string.Concat(Enumerable.Repeat(kind == "csv" ? "12345678\n" : "{\"n\":1}\n", 100_000));
        var bytes = Gzip(System.Text.Encoding.UTF8.GetBytes(text));
        await using var server = new LoopbackServer(_ => unpacks == ""
            ? LoopbackServer.Ok(bytes)
            : [.. "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"u8, .. bytes]);
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = System.Net.DecompressionMethods.All });
        IDataSource Source(long max) => DataSources.Http(
            Url(server),
            file => kind == "csv" ? DataSources.Csv(file, csv => csv.HasHeader = false) : DataSources.JsonLines(file),
            http =>
            {
                http.MaxUnpackedBytes = max;
                if (unpacks == "client") http.Client = client;
            });

        Assert.That((await Source(text.Length).ReadAllAsync()).RowCount, Is.EqualTo(100_000));
        await Assert.ThatAsync(
            () => Source(text.Length - 1).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains($"unpacks to more than {text.Length - 1:N0} bytes")
                .And.Message.Contains("HttpOptions.MaxUnpackedBytes").And.Property("DataSource").Contains("/x.csv"));
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
    public async Task OpenAsync_ServerThatDrips_EndsWithTheTimeForTheWholeDownload()
    {
        using var client = new HttpClient(new AnswerHandler(_ => new StreamContent(new DrippingStream())));

        await Assert.ThatAsync(
            async () => await Open(client, file => DataSources.Csv(file), http => http.Timeout = TimeSpan.FromMilliseconds(200)),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("longer than 00:00:00.2000000")
                .And.Message.Contains("HttpOptions.Timeout").And.Property("DataSource").EqualTo("http://nowhere.test/x.csv"));
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

    private static IEnumerable<Action<HttpOptions>> Invalid() =>
    [
        http => http.MaxBytes = 0,
        http => http.MaxUnpackedBytes = 0,
        http => http.Timeout = TimeSpan.Zero,
        http => http.Timeout = TimeSpan.FromMilliseconds(-2),
        http => http.Timeout = TimeSpan.FromDays(50),
        http => http.AllowedRedirectHosts.Add(""),
        http => http.AllowedRedirectHosts.Add("https://files.example.org"),
        http => http.AllowedRedirectHosts.Add("files.example.org/"),
        http => http.AllowedRedirectHosts.Add("files.example.org/x"),
        http => http.AllowedRedirectHosts.Add("user@files.example.org"),
        http => http.AllowedRedirectHosts.Add("*.example.org")
    ];

    [TestCaseSource(nameof(Invalid))]
    public void Http_OptionThatIsNotValid_FailsAtTheCall(Action<HttpOptions> configure) =>
        Assert.That(
            () => DataSources.Http(new Uri("http://x.test"), file => DataSources.Csv(file), configure),
            Throws.TypeOf<MlOpsException>().With.Property("Remedy").Contains("HttpOptions."));

    private static ValueTask<IDataScan> Open(
        HttpClient client, Func<string, IDataSource> file, Action<HttpOptions>? configure = null) =>
        DataSources.Http(new Uri("http://nowhere.test/x.csv"), file, http =>
        {
            http.Client = client;
            configure?.Invoke(http);
        }).OpenAsync(ReadRequest.All);

    private static string? Named(string path) =>
        OperatingSystem.IsLinux() ? new FileInfo(path).LinkTarget : File.Exists(path) ? path : null;

    private static byte[] Gzip(byte[] bytes)
    {
        var to = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(to, System.IO.Compression.CompressionLevel.Optimal)) gzip.Write(bytes);
        return to.ToArray();
    }

    private static async Task<byte[]> ArrowAsync()
    {
        var rows = new RecordBatchBuilder(new Schema(new Field("a", ColumnType.Integer)), 2);
        ((IntegerColumnBuilder)rows[0]).Append(1);
        ((IntegerColumnBuilder)rows[0]).Append(2);
        var to = new MemoryStream();
        var batch = rows.Build();
        var writer = new ArrowWriter(to);
        await writer.BeginAsync(batch.Schema, CancellationToken.None);
        await writer.WriteAsync(batch, CancellationToken.None);
        await writer.CompleteAsync(CancellationToken.None);
        return to.ToArray();
    }

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

    private sealed class AnswerHandler(Func<HttpRequestMessage, HttpContent> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = answer(request) });
    }

    /// <summary>A stream of pieces of a byte; tells of each one.</summary>
    private sealed class PiecesStream(byte[] bytes, Action reads) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            reads();
            return base.ReadAsync(buffer[..1], cancellationToken);
        }
    }

    /// <summary>A stream without an end, of which a byte comes now and then.</summary>
    private sealed class DrippingStream : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(5, cancellationToken);
            buffer.Span[0] = (byte)'a';
            return 1;
        }
    }
}
