using System.Globalization;
using System.Net;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class PredictJsonTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync();

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [Test]
    public async Task Ids_Repeated_AreAMistake()
    {
        using var answer = await _app.PostAsync(Path, $$"""{"rows":[{{Rows.One}},{{Rows.One}}],"ids":["order 7","order 7"]}""");

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(problem.GetProperty("errors")[0].GetProperty("problem").GetString(), Is.EqualTo("The id is there twice."));
    }

    [Test]
    public async Task Predict_RowsInEveryForm_AnswersToTheLastBitAsInProcess()
    {
        var rows = Rows.Draw(700);
        var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
        var expected = rows.Select(row => BitConverter.DoubleToInt64Bits(endpoint.Predict(row).Value)).ToArray();
        var columns = new
        {
            abroad = rows.Select(row => row.Abroad),
            age = rows.Select(row => row.Age),
            plan = rows.Select(row => row.Plan),
            spend = rows.Select(row => row.Spend),
        };

        var answers = new[]
        {
            await _app.PredictAsync(Rows.ToJson(rows)),
            await _app.PredictAsync(Rows.ToJson(new { rows })),
            await _app.PredictAsync(Rows.ToJson(new { columns })),
        };

        foreach (var answer in answers)
        {
            Assert.That(Scores(answer).Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(expected));
            Assert.That(answer.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("id").GetString()), Is.Unique);
        }
    }

    [Test]
    public async Task Predict_OneObject_SaysVersionArmLabelAndId()
    {
        var answer = await _app.PredictAsync(Rows.One);

        var row = answer.GetProperty("predictions")[0];
        Assert.Multiple(() =>
        {
            Assert.That(answer.GetProperty("model").GetString(), Is.EqualTo(SampleLifecycle.Name));
            Assert.That(answer.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(answer.GetProperty("arm").GetString(), Is.EqualTo("live"));
            Assert.That(row.GetProperty("label").GetString(), Is.EqualTo("Yes").Or.EqualTo("No"));
            Assert.That(row.GetProperty("scores")[0].GetDouble(), Is.EqualTo(row.GetProperty("score").GetDouble()));
            Assert.That(PredictionId.TryParse(row.GetProperty("id").GetString(), out _), Is.True);
        });
    }

    [TestCase("""{"age":41,"spend":null,"plan":null,"abroad":null}""")]
    [TestCase("""{"abroad":1,"other":{"a":[1,2]},"age":41.0,"plan":"monthly","spend":5}""")]
    [TestCase("""[{"age":4.1e1,"spend":5.5e1,"plan":"monthl\u0079","abroad":false}]""")]
    [TestCase("""{"key":"customer-1","ids":["order 7"],"rows":[{"age":41,"spend":5,"plan":"x","abroad":true}]}""")]
    [TestCase("""{"rows":[]}""")]
    [TestCase("[]")]
    public async Task Predict_UnusualButRight_Answers(string body) => await _app.PredictAsync(body);

    [Test]
    public async Task Predict_WithIds_AnswersUnderThem()
    {
        var id = PredictionId.New();
        var answer = await _app.PredictAsync($$"""{"rows":[{{Rows.One}},{{Rows.One}}],"ids":["{{id}}","order 7"]}""");

        Assert.That(
            answer.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("id").GetString()),
            Is.EqualTo(new[] { id.ToString(), PredictionId.FromKey("order 7").ToString() }));
    }

    [Test]
    public async Task Predict_ManyMistakes_SaysAllAtOnceWithRowColumnAndRemedy()
    {
        var body = """
            [{"age":"old","spend":1e999,"plan":7,"abroad":"no"},
             {"Age":1,"spend":"1","plan":"monthly","abroad":false,"spend":2},
             {"age":1.5,"spend":{"a":1},"plan":["x"],"abroad":2}, 5]
            """;

        using var answer = await _app.PostAsync(Path, body);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        var errors = problem.GetProperty("errors").EnumerateArray()
            .Select(error => (
                Row: error.GetProperty("row").GetInt32(),
                Column: error.TryGetProperty("column", out var column) ? column.GetString() : null,
                Problem: error.GetProperty("problem").GetString()!,
                Remedy: error.GetProperty("remedy").GetString()!))
            .ToArray();
        Assert.Multiple(() =>
        {
            Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
            Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(422));
            Assert.That(
                errors.Select(error => $"{error.Row} {error.Column}"),
                Is.EquivalentTo(new[]
                {
                    "0 age", "0 spend", "0 plan", "0 abroad", "1 age", "1 spend", "1 spend", "2 spend", "2 plan", "2 abroad", "3 ",
                }));
            Assert.That(
                errors.Single(error => (error.Row, error.Column) == (1, "age")).Remedy, Does.Contain("'Age'"), "near names are told");
            Assert.That(errors.Select(error => error.Remedy), Has.None.Empty);
            Assert.That(errors[0].Problem, Does.Contain("'old'"));
        });
    }

    [Test]
    public async Task Predict_ThousandsOfMistakes_ListsTheFirstAndCountsTheRest()
    {
        using var answer = await _app.PostAsync(Path, $"[{string.Join(',', Enumerable.Repeat("{}", 500))}]");

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(problem.GetProperty("errors").GetArrayLength(), Is.EqualTo(100));
        Assert.That(problem.GetProperty("moreErrors").GetInt32(), Is.EqualTo(1_900));
    }

    [TestCase("""{"columns":{"age":[1,2],"spend":[1],"plan":"x","abroad":[true,false]}}""", "spend", "plan")]
    [TestCase("""{"columns":{"age":[1,2],"spend":[1,2],"plan":["x","y"]}}""", "abroad")]
    [TestCase("""{"rows":[],"columns":{}}""", "columns")]
    [TestCase("""{"rows":[{"age":41,"spend":5,"plan":"x","abroad":true}],"ids":["a","b"],"extra":1}""", "ids", "extra")]
    [TestCase("""{"rows":[{"age":41,"spend":5,"plan":"x","abroad":true}],"key":7}""", "key")]
    [TestCase("""{"rows":[{"age":41,"spend":5,"plan":"\ud800","abroad":true}]}""", "plan")]
    public async Task Predict_EnvelopeWithMistakes_NamesThem(string body, params string[] columns)
    {
        using var answer = await _app.PostAsync(Path, body);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(
            problem.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("column").GetString()),
            Is.EquivalentTo(columns));
    }

    [TestCase("", TestName = "empty")]
    [TestCase("7", TestName = "number")]
    [TestCase("[{\"age\":1]", TestName = "unbalanced")]
    [TestCase("[{\"age\":NaN}]", TestName = "NaN")]
    [TestCase("[{\"age\":Infinity}]", TestName = "Infinity")]
    [TestCase("[] []", TestName = "two values")]
    [TestCase("// no\n[]", TestName = "comment")]
    public async Task Predict_NotJson_IsABadRequest(string body)
    {
        using var answer = await _app.PostAsync(Path, body);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("detail").GetString(), Is.Not.Empty);
    }

    [Test]
    public async Task Predict_UnknownModel_IsNotFoundAndNamesTheNearest()
    {
        using var answer = await _app.PostAsync("/models/subscriber/predict", Rows.One);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.NotFound);
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(SampleLifecycle.Name));
    }

    [Test]
    public async Task Predict_NothingIsLiveYet_IsUnavailableWithRetryAfter()
    {
        await using var empty = await TestApp.StartAsync(trained: false);

        using var answer = await empty.PostAsync(Path, Rows.One);

        await TestApp.ReadAsync(answer, HttpStatusCode.ServiceUnavailable);
        Assert.That(answer.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(30)));
    }

    [TestCase("predict", """[{"\ud800":1}]""")]
    [TestCase("predict", """{"\ud800":[]}""")]
    [TestCase("predict", """{"columns":{"\ud800":[1]}}""")]
    [TestCase("labels", """{"\ud800":{}}""")]
    [TestCase("labels", """{"labels":{"\ud800":"Yes"}}""")]
    public async Task Names_ThatAreNoText_AreMistakes(string route, string body)
    {
        using var answer = await _app.PostAsync($"/models/{SampleLifecycle.Name}/{route}", body);

        Assert.That((int)answer.StatusCode, Is.EqualTo(400).Or.EqualTo(422), await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Predict_CallsAreDivided_AKeyStaysOnItsArmAndOthersSpread()
    {
        await using var app = await TestApp.StartAsync();
        await app.Workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 1, 0.5)], "try");

        var byKey = new Dictionary<string, HashSet<string>>();
        for (var i = 0; i < 60; i++)
        {
            var key = $"customer-{i % 20}";
            using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(Rows.One) };
            request.Content.Headers.ContentType = new("application/json");
            if (i < 40) request.Headers.Add("X-Routing-Key", key);
            else request.Content = new StringContent(
                $$"""{"key":"{{key}}","rows":[{{Rows.One}}]}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));
            using var answer = await app.Client.SendAsync(request);
            var json = await TestApp.ReadAsync(answer, HttpStatusCode.OK);
            var arm = json.GetProperty("arm").GetString()!;
            Assert.That(json.GetProperty("version").GetInt32(), Is.EqualTo(arm == "canary" ? 1 : 2));
            if (!byKey.TryGetValue(key, out var arms)) byKey[key] = arms = [];
            arms.Add(arm);
        }

        Assert.That(byKey.Values, Has.All.Count.EqualTo(1));
        Assert.That(byKey.Values.SelectMany(arms => arms).Distinct().Count(), Is.EqualTo(2));
    }

    private static IEnumerable<double> Scores(JsonElement answer) => answer.GetProperty("predictions").EnumerateArray()
        .Select(row => double.Parse(row.GetProperty("score").GetRawText(), CultureInfo.InvariantCulture));

    [TestCase("""{"row":[ROW]}""", "row", "Did you mean 'rows'?")]
    [TestCase("""{"key":"x","Rows":[ROW]}""", "Rows", "Did you mean 'rows'?")]
    [TestCase("""{"column":{"age":[41]}}""", "column", "Did you mean 'columns'?")]
    [TestCase("""{"instances":[ROW]}""", "instances", "Send an array of rows")]
    public async Task Predict_RowsInAMemberOfAnotherName_IsOneMistakeThatNamesIt(string body, string member, string says)
    {
        using var answer = await _app.PostAsync(
            $"/models/{SampleLifecycle.Name}/predict", body.Replace("ROW", Rows.One, StringComparison.Ordinal));

        var errors = (await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity)).GetProperty("errors");
        Assert.That(errors.GetArrayLength(), Is.EqualTo(1));
        Assert.That(errors[0].GetProperty("column").GetString(), Is.EqualTo(member));
        Assert.That(errors[0].GetProperty("remedy").GetString(), Does.Contain(says));
    }
}
