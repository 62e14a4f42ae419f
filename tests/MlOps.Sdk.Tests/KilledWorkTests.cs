using System.Globalization;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>A process that logs, registers, promotes, approves, rolls back and runs stages is killed again and again.</summary>
[TestFixture]
public sealed class KilledWorkTests
{
    private const string Model = "promoted";

    [Test]
    public async Task Work_KilledAtRandomMoments_LosesNoAcknowledgedWriteAndLeavesNothingHalfDone()
    {
        using var folder = new TempFolder();
        var (workspaceFolder, csv) = (folder["workspace"], folder["data.csv"]);
        await File.WriteAllTextAsync(csv, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(400, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        using (var trainer = HostProcess.Start("promote-in-turn", workspaceFolder, csv))
        {
            Assert.That(await trainer.ReadLineAsync(), Is.EqualTo("ready"));
            trainer.End();
            await trainer.FinishAsync();
        }

        var (random, acknowledged, resumed) = (new Random(20), 0, 0);
        var journal = new List<string[]>();
        for (var kill = 0; kill < LongForm.Of(many: 200, few: 20); kill++)
        {
            IReadOnlyList<string> said;
            using (var child = HostProcess.Start("work-until-killed", workspaceFolder, csv, kill.ToString(CultureInfo.InvariantCulture)))
            {
                Assert.That(await child.ReadLineAsync(), Is.EqualTo("ready"));
                var before = new List<string>();
                for (var lines = random.Next(0, 30); lines > 0; lines--) before.Add(await child.ReadLineAsync());
                await Task.Delay(random.Next(0, 60));
                said = [.. before, .. await child.KillAsync()];
            }

            var round = said.Select(line => line.Split(' ')).ToArray();
            journal.AddRange(round.Where(line => line[0] == "done"));
            await using var workspace = await Workspace.OpenAsync(workspaceFolder);
            await RequireAcknowledgedAsync(workspace, round);
            await RequireAliasAsync(workspace, round);
            resumed += await ResumeAsync(workspace, csv);
            acknowledged = journal.Count;
        }

        await using var last = await Workspace.OpenAsync(workspaceFolder);
        await RequireAcknowledgedAsync(last, journal);
        var verification = await last.Audit.VerifyAsync();
        Assert.That(verification.IsIntact, Is.True, verification.Problem);
        foreach (var model in await last.Models.ModelsAsync())
        {
            foreach (var version in await last.Models.ListAsync(model)) await last.ReadPackageAsync(version);
        }

        TestContext.Out.WriteLine($"{acknowledged} acknowledged writes, {resumed} runs resumed");
        Assert.That(acknowledged, Is.GreaterThan(100));
        Assert.That(resumed, Is.GreaterThan(0));
    }

    private static async Task RequireAcknowledgedAsync(Workspace workspace, IEnumerable<string[]> journal)
    {
        var history = await workspace.Models.AliasHistoryAsync(Model, ModelRegistry.Champion);
        foreach (var line in journal.Where(line => line[0] == "done"))
        {
            var because = string.Join(' ', line);
            switch (line[1])
            {
                case "started":
                    Assert.That((await workspace.Runs.GetAsync(line[2])).State, Is.Not.EqualTo(RunState.Running), because);
                    break;
                case "succeeded":
                    Assert.That((await workspace.Runs.GetAsync(line[2])).State, Is.EqualTo(RunState.Succeeded), because);
                    break;
                case "parameter":
                    Assert.That((await workspace.Runs.DetailsAsync(line[2])).Parameters[line[3]], Is.EqualTo(line[4]), because);
                    break;
                case "tag":
                    Assert.That((await workspace.Runs.DetailsAsync(line[2])).Tags[line[3]], Is.EqualTo(line[4]), because);
                    break;
                case "metric":
                    Assert.That(
                        (await workspace.Runs.MetricsAsync(line[2], line[3])).Select(metric => metric.Step),
                        Does.Contain(long.Parse(line[4], CultureInfo.InvariantCulture)),
                        because);
                    break;
                case "artifact":
                    var artifact = (await workspace.Runs.DetailsAsync(line[2])).Artifacts.Single(a => a.Name == line[3]);
                    Assert.That(await workspace.Artifacts.ReadAllAsync(artifact.Id), Has.Length.EqualTo(artifact.Length), because);
                    break;
                case "registered":
                    await workspace.ReadPackageAsync(
                        await workspace.Models.GetAsync(line[2], int.Parse(line[3], CultureInfo.InvariantCulture)));
                    break;
                case "requested":
                    var requested = await workspace.Approvals.GetAsync(long.Parse(line[2], CultureInfo.InvariantCulture));
                    Assert.That(requested.Runs, Does.Contain(line[3]), because);
                    break;
                case "approved":
                    var approved = await workspace.Approvals.GetAsync(long.Parse(line[2], CultureInfo.InvariantCulture));
                    Assert.That(approved.State, Is.AnyOf(ApprovalState.Approved, ApprovalState.Applied), because);
                    Assert.That(approved.Given.Single().Reason, Is.EqualTo(line[3]), because);
                    break;
                case "live":
                    Assert.That(await workspace.Models.FindByAliasAsync(line[2], ModelRegistry.Champion), Is.Not.Null, because);
                    break;
                case "move":
                    var move = history.Single(change => change.Reason == line[3]);
                    Assert.That(move.Version, Is.EqualTo(int.Parse(line[2], CultureInfo.InvariantCulture)), because);
                    break;
                default:
                    Assert.Fail($"The child said something unknown: {because}");
                    break;
            }
        }
    }

    // The alias is where the last acknowledged move left it, or where the one that was under way brings it, and its history says so.
    private static async Task RequireAliasAsync(Workspace workspace, string[][] round)
    {
        var live = (await workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion))!.Version;
        var history = await workspace.Models.AliasHistoryAsync(Model, ModelRegistry.Champion);
        Assert.That(history[0].Version, Is.EqualTo(live));
        foreach (var (newer, older) in history.Zip(history.Skip(1))) Assert.That(newer.Previous, Is.EqualTo(older.Version));
        if (round.LastOrDefault(line => line[1] == "move") is not { } last) return;
        var (version, name) = (int.Parse(last[2], CultureInfo.InvariantCulture), last[3]);
        var happened = history.Any(change => change.Reason == name);
        Assert.That(last[0] == "begin" || happened, Is.True, string.Join(' ', last));
        Assert.That(live == version, Is.EqualTo(happened), string.Join(' ', last));
        Assert.That((await workspace.Models.RouteAsync(Model, ModelRegistry.Champion))!.Version, Is.EqualTo(live));
    }

    // Nothing is at work any more, and each run of a lifecycle that was can be taken to its end.
    private static async Task<int> ResumeAsync(Workspace workspace, string csv)
    {
        Assert.That(await workspace.Runs.ListAsync(state: RunState.Running), Is.Empty);
        await using var officer = await Workspace.OpenAsync(workspace.Path, options =>
        {
            options.Actor = "second officer";
            options.Roles.Add("risk-officer");
        });
        foreach (var pending in await officer.Approvals.ListAsync(state: ApprovalState.Pending, limit: 10_000))
        {
            // A request is made before its run waits: without that run, the last approval would make the version live.
            if (pending.Runs.Count > 0) await officer.Approvals.ApproveAsync(pending.Id, "after the kill");
        }

        var resumed = 0;
        foreach (var state in new[] { RunState.Interrupted, RunState.AwaitingApproval })
        {
            foreach (var run in await workspace.Runs.ListAsync(state: state, limit: 10_000))
            {
                if (run.Lifecycle.StartsWith("log-", StringComparison.Ordinal)) continue;
                var lifecycle = LifecycleOf(csv, run.Lifecycle);
                var ended = await lifecycle.ResumeAsync(workspace, run.Id);
                if (ended.Deployment?.AwaitsApproval is { } request)
                {
                    await officer.Approvals.ApproveAsync(request, "after the kill");
                    ended = await lifecycle.ResumeAsync(workspace, run.Id);
                }
                Assert.That((ended.State, ended.Deployment?.IsDeployed), Is.EqualTo(
                    (RunState.Succeeded, run.FromStage is null ? true : (bool?)null)), $"{run.Lifecycle}: {ended.Deployment?.Reason}");
                resumed++;
            }
        }

        return resumed;
    }

    // As the child builds it.
    private static Lifecycle LifecycleOf(string csv, string name) => LifecycleBuilder.Create(name)
        .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
        .CollectData(data => data.FromCsv(csv))
        .TrainModel(training => training.Try(Trainers.Baseline()).CrossValidate(2).Trials(0))
        .DeployModel(deployment =>
        {
            deployment.ToProcess();
            if (name.StartsWith("asked-", StringComparison.Ordinal)) deployment.RequireApproval(approval => approval.By("risk-officer"));
        })
        .Build();
}
