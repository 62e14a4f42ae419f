using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class ActorProviderTests
{
    [Test]
    public async Task Run_ActorMayNotPromote_KeepsTheVersionBackUntilOneMay()
    {
        using var folder = new TempFolder();
        var actors = new Actors("bot");
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actors = actors);

        var kept = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var again = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        actors.Allowed.Add(ReleaseAction.Promote);
        actors.Actor = "ann";
        var live = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);

        var versions = await workspace.Models.ListAsync(SampleLifecycle.Name);
        var moves = await workspace.Models.AliasHistoryAsync(SampleLifecycle.Name, ModelRegistry.Champion);
        Assert.Multiple(() =>
        {
            Assert.That((kept.Deployment!.IsDeployed, kept.Deployment.IsKeptBack), Is.EqualTo((false, true)));
            Assert.That(kept.Deployment.Reason, Does.Contain($"'bot' may not promote a version of '{SampleLifecycle.Name}'"));
            Assert.That(again.Deployment!.IsKeptBack, Is.True);
            Assert.That((live.Deployment!.Version, live.Deployment.IsDeployed), Is.EqualTo((1, true)), live.Deployment.Reason);
            Assert.That(versions, Has.Count.EqualTo(1), "it is judged again, not registered again");
            Assert.That(moves.Select(move => move.Actor), Is.EqualTo(new[] { "ann" }));
        });
    }

    [Test]
    public async Task RollBackAndDivide_ActorMayNot_ChangeNothing()
    {
        using var folder = new TempFolder();
        var actors = new Actors("ann", ReleaseAction.Promote);
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actors = actors);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);
        var before = await workspace.Models.RouteAsync(SampleLifecycle.Name, ModelRegistry.Champion);

        Assert.That(
            async () => await workspace.Models.RollbackAsync(SampleLifecycle.Name, "x"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'ann' may not roll"));
        Assert.That(
            async () => await workspace.Traffic.DivideAsync(SampleLifecycle.Name, [], "x"),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'ann' may not divide the calls"));
        Assert.That(await workspace.Models.RouteAsync(SampleLifecycle.Name, ModelRegistry.Champion), Is.EqualTo(before));
        Assert.That(await workspace.Traffic.FindAsync(SampleLifecycle.Name), Is.Null);
    }

    [Test]
    public async Task Actor_DiffersFromCallToCall_IsInTheAudit()
    {
        using var folder = new TempFolder();
        var actors = new Actors("trainer", ReleaseAction.Promote, ReleaseAction.Divide);
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actors = actors);
        await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);

        actors.Actor = "ann";
        await workspace.Traffic.EndAsync(SampleLifecycle.Name, "x");
        actors.Actor = "bob";
        await workspace.Traffic.EndAsync(SampleLifecycle.Name, "y");

        var history = await workspace.Traffic.HistoryAsync(SampleLifecycle.Name);
        var entries = new List<AuditEntry>();
        await foreach (var entry in workspace.Audit.ReadAsync()) entries.Add(entry);
        Assert.That(history.Select(split => split.Actor), Is.EqualTo(new[] { "bob", "ann" }));
        Assert.That(entries.Where(entry => entry.Action == "model.promoted").Select(entry => entry.Actor), Is.EqualTo(new[] { "trainer" }));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase(null)]
    public async Task Actor_ProviderGivesNoName_IsAnErrorThatNamesIt(string? name)
    {
        using var folder = new TempFolder();
        var actors = new Actors(name!, ReleaseAction.Promote);
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actors = actors);

        Assert.That(
            async () => await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("The actor provider Actors gave no name"));
    }

    [Test]
    public async Task May_ProviderThrows_IsAnErrorAndNothingGoesLive()
    {
        using var folder = new TempFolder();
        var actors = new Actors("ann") { Failure = new InvalidOperationException("no request; Password=hunter2") };
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Actors = actors);

        var failure = await Assert.CatchAsync<MlOpsException>(
            async () => await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace));

        Assert.That(failure!.Message, Does.Contain("The actor provider Actors failed: no request").And.Not.Contain("hunter2"));
        Assert.That(await workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion), Is.Null);
    }

    [Test]
    public async Task Host_ProviderInTheContainer_IsAsked()
    {
        using var folder = new TempFolder();
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<IActorProvider>(new Actors("web"));
        builder.Services
            .AddMlOps(options => options.Workspace = folder.Path)
            .AddEndpoint<UnlabelledSubscriber, double>(SampleLifecycle.Name);
        using var host = builder.Build();
        await host.StartAsync();
        var workspace = host.Services.GetRequiredService<Workspace>();

        var run = await SampleLifecycle.Begin().Deployed().Build().RunAsync(workspace);

        Assert.That(run.Deployment!.Reason, Does.Contain("'web' may not promote"));
        await host.StopAsync();
    }

    private sealed class Actors(string actor, params ReleaseAction[] allowed) : IActorProvider
    {
        public HashSet<ReleaseAction> Allowed { get; } = [.. allowed];

        public Exception? Failure { get; init; }

        public string Actor { get; set; } = actor;

        public bool May(ReleaseAction action, string model) => Failure is null ? Allowed.Contains(action) : throw Failure;
    }
}
