using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>The container as SageMaker calls it.</summary>
[TestFixture]
public sealed class SageMakerTests
{
    private static readonly string[] Columns = ["plan", "abroad", "spend", "age"];

    private TestApp _app = null!;
    private TestApp _agreed = null!;
    private UnlabelledSubscriber[] _rows = null!;
    private (string Label, double Score)[] _expected = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _app = await TestApp.StartAsync(map: app => app.MapSageMaker(SampleLifecycle.Name));
        _agreed = await TestApp.StartAsync(map: app => app.MapSageMaker(SampleLifecycle.Name, Columns));
        _rows = [new(41, null, "m", true), new(30, 2.5, "y", false)];
        using var answer = await _app.PostAsync(
            "/invocations",
            """{"instances":[{"age":41,"spend":null,"plan":"m","abroad":true},{"age":30,"spend":2.5,"plan":"y","abroad":false}]}""");
        var json = await TestApp.ReadAsync(answer, HttpStatusCode.OK);
        _expected = [.. json.GetProperty("predictions").EnumerateArray()
            .Select(row => (row.GetProperty("label").GetString()!, row.GetProperty("score").GetDouble()))];
        Assert.That(json.GetProperty("model_version").GetString(), Is.EqualTo("2"));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _app.DisposeAsync();
        await _agreed.DisposeAsync();
    }

    [Test]
    public void Invocations_Json_AnswersAsTheEndpoint()
    {
        var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

        Assert.That(_expected.Select(answer => answer.Score), Is.EqualTo(_rows.Select(row => endpoint.Predict(row).Value.Score)));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Invocations_Csv_AnswersAsJsonDoes(bool hasHeader)
    {
        var values = new Dictionary<string, string[]>
        {
            ["age"] = ["41", "30"], ["spend"] = ["", "2.5"], ["plan"] = ["m", "\"y\""], ["abroad"] = ["true", "false"],
        };
        var names = _app.Workspace.Endpoint(SampleLifecycle.Name).Input.Select(field => field.Name).ToArray();
        if (hasHeader) Array.Reverse(names);
        else names = Columns;
        var csv = string.Concat(Enumerable.Range(0, 2).Select(row => string.Join(',', names.Select(name => values[name][row])) + "\r\n"));

        using var answer = await SendAsync(
            hasHeader ? $"{string.Join(',', names)}\r\n{csv}" : csv, "text/csv", "text/csv", app: hasHeader ? _app : _agreed);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/csv"));
        Assert.That(
            await answer.Content.ReadAsStringAsync(),
            Is.EqualTo(string.Concat(
                _expected.Select(row => string.Create(CultureInfo.InvariantCulture, $"{row.Label},{row.Score:R}\n")))));
    }

    [TestCase("text/csv", "application/json", "age,plan\n1\n", "The row has 1 values")]
    [TestCase("text/csv", "*/*", "age\na\n", "The value of")]
    [TestCase("text/csv", "*/*", "41,1,m,true\n", "The first line has no names of columns. Send a first line")]
    [TestCase("text/csv", "*/*", "age,Plan\n41,m\n", "The first line has 'Plan', which is no column of the model")]
    [TestCase("text/csv", "*/*", "age,age\n41,42\n", "a name of a column twice")]
    [TestCase("text/csv", "*/*", "\"a", "not CSV")]
    [TestCase("application/json", "*/*", "[1", "object")]
    public async Task Invocations_Malformed_IsRejectedWithWhatIsWrong(string media, string accept, string body, string expected)
    {
        using var answer = await SendAsync(body, media, accept);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest).Or.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain(expected));
    }

    [Test]
    public async Task Invocations_CsvOfAgreedColumnsThatAreMalformed_IsRejected()
    {
        using var few = await SendAsync("m,true\n", "text/csv", "*/*", app: _agreed);
        await using var wrong = await TestApp.StartAsync(map: app => app.MapSageMaker(SampleLifecycle.Name, ["plan", "years"]));
        using var unknown = await SendAsync("m,41\n", "text/csv", "*/*", app: wrong);

        Assert.That(await few.Content.ReadAsStringAsync(), Does.Contain("The row has 2 values"));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await unknown.Content.ReadAsStringAsync(), Does.Contain("the model has no column 'years'"));
        foreach (var columns in new string[][] { [], ["plan", "plan"], [""] })
        {
            Assert.That(
                async () => await TestApp.StartAsync(map: app => app.MapSageMaker(SampleLifecycle.Name, columns)),
                Throws.ArgumentException.With.Property("ParamName").EqualTo("csvColumns"));
        }
    }

    [TestCase("application/x-npy", "*/*")]
    [TestCase("text/csv", "image/png")]
    [TestCase("text/csv", "text/csv;q=0")]
    public async Task Invocations_OtherMedia_AreRejected(string media, string accept)
    {
        using var answer = await SendAsync("1,2,3,4\n", media, accept);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [TestCase("trace=abc;n=1", true)]
    [TestCase("", false)]
    public async Task Invocations_CustomAttributes_ComeBackWhenTheyAreSafe(string attributes, bool comesBack)
    {
        if (!comesBack) attributes = new string('a', 1_025);

        using var answer = await SendAsync("age,spend,plan,abroad\n41,1,m,true\n", "text/csv", "text/csv", attributes);

        Assert.That(
            answer.Headers.TryGetValues("X-Amzn-SageMaker-Custom-Attributes", out var values) ? values.Single() : null,
            Is.EqualTo(comesBack ? attributes : null));
    }

    [Test]
    public async Task Ping_LiveModel_Is200AndOfAnother503()
    {
        Assert.That((await _app.Anonymous.GetAsync(new Uri("/ping", UriKind.Relative))).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        await using var other = await TestApp.StartAsync(map: app => app.MapSageMaker("nobody-trained-it"));
        Assert.That(
            (await other.Anonymous.GetAsync(new Uri("/ping", UriKind.Relative))).StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    private async Task<HttpResponseMessage> SendAsync(
        string body, string media, string accept, string? attributes = null, TestApp? app = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/invocations", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(media);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (attributes is not null) request.Headers.TryAddWithoutValidation("X-Amzn-SageMaker-Custom-Attributes", attributes);
        return await (app ?? _app).Client.SendAsync(request);
    }
}
