using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Monitoring;

/// <summary>What is told of the truth of predictions.</summary>
[TestFixture]
public sealed class FeedbackTests
{
    [Test]
    public async Task Label_UnknownRepeatedAndChanged_IsCounted()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var first = endpoint.Predict(new(30, 40, "monthly", true)).Id;
        var second = endpoint.Predict(new(31, 41, "monthly", true)).Id;
        await monitor.LabelAsync([new(first, "Yes"), new(second, "No")]);

        var receipt = await monitor.LabelAsync([new(first, "Yes"), new(second, "Yes"), new(PredictionId.FromKey("never predicted"), "No")]);

        Assert.That(
            (receipt.Added, receipt.Changed, receipt.Unchanged, receipt.Unmatched.Single()),
            Is.EqualTo((0, 1, 1, PredictionId.FromKey("never predicted"))));
    }

    [TestCase("maybe", "Yes")]
    [TestCase("yes", "Yes")]
    [TestCase("", "empty")]
    public async Task Label_NoClassOfTheModel_IsRefusedAndNothingIsStored(string label, string says)
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await SampleLifecycle.Begin().Deployed().Monitored().Build().RunAsync(workspace);
        var monitor = workspace.Monitor(SampleLifecycle.Name);
        var endpoint = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name);
        var first = endpoint.Predict(new(30, 40, "monthly", true)).Id;
        var second = endpoint.Predict(new(31, 41, "monthly", true)).Id;

        var failure = (await Assert.CatchAsync<MlOpsException>(
            async () => await monitor.LabelAsync([new(first, "Yes"), new(second, label)])))!;

        Assert.Multiple(async () =>
        {
            Assert.That(failure.Message, Does.Contain(says).And.Contain(second.ToString()));
            Assert.That((await workspace.MonitoringServices.Labels.CountAsync(SampleLifecycle.Name)).Labelled, Is.Zero);
        });
    }

    [Test]
    public async Task Label_StepComputesTheLabel_IsTakenAsItStandsInTheData()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var rows = Subscriber.Draw(600, 1).Select(row => row with { Left = row.Left == "Yes" ? " YES" : " NO" }).ToArray();
        await LifecycleBuilder.Create(SampleLifecycle.Name)
            .DefineProblem(problem => problem.BinaryClassification("left", "yes"))
            .CollectData(data => data.FromObjects(rows))
            .ProcessData(data => data.NormalizeText("left"))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(2).Trials(0))
            .Deployed().Monitored(monitoring => monitoring.DataDrift()).Build().RunAsync(workspace);
        var id = workspace.Endpoint<UnlabelledSubscriber, Answer>(SampleLifecycle.Name).Predict(new(30, 40, "monthly", true)).Id;

        var receipt = await workspace.Monitor(SampleLifecycle.Name).LabelAsync([new(id, " YES")]);

        Assert.That(receipt.Added, Is.EqualTo(1));
    }

    [Test]
    public async Task Label_RegressionAndTextThatIsNoNumber_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        await LifecycleBuilder.Create("spending")
            .DefineProblem(problem => problem.Regression("age"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(400, 1)))
            .TrainModel(training => training.Try(Trainers.LinearRegression()).CrossValidate(2).Trials(0))
            .DeployModel(deployment => deployment.ToProcess())
            .MonitorModel(monitoring => monitoring.DataDrift())
            .Build().RunAsync(workspace);
        var monitor = workspace.Monitor("spending");

        await Assert.ThatAsync(
            async () => await monitor.LabelAsync([new(PredictionId.FromKey("a"), "forty")]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("no number"));
        await Assert.ThatAsync(async () => await monitor.LabelAsync([new(PredictionId.FromKey("a"), "40.5")]), Throws.Nothing);
    }

    [Test]
    public async Task Label_DefaultId_IsRefused()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        await Assert.ThatAsync(
            async () => await workspace.Monitor("any").LabelAsync([new(default, "Yes")]),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("zeros"));
    }
}
