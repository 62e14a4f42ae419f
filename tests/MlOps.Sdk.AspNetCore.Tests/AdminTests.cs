using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
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
        Assert.Multiple(() =>
        {
            Assert.That(back.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(promoted.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(promoted.GetProperty("previous").GetInt32(), Is.EqualTo(1));
            Assert.That(after.GetProperty("version").GetInt32(), Is.EqualTo(1));
            Assert.That(moves.Take(2).Select(move => move.Actor), Has.All.EqualTo("admin-eve"));
            Assert.That(moves[1].Reason, Is.EqualTo("the incident of Monday"));
            Assert.That(audit.Problem, Is.Null);
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
    [TestCase("traffic", """{"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "arms")]
    [TestCase("traffic", """{"arms":[null],"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "arm")]
    [TestCase("traffic", """{"arms":[{"name":"a","version":1,"share":2}],"reason":"x"}""", HttpStatusCode.UnprocessableEntity, "share")]
    public async Task Admin_RequestWithMistakes_IsRejectedAndChangesNothing(
        string route, string body, HttpStatusCode status, string named)
    {
        using var answer = await _app.PostAsync($"{Model}/{route}", body, client: _app.Admin);

        var problem = await TestApp.ReadAsync(answer, status);
        Assert.That(JsonSerializer.Serialize(problem), Does.Contain(named));
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

    private async Task<JsonElement> PostAsync(string route, string body)
    {
        using var answer = await _app.PostAsync($"{Model}/{route}", body, client: _app.Admin);
        return await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }
}
