using System.Net;
using System.Text.Json;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>
/// Requests as MLflow's client and its documentation build them, and answers by the fields that it reads. The client itself does not run
/// here.
/// </summary>
[TestFixture]
public sealed class MLflowTests
{
    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync(map: app =>
    {
        app.MapMLflowScoring(SampleLifecycle.Name);
        app.MapMLflowScoring(SampleLifecycle.Name, "/records", records: true);
    });

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    // scoring_server/client.py: dump_input_data() sends a data frame as dataframe_split with index, written by json.dumps, which knows NaN.
    [TestCase(
        """{"dataframe_split":{"index":[0,1],"columns":["age","spend","plan","abroad"],"data":[[41,NaN,"m",true],[30,2.5,"y",false]]}}""")]
    [TestCase(
        """{"dataframe_split":{"data":[[true,"m",null,0,41],[false,"y",2.5,0,30]],"columns":["abroad","plan","spend","x","age"]}}""")]
    [TestCase(
        """{"dataframe_records":[{"age":41,"spend":null,"plan":"m","abroad":true},{"age":30,"spend":2.5,"plan":"y","abroad":false}]}""")]
    [TestCase(
        """{"instances":[{"age":41,"spend":null,"plan":"m","abroad":true},{"age":30,"spend":2.5,"plan":"y","abroad":false}]}""")]
    [TestCase("""{"params":{"a":1},"inputs":{"age":[41,30],"spend":[null,2.5],"plan":["m","y"],"abroad":[true,false]}}""")]
    [TestCase("""{"inputs":{"age":[[41],[30]],"spend":[[null],[2.5]],"plan":[["m"],["y"]],"abroad":[[true],[false]]}}""")]
    public async Task Invocations_InEveryForm_AnswerTheSame(string body)
    {
        var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        UnlabelledSubscriber[] rows = [new(41, null, "m", true), new(30, 2.5, "y", false)];
        var expected = rows.Select(row => endpoint.Predict(row).Value).ToArray();

        var plain = await InvokeAsync("/invocations", body);
        var records = await InvokeAsync("/records/invocations", body);

        // PredictionsResponse.from_json(): an object with predictions.
        Assert.Multiple(() =>
        {
            Assert.That(
                plain.GetProperty("predictions").EnumerateArray().Select(label => label.GetString()),
                Has.Exactly(2).Items.And.All.EqualTo("Yes").Or.Contains("No"));
            Assert.That(
                records.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("score").GetDouble()),
                Is.EqualTo(expected.Select(answer => answer.Score)));
            Assert.That(
                records.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("label").GetString()),
                Is.EqualTo(plain.GetProperty("predictions").EnumerateArray().Select(label => label.GetString())));
        });
    }

    [Test]
    public async Task Instances_OfArrays_AreTheColumnsInOrder()
    {
        var names = _app.Workspace.Endpoint(SampleLifecycle.Name).Input.Select(field => field.Name).ToArray();
        var row = new Dictionary<string, object> { ["age"] = 41, ["spend"] = 5.5, ["plan"] = "m", ["abroad"] = true };

        var answer = await InvokeAsync(
            "/invocations", JsonSerializer.Serialize(new { instances = new[] { names.Select(name => row[name]) } }));

        Assert.That(answer.GetProperty("predictions").GetArrayLength(), Is.EqualTo(1));
    }

    // client.py: ping() wants 200; get_version() the text.
    [Test]
    public async Task Ping_HealthAndVersion_AnswerAsMLflow()
    {
        foreach (var path in new[] { "/ping", "/health" })
        {
            using var answer = await _app.Anonymous.GetAsync(path);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("\n"));
        }

        using var closed = await _app.Anonymous.GetAsync("/version");
        Assert.That(closed.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(await _app.Client.GetStringAsync("/version"), Does.Match(@"^\d+\.\d+\.\d+"));
    }

    [TestCase("""{"dataframe_split":{"columns":["age"],"data":[[1,2]]}}""", "spend")]
    [TestCase("""{"dataframe_split":{"columns":["age","age","spend","plan","abroad"],"data":[]}}""", "twice")]
    [TestCase("""{"dataframe_split":{"columns":["age"]}}""", "data")]
    [TestCase("""{"dataframe_split":[]}""", "wrong type")]
    [TestCase("""{"instances":[[1]]}""", "1 values")]
    [TestCase("""{"instances":[7]}""", "neither")]
    [TestCase("""{"instances":[],"inputs":[]}""", "exactly one")]
    [TestCase("""{"signature_name":"x"}""", "exactly one")]
    [TestCase("""[]""", "exactly one")]
    [TestCase("""{"inputs":{"age":[Infinity]}}""", "JSON")]
    public async Task Invocations_WithMistakes_AnswerAMessageThatTheClientShows(string body, string named)
    {
        using var answer = await _app.PostAsync("/invocations", body);

        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.That((int)answer.StatusCode, Is.InRange(400, 499));
        Assert.That(json.RootElement.GetProperty("error_code").GetString(), Is.EqualTo("BAD_REQUEST"));
        Assert.That(json.RootElement.GetProperty("message").GetString(), Does.Contain(named));
    }

    private async Task<JsonElement> InvokeAsync(string path, string body)
    {
        using var answer = await _app.PostAsync(path, body);
        return await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }
}
