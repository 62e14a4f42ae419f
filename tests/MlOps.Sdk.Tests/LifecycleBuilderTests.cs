using NUnit.Framework;

namespace MlOps.Sdk.Tests;

[TestFixture]
public sealed class LifecycleBuilderTests
{
    [Test]
    public void Build_StagesThatNothingWouldRun_AreMistakes()
    {
        Assert.That(
            () => LifecycleBuilder.Create("x").CollectData(data => data.FromCsv("x.csv")).ProcessData(data => data.Split(0.2)).Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("Processing needs stage Problem"));
        Assert.That(
            () => LifecycleBuilder.Create("x").DefineProblem(problem => problem.Regression(label: "y")).Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("nothing to run"));
    }

    [Test]
    public void Build_SeveralMistakes_ListsAllWithTheirRemedy()
    {
        var builder = LifecycleBuilder.Create("x")
            .DefineProblem(problem => problem.Owner("me"))
            .CollectData(_ => { })
            .DefineMetrics(_ => { })
            .TrainModel(_ => { })
            .DeployModel(_ => { })
            .MonitorModel(_ => { });

        var failure = Assert.Catch<LifecycleConfigurationException>(() => builder.Build())!;

        Assert.Multiple(() =>
        {
            Assert.That(failure.Mistakes, Has.Count.EqualTo(6));
            Assert.That(
                failure.Message,
                Does.Contain("BinaryClassification")
                    .And.Contain("FromCsv")
                    .And.Contain("Optimize")
                    .And.Contain("Try(Trainers")
                    .And.Contain("ToProcess")
                    .And.Contain("DataDrift"));
        });
    }

    [Test]
    public void Build_DescriptionsThatEndWithAMistake_AreNotBlamedForWhatTheyDoNotComeTo()
    {
        var builder = LifecycleBuilder.Create("x")
            .DefineProblem(_ => throw new MlOpsException("No problem.", "1"))
            .CollectData(_ => throw new MlOpsException("No data.", "2"))
            .DefineMetrics(_ => throw new MlOpsException("No metrics.", "3"))
            .EngineerFeatures(_ => throw new MlOpsException("No features.", "4"))
            .TrainModel(_ => throw new MlOpsException("No training.", "5"))
            .DeployModel(_ => throw new MlOpsException("No deployment.", "6"))
            .MonitorModel(_ => throw new MlOpsException("No monitoring.", "7"));

        var failure = Assert.Catch<LifecycleConfigurationException>(() => builder.Build())!;

        Assert.That(
            failure.Mistakes,
            Is.EquivalentTo(new[]
            {
                "No problem. 1", "No data. 2", "No metrics. 3", "No features. 4", "No training. 5", "No deployment. 6", "No monitoring. 7",
            }));
    }

    [Test]
    public void Build_Nothing_NamesTheFirstSteps() =>
        Assert.That(
            () => LifecycleBuilder.Create("x").Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("DefineProblem and CollectData"));

    [Test]
    public void Build_TrainingWithoutProblemAndData_NamesBoth()
    {
        var failure = Assert.Catch<LifecycleConfigurationException>(
            () => LifecycleBuilder.Create("x").TrainModel(training => training.Try(Trainers.Baseline())).Build())!;

        Assert.That(failure.Mistakes, Has.Some.Contain("DefineProblem").And.Some.Contain("CollectData"));
    }

    [Test]
    public void Build_StageNamedTwice_IsAMistake() =>
        Assert.That(
            () => SampleLifecycle.Begin().ExploreData(_ => { }).Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("Exploration is defined twice"));

    [Test]
    public void Build_CalledTwice_IsRefused()
    {
        var builder = SampleLifecycle.Begin();
        builder.Build();

        Assert.Multiple(() =>
        {
            Assert.That(() => builder.Build(), Throws.InvalidOperationException);
            Assert.That(() => builder.DeployModel(deployment => deployment.ToProcess()), Throws.InvalidOperationException);
        });
    }

    [Test]
    public void Build_RetrainingWithoutDeployment_IsAMistake() =>
        Assert.That(
            () => SampleLifecycle.Begin().Monitored().Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("RetrainOn needs"));

    [Test]
    public void Build_MonitoringWithoutAModel_IsAMistake() =>
        Assert.That(
            () => LifecycleBuilder.Create("x")
                .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
                .CollectData(data => data.FromObjects(Subscriber.Draw(10, 1)))
                .MonitorModel(m => m.DataDrift())
                .Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("TrainedElsewhere"));

    [Test]
    public void Build_BiasByAnAttributeThatIsNeitherProtectedNorObserved_NamesTheNearest() =>
        Assert.That(
            () => SampleLifecycle.Begin().Deployed().Monitored(monitoring => monitoring.Bias("abrod")).Build(),
            Throws.TypeOf<LifecycleConfigurationException>().With.Message.Contains("abrod").And.Message.Contains("Did you mean 'abroad'?"));

    [Test]
    public void Build_MetricsAndTrainersOfAnotherTask_AreMistakes()
    {
        var failure = Assert.Catch<LifecycleConfigurationException>(() => LifecycleBuilder.Create("x")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(Subscriber.Draw(10, 1)))
            .DefineMetrics(metrics => metrics.Optimize(Metric.Rmse).Guard(Metric.Mae, atMost: 3).Report(Metric.R2))
            .TrainModel(training => training.Try(Trainers.LinearRegression()).Try(Trainers.LogisticRegression()))
            .Build())!;

        Assert.That(
            failure.Mistakes,
            Has.Count.EqualTo(4)
                .And.Some.Contain("rmse")
                .And.Some.Contain("mae")
                .And.Some.Contain("r2")
                .And.Some.Contain("linear-regression"));
    }

    [TestCase("")]
    [TestCase("Churn")]
    [TestCase("a/b")]
    [TestCase("-a")]
    [TestCase("a b")]
    public void Create_NameThatIsNoName_IsRefused(string name) =>
        Assert.That(() => LifecycleBuilder.Create(name), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Stages_WrongArgument_FailsAtTheCallAndNotInBuild() => Assert.That(
        () => LifecycleBuilder.Create("x").TrainModel(training => training.CrossValidate(1)),
        Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Stages_Null_IsRefused() => Assert.Multiple(() =>
    {
        var builder = LifecycleBuilder.Create("x");
        Assert.That(() => builder.DefineProblem(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.CollectData(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.ProcessData(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.DefineMetrics(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.ExploreData(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.EngineerFeatures(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.TrainModel(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.DeployModel(null!), Throws.ArgumentNullException);
        Assert.That(() => builder.MonitorModel(null!), Throws.ArgumentNullException);
    });
}
