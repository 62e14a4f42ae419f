using Acme;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Tests.Collection;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Docs;

/// <summary>The code of the page of Microsoft.ML about pipelines and transforms, run.</summary>
[TestFixture]
public sealed class BorrowedPipelinesTests
{
    private static string Csv => Path.Combine(AppContext.BaseDirectory, "data", "telco-churn.csv");

    [Test]
    [LongForm]
    public async Task Pipelines_OfTheChurnTable_AreDeployed()
    {
        using var folder = new TempFolder();
        await using var workspace = await BorrowedPipelines.OpenAsync(folder["workspace"], CancellationToken.None);

        var run = await Lifecycle(builder => builder.TrainModel(
            training => BorrowedPipelines.Pipelines(training).CrossValidate(folds: 2).Trials(1))).RunAsync(workspace);

        Assert.That(
            run.Training!.Leaderboard.Trials.Select(trial => trial.Candidate),
            Is.EquivalentTo(new[] { "model-builder", "trees", "trees" }));
        Assert.That(run.Training.Leaderboard.Trials.Select(trial => trial.Error), Is.All.Null);
        Assert.That(
            workspace.Endpoint("churn").Input.Select(field => field.Name),
            Is.EquivalentTo(new[] { "contract", "tenure", "total_charges" }));
    }

    [Test]
    [LongForm]
    public async Task Words_OfTheChurnTable_AreFeatures()
    {
        using var folder = new TempFolder();
        await using var workspace = await BorrowedPipelines.OpenAsync(folder["workspace"], CancellationToken.None);

        var run = await Lifecycle(builder => builder
            .EngineerFeatures(features => BorrowedPipelines.Words(features))
            .TrainModel(training => training.Try(Trainers.LogisticRegression()).CrossValidate(folds: 2))).RunAsync(workspace);

        Assert.That(run.Features!.Slots.Select(slot => slot.Name), Does.Contain("contract-words.Word.month-to-month"));
    }

    [Test]
    public void Host_Services_HaveTheReaders()
    {
        var services = new ServiceCollection();

        BorrowedPipelines.Host(services);

        Assert.That(services.Count(service => service.ServiceType.Name == "ReaderRegistration"), Is.AtLeast(2));
    }

    private static Lifecycle Lifecycle(Action<LifecycleBuilder> train)
    {
        var builder = LifecycleBuilder.Create("churn")
            .DefineProblem(problem => problem.BinaryClassification(label: "churn", positive: "Yes"))
            .CollectData(data => data.FromCsv(Csv))
            .ProcessData(data => data.Split(test: 0.2))
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc, atLeast: 0.7))
            .DeployModel(deployment => deployment.ToProcess());
        train(builder);
        return builder.Build();
    }
}
