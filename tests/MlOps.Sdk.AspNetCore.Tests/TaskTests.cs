using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Numbers and many classes over HTTP, from columns of times and flags.</summary>
[TestFixture]
public sealed class TaskTests
{
    private const string Number = "minutes";
    private const string Classes = "speeds";
    private const string Row = """{"at":"2024-03-01T08:30:00Z","rush":true,"distance":7.5}""";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _app = await TestApp.StartAsync(trained: false, map: app =>
        {
            app.MapModels();
            app.MapOpenInference();
            app.MapMLflowScoring(Number, "/number");
            app.MapMLflowScoring(Classes, "/classes");
        }, library: library => library.AddServedModels(Number, Classes));
        var random = new Random(7);
        var trips = Enumerable.Range(0, 600).Select(i =>
        {
            var (at, distance) = (new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(i * 3), random.NextDouble() * 20);
            var rush = at.Hour is 9 or 18;
            return new Trip(at, rush, distance, distance * (rush ? 4 : 2) + random.NextDouble());
        }).ToArray();
        await RunAsync(LifecycleBuilder.Create(Number)
            .DefineProblem(problem => problem.Regression("minutes"))
            .CollectData(data => data.FromObjects(trips))
            .ProcessData(data => data.Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.Rmse))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.GradientBoosting()).CrossValidate(2).Trials(0)));
        await RunAsync(LifecycleBuilder.Create(Classes)
            .DefineProblem(problem => problem.MulticlassClassification("speed"))
            .CollectData(data => data.FromObjects(trips.Select(trip => new
            {
                trip.At, trip.Rush, trip.Distance, Speed = trip.Minutes > 40 ? "slow" : trip.Minutes > 15 ? "usual" : "quick",
            })))
            .ProcessData(data => data.Split(test: 0.25))
            .DefineMetrics(metrics => metrics.Optimize(Metric.Accuracy))
            .EngineerFeatures(features => features.Auto())
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0)));

        async Task RunAsync(LifecycleBuilder builder)
        {
            var run = await builder.DeployModel(deployment => deployment.ToProcess()).Build().RunAsync(_app.Workspace);
            Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
        }
    }

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [Test]
    public async Task Regression_OnEveryRoute_IsANumberWithoutALabel()
    {
        var expected = InProcess(Number, true).Value.Score;

        var predicted = (await PostAsync($"/models/{Number}/predict", Row)).GetProperty("predictions")[0];
        var outputs = (await PostAsync($"/v2/models/{Number}/infer", Tensors)).GetProperty("outputs");
        var invoked = await PostAsync("/number/invocations", $$"""{"instances":[{{Row}}]}""");

        Assert.Multiple(() =>
        {
            Assert.That(predicted.GetProperty("score").GetDouble(), Is.EqualTo(expected));
            Assert.That(predicted.TryGetProperty("label", out _), Is.False);
            Assert.That(
                outputs.EnumerateArray().Select(output => output.GetProperty("name").GetString()),
                Is.EqualTo(new[] { "score", "prediction_id" }));
            Assert.That(outputs[0].GetProperty("data")[0].GetDouble(), Is.EqualTo(expected));
            Assert.That(invoked.GetProperty("predictions")[0].GetDouble(), Is.EqualTo(expected));
        });
    }

    [Test]
    public async Task Multiclass_OnEveryRoute_HasAScoreForEachClassAndTheLabel()
    {
        var expected = InProcess(Classes, true).Value;

        var predicted = (await PostAsync($"/models/{Classes}/predict", Row)).GetProperty("predictions")[0];
        var outputs = (await PostAsync($"/v2/models/{Classes}/infer", Tensors)).GetProperty("outputs").EnumerateArray()
            .ToDictionary(output => output.GetProperty("name").GetString()!);
        var invoked = await PostAsync("/classes/invocations", $$"""{"instances":[{{Row}}]}""");

        Assert.Multiple(() =>
        {
            Assert.That(expected.Scores, Has.Count.EqualTo(3));
            Assert.That(predicted.GetProperty("score").GetDouble(), Is.EqualTo(expected.Score));
            Assert.That(predicted.GetProperty("label").GetString(), Is.EqualTo(expected.Label));
            Assert.That(Numbers(predicted.GetProperty("scores")), Is.EqualTo(expected.Scores));
            Assert.That(outputs["label"].GetProperty("data")[0].GetString(), Is.EqualTo(expected.Label));
            Assert.That(Numbers(outputs["scores"].GetProperty("shape")), Is.EqualTo(new[] { 1.0, 3 }));
            Assert.That(Numbers(outputs["scores"].GetProperty("data")), Is.EqualTo(expected.Scores));
            Assert.That(invoked.GetProperty("predictions")[0].GetString(), Is.EqualTo(expected.Label));
        });
    }

    [Test]
    public async Task Flags_ReachTheModelAsTheyAre()
    {
        var answer = await PostAsync($"/models/{Number}/predict", $"[{Row},{Row.Replace("true", "false", StringComparison.Ordinal)}]");

        var scores = answer.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("score").GetDouble()).ToArray();
        Assert.That(scores, Is.EqualTo(new[] { InProcess(Number, true).Value.Score, InProcess(Number, false).Value.Score }));
        Assert.That(scores[0], Is.Not.EqualTo(scores[1]));
    }

    [TestCase("\"yesterday\"", "true", "at")]
    [TestCase("\"2024-03-01T08:30:00Z\"", "\"perhaps\"", "rush")]
    public async Task TimesAndFlags_ThatAreNone_AreNamed(string at, string rush, string column)
    {
        using var answer = await _app.PostAsync(
            $"/models/{Number}/predict", $$"""{"at":{{at}},"rush":{{rush}},"distance":7.5}""");

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(problem.GetProperty("errors")[0].GetProperty("column").GetString(), Is.EqualTo(column));
    }

    private const string Tensors = """
        {"inputs":[{"name":"at","shape":[1],"datatype":"BYTES","data":["2024-03-01T08:30:00Z"]},
        {"name":"rush","shape":[1],"datatype":"BOOL","data":[true]},{"name":"distance","shape":[1],"datatype":"FP64","data":[7.5]}]}
        """;

    private Prediction<ModelAnswer> InProcess(string model, bool rush) => _app.Workspace.Endpoint(model).Predict(
        new Dictionary<string, object?>
        {
            ["at"] = new DateTime(2024, 3, 1, 8, 30, 0, DateTimeKind.Utc), ["rush"] = rush, ["distance"] = 7.5,
        });

    private async Task<JsonElement> PostAsync(string path, string body)
    {
        using var answer = await _app.PostAsync(path, body);
        return await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetDouble())];

    private sealed record Trip(DateTime At, bool Rush, double Distance, double Minutes);
}
