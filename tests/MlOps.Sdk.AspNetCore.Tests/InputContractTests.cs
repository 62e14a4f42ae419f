using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Data;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>The input contract of a version holds over HTTP, in whatever form rows come.</summary>
[TestFixture]
public sealed class InputContractTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _app = await TestApp.StartAsync(trained: false, map: app =>
        {
            app.MapModels();
            app.MapOpenInference();
            app.MapMLflowScoring(SampleLifecycle.Name);
        });
        var run = await SampleLifecycle.Begin(Subscriber.Draw(500, 1))
            .Deployed(deployment => deployment.ToProcess().CheckInputs(inputs => inputs
                .MissingColumns(InputHandling.Flag)
                .Mistyped(InputHandling.Flag)
                .Unseen(InputHandling.Reject)
                .ExtraColumns(InputHandling.Reject)))
            .Build().RunAsync(_app.Workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
    }

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [TestCase(Path, """[{"age":41,"plan":"monthly","abroad":false},{"age":41,"spend":5,"plan":"monthly","abroad":false}]""")]
    [TestCase(Path, """[{"age":41,"spend":{},"plan":"monthly","abroad":false},{"age":41,"spend":5,"plan":"monthly","abroad":false}]""")]
    public async Task Row_WithoutAColumnOrMistyped_IsFlaggedAsTheContractSays(string path, string body)
    {
        using var answer = await _app.PostAsync(path, body);

        var rows = (await TestApp.ReadAsync(answer, HttpStatusCode.OK)).GetProperty("predictions");
        Assert.That(rows[0].GetProperty("flags").GetInt32(), Is.EqualTo(1));
        Assert.That(rows[1].TryGetProperty("flags", out _), Is.False);
    }

    [TestCase(Path, """{"columns":{"age":[41],"plan":["monthly"],"abroad":[false]}}""")]
    [TestCase("/invocations", """{"dataframe_split":{"columns":["age","plan","abroad"],"data":[[41,"monthly",true]]}}""")]
    [TestCase(
        $"/v2/models/{SampleLifecycle.Name}/infer",
        """
        {"inputs":[{"name":"age","shape":[1],"datatype":"INT64","data":[41]},
        {"name":"plan","shape":[1],"datatype":"BYTES","data":["monthly"]},
        {"name":"abroad","shape":[1],"datatype":"BOOL","data":[true]}]}
        """)]
    public async Task Column_ThatIsNotThere_IsTakenInEveryForm(string path, string body)
    {
        using var answer = await _app.PostAsync(path, body);

        await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }

    [Test]
    public async Task Rows_ThatTheContractRejects_AreAllNamed()
    {
        using var answer = await _app.PostAsync(
            Path,
            """
            [{"age":41,"spend":5,"plan":"weekly","abroad":false},{"age":41,"spend":5,"plan":"monthly","abroad":false},
            {"age":41,"spend":5,"plan":"monthly","abroad":false,"plam":1}]
            """);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(
            problem.GetProperty("errors").EnumerateArray().Select(error => $"{error.GetProperty("row")} {error.GetProperty("column")}"),
            Is.EqualTo(new[] { "0 plan", "2 plam" }));
        Assert.That(problem.GetProperty("errors")[1].GetProperty("remedy").GetString(), Does.Contain("'plan'"));
    }

    [Test]
    public async Task Lines_SomeRejected_AreAnsweredOrNamedOneByOne()
    {
        using var answer = await _app.PostAsync(
            Path,
            """
            {"age":41,"spend":5,"plan":"weekly","abroad":false}
            {"age":41,"plan":"monthly","abroad":false}
            {"age":41,"spend":5,"plan":"monthly","abroad":false}
            """,
            "application/x-ndjson");

        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(lines[0].GetProperty("errors")[0].GetProperty("column").GetString(), Is.EqualTo("plan"));
            Assert.That(lines[1].GetProperty("flags").GetInt32(), Is.EqualTo(1));
            Assert.That(lines[2].GetProperty("score").GetDouble(), Is.InRange(0, 1));
        });
    }

    [TestCase(Path, """{"columns":{"age":[41],"spend":[5],"plan":["monthly"],"abroad":[false],"plam":[1]}}""")]
    [TestCase("/invocations", """{"dataframe_split":{"columns":["age","plam","plan","abroad"],"data":[[41,1,"monthly",true]]}}""")]
    [TestCase("/invocations", """{"inputs":{"age":[41],"spend":[5],"plan":["monthly"],"abroad":[false],"plam":[1]}}""")]
    [TestCase(
        $"/v2/models/{SampleLifecycle.Name}/infer",
        """
        {"inputs":[{"name":"age","shape":[1],"datatype":"INT64","data":[41]},
        {"name":"plan","shape":[1],"datatype":"BYTES","data":["monthly"]},
        {"name":"plam","shape":[1],"datatype":"BOOL","data":[true]}]}
        """)]
    public async Task Column_ThatIsExtra_IsRejectedInEveryForm(string path, string body)
    {
        using var answer = await _app.PostAsync(path, body);

        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity), text);
        Assert.That(text, Does.Contain("does not read 'plam'"));
    }

    [Test]
    public async Task Columns_ThatAreExtraAfterManyOthers_AreRejected()
    {
        var extra = string.Concat(Enumerable.Range(0, 100).Select(i => $"\"extra{i}\":[1],"));

        using var answer = await _app.PostAsync(
            Path, $"{{\"columns\":{{{extra}\"age\":[41],\"spend\":[5],\"plan\":[\"monthly\"],\"abroad\":[false]}}}}");

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(problem.GetProperty("errors").GetArrayLength(), Is.EqualTo(100));
    }

    [Test]
    public async Task Names_ThatAreExtra_AreComparedWithColumnsForTheFirstOnly()
    {
        var extra = string.Concat(Enumerable.Range(0, 60).Select(i => $"\"plan{i}\":1,"));

        using var answer = await _app.PostAsync(Path, $"{{{extra}{Rows.One[1..]}");

        var errors = (await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity)).GetProperty("errors").EnumerateArray().ToArray();
        Assert.That(
            errors.Count(error => error.GetProperty("remedy").GetString()!.Contains("Did you mean", StringComparison.Ordinal)),
            Is.InRange(1, 20));
        Assert.That(errors, Has.Length.EqualTo(60));
    }

    [TestCase("""{"name":"spend","shape":[1],"datatype":"BYTES","data":["much"]}""")]
    [TestCase("""{"name":"spend","shape":[1],"datatype":"FP64","data":["much"]}""")]
    [TestCase("""{"name":"spend","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":8}}""")]
    public async Task Tensor_ThatIsMistyped_IsFlagged(string spend)
    {
        var head = """
            {"inputs":[{"name":"age","shape":[1],"datatype":"INT64","data":[41]},
            {"name":"plan","shape":[1],"datatype":"BYTES","data":["monthly"]},
            {"name":"abroad","shape":[1],"datatype":"BOOL","data":[true]},
            """ + spend + "]}";
        var isBinary = spend.Contains("binary", StringComparison.Ordinal);
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(head), .. isBinary ? "\u0004\0\0\0much"u8 : ""u8]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", $"{head.Length}");

        using var answer = await _app.Client.PostAsync($"/v2/models/{SampleLifecycle.Name}/infer", content);

        await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }

    [TestCase("age,plan,abroad,plam", HttpStatusCode.UnprocessableEntity)]
    [TestCase("age,spend as text,plan,abroad", HttpStatusCode.OK)]
    public async Task Arrow_WithAnExtraOrAMistypedColumn_IsHandledAsTheContractSays(string columns, HttpStatusCode status)
    {
        var schema = new Schema(columns.Split(',').Select(name => new Field(
            name.Split(' ')[0],
            name switch
            {
                "age" => ColumnType.Integer,
                "abroad" => ColumnType.Boolean,
                _ => ColumnType.Text,
            })));
        var builder = new RecordBatchBuilder(schema);
        for (var i = 0; i < schema.Count; i++)
        {
            switch (builder[i])
            {
                case IntegerColumnBuilder ages: ages.Append(41); break;
                case BooleanColumnBuilder flags: flags.Append(true); break;
                case TextColumnBuilder texts: texts.Append("monthly"); break;
            }
        }
        var batch = builder.Build();
        using var content = await Rows.ArrowAsync(batch);

        using var answer = await _app.Client.PostAsync(Path, content);

        Assert.That(answer.StatusCode, Is.EqualTo(status), await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task OpenApi_OfAContractThatTakesRowsWithoutColumns_RequiresNone()
    {
        var document = await TestApp.ReadAsync(
            await _app.Client.GetAsync($"/models/{SampleLifecycle.Name}/openapi.json"), HttpStatusCode.OK);

        var row = document.GetProperty("components").GetProperty("schemas").GetProperty("Row");
        Assert.That(row.GetProperty("required").GetArrayLength(), Is.Zero);
    }

    [Test]
    public async Task Rows_ManyWithManyMissing_AreTaken()
    {
        var rows = string.Join(',', Enumerable.Repeat("""{"plan":"monthly"}""", 10_000));
        using var missing = await _app.PostAsync(Path, $"[{rows}]");
        var extra = string.Join(',', Enumerable.Range(0, 12).Select(i => $"\"e{i}\":1"));
        using var rejected = await _app.PostAsync(
            Path, $"[{string.Join(',', Enumerable.Repeat($"{{\"plan\":\"monthly\",{extra}}}", 10_000))}]");

        Assert.That(missing.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        var problem = await TestApp.ReadAsync(rejected, HttpStatusCode.UnprocessableEntity);
        Assert.That(problem.GetProperty("moreErrors").GetInt32(), Is.EqualTo(120_000 - 100));
    }

    [TestCase(Path, """[{"age":41,"Spend":5,"plan":"monthly","abroad":false}]""")]
    [TestCase(Path, """{"columns":{"age":[41],"Spend":[5],"plan":["monthly"],"abroad":[false]}}""")]
    [TestCase("/invocations", """{"dataframe_split":{"columns":["age","Spend","plan","abroad"],"data":[[41,5,"monthly",true]]}}""")]
    [TestCase("/invocations", """{"inputs":{"age":[41],"Spend":[5],"plan":["monthly"],"abroad":[false]}}""")]
    public async Task Column_ThatIsRejectedAsMissing_IsNamedAsItWasSent(string path, string body)
    {
        await using var app = await StartStrictAsync();

        using var answer = await app.PostAsync(path, body);

        var error = (await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity)).GetProperty("errors")[0];
        Assert.That(error.GetProperty("remedy").GetString(), Does.StartWith("It has 'Spend', and names are case-sensitive."));
    }

    [TestCase("\"much\"", "The value of 'spend' is the text 'much', and the column holds a number (Number).")]
    [TestCase("[1,2]", "The value of 'spend' is an array of 2 elements, and the column holds a number (Number).")]
    [TestCase("{\"a\":1}", "The value of 'spend' is an object, and the column holds a number (Number).")]
    public async Task Value_ThatIsRejectedAsMistyped_IsNamedInWords(string spend, string message)
    {
        await using var app = await StartStrictAsync();

        using var answer = await app.PostAsync(Path, $$"""[{"age":41,"spend":{{spend}},"plan":"monthly","abroad":false}]""");

        var error = (await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity)).GetProperty("errors")[0];
        Assert.That(error.GetProperty("problem").GetString(), Is.EqualTo(message));
        Assert.That(
            error.GetProperty("remedy").GetString(), Is.EqualTo("Send a number that a double can hold, or null for a missing value."));
    }

    private static async Task<TestApp> StartStrictAsync()
    {
        var app = await TestApp.StartAsync(trained: false, map: app =>
        {
            app.MapModels();
            app.MapMLflowScoring(SampleLifecycle.Name);
        });
        var run = await SampleLifecycle.Begin(Subscriber.Draw(500, 1))
            .Deployed(deployment => deployment.ToProcess().CheckInputs(inputs => inputs
                .MissingColumns(InputHandling.Reject)
                .Mistyped(InputHandling.Reject)))
            .Build().RunAsync(app.Workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        return app;
    }
}
