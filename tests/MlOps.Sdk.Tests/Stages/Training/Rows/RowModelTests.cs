using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

[TestFixture]
public sealed class RowModelTests
{
    private static readonly Dictionary<string, object?> Monthly = new() { ["plan"] = "monthly" };

    [Test]
    public async Task RunAsync_OnlyAPipeline_IsPackagedServedAndMonitoredLikeAnyModel()
    {
        using var folder = new TempFolder();
        await using (var workspace = await OpenAsync(folder))
        {
            var lifecycle = SampleLifecycle.Begin(
                    train: training => training.TryPipeline(new RateByPlanTrainer("plan")).CrossValidate(2).Trials(0),
                    features: _ => { })
                .Deployed().Monitored(monitoring => monitoring.DataDrift().PredictionDrift()).Build();

            var run = await lifecycle.RunAsync(workspace);
            var answer = workspace.Endpoint(SampleLifecycle.Name).Predict(Monthly);
            await workspace.Monitor(SampleLifecycle.Name).FlushAsync();

            Assert.Multiple(() =>
            {
                Assert.That(run.Deployment!.IsDeployed, Is.True, run.Deployment.Reason);
                Assert.That(run.Features!.Slots, Is.Empty);
                Assert.That(workspace.Endpoint(SampleLifecycle.Name).Input.Select(field => field.Name), Does.Contain("plan"));
                Assert.That(answer.Value.Score, Is.InRange(0.01, 0.99));
            });
        }

        await using var again = await OpenAsync(folder);
        await again.ServeAsync(SampleLifecycle.Name);
        using var package = await again.ReadPackageAsync(await again.Models.GetAsync(SampleLifecycle.Name, 1));
        Assert.Multiple(() =>
        {
            Assert.That(package.Model, Is.Null);
            Assert.That(package.RowModel!.Inputs.Select(field => field.Name), Is.EqualTo(new[] { "plan" }));
            Assert.That(package.CheckGoldenRows(), Is.Null);
            Assert.That(again.Endpoint(SampleLifecycle.Name).Predict(Monthly).Value.Score, Is.InRange(0.01, 0.99));
        });
    }

    [Test]
    public async Task RunAsync_PipelineBesideATrainer_ComparesThemOnTheSameFolds()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var run = await SampleLifecycle.Begin(train: training => training
                .TryPipeline(new RateByPlanTrainer("plan"), search => search.Uniform("smoothing", 0, 10))
                .Try(Trainers.GradientBoosting(options => options.Trees = 20))
                .CrossValidate(2).Trials(3))
            .Deployed().Build().RunAsync(workspace);

        Assert.Multiple(() =>
        {
            Assert.That(run.Training!.Leaderboard.Trials, Has.Count.EqualTo(2 + 3));
            Assert.That(run.Training.Leaderboard.Trials.Select(trial => trial.Error), Is.All.Null);
            Assert.That(run.Training.Trainer, Is.EqualTo("gradient-boosting"));
            Assert.That(run.Training.ReadsColumns, Is.False);
        });
    }

    [Test]
    public async Task RunAsync_Pipeline_SeesTheLabelButNeitherObservedNorWeightColumns()
    {
        using var folder = new TempFolder();
        await using var workspace = await OpenAsync(folder);
        var schemas = new List<string[]>();
        var validations = new List<int?>();
        await SampleLifecycle.Begin(
            train: training => training
                .TryPipeline(new RateByPlanTrainer("plan", context =>
                {
                    lock (schemas)
                    {
                        schemas.Add([.. context.Rows.Schema.Select(field => field.Name)]);
                        validations.Add(context.Validation?.RowCount);
                    }
                }))
                .Weight("age").StopEarly(0.2).CrossValidate(2).Trials(0),
            features: features => features.Observe("abroad")).Build().RunAsync(workspace);

        Assert.That(schemas, Has.Count.EqualTo(3));
        Assert.That(schemas, Is.All.Contains("left").And.All.Not.Contains("abroad").And.All.Not.Contains("age"));
        Assert.That(validations, Is.All.GreaterThan(50));
    }

    [Test]
    public void Build_PipelineOnAnotherTask_IsAMistake() =>
        Assert.That(
            () => LifecycleBuilder.Create("spend")
                .DefineProblem(problem => problem.Regression("spend"))
                .CollectData(data => data.FromObjects(Subscriber.Draw(100, seed: 1)))
                .TrainModel(training => training.TryPipeline(new RateByPlanTrainer("plan")))
                .Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("'rate-by-plan' does not solve Regression"));

    private static Task<Workspace> OpenAsync(TempFolder folder) => Workspace.OpenAsync(
        folder.Path, options => options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read));
}
