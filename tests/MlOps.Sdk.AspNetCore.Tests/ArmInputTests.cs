using System.Net;
using System.Text.Json;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Arms that read other columns than each other: a request is read as the arm reads it that answers.</summary>
[TestFixture]
public sealed class ArmInputTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";
    private const string Partial = """{"age":41,"plan":"monthly","abroad":false}""";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _app = await TestApp.StartAsync();

        // Version 3 takes rows without a column, and version 1 does not.
        var run = await SampleLifecycle.Begin(Subscriber.Draw(700, 3))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable().CheckInputs(
                inputs => inputs.MissingColumns(InputHandling.Flag)))
            .Build().RunAsync(_app.Workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        await _app.Workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("strict", 1, 0.5)], "try");
    }

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [TestCase("""{"rows":[ROW],"key":"KEY"}""")]
    [TestCase("""{"key":"KEY","rows":[ROW,ROW]}""")]
    [TestCase("""{"columns":{"age":[41,42],"plan":["monthly","monthly"],"abroad":[false,true]},"key":"KEY"}""")]
    [TestCase("""{"rows":[ROW],"ids":["KEY"]}""")]
    [TestCase("""{"ids":["KEY"],"columns":{"age":[41],"plan":["monthly"],"abroad":[false]}}""")]
    public async Task Row_OfAKeyOrIdInTheBody_IsReadByTheArmThatAnswersIt(string form)
    {
        var byId = form.Contains("ids", StringComparison.Ordinal);
        var endpoint = _app.Workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var arms = new HashSet<string>();
        for (var i = 0; i < 24; i++)
        {
            var key = $"customer {i}";
            var due = byId
                ? endpoint.Predict(Rows.Draw(1)[0], PredictionId.FromKey(key))
                : endpoint.Predict(Rows.Draw(1)[0], PredictionId.New(), key);
            arms.Add(due.Arm);

            using var answer = await _app.PostAsync(
                Path,
                form.Replace("ROW", Partial, StringComparison.Ordinal).Replace("KEY", key, StringComparison.Ordinal));

            var text = await answer.Content.ReadAsStringAsync();
            Assert.That(
                answer.StatusCode,
                Is.EqualTo(due.Arm == "strict" ? HttpStatusCode.UnprocessableEntity : HttpStatusCode.OK),
                $"{key} {due.Arm}: {text}");
            if (due.Arm != "strict") Assert.That(text, Does.Contain("\"version\":3,"));
        }

        Assert.That(arms, Is.EquivalentTo(new[] { TrafficArm.Live, "strict" }));
    }

    [Test]
    public async Task Lines_WithOneThatIsRejected_AreAllAnsweredByOneArm()
    {
        var rejected = """{"age":"old","spend":5,"plan":"monthly","abroad":false}""";
        var missing = """{"age":null,"spend":null,"plan":null,"abroad":null}""";
        for (var i = 0; i < 8; i++)
        {
            using var answer = await _app.PostAsync(
                Path,
                string.Join('\n', Enumerable.Repeat(Rows.One, 20).Append(rejected).Append(missing)),
                "application/x-ndjson");
            var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonDocument.Parse(line).RootElement)
                .ToArray();
            Assert.That(lines, Has.Length.EqualTo(22));
            Assert.That(
                lines.Where(line => line.TryGetProperty("arm", out _)).Select(line => line.GetProperty("arm").GetString()).Distinct(),
                Has.Exactly(1).Items);
        }
    }

    [Test]
    public async Task Description_OfArmsWithOtherInputs_HasThoseOfEach()
    {
        // Its first arm requires each column, and the live version none.
        var model = await TestApp.ReadAsync(await _app.Client.GetAsync($"/models/{SampleLifecycle.Name}"), HttpStatusCode.OK);
        var document = await TestApp.ReadAsync(
            await _app.Client.GetAsync($"/models/{SampleLifecycle.Name}/openapi.json"), HttpStatusCode.OK);

        var row = document.GetProperty("components").GetProperty("schemas").GetProperty("Row");
        Assert.Multiple(() =>
        {
            Assert.That(
                model.GetProperty("arms").EnumerateArray().Select(arm =>
                    $"{arm.GetProperty("name")} {arm.GetProperty("inputs").GetArrayLength()} {RequiredOf(arm)}"),
                Is.EqualTo(new[] { "strict 4 4", "live 4 0" }));
            Assert.That(RequiredOf(model), Is.Zero);
            Assert.That(row.GetProperty("required").GetArrayLength(), Is.EqualTo(4));
        });

        static int RequiredOf(JsonElement inputs) =>
            inputs.GetProperty("inputs").EnumerateArray().Count(input => input.GetProperty("required").GetBoolean());
    }
}
