using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>
/// Calls over HTTP take the path of calls in process: with stops, fallbacks, circuits, arms and shadows, and counted alike.
/// </summary>
[TestFixture]
public sealed class FallbackTests
{
    private const string Path = $"/models/{SampleLifecycle.Name}/predict";
    private const string Fallback = "fallback";

    private static readonly UnlabelledSubscriber[] Sent = Rows.Draw(3);

    private TestApp _app = null!;

    [SetUp]
    public async Task Start() => _app = await TestApp.StartAsync(map: app =>
    {
        app.MapModels();
        app.MapOpenInference();
        app.MapMLflowScoring(SampleLifecycle.Name);
    });

    [TearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    private Workspace Workspace => _app.Workspace;

    private Endpoint<UnlabelledSubscriber, Answer> InProcess => Workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);

    [Test]
    public async Task Stopped_WithoutAndWithAFallback_IsToldOfTheModelAndKeepsTheServerReady()
    {
        await Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        var (server, model, alone) = await LookAsync();
        await Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        var (_, ready, helped) = await LookAsync();
        await Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToLabel("No"), "in case");
        var (_, _, constant) = await LookAsync();

        Assert.Multiple(() =>
        {
            Assert.That((server, model, ready), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK)));
            foreach (var stopped in new[] { alone, helped, constant }.SelectMany(one => one))
            {
                var since = stopped.GetProperty("stopped").GetProperty("since").GetDateTimeOffset();
                Assert.That(since, Is.GreaterThan(DateTimeOffset.UnixEpoch));
                Assert.That(stopped.GetProperty("stopped").TryGetProperty("reason", out _), Is.False);
            }
            Assert.That(alone.Select(one => one.GetProperty("live").GetBoolean()), Is.All.False);
            Assert.That(helped.Select(one => one.GetProperty("live").GetBoolean()), Is.All.True);
            Assert.That(
                helped.Concat(constant).Select(one => one.GetProperty("fallback").GetProperty("kind").GetString()),
                Is.EqualTo(new[] { "version", "version", "constant", "constant" }));
        });

        async Task<(HttpStatusCode Server, HttpStatusCode Model, JsonElement[] Told)> LookAsync()
        {
            using var server = await _app.Anonymous.GetAsync("/models/health/ready");
            using var protocol = await _app.Anonymous.GetAsync("/v2/health/ready");
            Assert.That(protocol.StatusCode, Is.EqualTo(server.StatusCode));
            using var model = await _app.Client.GetAsync($"/v2/models/{SampleLifecycle.Name}/ready");
            var list = await TestApp.ReadAsync(await _app.Client.GetAsync("/models"), HttpStatusCode.OK);
            var one = await TestApp.ReadAsync(await _app.Client.GetAsync($"/models/{SampleLifecycle.Name}"), HttpStatusCode.OK);
            return (server.StatusCode, model.StatusCode, [list.GetProperty("models")[0], one]);
        }
    }

    [Test]
    public async Task Stopped_WithAConstant_IsAnsweredByItOnEveryRouteAndNotRecorded()
    {
        await Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToLabel("No"), "in case");
        await Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        var answers = await EveryRoute.AskAsync(_app, Sent);
        var withIds = await _app.PredictAsync($$"""{"rows":[{{Rows.One}},{{Rows.One}}],"ids":["order 7","order 8"]}""");

        await Workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(Workspace.Store).CountAsync(SampleLifecycle.Name);
        Assert.Multiple(() =>
        {
            RequireAll(answers, Fallback, version: 0);
            Assert.That(answers.Select(answer => answer.Label), Is.All.EqualTo("No"));
            Assert.That(answers.Select(answer => answer.Score), Is.All.Null.Or.Zero);
            Assert.That(
                withIds.GetProperty("predictions").EnumerateArray().Select(row => row.GetProperty("id").GetString()),
                Is.EqualTo(new[] { PredictionId.FromKey("order 7").ToString(), PredictionId.FromKey("order 8").ToString() }));
            Assert.That(recorded, Is.Zero);
        });
    }

    [Test]
    public async Task Stopped_WithAnEarlierVersion_IsAnsweredAsInProcessAndRecordedAsThatVersion()
    {
        await Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        var before = Sent.Select(row => InProcess.Predict(row).Value.Score).ToArray();
        await Workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        await Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        var answers = await EveryRoute.AskAsync(_app, Sent);

        await Workspace.Monitor(SampleLifecycle.Name).FlushAsync();
        var recorded = await new PredictionTable(Workspace.Store).CountAsync(SampleLifecycle.Name, version: 1);
        var expected = Sent.Select(row => InProcess.Predict(row).Value.Score).ToArray();
        Assert.Multiple(() =>
        {
            RequireAll(answers, Fallback, version: 1);
            Assert.That(expected, Is.Not.EqualTo(before));
            foreach (var form in answers.Where(answer => answer.Score is not null).GroupBy(answer => answer.Form))
            {
                Assert.That(form.Select(answer => answer.Score), Is.EqualTo(expected.Take(form.Count())), form.Key);
            }

            Assert.That(recorded, Is.EqualTo(answers.Count));
        });
    }

    [Test]
    public async Task Stopped_WithoutAFallback_Is503OnEveryRouteUntilItIsResumed()
    {
        await Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        using var predict = await _app.PostAsync(Path, Rows.One);
        using var lines = await _app.PostAsync(Path, Rows.One, "application/x-ndjson");
        using var invoked = await _app.PostAsync("/invocations", $$"""{"instances":[{{Rows.One}}]}""");
        await Workspace.Traffic.ResumeAsync(SampleLifecycle.Name, "right");

        foreach (var answer in new[] { predict, lines, invoked })
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
        }

        RequireAll(await EveryRoute.AskAsync(_app, Sent), TrafficArm.Live, version: 2);
    }

    [Test]
    public async Task Infer_OfAVersionThatIsStopped_IsAnsweredByItsFallback()
    {
        await Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        await Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        var answers = await EveryRoute.InferAsync(_app, $"/v2/models/{SampleLifecycle.Name}/versions/2/infer", Sent);
        using var unknown = await _app.PostAsync($"/v2/models/{SampleLifecycle.Name}/versions/1/infer", """{"inputs":[]}""");

        Assert.That(answers.Select(answer => (answer.Arm, answer.Version)), Is.All.EqualTo((Fallback, 1)));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "a fallback is not served under its version");
    }

    [Test]
    public async Task Failing_BehindACircuit_IsAnsweredByTheFallbackAndNotAskedWhileItIsOpen()
    {
        using var model = await SwapAsync();
        await Workspace.Traffic.SetFallbackAsync(
            SampleLifecycle.Name,
            ModelFallback.ToVersion(1) with
            {
                Circuit = new CircuitOptions
                {
                    MinimumThroughput = EveryRoute.Count,
                    FailureRatio = 0.5,
                    SamplingDuration = TimeSpan.FromHours(1),
                    BreakDuration = TimeSpan.FromHours(1),
                },
            },
            "in case");
        model.Fails = true;

        var failing = await EveryRoute.AskAsync(_app, Sent);
        var asked = model.Calls;
        var isOpen = Workspace.SlotOf(SampleLifecycle.Name).Current!.IsCircuitOpen;
        var open = await EveryRoute.AskAsync(_app, Sent);

        var counts = await CountsAsync();
        Assert.Multiple(() =>
        {
            RequireAll(failing, Fallback, version: 1);
            RequireAll(open, Fallback, version: 1);
            Assert.That((isOpen, model.Calls - asked), Is.EqualTo((true, 0)));
            Assert.That((counts[2].Answered, counts[2].Failed), Is.EqualTo((0L, (long)(failing.Count + open.Count))));
        });
    }

    [Test]
    public async Task Failing_WithoutAFallback_Is500AndCountedAsAFailure()
    {
        using var model = await SwapAsync();
        model.Fails = true;

        using var one = await _app.PostAsync(Path, Rows.One);
        using var many = await _app.PostAsync(Path, Rows.ToJson(Sent));

        Assert.That(new[] { one.StatusCode, many.StatusCode }, Is.All.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That((await CountsAsync())[2].Failed, Is.EqualTo(1 + Sent.Length));
    }

    [Test]
    public async Task Fallback_ThatReadsRowsInAnotherWay_ReadsThemAgain()
    {
        // Version 3 takes rows without a column, and version 1 does not.
        var run = await SampleLifecycle.Begin(Subscriber.Draw(700, 3))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable().CheckInputs(
                inputs => inputs.MissingColumns(InputHandling.Flag)))
            .Build().RunAsync(Workspace);
        Assert.That((run.Deployment!.Version, run.Deployment.IsDeployed), Is.EqualTo((3, true)), run.Deployment.Reason);
        await Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToVersion(1), "in case");
        const string partial = """{"age":41,"plan":"monthly","abroad":false}""";

        var flagged = await _app.PredictAsync(partial);
        await Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        var whole = await EveryRoute.AskAsync(_app, Sent);
        using var one = await _app.PostAsync(Path, partial);
        using var many = await _app.PostAsync(Path, $"[{partial},{Rows.One}]");

        Assert.That(flagged.GetProperty("predictions")[0].GetProperty("flags").GetInt32(), Is.EqualTo(1));
        using var lines = await _app.PostAsync(Path, $"{Rows.One}\n{partial}\n{Rows.One}", "application/x-ndjson");

        RequireAll(whole, Fallback, version: 1);
        foreach (var answer in new[] { one, many })
        {
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("'spend' is missing"));
        }

        var ofLines = (await lines.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(
            ofLines.Select(line => line.Contains("\"arm\":\"fallback\"", StringComparison.Ordinal)),
            Is.EqualTo(new[] { true, false, true }));
        Assert.That(ofLines[1], Does.Contain("'spend' is missing"));
    }

    [Test]
    public async Task Shadow_OfAllCalls_IsComparedWithTheAnswersOfEveryRoute()
    {
        await Workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("shadow", 1, 1, IsShadow: true)], "compare");

        var answers = await EveryRoute.AskAsync(_app, Sent);

        RequireAll(answers, TrafficArm.Live, version: 2);
        Assert.That(
            async () => (await Workspace.Traffic.ShadowAsync(SampleLifecycle.Name)).Sum(shadow => shadow.Rows),
            Is.EqualTo(answers.Count).After(20_000, 50));
        var copied = await Workspace.Traffic.ShadowAnswersAsync(SampleLifecycle.Name, 100);
        Assert.That(
            copied.Select(copy => copy.LiveScore).Distinct(), Is.EquivalentTo(Sent.Select(row => InProcess.Predict(row).Value.Score)));
        Assert.That(copied.Select(copy => (copy.LiveVersion, copy.ShadowVersion)), Is.All.EqualTo((2, 1)));
    }

    [Test]
    public async Task Arms_WithAKey_AnswerAsInProcess()
    {
        await Workspace.Traffic.DivideAsync(SampleLifecycle.Name, [new("canary", 1, 0.5)], "try");
        var arms = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            var expected = InProcess.Predict(Sent[0], PredictionId.New(), $"customer {i}");
            var one = await _app.PredictAsync(Rows.ToJson(new { rows = Sent[..1], key = $"customer {i}" }));
            var many = await _app.PredictAsync(Rows.ToJson(new { rows = Sent, key = $"customer {i}" }));
            foreach (var answer in new[] { one, many })
            {
                Assert.That(
                    (answer.GetProperty("arm").GetString(), answer.GetProperty("version").GetInt32()),
                    Is.EqualTo((expected.Arm, expected.Version)));
            }

            arms.Add(expected.Arm);
        }

        Assert.That(arms, Is.EquivalentTo(new[] { TrafficArm.Live, "canary" }));
    }

    [Test]
    public async Task Calls_AnsweredAndRejected_AreCountedAsInProcess()
    {
        var answers = await EveryRoute.AskAsync(_app, Sent);
        using var rejected = await _app.PostAsync(Path, """{"age":"x","spend":1,"plan":"m","abroad":true}""");

        var counts = await CountsAsync();
        Assert.That(rejected.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(counts.Keys, Is.EqualTo(new[] { 2 }));
        Assert.That((counts[2].Answered, counts[2].Failed), Is.EqualTo(((long)answers.Count, 0L)));
    }

    private static void RequireAll(IReadOnlyList<EveryRoute.Answer> answers, string arm, int version)
    {
        Assert.That(answers.Select(answer => answer.Form).Distinct().Count(), Is.EqualTo(EveryRoute.Count));
        Assert.That(answers.Where(answer => answer.Arm != arm && answer.Form != "invocations"), Is.Empty);
        Assert.That(answers.Where(answer => answer.Version != version), Is.Empty);
    }

    private Task<IReadOnlyDictionary<int, CallCounts>> CountsAsync()
    {
        var now = DateTimeOffset.UtcNow;
        return Workspace.Calls.ReadAsync(SampleLifecycle.Name, now.AddHours(-1), now.AddHours(1), default);
    }

    private Task<FailingModel> SwapAsync() => FailingModel.SwapAsync(Workspace);
}
