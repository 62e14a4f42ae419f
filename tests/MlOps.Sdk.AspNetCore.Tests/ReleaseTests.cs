using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Releases that another workspace sends, and the target that sends them.</summary>
[TestFixture]
public sealed class ReleaseTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";

    private static readonly PackageSigner _signer = PackageSigner.Create();
    private static TempFolder _folder = null!;
    private static Workspace _origin = null!;
    private static DesiredDeployment _first = null!;
    private static DesiredDeployment _second = null!;

    private TestApp _app = null!;

    [OneTimeSetUp]
    public static async Task OpenAsync()
    {
        _folder = new TempFolder();
        TrainedWorkspace.CopyTo(_folder["origin"]);
        _origin = await Workspace.OpenAsync(_folder["origin"], options => options.Signer = _signer);
        _second = await _origin.Promoted.ReadPromotedAsync(SampleLifecycle.Name, default);
        var first = await _origin.Models.GetBlessedAsync(SampleLifecycle.Name, 1);
        _first = new DesiredDeployment(SampleLifecycle.Name, first, await _origin.Artifacts.ReadAllAsync(first.Version.PackageId))
        {
            PromotedAt = _second.PromotedAt!.Value.AddDays(-1),
        };
    }

    [OneTimeTearDown]
    public static async Task CloseAsync()
    {
        await _origin.DisposeAsync();
        _signer.Dispose();
        _folder.Dispose();
    }

    [SetUp]
    public async Task StartAsync() => _app = await StartAppAsync();

    [TearDown]
    public ValueTask StopAsync() => _app.DisposeAsync();

    [Test]
    public async Task Post_Releases_AreServedAtOnceAndAuditTheUser()
    {
        var target = Target();
        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).Version, Is.Null, "nothing is live");

        await target.ApplyAsync(_first);
        await target.ApplyAsync(_first);
        var first = await _app.PredictAsync(Rows.One);
        await target.ApplyAsync(_second);
        var observed = await target.ObserveAsync(SampleLifecycle.Name);

        Assert.That(first.GetProperty("version").GetInt32(), Is.EqualTo(1));
        Assert.That(
            observed,
            Is.EqualTo(new ObservedDeployment(SampleLifecycle.Name, 2, _second.Model.Version.ContentHash) { KeyId = _signer.KeyId }));
        var actors = new HashSet<string>();
        await foreach (var entry in _app.Workspace.Audit.ReadAsync()) actors.Add(entry.Actor);
        Assert.That(actors, Is.EqualTo(new[] { "admin-eve" }));
        Assert.That(_app.Log.Count(line => line.Contains(_signer.KeyId, StringComparison.Ordinal)), Is.EqualTo(2));
    }

    [TestCase("not signed", "is not signed")]
    [TestCase("of a stranger", "not trusted here")]
    [TestCase("cut", "cannot be read")]
    [TestCase("of another model", "one of 'other'")]
    [TestCase("old", "an old release")]
    public async Task Post_ReleaseThatIsNotTaken_SaysWhyAndTheOldGoesOn(string what, string says)
    {
        await Target().ApplyAsync(_second);
        using var stranger = PackageSigner.Create();
        var file = what switch
        {
            "not signed" => ReleaseFile.Write(_first, null),
            "of a stranger" => ReleaseFile.Write(_first, stranger),
            "cut" => ReleaseFile.Write(_first, _signer)[..1_000],
            "of another model" => ReleaseFile.Write(_first with { Endpoint = "other" }, _signer),
            _ => ReleaseFile.Write(_first, _signer),
        };

        using var answer = await PostAsync(file, _app.Admin);

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(answer.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(says));
        Assert.That((await _app.PredictAsync(Rows.One)).GetProperty("version").GetInt32(), Is.EqualTo(2));
        if (what == "old")
        {
            Assert.That(
                async () => await Target().ApplyAsync(_first), Throws.TypeOf<MlOpsException>().With.Message.Contains(says));
        }
    }

    [Test]
    public async Task Post_ByOthersThanAdmins_IsRejected()
    {
        var file = ReleaseFile.Write(_first, _signer);

        using var user = await PostAsync(file, _app.Client);
        using var nobody = await PostAsync(file, _app.Anonymous);

        Assert.That((user.StatusCode, nobody.StatusCode), Is.EqualTo((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized)));
        Assert.That(
            async () => await Target(options => options.HeaderValue = _ => ValueTask.FromResult("ann")).ApplyAsync(_first),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("403").And.Message.Contains("AdminPolicy"));
        Assert.That(await _app.Workspace.Models.ModelsAsync(), Is.Empty);
    }

    [Test]
    public async Task Post_OtherTypesAndSizes_AreRejected()
    {
        await using var small = await StartAppAsync(options => options.ReleaseBytes = 2_048);
        var file = ReleaseFile.Write(_first, _signer);

        using var large = await PostAsync(file, small.Admin);
        using var chunked = await SendAsync(small.Admin, new StreamContent(new ForwardOnly(file)), MediaTypes.Zip);
        using var other = await SendAsync(_app.Admin, new ByteArrayContent(file), "application/json");
        using var unknown = await SendAsync(_app.Admin, new ByteArrayContent(file), MediaTypes.Zip, "/models/other/releases");

        Assert.That(large.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(chunked.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "a model that this server does not serve");
    }

    [Test]
    public async Task Post_BeforeTheFloorOfANewServer_IsRejectedWithTheTimes()
    {
        var floor = _second.PromotedAt!.Value;
        await using var app = await TestApp.StartAsync(
            options => options.AdminPolicy = "release",
            trained: false,
            services: services =>
            {
                services.AddSingleton(new PackageTrust(_signer.PublicKey));
                services.Configure<MlOpsOptions>(options => options.ReleasesNotBefore = floor);
            });
        var target = Target(address: app.Address);

        Assert.That(
            async () => await target.ApplyAsync(_first),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("422").And.Message.Contains($"before {floor:yyyy-MM-dd'T'HH:mm:ss}")
                .And.Message.Contains("ReleasesNotBefore"));
        await target.ApplyAsync(_second);
        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).Version, Is.EqualTo(2));
    }

    [Test]
    public async Task Post_UploadThatIsInterrupted_LeavesNothingAndTheNextIsTakenUp()
    {
        var file = ReleaseFile.Write(_first, _signer);
        using (var raw = await RawConnection.OpenAsync(_app.Address))
        {
            await raw.SendAsync(Head(file.Length) + Encoding.Latin1.GetString(file, 0, file.Length / 2));
            Assert.That(
                async () => (await PostAsync(file, _app.Admin)).StatusCode,
                Is.EqualTo(HttpStatusCode.TooManyRequests).After(30_000, 20), "one at a time");
        }

        Assert.That(await _app.Workspace.Models.ModelsAsync(), Is.Empty);
        Assert.That(
            async () => (await PostAsync(file, _app.Admin)).StatusCode, Is.EqualTo(HttpStatusCode.OK).After(30_000, 20));
        Assert.That(_app.Log.Where(line => line.StartsWith("10100", StringComparison.Ordinal)), Is.Empty, "no failure of the server");
    }

    [Test]
    public async Task Post_BodyThatIsSlow_EndsWithTheTimeOfReleases()
    {
        await using var app = await StartAppAsync(options => options.ReleaseTimeout = TimeSpan.FromSeconds(1));
        var file = ReleaseFile.Write(_first, _signer);
        using var raw = await RawConnection.OpenAsync(app.Address);
        await raw.SendAsync(Head(file.Length) + Encoding.Latin1.GetString(file, 0, file.Length / 2));

        Assert.That(await raw.ReadUntilAsync("\r\n\r\n"), Does.StartWith("HTTP/1.1 408"));
        Assert.That(await app.Workspace.Models.ModelsAsync(), Is.Empty);
    }

    [Test]
    public async Task Post_LargerThanOtherRequestsMayBe_IsTakenUp()
    {
        await using var app = await StartAppAsync(options => options.RequestBytes = 1_024);
        var target = Target(address: app.Address);

        await target.ApplyAsync(_first);

        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Post_ServerThatTrustsNobody_SaysWhatToRegister()
    {
        await using var app = await StartAppAsync(trusts: false);

        Assert.That(
            async () => await Target(address: app.Address).ApplyAsync(_first),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("whose signatures it trusts"));
    }

    [Test]
    public async Task Post_WithoutAdminPolicy_DoesNotExist()
    {
        await using var app = await StartAppAsync(options => options.AdminPolicy = null);

        Assert.That(
            async () => await Target(address: app.Address).ApplyAsync(_first),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("404").And.Message.Contains("AdminPolicy"));
    }

    [Test]
    public async Task Apply_RolledBackThere_SaysSo()
    {
        var target = Target();
        await target.ApplyAsync(_first);
        await target.ApplyAsync(_second);
        await _app.Workspace.Models.RollbackAsync(SampleLifecycle.Name, "worse there");

        Assert.That(
            async () => await target.ApplyAsync(_second),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("serves version 1").And.Message.Contains("rolled back there"));
        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).Version, Is.EqualTo(1));
    }

    [Test]
    public async Task Apply_Lifecycle_ReachesTheServerAndIsRepairedByItsReconciliation()
    {
        await using var workspace = await Workspace.OpenAsync(_folder[$"w{Guid.NewGuid():N}"], options => options.Signer = _signer);
        var lifecycle = SampleLifecycle.Begin(Subscriber.Draw(400, 1))
            .Deployed(deployment => deployment.ToProcess().ToHttp(new Uri(_app.Address, "models"), Authorize)).Build();

        var run = await lifecycle.RunAsync(workspace);
        var states = await lifecycle.ReconcileAsync(workspace);

        Assert.That(run.Deployment!.Targets, Is.EqualTo(new[] { "process", $"server {_app.Address.Authority}/models/" }));
        Assert.That(states.Select(state => state.IsInSync), Is.All.True);
        var row = UnlabelledSubscriber.Of(Subscriber.Draw(1, 9)[0]);
        var there = await _app.PredictAsync(Rows.ToJson(row));
        var here = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(row);
        Assert.That(there.GetProperty("version").GetInt32(), Is.EqualTo(here.Version));
        Assert.That(there.GetProperty("predictions")[0].GetProperty("score").GetDouble(), Is.EqualTo(here.Value.Score));
        var again = await lifecycle.RunAsync(workspace);
        Assert.That(
            again.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Deployment).State,
            Is.EqualTo(MlOps.Sdk.Tracking.StageState.Reused),
            again.Explain());
    }

    [Test]
    public async Task Reconcile_SignerWasReplaced_DeliversAgainSoThatTheKeyBeforeCanBeDropped()
    {
        using var next = PackageSigner.Create();
        await using var app = await StartAppAsync(next.PublicKey);
        var path = _folder[$"w{Guid.NewGuid():N}"];
        var lifecycle = SampleLifecycle.Begin(Subscriber.Draw(400, 1))
            .Deployed(deployment => deployment.ToProcess().ToHttp(new Uri(app.Address, "models"), Authorize)).Build();
        await using (var before = await Workspace.OpenAsync(path, options => options.Signer = _signer)) await lifecycle.RunAsync(before);
        var target = Target(address: app.Address);
        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).KeyId, Is.EqualTo(_signer.KeyId));
        await using var workspace = await Workspace.OpenAsync(path, options => options.Signer = next);

        var seen = await lifecycle.ReconcileAsync(workspace, dryRun: true);
        var repaired = await lifecycle.ReconcileAsync(workspace);
        var again = await lifecycle.ReconcileAsync(workspace);

        Assert.That((seen[1].IsInSync, seen[1].ObservedVersion), Is.EqualTo((false, 1)));
        Assert.That((repaired[1].IsRepaired, repaired[1].Problem), Is.EqualTo((true, (string?)null)));
        Assert.That((again[1].IsInSync, again[1].IsRepaired), Is.EqualTo((true, false)), "once is enough");
        Assert.That((await target.ObserveAsync(SampleLifecycle.Name)).KeyId, Is.EqualTo(next.KeyId));
        var redelivered = await workspace.Audit.ReadAsync()
            .Where(entry => entry.Action == "model.redelivered" && entry.Details.Contains("server ", StringComparison.Ordinal))
            .SingleAsync();
        Assert.That(redelivered.Details, Does.Contain(_signer.KeyId), "who signed what was served");
        await using var strict = await Workspace.OpenAsync(
            app.Workspace.Path, options => options.Trust = new PackageTrust(next.PublicKey));
        Assert.That(await strict.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
    }

    [Test]
    public async Task Observe_CallerWhoMayNotRelease_IsNotToldTheKey()
    {
        await Target().ApplyAsync(_first);

        var user = await Target(options => options.HeaderValue = _ => ValueTask.FromResult("ann")).ObserveAsync(SampleLifecycle.Name);

        Assert.That((user.Version, user.KeyId), Is.EqualTo(((int?)1, (string?)null)));
        Assert.That((await Target().ObserveAsync(SampleLifecycle.Name)).KeyId, Is.EqualTo(_signer.KeyId));
    }

    [Test]
    public async Task Apply_ServerThatRedirectsIsSlowOrIsNone_KeepsTheHeaderAndSaysWhy()
    {
        var headers = new List<string>();
        using var redirecting = new HttpClient(new Answering(request =>
        {
            headers.Add(request.RequestUri!.Host);
            return new HttpResponseMessage(HttpStatusCode.TemporaryRedirect) { Headers = { Location = new Uri("http://127.0.0.2/steal") } };
        }));
        using var wrong = new HttpClient(new Answering(_ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent("<html>hello</html>"),
        }));
        using var broken = new HttpClient(new Answering(_ => throw new HttpRequestException("refused")));
        using var secret = new HttpClient(new Answering(_ => new HttpResponseMessage(HttpStatusCode.BadGateway)
        {
            Content = new StringContent("""{"detail":"password=hunter2 was wrong\r\n2026-01-01 forged line"}"""),
        }));

        Assert.That(Apply(redirecting), Throws.TypeOf<MlOpsException>().With.Message.Contains("redirects"));
        Assert.That(headers, Is.EqualTo(new[] { "127.0.0.1" }));
        Assert.That(Apply(wrong), Throws.TypeOf<MlOpsException>().With.Message.Contains("did not say that it received"));
        Assert.That(Apply(broken), Throws.TypeOf<MlOpsException>().With.Message.Contains("cannot be reached"));
        Assert.That(Apply(secret), Throws.TypeOf<MlOpsException>().With.Message.Not.Contains("hunter2").And.Message.Not.Contains("\n"));
        await Task.CompletedTask;

        static Func<Task> Apply(HttpClient client) => async () => await new HttpTarget(
            new Uri("http://127.0.0.1/models/"),
            new HttpTargetOptions { Client = client, HeaderName = "X-Api-Key", HeaderValue = _ => ValueTask.FromResult("key") },
            _origin.Outgoing,
            TimeProvider.System).ApplyAsync(_first);
    }

    [Test]
    public async Task Apply_ServerThatDoesNotAnswer_EndsWithItsLimit()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        using var hanging = new HttpClient(new Hanging());
        var applying = new HttpTarget(
            new Uri("http://127.0.0.1/models/"), new HttpTargetOptions { Client = hanging }, _origin.Outgoing, time).ApplyAsync(_first);

        time.Advance(TimeSpan.FromMinutes(4));

        Assert.That(async () => await applying, Throws.TypeOf<MlOpsException>().With.Message.Contains("did not answer in time"));
        await Task.CompletedTask;
    }

    [Test]
    public async Task Apply_ServerIsBusyWithOthers_ComesAgainWhenItSays()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var asked = 0;
        using var busy = new HttpClient(new Answering(_ => ++asked <= 2
            ? new HttpResponseMessage(HttpStatusCode.TooManyRequests) { Headers = { { "Retry-After", "3" } } }
            : new HttpResponseMessage(HttpStatusCode.OK)
            {
                Content = new StringContent(FormattableString.Invariant(
                    $$"""{"version":{{_first.Model.Version.Version}},"contentHash":"{{_first.Model.Version.ContentHash}}"}""")),
            }));
        var applying = new HttpTarget(
            new Uri("http://127.0.0.1/models/"), new HttpTargetOptions { Client = busy }, _origin.Outgoing, time)
            .ApplyAsync(_first).AsTask();
        var began = time.GetUtcNow();

        while (!applying.IsCompleted)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(1);
        }

        await applying;
        Assert.That(asked, Is.EqualTo(3));
        Assert.That(time.GetUtcNow() - began, Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(6)));
    }

    [TestCase(100_000)]
    [TestCase(9_000_000)]
    public async Task Observe_ModelOfManyColumns_IsRead(int columns)
    {
        using var wide = new HttpClient(new Answering(_ => new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new StringContent($$"""{"version":7,"contentHash":"ab","inputs":["{{new string('x', columns)}}"]}"""),
        }));
        var target = new HttpTarget(
            new Uri("http://127.0.0.1/models/"), new HttpTargetOptions { Client = wide }, _origin.Outgoing, TimeProvider.System);

        if (columns < 1_000_000)
        {
            Assert.That(await target.ObserveAsync("churn"), Is.EqualTo(new ObservedDeployment("churn", 7, "ab")));
        }
        else
        {
            Assert.That(async () => await target.ObserveAsync("churn"), Throws.TypeOf<MlOpsException>().With.Message.Contains("bytes"));
        }
    }

    [TestCase("")]
    [TestCase("a\r\nX-Other: b")]
    [TestCase("clé")]
    public void Apply_HeaderThatIsNone_IsRejectedWithoutBeingShown(string value) => Assert.That(
        async () => await Target(options => options.HeaderValue = _ => ValueTask.FromResult(value)).ApplyAsync(_first),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("characters that no header can have").And.Message.Not.Contains("X-Other"));

    [TestCase("http://scoring.example.com/models")]
    [TestCase("https://user:secret@scoring.example.com/models")]
    [TestCase("https://scoring.example.com/models?key=secret")]
    [TestCase("ftp://scoring.example.com")]
    [TestCase("models")]
    public void ToHttp_AddressThatIsNotSafe_IsRejectedWithoutItsSecrets(string address) => Assert.That(
        () => LifecycleBuilder.Create("a").DeployModel(deployment => deployment.ToHttp(new Uri(address, UriKind.RelativeOrAbsolute))),
        Throws.ArgumentException.With.Message.Not.Contains("secret"));

    [Test]
    public void ToHttp_OptionsOutOfRange_AreRejected()
    {
        var address = new Uri("https://scoring.example.com/models");

        Assert.That(() => Configure(options => options.Timeout = TimeSpan.FromHours(1)), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => Configure(options => options.HeaderName = "a b"), Throws.ArgumentException);
        Assert.That(() => Configure(options => options.HeaderFromEnvironment("")), Throws.ArgumentException);
        Assert.That(() => Configure(options => options.HeaderName = "X-Api-Key"), Throws.Nothing);

        void Configure(Action<HttpTargetOptions> configure) =>
            LifecycleBuilder.Create("a").DeployModel(deployment => deployment.ToHttp(address, configure));
    }

    private static Task<TestApp> StartAppAsync(string anotherKey) => TestApp.StartAsync(
        options => options.AdminPolicy = "release",
        trained: false,
        services: services => services.AddSingleton(new PackageTrust(_signer.PublicKey, anotherKey)));

    private static Task<TestApp> StartAppAsync(Action<ModelServingOptions>? configure = null, bool trusts = true) => TestApp.StartAsync(
        options =>
        {
            options.AdminPolicy = "release";
            configure?.Invoke(options);
        },
        trained: false,
        services: services =>
        {
            if (trusts) services.AddSingleton(new PackageTrust(_signer.PublicKey));
        });

    private static void Authorize(HttpTargetOptions options) =>
        (options.HeaderName, options.HeaderValue) = ("X-User", _ => ValueTask.FromResult("admin-eve"));

    private static string Head(int length) => FormattableString.Invariant(
        $"POST {Model}/releases HTTP/1.1\r\nHost: x\r\nX-User: admin-eve\r\nContent-Type: application/zip\r\n") +
        FormattableString.Invariant($"Content-Length: {length}\r\n\r\n");

    private HttpTarget Target(Action<HttpTargetOptions>? configure = null, Uri? address = null)
    {
        var options = new HttpTargetOptions();
        Authorize(options);
        configure?.Invoke(options);
        return new HttpTarget(
            HttpTarget.Check(new Uri(address ?? _app.Address, "models")), options.Checked(), _origin.Outgoing, TimeProvider.System);
    }

    private static Task<HttpResponseMessage> PostAsync(byte[] file, HttpClient client) =>
        SendAsync(client, new ByteArrayContent(file), MediaTypes.Zip);

    private static Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpContent content, string type, string path = $"{Model}/releases")
    {
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return client.PostAsync(path, content);
    }

    // Of unknown length, so that it is sent in chunks.
    private sealed class ForwardOnly(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }

    private sealed class Hanging : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException(Encoding.UTF8.EncodingName);
        }
    }
}
