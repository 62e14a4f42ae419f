using MlOps.Sdk.Packaging;
using MlOps.Sdk.Tests.Training;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Packaging;

[TestFixture]
public sealed class PermutationImportanceTests
{
    [Test]
    public async Task Compute_ModelOfFeatures_OrdersTheColumnsByWhatTheyTell()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        using var package = await PackageAsync(workspace, training => training.Try(Trainers.GradientBoosting()));
        var rows = await DataSources.Objects(Subscriber.Draw(2_000, seed: 8)).ReadAllAsync();

        var found = PermutationImportance.Compute(package, rows, Metric.RocAuc);
        var again = PermutationImportance.Compute(package, rows, Metric.RocAuc);
        var other = PermutationImportance.Compute(package, rows, Metric.RocAuc, seed: 2);

        Assert.Multiple(() =>
        {
            Assert.That(found.Select(column => column.Column).Take(2), Is.EquivalentTo(new[] { "spend", "plan" }));
            Assert.That(found[0].Lower, Is.GreaterThan(0.1));
            Assert.That(found.Single(column => column.Column == "abroad").Importance, Is.EqualTo(0).Within(0.02));
            Assert.That(found, Is.All.Matches<ColumnImportance>(c => c!.Lower <= c.Importance && c.Importance <= c.Upper));
            Assert.That(again, Is.EqualTo(found));
            Assert.That(other, Is.Not.EqualTo(found));
        });
    }

    [Test]
    public async Task Compute_ModelOfColumnsAndALossThatFalls_IsPositiveForWhatItReads()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read));
        using var package = await PackageAsync(workspace, training => training.TryPipeline(new RateByPlanTrainer("plan")));
        var rows = await DataSources.Objects(Subscriber.Draw(1_000, seed: 8)).ReadAllAsync();

        var found = PermutationImportance.Compute(package, rows, Metric.LogLoss, repeats: 5);

        Assert.That(found.Select(column => column.Column), Is.EqualTo(new[] { "plan" }));
        Assert.That(found[0].Lower, Is.GreaterThan(0.05));
    }

    [Test]
    public async Task Compute_RowsThatDoNotSuffice_SaysWhy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        using var package = await PackageAsync(workspace, training => training.Try(Trainers.LogisticRegression()));
        var one = await DataSources.Objects(Subscriber.Draw(60, seed: 8).Where(row => row.Left == "No")).ReadAllAsync();
        var unlabelled = await DataSources.Objects(
            Subscriber.Draw(60, seed: 8).Select(UnlabelledSubscriber.Of)).ReadAllAsync();

        Assert.That(
            () => PermutationImportance.Compute(package, one, Metric.RocAuc),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'roc_auc' is undefined"));
        Assert.That(
            () => PermutationImportance.Compute(package, unlabelled, Metric.RocAuc),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("'left'"));
        Assert.That(
            () => PermutationImportance.Compute(package, one, Metric.RocAuc, repeats: 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static async Task<ModelPackage> PackageAsync(Workspace workspace, Action<TrainingBuilder> train)
    {
        await SampleLifecycle.Begin(
            train: training =>
            {
                train(training);
                training.CrossValidate(2).Trials(0);
            }).Deployed().Build().RunAsync(workspace);
        return await workspace.ReadPackageAsync(await workspace.Models.GetAsync(SampleLifecycle.Name, 1));
    }
}
