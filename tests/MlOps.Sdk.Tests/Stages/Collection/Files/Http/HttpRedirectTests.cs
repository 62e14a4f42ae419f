using System.Net;
using System.Text;
using MlOps.Sdk.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Collection;

public sealed class HttpRedirectTests
{
    private static readonly byte[] Table = "a\n1\n"u8.ToArray();

    [TestCase(301, "/y.csv")]
    [TestCase(302, "y.csv")]
    [TestCase(303, "?page=2")]
    [TestCase(307, "//{0}/y.csv")]
    [TestCase(308, "http://{0}/y.csv#part")]
    public async Task OpenAsync_RedirectOnTheHost_IsFollowedWithItsCredentials(int status, string location)
    {
        var heads = new List<string>();
        LoopbackServer server = null!;
        await using var _ = server = new LoopbackServer(head =>
        {
            heads.Add(head);
            return heads.Count == 1 ? Redirect(Format(location, server), status) : LoopbackServer.Ok(Table);
        });

        var rows = await Http($"http://user:hush@{server.Address}/x.csv").ReadAllAsync();

        Assert.That((rows.RowCount, heads.Count), Is.EqualTo((1, 2)));
        Assert.That(heads, Has.All.Contain("Authorization: Basic"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_RedirectToAnotherPort_IsRefusedBeforeItIsAsked(bool hasClient)
    {
        var asked = 0;
        await using var other = new LoopbackServer(_ =>
        {
            asked++;
            return LoopbackServer.Ok(Table);
        });
        await using var server = new LoopbackServer(_ => Redirect($"http://{other.Address}/internal?key=secret"));
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });

        var failure = await Assert.ThrowsAsync<MlOpsException>(
            () => Http($"http://{server.Address}/x.csv", http => http.Client = hasClient ? client : null).ReadAllAsync());

        Assert.That(failure!.Problem, Is.EqualTo($"The server redirects to http://{other.Address}, another host or port."));
        Assert.That(failure.Remedy, Does.Contain($"'{other.Address}'").And.Contain("HttpOptions.AllowedRedirectHosts"));
        Assert.That(failure.DataSource, Is.EqualTo($"http://{server.Address}/x.csv"));
        Assert.That(failure.ToString(), Does.Not.Contain("secret"));
        Assert.That(asked, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_ClientThatFollowedByItself_IsRefusedForWhereItEnded()
    {
        await using var other = new LoopbackServer(_ => LoopbackServer.Ok(Table));
        await using var server = new LoopbackServer(_ => Redirect($"http://{other.Address}/internal"));
        using var client = new HttpClient();

        await Assert.ThatAsync(
            () => Http($"http://{server.Address}/x.csv", http => http.Client = client).ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("another host or port"));
        var rows = await Http($"http://{server.Address}/x.csv", http =>
        {
            http.Client = client;
            http.AllowedRedirectHosts.Add(other.Address);
        }).ReadAllAsync();

        Assert.That(rows.RowCount, Is.EqualTo(1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task OpenAsync_AllowedHost_GetsNoCredentialsNorDoesWhatItLeadsTo(bool hasClient)
    {
        var heads = new List<string>();
        LoopbackServer server = null!, other = null!;
        await using var first = server = new LoopbackServer(head =>
        {
            heads.Add(head);
            return head.StartsWith("GET /end", StringComparison.Ordinal)
                ? LoopbackServer.Ok(Table)
                : Redirect($"http://{other.Address}/y.csv");
        });
        await using var second = other = new LoopbackServer(head =>
        {
            heads.Add(head);
            return Redirect($"http://{server.Address}/end");
        });
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Add("X-Api-Key", "hush");
        client.DefaultRequestHeaders.Add("Cookie", "session=hush");

        var rows = await Http($"http://user:hush@{server.Address}/x.csv", http =>
        {
            http.Client = hasClient ? client : null;
            http.AllowedRedirectHosts.Add(other.Address);
            http.AllowedRedirectHosts.Add(server.Address);
        }).ReadAllAsync();

        Assert.That((rows.RowCount, heads.Count), Is.EqualTo((1, 3)));
        Assert.That(heads[0], Does.Contain("Authorization"));
        Assert.That(heads[0].Contains("X-Api-Key", StringComparison.Ordinal), Is.EqualTo(hasClient));
        Assert.That(heads.Skip(1), Has.None.Contain("Authorization").And.None.Contain("Key").And.None.Contain("Cookie"));
    }

    [Test]
    public async Task OpenAsync_RedirectWithoutEnd_IsRefusedAfterTen()
    {
        var asked = 0;
        await using var server = new LoopbackServer(_ => Redirect($"/{++asked}"));

        await Assert.ThatAsync(
            () => Http($"http://{server.Address}/x.csv").ReadAllAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("more than 10 times"));

        Assert.That(asked, Is.EqualTo(11));
    }

    [TestCase("file:///etc/passwd", "'file:'")]
    [TestCase("ftp://example.org/x", "'ftp:'")]
    [TestCase("data:text/csv,a", "'data:'")]
    [TestCase("http://[", "without a valid address")]
    [TestCase("", "without a valid address")]
    public async Task OpenAsync_RedirectToNoWebServer_SaysSo(string location, string says)
    {
        await using var server = new LoopbackServer(_ => Redirect(location));
        using var client = new HttpClient();

        foreach (var own in new[] { null, client })
        {
            await Assert.ThatAsync(
                () => Http($"http://{server.Address}/x.csv", http => http.Client = own).ReadAllAsync(),
                Throws.TypeOf<MlOpsException>().With.Property("Problem").Contains(says).And.Property("Remedy").Not.Empty);
        }
    }

    [TestCase("http://site.test/x", "https://site.test/x", true)]
    [TestCase("http://site.test/x", "https://SITE.test:443/y", true)]
    [TestCase("http://site.test:8080/x", "https://site.test:8080/x", true)]
    [TestCase("https://site.test/x", "https://site.test/y", true)]
    [TestCase("https://site.test/x", "http://site.test/x", false)]
    [TestCase("https://site.test/x", "http://allowed.test/x", false)]
    [TestCase("https://site.test/x", "http://site.test:443/x", false)]
    [TestCase("http://site.test/x", "https://site.test:8443/x", false)]
    [TestCase("http://site.test/x", "http://site.test:81/x", false)]
    [TestCase("http://site.test/x", "http://site.test.evil.test/x", false)]
    [TestCase("http://site.test/x", "http://sub.site.test/x", false)]
    [TestCase("http://site.test/x", "http://site.test@evil.test/x", false)]
    [TestCase("http://site.test/x", "http://169.254.169.254/latest/meta-data", false)]
    [TestCase("http://site.test/x", "http://[::1]/x", false)]
    [TestCase("http://site.test/x", "http://allowed.test:81/x", false)]
    [TestCase("http://site.test/x", "http://sub.allowed.test/x", false)]
    public async Task OpenAsync_Redirect_IsFollowedOnlyToTheSameHost(string from, string to, bool isFollowed)
    {
        var asked = new List<Uri>();
        using var client = new HttpClient(new RedirectHandler(request =>
        {
            asked.Add(request.RequestUri!);
            if (asked.Count > 1) return new HttpResponseMessage { Content = new ByteArrayContent(Table) };
            var answer = new HttpResponseMessage(HttpStatusCode.Found);
            answer.Headers.TryAddWithoutValidation("Location", to);
            return answer;
        }));
        var source = Http(from, http =>
        {
            http.Client = client;
            http.AllowedRedirectHosts.Add("allowed.test");
        });

        if (isFollowed) Assert.That((await source.ReadAllAsync()).RowCount, Is.EqualTo(1));
        else await Assert.ThatAsync(() => source.ReadAllAsync(), Throws.TypeOf<MlOpsException>().With.Message.Contains("redirects"));
        Assert.That(asked, Has.Count.EqualTo(isFollowed ? 2 : 1));
    }

    private static IDataSource Http(string url, Action<HttpOptions>? configure = null) =>
        DataSources.Http(new Uri(url), file => DataSources.Csv(file), configure);

    private static string Format(string location, LoopbackServer server) =>
        location.Replace("{0}", server.Address, StringComparison.Ordinal);

    private static byte[] Redirect(string location, int status = 302) => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    private sealed class RedirectHandler(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = answer(request);
            response.RequestMessage = request;
            return Task.FromResult(response);
        }
    }
}
