using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

[TestFixture]
public sealed class DescriptionTests
{
    private const string Model = $"/models/{SampleLifecycle.Name}";

    private TestApp _app = null!;

    [OneTimeSetUp]
    public async Task Start() => _app = await TestApp.StartAsync();

    [OneTimeTearDown]
    public ValueTask Stop() => _app.DisposeAsync();

    [Test]
    public async Task List_OfAServer_NamesModelsAndVersions()
    {
        var list = await TestApp.ReadAsync(await _app.Client.GetAsync("/models"), HttpStatusCode.OK);

        Assert.That(
            list.GetProperty("models").EnumerateArray().Select(model => $"{model.GetProperty("name")} {model.GetProperty("version")}"),
            Is.EqualTo(new[] { $"{SampleLifecycle.Name} 2" }));
    }

    [Test]
    public async Task Describe_AModel_HasItsSignature()
    {
        var model = await TestApp.ReadAsync(await _app.Client.GetAsync(Model), HttpStatusCode.OK);

        var input = _app.Workspace.Endpoint(SampleLifecycle.Name).Input;
        Assert.Multiple(() =>
        {
            Assert.That(model.GetProperty("version").GetInt32(), Is.EqualTo(2));
            Assert.That(model.GetProperty("task").GetString(), Is.EqualTo("BinaryClassification"));
            Assert.That(
                model.GetProperty("classes").EnumerateArray().Select(label => label.GetString()), Is.EqualTo(new[] { "No", "Yes" }));
            Assert.That(model.GetProperty("positive").GetString(), Is.EqualTo("Yes"));
            Assert.That(model.GetProperty("threshold").GetDouble(), Is.InRange(0, 1));
            Assert.That(
                model.GetProperty("inputs").EnumerateArray().Select(field => $"{field.GetProperty("name")} {field.GetProperty("type")}"),
                Is.EqualTo(input.Select(field => $"{field.Name} {field.Type}")));
        });
    }

    [Test]
    public async Task OpenApi_OfAModel_HasSchemasAndAnExampleThatPredicts()
    {
        var document = await TestApp.ReadAsync(await _app.Client.GetAsync($"{Model}/openapi.json"), HttpStatusCode.OK);

        var predict = document.GetProperty("paths").GetProperty($"{Model}/predict").GetProperty("post");
        var schemas = document.GetProperty("components").GetProperty("schemas");
        var row = schemas.GetProperty("Row");
        var example = predict.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");
        var answer = await _app.PredictAsync(JsonSerializer.Serialize(example));
        var references = JsonSerializer.Serialize(document).Split("#/components/schemas/").Skip(1)
            .Select(rest => rest[..rest.IndexOf('"')]);
        Assert.Multiple(() =>
        {
            Assert.That(document.GetProperty("openapi").GetString(), Is.EqualTo("3.1.1"));
            Assert.That(
                row.GetProperty("properties").EnumerateObject().Select(property => property.Name),
                Is.EqualTo(_app.Workspace.Endpoint(SampleLifecycle.Name).Input.Select(field => field.Name)));
            Assert.That(row.GetProperty("properties").GetProperty("plan").GetProperty("type")[0].GetString(), Is.EqualTo("string"));
            Assert.That(references.Distinct(), Is.SubsetOf(schemas.EnumerateObject().Select(schema => schema.Name)));
            Assert.That(answer.GetProperty("predictions").GetArrayLength(), Is.EqualTo(1));
            Assert.That(
                predict.GetProperty("responses").EnumerateObject().Select(response => response.Name),
                Is.SupersetOf(new[] { "200", "400", "401", "403", "404", "408", "413", "415", "422", "429", "500", "503", "504" }));
            Assert.That(row.GetProperty("required").GetArrayLength(), Is.EqualTo(row.GetProperty("properties").EnumerateObject().Count()));
            Assert.That(
                schemas.GetProperty("Prediction").GetProperty("properties").GetProperty("label").GetProperty("enum").GetArrayLength(),
                Is.EqualTo(2));
        });
    }

    [Test]
    public async Task OpenApi_OfAModel_HasHeadersFlagsAndAllTypesOfBodies()
    {
        var document = await TestApp.ReadAsync(await _app.Client.GetAsync($"{Model}/openapi.json"), HttpStatusCode.OK);

        var paths = document.GetProperty("paths");
        var predict = paths.GetProperty($"{Model}/predict").GetProperty("post");
        string[] types =
            ["application/json", "application/x-ndjson", "application/vnd.apache.arrow.stream", "application/vnd.apache.arrow.file"];
        var flags = document.GetProperty("components").GetProperty("schemas").GetProperty("Prediction").GetProperty("properties")
            .GetProperty("flags");
        Assert.Multiple(() =>
        {
            Assert.That(
                predict.GetProperty("parameters").EnumerateArray().Select(one => $"{one.GetProperty("in")} {one.GetProperty("name")}"),
                Is.EqualTo(new[] { "header X-Routing-Key", "header X-Request-Timeout-Ms" }));
            Assert.That(flags.GetProperty("type").GetString(), Is.EqualTo("integer"));
            Assert.That(TypesOf(predict.GetProperty("requestBody")), Is.EqualTo(types));
            Assert.That(TypesOf(predict.GetProperty("responses").GetProperty("200")), Is.EqualTo(types));
            Assert.That(paths.EnumerateObject().Select(path => path.Name), Is.EqualTo(new[] { $"{Model}/predict", $"{Model}/labels" }));

            // A scheme of the application's own could be anything.
            Assert.That(document.GetProperty("components").TryGetProperty("securitySchemes", out _), Is.False);
        });

        static IEnumerable<string> TypesOf(JsonElement body) => body.GetProperty("content").EnumerateObject().Select(type => type.Name);
    }

    [Test]
    public async Task OpenApi_SchemesThatAspNetCoreKnows_AreRequired()
    {
        await using var app = await TestApp.StartAsync(
            options => options.LabelPolicy = "with a cookie",
            services: services =>
            {
                services.AddAuthentication().AddBearerToken().AddCookie("site", cookie => cookie.Cookie.Name = "site-user");
                services.AddAuthorizationBuilder()
                    .SetDefaultPolicy(new AuthorizationPolicyBuilder("header", "BearerToken").RequireAuthenticatedUser().Build())
                    .AddPolicy("with a cookie", policy => policy.AddAuthenticationSchemes("site").RequireAuthenticatedUser());
            });

        var document = await TestApp.ReadAsync(await app.Client.GetAsync($"{Model}/openapi.json"), HttpStatusCode.OK);

        Assert.Multiple(() =>
        {
            Assert.That(
                document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(scheme => scheme.ToString()),
                Is.EqualTo(new[]
                {
                    "\"BearerToken\":{\"type\":\"http\",\"scheme\":\"bearer\"}",
                    "\"site\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"site-user\"}",
                }));
            Assert.That(SecurityOf("predict"), Is.EqualTo("[{\"BearerToken\":[]}]"));
            Assert.That(SecurityOf("labels"), Is.EqualTo("[{\"BearerToken\":[]},{\"site\":[]}]"));
        });

        string SecurityOf(string route) => document.GetProperty("paths").GetProperty($"{Model}/{route}").GetProperty("post")
            .GetProperty("security").GetRawText();
    }

    [TestCase("header", true)]
    [TestCase("site", false)]
    public async Task OpenApi_CallerIsKnownByAnotherScheme_DoesNotTellOfReleases(string scheme, bool tells)
    {
        await using var app = await TestApp.StartAsync(
            options => options.AdminPolicy = "by scheme",
            services: services =>
            {
                services.AddAuthentication().AddCookie("site");
                services.AddAuthorizationBuilder()
                    .AddPolicy("by scheme", policy => policy.AddAuthenticationSchemes(scheme).RequireAuthenticatedUser());
            });

        var document = await TestApp.ReadAsync(await app.Client.GetAsync($"{Model}/openapi.json"), HttpStatusCode.OK);

        Assert.That(
            document.GetProperty("paths").EnumerateObject().Any(path => path.Name.EndsWith("/rollback", StringComparison.Ordinal)),
            Is.EqualTo(tells));
    }

    [Test]
    public async Task Health_NothingLive_IsAliveAndNotReady()
    {
        await using var app = await TestApp.StartAsync(trained: false);

        using var live = await app.Anonymous.GetAsync("/models/health/live");
        using var ready = await app.Anonymous.GetAsync("/models/health/ready");
        Assert.That((live.StatusCode, ready.StatusCode), Is.EqualTo((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable)));
    }

    [Test]
    public async Task Labels_OfPredictions_AreStoredUnderIdsAndKeys()
    {
        var id = PredictionId.New();
        await _app.PredictAsync($$"""{"rows":[{{Rows.One}},{{Rows.One}}],"ids":["{{id}}","order 77"]}""");

        var first = await LabelAsync($$$"""{"labels":{"{{{id}}}":"Yes","order 77":"No","order 78":"No"}}""");
        var again = await LabelAsync($$$"""{"labels":{"{{{id}}}":"Yes","order 77":"Yes"}}""");

        Assert.Multiple(() =>
        {
            Assert.That(first.GetProperty("added").GetInt32(), Is.EqualTo(2));
            Assert.That(first.GetProperty("unmatched")[0].GetString(), Is.EqualTo("order 78"));
            Assert.That((again.GetProperty("unchanged").GetInt32(), again.GetProperty("changed").GetInt32()), Is.EqualTo((1, 1)));
        });
    }

    [Test]
    public async Task Labels_WithMistakes_AreAllNamedAndNoneStored()
    {
        var id = PredictionId.New();
        await _app.PredictAsync($$"""{"rows":[{{Rows.One}}],"ids":["{{id}}"]}""");

        using var answer = await _app.PostAsync(
            $"{Model}/labels", $$"""{"labels":{"{{id}}":"Yes","a":"maybe","b":null,"":"Yes","c":[1],"{{id}}":"No"},"x":1}""");

        var problem = await TestApp.ReadAsync(answer, HttpStatusCode.UnprocessableEntity);
        Assert.That(
            problem.GetProperty("errors").EnumerateArray().Select(error => error.TryGetProperty("id", out var named)
                ? $"id {named}"
                : $"member {error.GetProperty("column")}"),
            Is.EqualTo(new[] { "id a", "id b", "id ", "id c", $"id {id}", "member x" }));
        Assert.That((await LabelAsync($$$"""{"labels":{"{{{id}}}":"Yes"}}""")).GetProperty("added").GetInt32(), Is.EqualTo(1));
    }

    private async Task<JsonElement> LabelAsync(string body)
    {
        using var answer = await _app.PostAsync($"{Model}/labels", body);
        return await TestApp.ReadAsync(answer, HttpStatusCode.OK);
    }
}
