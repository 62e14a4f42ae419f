using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Hosting;

[TestFixture]
public sealed class ServedModelsTests
{
    private static readonly Dictionary<string, object?> Row = new()
    {
        ["age"] = 41, ["spend"] = 50.5, ["plan"] = "monthly", ["abroad"] = false,
    };

    [TestCase(true)]
    [TestCase(false)]
    public async Task AddServedModels_NamedOrAll_ServesWithoutAClass(bool isNamed)
    {
        using var folder = new TempFolder();
        await TrainAsync(folder);
        using var host = BuildHost(folder, isNamed ? [SampleLifecycle.Name] : []);
        await host.StartAsync();

        var endpoint = host.Services.GetRequiredService<Workspace>().Endpoint(SampleLifecycle.Name);

        Assert.That(endpoint.Predict(Row).Version, Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    public async Task AddServedModels_AllAndOnePromotedLater_TakesItUp()
    {
        using var folder = new TempFolder();
        using var host = BuildHost(folder, []);
        await host.StartAsync();
        var workspace = host.Services.GetRequiredService<Workspace>();
        Assert.That(workspace.Slots, Is.Empty);

        await TrainAsync(folder);
        await host.Services.GetRequiredService<MlOpsHostedService>().Promotions!.FollowOthersAsync(default);

        Assert.That(workspace.Endpoint(SampleLifecycle.Name).Predict(Row).Version, Is.EqualTo(1));
        await host.StopAsync();
    }

    [Test]
    public async Task AddServedModels_OneOfAllCannotBeServed_KeepsTheHostRunning()
    {
        using var folder = new TempFolder();
        await TrainAsync(folder);
        await using (var workspace = await Workspace.OpenAsync(folder["workspace"]))
        {
            workspace.Files.Delete((await workspace.Models.GetAsync(SampleLifecycle.Name, 1)).PackageId);
        }
        using var host = BuildHost(folder, []);

        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<Workspace>().Endpoint(SampleLifecycle.Name).IsLive, Is.False);
        await host.StopAsync();
    }

    [Test]
    public async Task HealthCheck_OfAllModels_LooksAtThoseThatAreServed()
    {
        using var folder = new TempFolder();
        using var host = BuildHost(folder, []);
        await host.StartAsync();
        var checks = host.Services.GetRequiredService<HealthCheckService>();

        var empty = await checks.CheckHealthAsync();
        await TrainAsync(folder);
        await host.Services.GetRequiredService<MlOpsHostedService>().Promotions!.FollowOthersAsync(default);
        var live = await checks.CheckHealthAsync();
        await host.Services.GetRequiredService<Workspace>().Traffic.StopAsync(SampleLifecycle.Name, "wrong prices");
        var stopped = await checks.CheckHealthAsync();

        Assert.Multiple(() =>
        {
            Assert.That(
                (empty.Status, live.Status, stopped.Status),
                Is.EqualTo((HealthStatus.Unhealthy, HealthStatus.Healthy, HealthStatus.Degraded)));
            Assert.That(live.Entries.Single().Value.Data[SampleLifecycle.Name], Is.EqualTo(1));
        });
        await host.StopAsync();
    }

    [Test]
    public async Task FindSlot_UnknownName_MakesNone()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        Assert.That(workspace.FindSlot("unknown"), Is.Null);
        Assert.That(workspace.Slots, Is.Empty);
    }

    [TestCase("Churn")]
    [TestCase("churn\n")]
    [TestCase("a/b")]
    public void AddServedModelsAndEndpoint_NameThatNoModelCanHave_IsRejected(string name)
    {
        var builder = new ServiceCollection().AddMlOps(options => options.Workspace = "somewhere");

        Assert.That(() => builder.AddServedModels("churn", name), Throws.ArgumentException.With.Message.Contains("cannot be the name"));
        Assert.That(
            () => builder.AddEndpoint<UnlabelledSubscriber, double>(name),
            Throws.ArgumentException.With.Message.Contains("cannot be the name"));
    }

    [Test]
    public void AddServedModels_EmptyName_IsRefused() => Assert.That(
        () => new ServiceCollection().AddMlOps().AddServedModels(""), Throws.ArgumentException);

    private static async Task TrainAsync(TempFolder folder)
    {
        await using var workspace = await Workspace.OpenAsync(folder["workspace"]);
        var run = await SampleLifecycle.Begin(Subscriber.Draw(500, 1)).Deployed().Build().RunAsync(workspace);
        Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
    }

    private static IHost BuildHost(TempFolder folder, IReadOnlyList<string> models)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddMlOps(options => (options.Workspace, options.PromotionInterval) = (folder["workspace"], TimeSpan.FromHours(1)))
            .AddServedModels(models);
        builder.Services.AddHealthChecks().AddMlOps();
        return builder.Build();
    }
}
