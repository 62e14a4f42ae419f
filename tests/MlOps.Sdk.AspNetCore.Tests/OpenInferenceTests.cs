using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>
/// Requests as the clients of KServe and Triton build them, and answers by the fields that those clients read, both from their sources.
/// The clients themselves do not run here.
/// </summary>
[TestFixture]
public sealed class OpenInferenceTests
{
    private const string Model = $"/v2/models/{SampleLifecycle.Name}";

    private static readonly UnlabelledSubscriber[] Sent = Rows.Draw(5);

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync(map: app => app.MapOpenInference());

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    private double[] Expected
    {
        get
        {
            var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
            return [.. Sent.Select(row => endpoint.Predict(row).Value)];
        }
    }

    // kserve/protocol/infer_type.py: to_rest() gives id, model_name and inputs; httpx sends bytes without a Content-Type.
    [Test]
    public async Task Infer_AsTheClientOfKServeSendsIt_HasWhatItReads()
    {
        var answer = await InferAsync(Body(model: true));

        // from_bytes(): model_name, outputs[name, shape, datatype, data], id, model_version, parameters.
        var outputs = answer.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!);
        Assert.Multiple(() =>
        {
            Assert.That(answer.GetProperty("model_name").GetString(), Is.EqualTo(SampleLifecycle.Name));
            Assert.That(answer.GetProperty("model_version").GetString(), Is.EqualTo("2"));
            Assert.That(answer.GetProperty("id").GetString(), Is.EqualTo("request-1"));
            Assert.That(outputs.Keys, Is.EqualTo(new[] { "score", "label", "prediction_id" }));
            Assert.That(outputs["score"].GetProperty("datatype").GetString(), Is.EqualTo("FP64"));
            Assert.That(
                outputs["score"].GetProperty("shape").EnumerateArray().Select(length => length.GetInt32()), Is.EqualTo(new[] { 5 }));
            Assert.That(outputs["score"].GetProperty("data").EnumerateArray().Select(value => value.GetDouble()), Is.EqualTo(Expected));
            Assert.That(outputs["label"].GetProperty("datatype").GetString(), Is.EqualTo("BYTES"));
            Assert.That(
                outputs["label"].GetProperty("data").EnumerateArray().Select(value => value.GetString()).Distinct(),
                Is.SubsetOf(new[] { "Yes", "No" }));
        });
    }

    // tritonclient/http/_infer_input.py: set_data_from_numpy(binary_data=True) is the default; the JSON comes first, the bytes after it
    // in order.
    [Test]
    public async Task Infer_AsTheClientOfTritonSendsItInBinary_HasWhatItReads()
    {
        byte[][] parts =
        [
            [.. Sent.SelectMany(row => BitConverter.GetBytes((long)row.Age))],
            [.. Sent.SelectMany(row => BitConverter.GetBytes(row.Spend ?? double.NaN))],
            [.. Sent.SelectMany(row => BitConverter.GetBytes(row.Plan.Length).Concat(Encoding.UTF8.GetBytes(row.Plan)))],
            [.. Sent.Select(row => row.Abroad ? (byte)1 : (byte)0)],
        ];
        (string Name, string Type)[] inputs = [("age", "INT64"), ("spend", "FP64"), ("plan", "BYTES"), ("abroad", "BOOL")];
        var json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            inputs = inputs.Select((input, i) => new
            {
                name = input.Name,
                shape = new[] { Sent.Length },
                datatype = input.Type,
                parameters = new { binary_data_size = parts[i].Length },
            }),
            parameters = new { binary_data_output = true },
        });

        using var content = new ByteArrayContent([.. json, .. parts.SelectMany(part => part)]);
        content.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");
        using var answer = await _app.Client.PostAsync($"{Model}/infer", content);

        // _infer_result.py: without the header, the whole body is JSON, and an output without binary_data_size has data.
        var read = await TestApp.ReadAsync(answer, HttpStatusCode.OK);
        Assert.That(answer.Headers.Contains("Inference-Header-Content-Length"), Is.False);
        Assert.That(
            read.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetDouble()), Is.EqualTo(Expected));
    }

    [Test]
    public async Task Infer_WithOutputsAndNaN_AnswersThoseAlone()
    {
        const string body = """
            {"inputs":[{"name":"age","shape":[1,1],"datatype":"INT32","data":[[41]]},
            {"name":"spend","shape":[1],"datatype":"FP32","data":[NaN]},
            {"name":"plan","shape":[1],"datatype":"BYTES","data":["NaN"]},
            {"name":"abroad","shape":[1],"datatype":"BOOL","data":[true]}],
            "outputs":[{"name":"label","parameters":{"binary_data":false}}]}
            """;

        var answer = await InferAsync(body);

        Assert.That(
            answer.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("name").GetString()),
            Is.EqualTo(new[] { "label" }));
        Assert.That(answer.TryGetProperty("id", out _), Is.False);
    }

    [Test]
    public async Task Infer_FloatsOfSinglePrecision_AreTheNumbersThatTheyPrint()
    {
        var json = await InferAsync(WithSpend("FP32", "[1.100000023841858]"));
        var whole = await InferAsync(WithSpend("FP64", "[1.1]"));

        Assert.That(Score(json), Is.EqualTo(Score(whole)));

        static double Score(JsonElement answer) => answer.GetProperty("outputs")[0].GetProperty("data")[0].GetDouble();
    }

    [Test]
    public async Task Metadata_OfServerAndModel_HaveTheMembersOfTheProtocol()
    {
        var server = await TestApp.ReadAsync(await _app.Client.GetAsync("/v2"), HttpStatusCode.OK);
        var model = await TestApp.ReadAsync(await _app.Client.GetAsync(Model), HttpStatusCode.OK);
        var version = await TestApp.ReadAsync(await _app.Client.GetAsync($"{Model}/versions/2"), HttpStatusCode.OK);

        Assert.Multiple(() =>
        {
            Assert.That(server.EnumerateObject().Select(member => member.Name), Is.EqualTo(new[] { "name", "version", "extensions" }));
            Assert.That(
                model.EnumerateObject().Select(member => member.Name),
                Is.EqualTo(new[] { "name", "versions", "platform", "inputs", "outputs" }));
            Assert.That(model.GetProperty("versions")[0].GetString(), Is.EqualTo("2"));
            Assert.That(
                model.GetProperty("inputs").EnumerateArray().Single(input => input.GetProperty("name").GetString() == "plan")
                    .GetProperty("datatype").GetString(),
                Is.EqualTo("BYTES"));
            Assert.That(model.GetProperty("outputs")[0].GetProperty("shape")[0].GetInt32(), Is.EqualTo(-1));
            Assert.That(version.GetRawText(), Is.EqualTo(model.GetRawText()));
        });
    }

    // kserve/inference_client.py reads "live" and "ready", Triton's client the status alone.
    [Test]
    public async Task Health_LiveModel_IsReadyToAnybodyAndModelsToUsers()
    {
        var live = await TestApp.ReadAsync(await _app.Anonymous.GetAsync("/v2/health/live"), HttpStatusCode.OK);
        var ready = await TestApp.ReadAsync(await _app.Anonymous.GetAsync("/v2/health/ready"), HttpStatusCode.OK);
        var model = await TestApp.ReadAsync(await _app.Client.GetAsync($"{Model}/ready"), HttpStatusCode.OK);
        using var closed = await _app.Anonymous.GetAsync($"{Model}/ready");

        Assert.That(live.GetProperty("live").GetBoolean(), Is.True);
        Assert.That(ready.GetProperty("ready").GetBoolean(), Is.True);
        Assert.That(
            (model.GetProperty("name").GetString(), model.GetProperty("ready").GetBoolean()), Is.EqualTo((SampleLifecycle.Name, true)));
        Assert.That(closed.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [TestCase("/versions/1/infer", 404)]
    [TestCase("/versions/x/infer", 404)]
    [TestCase("/versions/2/infer", 200)]
    public async Task Infer_OfAVersion_AnswersWhereItIsServed(string path, int status)
    {
        using var answer = await _app.PostAsync($"{Model}{path}", Body());

        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [TestCase("""{}""", "inputs")]
    [TestCase("""{"inputs":{}}""", "inputs")]
    [TestCase("""{"inputs":[7]}""", "object")]
    [TestCase("""{"inputs":[{"name":"age","shape":[1],"datatype":"X","data":[1]}]}""", "datatype")]
    [TestCase("""{"inputs":[{"name":"age","shape":[-1],"datatype":"INT64","data":[1]}]}""", "shape")]
    [TestCase("""{"inputs":[{"name":"age","shape":[2,2],"datatype":"INT64","data":[1,2,3,4]}]}""", "shape")]
    [TestCase("""{"inputs":[{"name":"age","shape":[3],"datatype":"INT64","data":[1]}]}""", "elements")]
    [TestCase("""{"inputs":[{"name":"age","shape":[1],"datatype":"INT64","data":[1,2]}]}""", "elements")]
    [TestCase("""{"inputs":[{"name":"age","shape":[1],"datatype":"BYTES","data":["1"]}]}""", "datatype BYTES")]
    [TestCase("""{"inputs":[{"name":"age","shape":[1],"datatype":"INT64","parameters":{"binary_data_size":8}}]}""", "binary_data_size")]
    [TestCase("""{"inputs":[{"name":"age","shape":[1],"datatype":"INT64","parameters":{"shared_memory_region":"x"}}]}""", "Shared memory")]
    [TestCase("""{"inputs":[{"name":"age","shape":[9223372036854775807],"datatype":"INT64","data":[]}]}""", "10000 rows")]
    public async Task Infer_WithMistakes_AnswersAnErrorThatClientsShow(string body, string named)
    {
        using var answer = await _app.PostAsync($"{Model}/infer", body);

        // Both clients read the member error; that of KServe if the type is exactly application/json.
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.That((int)answer.StatusCode, Is.InRange(400, 499));
        Assert.That(answer.Content.Headers.ContentType!.ToString(), Is.EqualTo("application/json"));
        Assert.That(json.RootElement.GetProperty("error").GetString(), Does.Contain(named));
    }

    [Test]
    public async Task Infer_TruncatedBinary_IsRejected([Values(0, 3, 20)] int missing)
    {
        var json = """
            {"inputs":[{"name":"plan","shape":[3],"datatype":"BYTES","parameters":{"binary_data_size":30}}]}
            """;
        var bytes = Enumerable.Repeat((byte)255, 30 - missing).ToArray();
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. bytes]);
        content.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");

        using var answer = await _app.Client.PostAsync($"{Model}/infer", content);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
    }

    private static string WithSpend(string type, string data) => $$$"""
        {"inputs":[{"name":"age","shape":[1],"datatype":"INT64","data":[41]},
        {"name":"spend","shape":[1],"datatype":"{{{type}}}","data":{{{data}}}},
        {"name":"plan","shape":[1],"datatype":"BYTES","data":["monthly"]},{"name":"abroad","shape":[1],"datatype":"BOOL","data":[true]}]}
        """;

    private static string Body(bool model = false)
    {
        var inputs = new object[]
        {
            new { name = "age", shape = new[] { Sent.Length }, datatype = "INT64", data = Sent.Select(row => row.Age) },
            new { name = "spend", shape = new[] { Sent.Length, 1 }, datatype = "FP64", data = Sent.Select(row => row.Spend) },
            new { name = "plan", shape = new[] { Sent.Length }, datatype = "BYTES", data = Sent.Select(row => row.Plan) },
            new { name = "abroad", shape = new[] { Sent.Length }, datatype = "BOOL", data = Sent.Select(row => row.Abroad) },
        };
        return model
            ? JsonSerializer.Serialize(new { id = "request-1", model_name = SampleLifecycle.Name, inputs })
            : JsonSerializer.Serialize(new { inputs });
    }

    private async Task<JsonElement> InferAsync(string body)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        Assert.That(content.Headers.ContentType, Is.Null);
        using var answer = await _app.Client.PostAsync($"{Model}/infer", content);
        Assert.That(answer.Content.Headers.ContentType, Is.EqualTo(new MediaTypeHeaderValue("application/json")));
        return await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }
}
