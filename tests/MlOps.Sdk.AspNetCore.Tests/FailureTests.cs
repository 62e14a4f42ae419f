using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>What callers did not cause is a failure of the server: 500 without details, and in the log.</summary>
[TestFixture]
public sealed class FailureTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";
    private const string Path = $"{Model}/predict";

    private static readonly CircuitOptions Sensitive = new()
    {
        MinimumThroughput = 2,
        FailureRatio = 0.5,
        SamplingDuration = TimeSpan.FromHours(1),
        BreakDuration = TimeSpan.FromHours(1),
    };

    private TestApp? _app;

    [TearDown]
    public async Task Stop()
    {
        if (_app is { } app) await app.DisposeAsync();
        _app = null;
    }

    [Test]
    public async Task Model_ThatGivesNoNumber_FailsOnEveryRouteAndIsLogged()
    {
        var app = _app = await TestApp.StartAsync();
        using var model = await FailingModel.SwapAsync(app.Workspace);
        model.GivesNaN = true;

        using var one = await app.PostAsync(Path, Rows.One);
        using var many = await app.PostAsync(Path, $"[{Rows.One},{Rows.One}]");

        foreach (var answer in new[] { one, many }) await RequireFailedAsync(app, answer);
        Assert.That(Failures(app), Is.EqualTo(2));
    }

    [TestCase(typeof(OperationCanceledException))]
    [TestCase(typeof(ObjectDisposedException))]
    [TestCase(typeof(MlOpsException))]
    public async Task Model_ThatThrowsWhatLooksLikeALimit_FailsAndIsLogged(Type type)
    {
        var app = _app = await TestApp.StartAsync();
        using var model = await FailingModel.SwapAsync(app.Workspace);
        (model.Fails, model.Failure) = (true, () => (Exception)Activator.CreateInstance(type, "the place /var/secret")!);

        using var answer = await app.PostAsync(Path, Rows.One);

        await RequireFailedAsync(app, answer);
        Assert.That(Failures(app), Is.EqualTo(1));
    }

    [Test]
    public async Task Model_WhoseFailureQuotesARow_ForgesNoLineOfTheLog()
    {
        var app = _app = await TestApp.StartAsync();
        using var model = await FailingModel.SwapAsync(app.Workspace);
        (model.Fails, model.Failure) = (true, () => new InvalidOperationException("The plan 'x\r\ninfo: all is well\u202e' is unknown"));

        using var answer = await app.PostAsync(Path, Rows.One);
        using var lines = await app.PostAsync(Path, $"{Rows.One}\n", "application/x-ndjson");
        await lines.Content.ReadAsStringAsync();

        var told = app.Log.Where(line => line.StartsWith("10100", StringComparison.Ordinal)).ToArray();
        Assert.That(told, Has.Length.EqualTo(2));
        Assert.That(told, Has.All.Contains("\\u000d\\u000ainfo").And.None.Contains("\n").And.None.Contains("\u202e"));
    }

    [Test]
    public async Task Circuit_ThatIsOpenBeforeAFallbackThatFails_FailsAndIsLogged()
    {
        var app = _app = await TestApp.StartAsync(library: library => library.UseFallback(
            SampleLifecycle.Name, _ => throw new MlOpsException("the rule has lost /var/secret"), Sensitive));
        using var model = await FailingModel.SwapAsync(app.Workspace);
        model.Fails = true;

        for (var i = 0; i < 4; i++)
        {
            using var answer = await app.PostAsync(Path, Rows.One);
            await RequireFailedAsync(app, answer);
        }

        Assert.That(app.Workspace.SlotOf(SampleLifecycle.Name).Current!.IsCircuitOpen, Is.True);
        Assert.That(Failures(app), Is.EqualTo(4));
    }

    [Test]
    public async Task Circuit_WhoseFallbackIsRemoved_IsOpenNoMore()
    {
        var app = _app = await TestApp.StartAsync();
        using var model = await FailingModel.SwapAsync(app.Workspace);
        await app.Workspace.Traffic.SetFallbackAsync(
            SampleLifecycle.Name, ModelFallback.ToLabel("No") with { Circuit = Sensitive }, "in case");
        model.Fails = true;
        for (var i = 0; i < 4; i++) await app.PredictAsync(Rows.One);
        var slot = app.Workspace.SlotOf(SampleLifecycle.Name);
        var before = slot.Current!.IsCircuitOpen;

        await app.Workspace.Traffic.RemoveFallbackAsync(SampleLifecycle.Name, "no more");

        Assert.That((before, slot.Current!.IsCircuitOpen), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task Stopped_WithAFallbackThatFails_Is503AndLogged()
    {
        var app = _app = await TestApp.StartAsync(library: library => library.UseFallback(
            SampleLifecycle.Name, _ => throw new MlOpsException("the rule has lost /var/secret"), Sensitive));
        await app.Workspace.Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");

        using var answer = await app.PostAsync(Path, Rows.One);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(Failures(app), Is.EqualTo(1));
    }

    [Test]
    public async Task Lines_ThatFail_AreNamedOneByOneAndCountedAndLoggedOnce()
    {
        var app = _app = await TestApp.StartAsync();
        using var model = await FailingModel.SwapAsync(app.Workspace);
        model.Fails = true;

        using var answer = await app.PostAsync(Path, string.Join('\n', Enumerable.Repeat(Rows.One, 5)), "application/x-ndjson");

        var text = await answer.Content.ReadAsStringAsync();
        var counts = await app.Workspace.Calls.ReadAsync(SampleLifecycle.Name, DateTimeOffset.MinValue, DateTimeOffset.MaxValue, default);
        Assert.Multiple(() =>
        {
            Assert.That(
                text.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(5).And.All.Contains("cannot be predicted"));
            Assert.That(text, Does.Not.Contain("out of order"));
            Assert.That(counts[2].Failed, Is.EqualTo(5));
            Assert.That(Failures(app), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Actor_WhoseProviderFails_FailsAndWhoMayNotIsForbidden()
    {
        var actors = new Actors();
        var app = _app = await TestApp.StartAsync(
            options => options.AdminPolicy = "release", services: services => services.AddSingleton<IActorProvider>(actors));

        using var forbidden = await app.PostAsync($"{Model}/stop", """{"reason":"x"}""", client: app.Admin);
        actors.Fails = true;
        using var failed = await app.PostAsync($"{Model}/stop", """{"reason":"x"}""", client: app.Admin);

        Assert.That(forbidden.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), await forbidden.Content.ReadAsStringAsync());
        await RequireFailedAsync(app, failed);
        await app.RequireAliveAsync();
    }

    [Test]
    public async Task Promote_OfAVersionWhosePackageIsLost_FailsAndIsLoggedAndChangesNothing()
    {
        var app = _app = await TestApp.StartAsync(options => options.AdminPolicy = "release");
        var package = (await app.Workspace.Models.GetAsync(SampleLifecycle.Name, 1)).PackageId;
        foreach (var file in Directory.EnumerateFiles(app.Workspace.Path, "*", SearchOption.AllDirectories))
        {
            var name = file.Replace($"{System.IO.Path.DirectorySeparatorChar}", "", StringComparison.Ordinal);
            if (name.EndsWith($"{package}", StringComparison.Ordinal)) File.Delete(file);
        }

        using var lost = await app.PostAsync($"{Model}/promote", """{"version":1,"reason":"x"}""", client: app.Admin);
        using var unknown = await app.PostAsync($"{Model}/promote", """{"version":9,"reason":"x"}""", client: app.Admin);

        await RequireFailedAsync(app, lost);
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.UnprocessableEntity));
        Assert.That(Failures(app), Is.EqualTo(1));
        await app.RequireAliveAsync();
    }

    [Test]
    public async Task Registry_ThatDoesNotAgreeWithTheAuditLog_FailsAndIsLogged()
    {
        var app = _app = await TestApp.StartAsync(options => options.AdminPolicy = "release");
        await app.Workspace.Store.WriteAsync(
            connection =>
            {
                using var command = connection.CreateCommand();
                command.CommandText = "UPDATE model_versions SET content_hash = 'forged' WHERE version = 1";
                return command.ExecuteNonQuery();
            },
            default);

        using var answer = await app.PostAsync($"{Model}/promote", """{"version":1,"reason":"x"}""", client: app.Admin);

        await RequireFailedAsync(app, answer);
        Assert.That(Failures(app), Is.EqualTo(1));
    }

    [Test]
    public async Task Caller_WhoGoesInTheMiddleOfABody_IsNoFailure()
    {
        var app = _app = await TestApp.StartAsync();
        foreach (var type in new[] { "application/json", "application/x-ndjson" })
        {
            using var raw = await RawConnection.OpenAsync(app.Address);
            await raw.SendAsync(
                $"POST {Path} HTTP/1.1\r\nHost: x\r\nX-User: ann\r\nContent-Type: {type}\r\nContent-Length: 500\r\n\r\n{Rows.One}\n{{");
        }

        for (var i = 0; i < 5; i++) await app.RequireAliveAsync();
        await app.App.StopAsync();
        Assert.That(Failures(app), Is.Zero, string.Join('\n', app.Log));
    }

    private static int Failures(TestApp app) => app.Log.Count(line => line.StartsWith("10100", StringComparison.Ordinal));

    private static async Task RequireFailedAsync(TestApp app, HttpResponseMessage answer)
    {
        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.InternalServerError);
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(problem.TryGetProperty("errors", out _), Is.False);
        Assert.That(JsonSerializer.Serialize(problem), Does.Not.Contain("secret").And.Not.Contain("NaN").And.Not.Contain("out of order"));
        Assert.That(Failures(app), Is.GreaterThan(0));
    }

    private sealed class Actors : IActorProvider
    {
        public bool Fails { get; set; }

        public string Actor => Fails ? throw new MlOpsException("the directory at /var/secret is gone") : "eve";

        public bool May(ReleaseAction action, string model) => Fails;
    }
}
