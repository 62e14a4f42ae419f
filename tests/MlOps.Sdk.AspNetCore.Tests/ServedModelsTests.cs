using System.Net;
using Microsoft.AspNetCore.Builder;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.AspNetCore.Tests;

/// <summary>Where models are named, others that are live in the workspace are not answered over HTTP.</summary>
[TestFixture]
public sealed class ServedModelsTests
{
    private const string Row = """{"spend":5}""";

    private TestApp? _app;

    [TearDown]
    public async Task Stop()
    {
        if (_app is { } app) await app.DisposeAsync();
    }

    [TestCase(false, HttpStatusCode.NotFound)]
    [TestCase(true, HttpStatusCode.OK)]
    public async Task Model_ThatIsLiveInTheWorkspace_IsAnsweredOnlyIfItIsNamed(bool isNamed, HttpStatusCode status)
    {
        var app = _app = await TestApp.StartAsync(
            map: app =>
            {
                app.MapModels();
                app.MapOpenInference();
                app.MapMLflowScoring("gated");
            },
            library: library =>
            {
                library.AddReader(new GatedModel.Reader());
                if (isNamed) library.AddServedModels("gated");
            });
        await app.Workspace.Models.ImportAsync(
            "gated",
            (_, _) => ValueTask.FromResult<IRowModel>(new GatedModel()),
            import => import
                .Problem(problem => problem.BinaryClassification("left", positive: "Yes"))
                .Judge(DataSources.Objects(Subscriber.Draw(500, 3)), gates => gates.Optimize(Metric.RocAuc, atLeast: 0.5)));
        Assert.That(app.Workspace.SlotOf("gated").Current, Is.Not.Null);

        using var predicted = await app.PostAsync("/models/gated/predict", Row);
        using var described = await app.Client.GetAsync("/models/gated");
        using var inferred = await app.Client.GetAsync("/v2/models/gated/ready");
        using var list = await app.Client.GetAsync("/models");
        using var mapped = await app.PostAsync("/invocations", $$"""{"instances":[{{Row}}]}""");

        var names = await list.Content.ReadAsStringAsync();
        Assert.Multiple(() =>
        {
            Assert.That(new[] { predicted.StatusCode, described.StatusCode, inferred.StatusCode }, Is.All.EqualTo(status));
            Assert.That(names.Contains("gated", StringComparison.Ordinal), Is.EqualTo(isNamed));
            Assert.That(mapped.StatusCode, Is.EqualTo(HttpStatusCode.OK), "the application names it in the route");
        });
        await app.RequireAliveAsync();
    }

    [Test]
    public async Task Start_LiveVersionIsDamaged_CanBeRolledBackOverHttp()
    {
        var app = _app = await TestApp.StartAsync(
            options => options.AdminPolicy = "release",
            prepare: async path =>
            {
                await using var workspace = await Workspace.OpenAsync(path);
                await workspace.Files.DeleteAnywayAsync(
                    (await workspace.Models.GetAsync(SampleLifecycle.Name, 2)).PackageId, CancellationToken.None);
            },
            servesAll: true);
        var predict = $"/models/{SampleLifecycle.Name}/predict";

        using var before = await app.PostAsync(predict, Rows.One);
        using var versions = await app.Admin.GetAsync($"/models/{SampleLifecycle.Name}/versions");
        using var ofOthers = await app.PostAsync(
            "/models/customer-chrun/rollback", """{"reason":"its package is damaged"}""", client: app.Admin);
        using var rolledBack = await app.PostAsync(
            $"/models/{SampleLifecycle.Name}/rollback", """{"reason":"its package is damaged"}""", client: app.Admin);
        using var after = await app.PostAsync(predict, Rows.One);

        Assert.That(before.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(
            new[] { versions.StatusCode, ofOthers.StatusCode, rolledBack.StatusCode, after.StatusCode },
            Is.EqualTo(new[] { HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK }),
            await rolledBack.Content.ReadAsStringAsync());
    }
}
