using MlOps.Sdk.Registry;
using MlOps.Sdk.Tests.Storage;
using MlOps.Sdk.Tracking;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>One process trains, another approves and is killed, and a third one goes on.</summary>
[TestFixture]
public sealed class ApprovalProcessesTests
{
    [Test]
    public async Task Approve_InAnotherProcessThatIsKilled_IsNotLostAndTheRunGoesOn()
    {
        using var folder = new TempFolder();
        var (csv, path) = (folder["data.csv"], folder["workspace"]);
        await File.WriteAllTextAsync(csv, "age,spend,plan,left\n" + string.Concat(
            Subscriber.Draw(600, 1).Select(row => FormattableString.Invariant($"{row.Age},{row.Spend},{row.Plan},{row.Left}\n"))));
        using var training = HostProcess.Start("await-approval", path, csv);
        var output = await training.FinishAsync();
        var (run, approval) = (output[0], output[1]);
        string author, given;
        using (var child = HostProcess.Start("approve", path, approval, "trainer"))
        {
            author = await child.ReadLineAsync();
            await child.KillAsync();
        }
        using (var child = HostProcess.Start("approve", path, approval, "officer"))
        {
            given = await child.ReadLineAsync();
            await child.KillAsync();
        }

        await using var workspace = await Workspace.OpenAsync(path);
        var waiting = (await workspace.Runs.GetAsync(run)).State;
        var resumed = await LifecycleBuilder.Create("approved")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromCsv(csv))
            .TrainModel(train => train.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess().RequireApproval(each => each.By("risk-officer")))
            .Build()
            .ResumeAsync(workspace, run);

        Assert.Multiple(() =>
        {
            Assert.That(author, Does.Contain("whoever requests an approval does not give it"));
            Assert.That(given, Is.EqualTo("Approved"));
            Assert.That(waiting, Is.EqualTo(RunState.AwaitingApproval));
            Assert.That((resumed.State, resumed.Deployment!.IsDeployed), Is.EqualTo((RunState.Succeeded, true)), resumed.Deployment.Reason);
        });
        Assert.That((await workspace.Approvals.ListAsync()).Single().State, Is.EqualTo(ApprovalState.Applied));
        Assert.That((await workspace.Audit.VerifyAsync()).Problem, Is.Null);
    }
}
