using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class TrainingBuilderTests
{
    private readonly TrainingBuilder _builder = new();
    private readonly List<string> _mistakes = [];

    [Test]
    public void Build_Nothing_IsAMistake()
    {
        Assert.That(_builder.Build(null, _mistakes), Is.Null);
        Assert.That(_mistakes, Has.One.Contains("Try(Trainers."));
    }

    [Test]
    public void Build_Everything_HasItInOrder()
    {
        _builder
            .Try(Trainers.Baseline())
            .Try(Trainers.GradientBoosting(), search => search.Integer("leaves", 4, 8))
            .CrossValidate(4)
            .Trials(7)
            .Threads(3);

        var plan = _builder.Build(null, _mistakes)!;

        Assert.That(_mistakes, Is.Empty);
        Assert.That((plan.Folds, plan.Trials, plan.Threads), Is.EqualTo((4, 7, 3)));
        Assert.That(
            plan.Create(PluginServices.None).Select(candidate => (candidate.Name, candidate.Space is not null)),
            Is.EqualTo(new[] { ("baseline", false), ("gradient-boosting", true) }));
    }

    [Test]
    public void Build_OneTrainer_LeavesTheRestAtItsDefaults()
    {
        var plan = _builder.Try(Trainers.Baseline()).Build(null, _mistakes)!;

        Assert.That((plan.Folds, plan.Trials, plan.Threads), Is.EqualTo((5, 20, Environment.ProcessorCount)));
    }

    [Test]
    public void Build_TrainersOfAnotherTask_AreOneMistakeEach()
    {
        _builder
            .Try(Trainers.LinearRegression()).Try(Trainers.LogisticRegression()).Try(Trainers.Baseline())
            .Build(TaskKind.MulticlassClassification, _mistakes);

        Assert.That(_mistakes, Has.Count.EqualTo(1).And.One.Contains("'linear-regression' does not solve MulticlassClassification"));
    }

    [Test]
    public void OnlyWinner_Candidate_IsTriedAloneWithItsParameters()
    {
        var plan = _builder.Try(Trainers.Baseline()).Try(Trainers.LogisticRegression()).Build(null, _mistakes)!;

        var again = plan.OnlyWinner(
            "logistic-regression", new Dictionary<string, HyperparameterValue> { ["l2"] = 3 }, PluginServices.None)!;

        var winner = again.Create(PluginServices.None).Single();
        Assert.That((again.Trials, again.Folds, winner.Name), Is.EqualTo((0, 5, "logistic-regression")));
        foreach (var other in new[] { "gradient-boosting", null })
        {
            Assert.That(plan.OnlyWinner(other, new Dictionary<string, HyperparameterValue>(), PluginServices.None), Is.Null);
        }
    }

    [Test]
    public void Try_Null_IsRefused() => Assert.That(() => _builder.Try(null!), Throws.ArgumentNullException);

    [Test]
    public void Create_SameTrainerTwice_GetsTwoNames()
    {
        _builder.Try(Trainers.Baseline()).Try(Trainers.Baseline());

        Assert.That(
            _builder.Build(null, _mistakes)!.Create(PluginServices.None).Select(candidate => candidate.Name),
            Is.EqualTo(new[] { "baseline", "baseline-2" }));
    }

    [Test]
    public void Create_TrainerFromContainer_IsResolved()
    {
        using var services = new ServiceCollection().AddSingleton(new FailingTrainer(_ => Task.CompletedTask)).BuildServiceProvider();
        _builder.Try<FailingTrainer>();
        var plan = _builder.Build(null, _mistakes)!;

        Assert.That(plan.Create(services).Single().Trainer, Is.SameAs(services.GetService<FailingTrainer>()));
        Assert.That(() => plan.Create(PluginServices.None), Throws.TypeOf<MlOpsException>().With.Message.Contains("FailingTrainer"));
    }

    [Test]
    public void Methods_OutOfRange_ThrowAtTheCall()
    {
        Assert.That(() => _builder.CrossValidate(1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.CrossValidate(21), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.Trials(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.Trials(10_001), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => _builder.Threads(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Try_HyperparametersThatAreNone_AreMistakesOfEachTrainer()
    {
        var mistakes = new List<string>();

        _builder
            .Try(Trainers.Baseline(), search => search.Uniform("l2", 0, 1))
            .Try(Trainers.LogisticRegression(), search => search.Fix("l2", 1).Fix("l2", 2))
            .Build(TaskKind.BinaryClassification, mistakes);

        Assert.That(mistakes, Has.Count.EqualTo(2).And.Some.Contains("'l2'").And.Some.Contains("twice"));
    }
}
