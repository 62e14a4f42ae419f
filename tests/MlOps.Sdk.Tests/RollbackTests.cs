using MlOps.Sdk.Audit;
using MlOps.Sdk.Registry;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class RollbackTests
{
    private TempFolder _folder = null!;
    private Workspace _workspace = null!;

    [SetUp]
    public async Task DeployThree()
    {
        _folder = new TempFolder();
        _workspace = await Workspace.OpenAsync(_folder.Path, options => options.Actor = "ann");
        for (var i = 1; i <= 3; i++)
        {
            var run = await Build(500 + i * 100).RunAsync(_workspace);
            Assert.That((run.Deployment!.Version, run.Deployment.IsDeployed), Is.EqualTo((i, true)));
            // What can no more be compared may be replaced.
            _workspace.Files.Delete(run.Record.Stages.SelectMany(stage => stage.Outputs).Single(o => o.Key == "train keys").Value);
        }
    }

    [TearDown]
    public async Task Close()
    {
        await _workspace.DisposeAsync();
        _folder.Dispose();
    }

    [Test]
    public async Task Rollback_OnceAndOnceMore_GoesBackOneByOneAndEndpointsFollow()
    {
        var endpoint = _workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var subscriber = UnlabelledSubscriber.Of(Subscriber.Draw(1, seed: 5)[0]);
        Assert.That(endpoint.Predict(subscriber).Version, Is.EqualTo(3));

        var first = await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "too many calls");
        var afterFirst = endpoint.Predict(subscriber).Version;
        var second = await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "still too many");

        await using var restarted = await Workspace.OpenAsync(_folder.Path);
        Assert.Multiple(async () =>
        {
            Assert.That(
                (first.Version, first.Previous, first.Actor, first.Reason), Is.EqualTo((2, (int?)3, "ann", "too many calls")));
            Assert.That((second.Version, second.Previous), Is.EqualTo((1, (int?)2)));
            Assert.That((afterFirst, endpoint.Predict(subscriber).Version), Is.EqualTo((2, 1)));
            Assert.That((await _workspace.Models.RouteAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version, Is.EqualTo(1));
            Assert.That(await restarted.ServeAsync(SampleLifecycle.Name), Is.EqualTo(1));
            Assert.That((await AuditedAsync()).Count(entry => entry.Action == "model.rolled-back"), Is.EqualTo(2));
            Assert.That((await _workspace.Audit.VerifyAsync()).Problem, Is.Null);
            Assert.That(
                async () => await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "x"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("No earlier version"));
        });
    }

    [Test]
    public async Task Rollback_VersionThatWasLive_IsSaidToBeReplacedByItsRunAndItsCard()
    {
        var run = (await _workspace.Runs.LatestAsync(SampleLifecycle.Name))!.Id;
        var before = await _workspace.LifecycleRunAsync(run);
        var cardBefore = StatusOf(await _workspace.Models.CardAsync(SampleLifecycle.Name, 3));

        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "too many calls");

        var after = await _workspace.LifecycleRunAsync(run);
        Assert.Multiple(async () =>
        {
            Assert.That(before.Deployment!.Reason, Does.Not.Contain("is live now"));
            Assert.That(before.ToHtml(), Does.Contain("Version 3 is live: "));
            Assert.That(after.Deployment!.Reason, Does.EndWith(" Version 2 is live now."));
            Assert.That(after.Deployment.ToString(), Does.StartWith($"{SampleLifecycle.Name} version 3 went live: "));
            Assert.That(after.ToHtml(), Does.Contain("Version 3 went live: ").And.Not.Contain("Version 3 is live"));
            Assert.That(cardBefore, Does.StartWith("live since 20").And.Not.Contain("replaced"));
            Assert.That(
                StatusOf(await _workspace.Models.CardAsync(SampleLifecycle.Name, 3)),
                Does.Match("^live from 20.+ UTC to 20.+ UTC, replaced by version 2 by ann: too many calls$"));
            Assert.That(
                StatusOf(await _workspace.Models.CardAsync(SampleLifecycle.Name, 2)),
                Does.Match("^live from .+, replaced by version 3 by .+; live since .+ by ann: too many calls$"));
        });

        static string StatusOf(MlOps.Sdk.Evidence.ModelCard card) =>
            card.Sections[0].Facts.Single(fact => fact.Name == "status").Value;
    }

    [Test]
    public async Task Rollback_NamedVersion_GoesThereAndOnwardFromThere()
    {
        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "x", version: 1);
        await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "y", version: 3);
        var back = await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "z");

        Assert.That((back.Version, back.Previous), Is.EqualTo((1, (int?)3)));
    }

    [Test]
    public async Task Rollback_LivePackageIsLost_IsTheWayOut()
    {
        _workspace.Files.Delete((await _workspace.Models.GetAsync(SampleLifecycle.Name, 3)).PackageId);
        await using var restarted = await Workspace.OpenAsync(_folder.Path);

        await restarted.Models.RollbackAsync(SampleLifecycle.Name, "the package is lost");

        Assert.That(await restarted.ServeAsync(SampleLifecycle.Name), Is.EqualTo(2));
    }

    [TestCase("missing")]
    [TestCase("damaged")]
    [TestCase("refused")]
    [TestCase("unknown")]
    [TestCase("live")]
    public async Task Rollback_VersionThatCannotBeServed_ChangesNothing(string how)
    {
        var earlier = await _workspace.Models.GetAsync(SampleLifecycle.Name, 2);
        if (how == "missing") _workspace.Files.Delete(earlier.PackageId);
        if (how == "damaged") LostArtifactTests.Damage(_workspace, earlier.PackageId);
        if (how == "refused")
        {
            await _workspace.Models.BlessAsync(earlier, [new GateResult("law", GateOutcome.Failed, "no", "yes", "It must go.")], "bob");
        }
        var audited = await AuditedAsync();

        var failure = await Assert.CatchAsync<MlOpsException>(() => _workspace.Models.RollbackAsync(
            SampleLifecycle.Name, "x", version: how == "unknown" ? 9 : how == "live" ? 3 : 2));

        Assert.That(failure!.Remedy, Is.Not.Null);
        Assert.That((await _workspace.Models.FindByAliasAsync(SampleLifecycle.Name, ModelRegistry.Champion))!.Version, Is.EqualTo(3));
        Assert.That(_workspace.Endpoint(SampleLifecycle.Name).Version, Is.EqualTo(3));
        Assert.That(await AuditedAsync(), Is.EqualTo(audited));
        if (how == "refused")
        {
            Assert.That((await _workspace.Models.RollbackAsync(SampleLifecycle.Name, "x")).Version, Is.EqualTo(1), "2 is not blessed");
        }
    }

    [Test]
    public void Rollback_NothingIsLive_SaysSo() => Assert.That(
        async () => await _workspace.Models.RollbackAsync("nobody", "x"),
        Throws.TypeOf<MlOpsException>().With.Message.Contains("There is no model 'nobody'"));

    [Test]
    public async Task Remedies_NameThatIsMistyped_AskForTheOneThatIsMeant()
    {
        var near = SampleLifecycle.Name[..^1];
        var meant = $"There is no model '{near}'. Did you mean '{SampleLifecycle.Name}'?";
        await _workspace.Models.SetAliasAsync(SampleLifecycle.Name, "candidate", 1, "to be looked at");

        Assert.Multiple(() =>
        {
            Assert.That(
                async () => await _workspace.Models.RollbackAsync(near, "x"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains(meant));
            Assert.That(
                async () => await _workspace.Models.CardAsync(near, 1),
                Throws.TypeOf<MlOpsException>().With.Message.Contains(meant));
            Assert.That(
                async () => await _workspace.Models.RemoveAliasAsync(SampleLifecycle.Name, "candidat", "x"),
                Throws.TypeOf<MlOpsException>().With.Message.Contains("Did you mean 'candidate'?"));
            Assert.That(
                async () => await _workspace.Models.SetAliasAsync(SampleLifecycle.Name, "candidate", 3, "better", expected: 2),
                Throws.TypeOf<ConcurrencyException>().With.Message.Contains("points to version 1, expected version 2")
                    .And.Message.Contains("read the aliases again").And.Message.Not.Contains("promoted"));
        });
    }

    private static Lifecycle Build(int rows) => SampleLifecycle.Begin(Subscriber.Draw(rows, seed: rows))
        .Deployed(deployment => deployment.ToProcess().ReplaceIncomparable())
        .Build();

    private async Task<List<AuditEntry>> AuditedAsync()
    {
        var entries = new List<AuditEntry>();
        await foreach (var entry in _workspace.Audit.ReadAsync()) entries.Add(entry);
        return entries;
    }
}
