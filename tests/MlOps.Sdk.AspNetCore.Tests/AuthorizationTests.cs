using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class AuthorizationTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";

    private static readonly (string Method, string Path)[] Routes =
    [
        ("GET", "/models"), ("GET", Model), ("GET", $"{Model}/openapi.json"), ("POST", $"{Model}/predict"), ("POST", $"{Model}/labels"),
        ("POST", $"{Model}/promote"), ("POST", $"{Model}/rollback"), ("POST", $"{Model}/traffic"),
        ("POST", $"{Model}/stop"), ("POST", $"{Model}/resume"), ("POST", $"{Model}/rollout/cancel"), ("POST", $"{Model}/releases"),
        ("GET", $"{Model}/versions"), ("GET", $"{Model}/traffic"), ("GET", $"{Model}/history"),
        ("GET", "/models/unknown"), ("POST", "/models/unknown/predict"),
    ];

    [Test]
    public async Task Routes_WithoutAUser_AreAllClosedButHealth()
    {
        await using var app = await TestApp.StartAsync(options => options.AdminPolicy = "release");

        foreach (var (method, path) in Routes)
        {
            using var answer = await app.Anonymous.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), path);
            Assert.That(await answer.Content.ReadAsStringAsync(), Does.Not.Contain(SampleLifecycle.Name));
        }

        Assert.That(await app.Anonymous.GetStringAsync("/models/health/live"), Is.EqualTo("{\"live\":true}"));
        Assert.That(await app.Anonymous.GetStringAsync("/models/health/ready"), Is.EqualTo("{\"ready\":true}"));
    }

    [Test]
    public async Task Admin_WithoutThePolicy_DoesNotExist()
    {
        await using var app = await TestApp.StartAsync();

        foreach (var route in new[] { "promote", "rollback", "traffic", "stop", "resume", "rollout/cancel" })
        {
            using var answer = await app.PostAsync($"{Model}/{route}", """{"version":1,"reason":"x"}""", client: app.Admin);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        }
    }

    [Test]
    public async Task Admin_AUserWhoMayNot_IsForbiddenAndChangesNothing()
    {
        await using var app = await TestApp.StartAsync(options => options.AdminPolicy = "release");

        foreach (var route in new[] { "promote", "rollback", "traffic", "stop", "resume", "rollout/cancel" })
        {
            using var answer = await app.PostAsync($"{Model}/{route}", """{"version":1,"reason":"x"}""");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        }

        foreach (var route in new[] { "versions", "traffic", "history" })
        {
            using var answer = await app.Client.GetAsync($"{Model}/{route}");
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        }

        Assert.That((await app.PredictAsync(Rows.One)).GetProperty("version").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task Policies_OfPredictionsAndLabels_AreHeld()
    {
        await using var app = await TestApp.StartAsync(options => options.PredictPolicy = options.LabelPolicy = "release");

        foreach (var route in new[] { "predict", "labels" })
        {
            using var refused = await app.PostAsync($"{Model}/{route}", Rows.One);
            using var taken = await app.PostAsync($"{Model}/{route}", Rows.One, client: app.Admin);
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
            Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.UnprocessableEntity));
        }
    }

    [Test]
    public async Task AnonymousPredictions_Allowed_OpenThoseAlone()
    {
        await using var app = await TestApp.StartAsync(options =>
            (options.AllowAnonymousPredictions, options.AdminPolicy) = (true, "release"));

        using var predicted = await app.PostAsync($"{Model}/predict", Rows.One, client: app.Anonymous);
        using var labelled = await app.PostAsync($"{Model}/labels", """{"labels":{}}""", client: app.Anonymous);
        using var promoted = await app.PostAsync($"{Model}/promote", """{"version":1,"reason":"x"}""", client: app.Anonymous);
        using var unknown = await app.PostAsync("/models/subscriber/predict", Rows.One, client: app.Anonymous);
        Assert.That(
            new[] { predicted, labelled, promoted }.Select(answer => answer.StatusCode),
            Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized }));
        Assert.That(
            await unknown.Content.ReadAsStringAsync(), Does.Not.Contain("'subscribers'"), "names are told to nobody without a name");
    }

    [Test]
    public async Task AllowAnonymous_OnAllRoutes_OpensNoAdminRoute()
    {
        await using var app = await TestApp.StartAsync(
            options => options.AdminPolicy = "release", map: mapped => mapped.MapModels().AllowAnonymous());

        foreach (var route in new[] { "promote", "rollback", "traffic", "stop", "resume", "rollout/cancel" })
        {
            const string body = """{"version":1,"reason":"x","arms":[]}""";
            using var nobody = await app.PostAsync($"{Model}/{route}", body, client: app.Anonymous);
            using var somebody = await app.PostAsync($"{Model}/{route}", body);
            Assert.That(
                (nobody.StatusCode, somebody.StatusCode), Is.EqualTo((HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden)), route);
        }

        using var predicted = await app.PostAsync($"{Model}/predict", Rows.One, client: app.Anonymous);
        Assert.That(predicted.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await app.PredictAsync(Rows.One)).GetProperty("version").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public async Task DefaultPolicy_LetsAnybodyIn_OpensNothing()
    {
        await using var app = await TestApp.StartAsync(
            services: services => services.AddAuthorizationBuilder().SetDefaultPolicy(
                new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder().RequireAssertion(_ => true).Build()));

        using var answer = await app.PostAsync($"{Model}/predict", Rows.One, client: app.Anonymous);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public void MapModels_ApplicationWithoutAuthentication_IsRefused()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMlOps().AddModelServing();
        var bare = builder.Build();
        var schemeless = WebApplication.CreateSlimBuilder();
        schemeless.Services.AddMlOps().AddModelServing();
        schemeless.Services.AddAuthentication();
        schemeless.Services.AddAuthorization();

        Assert.That(() => bare.MapModels(), Throws.InvalidOperationException.With.Message.Contains("AddAuthorization"));
        Assert.That(() => schemeless.Build().MapModels(), Throws.InvalidOperationException.With.Message.Contains("AddAuthentication"));
    }

    [Test]
    public void MapModels_WithoutItsServices_IsRefused() => Assert.That(
        () => WebApplication.CreateSlimBuilder().Build().MapModels(),
        Throws.InvalidOperationException.With.Message.Contains("AddModelServing"));

    [Test]
    public async Task MapModels_EverythingAnonymous_NeedsNoAuthentication()
    {
        using var folder = new TempFolder();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddMlOps(options => options.Workspace = folder["workspace"])
            .AddModelServing(options => options.AllowAnonymousPredictions = options.AllowAnonymousLabels = true);
        await using var app = builder.Build();

        Assert.That(() => app.MapModels(), Throws.Nothing);
    }

    [TestCase(nameof(ModelServingOptions.RequestBytes))]
    [TestCase(nameof(ModelServingOptions.RequestTimeout))]
    [TestCase(nameof(ModelServingOptions.PredictPolicy))]
    public void Options_OutOfRangeOrContradictory_KeepTheHostFromStarting(string option) => Assert.That(
        () => TestApp.StartAsync(options =>
        {
            switch (option)
            {
                case nameof(ModelServingOptions.RequestBytes): options.RequestBytes = 0; break;
                case nameof(ModelServingOptions.RequestTimeout): options.RequestTimeout = TimeSpan.Zero; break;
                default: (options.PredictPolicy, options.AllowAnonymousPredictions) = ("release", true); break;
            }
        }),
        Throws.TypeOf<OptionsValidationException>().With.Message.Contains(option));

    [TestCase(nameof(ModelServingOptions.PredictPolicy))]
    [TestCase(nameof(ModelServingOptions.LabelPolicy))]
    [TestCase(nameof(ModelServingOptions.AdminPolicy))]
    public void Policy_ThatDoesNotExist_KeepsTheHostFromStarting(string option) => Assert.That(
        () => TestApp.StartAsync(options => typeof(ModelServingOptions).GetProperty(option)!.SetValue(options, "relese")),
        Throws.TypeOf<OptionsValidationException>().With.Message.Contains($"{option} names the policy 'relese'"));

    [TestCase("BatchRow", "5", "Did you mean 'BatchRows'?")]
    [TestCase("AdminPolicyy", "release", "Did you mean 'AdminPolicy'?")]
    [TestCase("BatchRows:Most", "5", "single value")]
    [TestCase("BatchRows", "0", "BatchRows")]
    public void Configuration_WithAKeyOrValueThatIsNone_KeepsTheHostFromStarting(string key, string value, string says)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { [$"Serving:{key}"] = value, ["Other:BatchRow"] = "1" }).Build();

        Assert.That(
            () => TestApp.StartAsync(library: library => library.AddModelServing(configuration.GetSection("Serving"))),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains(says).And.Message.Not.Contains("Other"));
    }

    [Test]
    public async Task Configuration_OfTheSection_IsTaken()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Serving:BatchRows"] = "1", ["Serving:AdminPolicy"] = "release" })
            .Build();
        await using var app = await TestApp.StartAsync(
            library: library => library.AddModelServing(configuration.GetSection("Serving")));

        var options = app.App.Services.GetRequiredService<IOptions<ModelServingOptions>>().Value;
        Assert.That((options.BatchRows, options.AdminPolicy), Is.EqualTo((1, "release")));
    }
}
