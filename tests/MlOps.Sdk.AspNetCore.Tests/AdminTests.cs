using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class AdminTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";

    private TestApp _app = null!;

    [SetUp]
    public async Task Start() => _app = await TestApp.StartAsync(options => options.AdminPolicy = "release");

    [TearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [Test]
    public async Task PromoteAndRollBack_ByAUser_ServeAtOnceAndAuditTheUser()
    {
        var back = await PostAsync("rollback", """{"reason":"the incident of Monday"}""");
        var after = await _app.PredictAsync(Rows.One);
        var promoted = await PostAsync("promote", """{"version":2,"reason":"it was not the model"}""");

        var moves = await _app.Workspace.Models.AliasHistoryAsync(SampleLifecycle.Name, ModelRegistry.Champion);
        var audit = await _app.Workspace.Audit.VerifyAsync();
        var actions = new List<string>();
        await foreach (var entry in _app.Workspace.Audit.ReadAsync())
        {
            if (entry.Actor == "admin-eve") actions.Add(entry.Action);
        }
        Assert.Multiple(() =>
        {
            Assert.That(back.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(promoted.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(promoted.GetProperty("previous").GetInt32(), Is.EqualTo(1));
            Assert.That(after.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(moves.Take(2).Select(move => move.Actor), Has.All.EqualTo("admin-eve"));
            Assert.That(moves[1].Reason, Is.EqualTo("the incident of Monday"));
            Assert.That(audit.Problem, Is.Null);
            Assert.That(actions, Is.EqualTo(new[] { "model.rolled-back", "model.promoted" }));
            Assert.That(_app.Log.Count(line => line.StartsWith("10102 admin-eve", StringComparison.Ordinal)), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Traffic_DividedAndEnded_IsFollowedAtOnce()
    {
        var split = await PostAsync("traffic", """{"arms":[{"name":"canary","version":1,"share":1}],"reason":"try"}""");
        var canary = await _app.PredictAsync(Rows.One);
        var description = await TestApp.ReadAsync(await _app.Client.GetAsync(Model), HttpStatusCode.OK);
        var generation = split.GetProperty("generation").GetInt64();
        using var late = await _app.PostAsync(
            $"{Model}/traffic", $$"""{"arms":[],"reason":"late","generation":{{generation - 1}}}""", client: _app.Admin);
        var conflict = await late.Content.ReadAsStringAsync();
        await PostAsync("traffic", """{"arms":[],"reason":"enough"}""");
        var live = await _app.PredictAsync(Rows.One);

        Assert.Multiple(() =>
        {
            Assert.That(canary.GetProperty("arm").GetString(), Is.EqualTo("canary"));
            Assert.That(
                description.GetProperty("arms").EnumerateArray().Select(arm =>
                    $"{arm.GetProperty("name")} {arm.GetProperty("version")} {arm.GetProperty("share")}"),
                Is.EqualTo(new[] { "canary 1 1", "live 2 0" }));
            Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
            Assert.That(conflict, Does.Contain("The model was changed meanwhile").And.Contain($"generation {generation}"));
            Assert.That(live.GetProperty("arm").GetString(), Is.EqualTo("live"));
        });
    }

    [Test]
    public async Task Stop_ByAUser_AnswersNobodyUntilResumed()
    {
        await PostAsync("stop", """{"reason":"it discriminates"}""");
        using var stopped = await _app.PostAsync($"{Model}/predict", Rows.One);
        using var lines = await _app.PostAsync($"{Model}/predict", Rows.One, "application/x-ndjson");
        var list = await TestApp.ReadAsync(await _app.Client.GetAsync("/models"), HttpStatusCode.OK);
        var resumed = await PostAsync("resume", """{"reason":"it does not"}""");

        var text = await stopped.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(
                (stopped.StatusCode, lines.StatusCode), Is.EqualTo((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable)));
            Assert.That(text, Does.Contain("stopped").And.Not.Contain("discriminates").And.Not.Contain("eve"));
            Assert.That(list.GetProperty("models")[0].GetProperty("live").GetBoolean(), Is.False);
            Assert.That(list.GetProperty("models")[0].GetProperty("stopped").TryGetProperty("reason", out _), Is.False);
            Assert.That(resumed.GetProperty("actor").GetString(), Is.EqualTo("admin-eve"));
        });
        await _app.RequireAliveAsync();
    }

    [TestCase("promote", """{"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "version")]
    [TestCase("promote", """{"version":1}""", HttpStatusCode.UnprocessableEntity, "reason")]
    [TestCase("promote", """{"version":7,"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "7")]
    [TestCase("promote", """{"version":2,"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "already live")]
    [TestCase("promote", """{"version":1,"reason":"x","force":true}""", HttpStatusCode.BadRequest, "force")]
    [TestCase("promote", """{"version":1,"version":2,"reason":"x"}""", HttpStatusCode.BadRequest, "twice")]
    [TestCase("promote", "null", HttpStatusCode.BadRequest, "null")]
    [TestCase("promote", """{"versio":1,"reason":"x"}""", HttpStatusCode.BadRequest, "Did you mean \u0027version\u0027")]
    [TestCase("promote", """{"version":"1","reason":"x"}""", HttpStatusCode.BadRequest, "$.version has a wrong type")]
    [TestCase("promote", """{"version":1""", HttpStatusCode.BadRequest, "line 1")]
    [TestCase("promote", "[1]", HttpStatusCode.BadRequest, "not an object")]
    [TestCase("rollout/cancel", """{"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "No rollout")]
    [TestCase(
        "traffic",
        """{"arms":[{"name":"a","version":1,"share":0,"shadow":true}],"reason":"x"}""",
        HttpStatusCode.BadRequest,
        "\u0027shadow\u0027 is unknown. Did you mean \u0027isShadow\u0027? It is arm 0")]
    [TestCase("traffic", """{"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "arms")]
    [TestCase("traffic", """{"arms":[null],"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "arm")]
    [TestCase("traffic", """{"arms":[{"name":"a","version":1,"share":2}],"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "share")]
    public async Task Admin_RequestWithMistakes_IsRejectedAndChangesNothing(
        string route, string body, HttpStatusCode status, string named)
    {
        using var answer = await _app.PostAsync($"{Model}/{route}", body, client: _app.Admin);

        var problem = await TestApp.ReadAsync(answer, status);
        Assert.That(JsonSerializer.Serialize(problem), Does.Contain(named.Replace("'", "\\u0027", StringComparison.Ordinal)));
        Assert.That((await _app.PredictAsync(Rows.One)).GetProperty("version").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Admin_NameWithLineBreaks_IsOnOneLineInLogAndAudit()
    {
        using var client = _app.NewClient("admin%0D%0A10100%20forged%E2%80%A8" + new string('x', 200));

        using var answer = await _app.PostAsync($"{Model}/promote", """{"version":1,"reason":"line\r\nbreak"}""", client: client);

        await TestApp.ReadAsync(answer, HttpStatusCode.OK);
        var move = (await _app.Workspace.Models.AliasHistoryAsync(SampleLifecycle.Name, ModelRegistry.Champion))[0];
        Assert.That(move.Actor, Has.Length.InRange(150, 250).And.Not.Contains("\n").And.Not.Contains("\r").And.Not.Contains("\u2028"));
        Assert.That(_app.Log.Where(line => line.StartsWith("10102", StringComparison.Ordinal)), Has.All.Not.Contains("\n"));
    }

    [Test]
    public async Task Actor_WithANameAndAnIdentifier_IsRecordedWithBoth()
    {
        using var client = _app.NewClient("admin-" + new string('x', 60));
        client.DefaultRequestHeaders.Add("X-User-Id", "00u1a2b3");

        using var answer = await _app.PostAsync($"{Model}/promote", """{"version":1,"reason":"x"}""", client: client);

        var move = await TestApp.ReadAsync(answer, HttpStatusCode.OK);
        Assert.That(move.GetProperty("actor").GetString(), Is.EqualTo($"admin-{new string('x', 60)} (00u1a2b3)"));
    }

    [Test]
    public async Task Traffic_WithAShadow_KeepsItAndSaysSo()
    {
        var split = await PostAsync(
            "traffic", """{"arms":[{"name":"candidate","version":1,"share":0.5,"isShadow":true}],"reason":"compare"}""");
        var description = await TestApp.ReadAsync(await _app.Client.GetAsync(Model), HttpStatusCode.OK);

        var arm = split.GetProperty("arms")[0];
        Assert.Multiple(() =>
        {
            Assert.That((arm.GetProperty("isShadow").GetBoolean(), split.GetProperty("liveShare").GetDouble()), Is.EqualTo((true, 1.0)));
            Assert.That(_app.Workspace.SlotOf(SampleLifecycle.Name).Route!.Shadows, Has.Count.EqualTo(1));
            Assert.That(
                description.GetProperty("arms").EnumerateArray().Select(one =>
                    $"{one.GetProperty("name")} {one.GetProperty("share")} {one.TryGetProperty("isShadow", out _)}"),
                Is.EqualTo(new[] { "live 1 False", "candidate 0.5 True" }));
        });
    }

    [Test]
    public async Task PromoteAndRollBack_OfAUser_AskTheActorForWhatTheyDo()
    {
        var asked = new Asked();
        await using var app = await TestApp.StartAsync(
            options => options.AdminPolicy = "release", services: services => services.AddSingleton<IActorProvider>(asked));

        foreach (var (route, body) in new[]
        {
            ("rollback", """{"reason":"x"}"""),
            ("promote", """{"version":2,"reason":"x"}"""),
            ("rollback", """{"version":1,"reason":"x"}"""),
        })
        {
            using var answer = await app.PostAsync($"{Model}/{route}", body, client: app.Admin);
            await TestApp.ReadAsync(answer, HttpStatusCode.OK);
        }

        Assert.That(asked.Actions, Is.EqualTo(new[] { ReleaseAction.RollBack, ReleaseAction.Promote, ReleaseAction.RollBack }));
    }

    [Test]
    public async Task Actor_OutsideOfRequests_IsThatOfTheHost()
    {
        var change = await _app.Workspace.Models.RollbackAsync(SampleLifecycle.Name, "by the host", 1);

        Assert.That(change.Actor, Is.EqualTo("server"));
    }

    private sealed class Asked : IActorProvider
    {
        public ConcurrentQueue<ReleaseAction> Actions { get; } = [];

        public string Actor => "eve";

        public bool May(ReleaseAction action, string model)
        {
            Actions.Enqueue(action);
            return true;
        }
    }

    [Test]
    public async Task Reads_ByAUserWhoMayRelease_TellWhatWasChanged()
    {
        await _app.Workspace.Traffic.SetFallbackAsync(SampleLifecycle.Name, ModelFallback.ToLabel("No"), "in case");
        await PostAsync("rollback", """{"reason":"the incident of Monday"}""");
        await PostAsync("traffic", """{"arms":[{"name":"canary","version":2,"share":0.25}],"reason":"try"}""");
        await PostAsync("stop", """{"reason":"it discriminates"}""");

        var versions = await GetAsync("/versions");
        var newest = await GetAsync("/versions?limit=1");
        var traffic = await GetAsync("/traffic");
        var history = await GetAsync("/history?limit=2");
        Assert.Multiple(() =>
        {
            Assert.That(
                versions.GetProperty("versions").EnumerateArray().Select(one =>
                    $"{one.GetProperty("version")} {one.GetProperty("isBlessed")} {one.GetProperty("aliases")}"),
                Is.EqualTo(new[] { "2 True []", "1 True [\"champion\"]" }));
            Assert.That(
                (newest.GetProperty("count").GetInt32(), newest.GetProperty("versions").GetArrayLength()), Is.EqualTo((2, 1)));
            Assert.That(traffic.GetProperty("split").GetProperty("arms")[0].GetProperty("share").GetDouble(), Is.EqualTo(0.25));
            Assert.That(traffic.GetProperty("split").GetProperty("generation").GetInt64(), Is.Positive);
            Assert.That(traffic.GetProperty("stop").GetProperty("reason").GetString(), Is.EqualTo("it discriminates"));
            Assert.That(traffic.GetProperty("fallback").GetProperty("label").GetString(), Is.EqualTo("No"));
            Assert.That(traffic.TryGetProperty("rollout", out _), Is.False);
            Assert.That(
                history.GetProperty("releases").EnumerateArray().Select(one => one.GetProperty("version").GetInt32()),
                Is.EqualTo(new[] { 1, 2 }));
            Assert.That(history.GetProperty("splits")[0].GetProperty("reason").GetString(), Is.EqualTo("try"));
            Assert.That(history.GetProperty("switches")[0].GetProperty("stopped").GetBoolean(), Is.True);
        });
    }

    [TestCase("0")]
    [TestCase("201")]
    [TestCase("all")]
    [TestCase("1&limit=2")]
    public async Task Reads_WithALimitThatIsNone_AreRejected(string limit)
    {
        using var answer = await _app.Admin.GetAsync($"{Model}/history?limit={limit}");

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.BadRequest);
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("from 1 to 200"));
    }

    [Test]
    public async Task CancelRollout_InProgress_TakesTheCandidateOff()
    {
        var lifecycle = SampleLifecycle.Begin(Subscriber.Draw(700, 3))
            .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable().RollAsCanary(
                canary => canary.Step(0.5, TimeSpan.FromHours(1))))
            .Monitored()
            .Build();
        await lifecycle.RollOutAsync(_app.Workspace, 1, "again");
        var running = (await GetAsync("/traffic")).GetProperty("rollout").GetProperty("state").GetString();

        var ended = await PostAsync("rollout/cancel", """{"reason":"the campaign begins"}""");

        var traffic = await GetAsync("/traffic");
        var history = await GetAsync("/history");
        Assert.Multiple(() =>
        {
            Assert.That((running, ended.GetProperty("state").GetString()), Is.EqualTo(("Running", "Cancelled")));
            Assert.That(ended.GetProperty("actor").GetString(), Is.EqualTo("admin-eve"));
            Assert.That(traffic.TryGetProperty("rollout", out _), Is.False);
            Assert.That(traffic.GetProperty("split").GetProperty("arms").GetArrayLength(), Is.Zero);
            Assert.That(history.GetProperty("rollouts")[0].GetProperty("reason").GetString(), Is.EqualTo("the campaign begins"));
            Assert.That(_app.Log, Has.Some.Contains("the rollout of version 1 is cancelled"));
        });
    }

    [Test]
    public async Task OpenApi_ForAUserWhoMayRelease_HasAllRoutesOfReleases()
    {
        var document = await TestApp.ReadAsync(await _app.Admin.GetAsync($"{Model}/openapi.json"), HttpStatusCode.OK);
        var usual = await TestApp.ReadAsync(await _app.Client.GetAsync($"{Model}/openapi.json"), HttpStatusCode.OK);

        var routes = ((IEndpointRouteBuilder)_app.App).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(route => route.RoutePattern.RawText!.StartsWith("/models/{model}/", StringComparison.Ordinal)
                && !route.RoutePattern.RawText.EndsWith("openapi.json", StringComparison.Ordinal))
            .Select(route => route.RoutePattern.RawText!.Replace("{model}", SampleLifecycle.Name, StringComparison.Ordinal) + " "
                + route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0].ToLowerInvariant());
        var described = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => $"{path.Name} {method.Name}"));
        var schemas = document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(schema => schema.Name);
        var references = document.GetRawText().Split("#/components/schemas/").Skip(1).Select(rest => rest[..rest.IndexOf('"')]);
        Assert.Multiple(() =>
        {
            Assert.That(described, Is.EquivalentTo(routes));
            Assert.That(references.Distinct(), Is.SubsetOf(schemas));
            Assert.That(usual.GetRawText(), Does.Not.Contain("promote"));
        });
    }

    private async Task<JsonElement> GetAsync(string route) =>
        await TestApp.ReadAsync(await _app.Admin.GetAsync(Model + route), HttpStatusCode.OK);

    private async Task<JsonElement> PostAsync(string route, string body)
    {
        using var answer = await _app.PostAsync($"{Model}/{route}", body, client: _app.Admin);
        return await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }
}
