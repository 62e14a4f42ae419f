using System.Net;
using System.Text.Json;
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
}
