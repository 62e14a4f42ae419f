using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

/// <summary>Weights, balanced classes, early stopping and the budget of time reach the trainers that take them.</summary>
[TestFixture]
public sealed class TrainingVerbsTests
{
    [Test]
    public async Task Weight_Column_ReachesEveryTrainingAndIsNoFeature()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var spy = new SpyTrainer();

        var run = await SampleLifecycle.Begin(train: training => training.Try(spy).Weight("age").CrossValidate(2).Trials(0))
            .Build().RunAsync(workspace);

        Assert.That(spy.Seen, Has.Count.EqualTo(3));
        Assert.That(spy.Seen.Select(context => context.Weights.ToArray().Min()), Is.All.InRange(18, 30));
        Assert.That(spy.Seen.Select(context => context.Weights.Length), Is.EqualTo(spy.Seen.Select(context => context.Labels.Length)));
        Assert.That(run.Features!.Slots.Select(slot => slot.Column), Does.Not.Contain("age").And.Contains("spend"));
    }

    [Test]
    public async Task Weight_Column_ReachesTheMetricsOfFoldsAndHoldout()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(
            folder.Path, options => options.Readers.Add<IRowModel>(RateByPlanModel.Format, RateByPlanModel.Read));
        var rows = Subscriber.Draw(1_000, seed: 1);

        var plain = await Run(null);
        var weighted = await Run("age");

        Assert.That(weighted.Training!.Leaderboard.Trials[0].Metrics["roc_auc"].Value, Is.Not.EqualTo(
            plain.Training!.Leaderboard.Trials[0].Metrics["roc_auc"].Value));
        Assert.That(weighted.Deployment!.Holdout["roc_auc"].Value, Is.Not.EqualTo(plain.Deployment!.Holdout["roc_auc"].Value));

        // The trainer does not read weights, so the scores are the same, and only the metrics differ.
        Task<LifecycleRun> Run(string? weight) => SampleLifecycle.Begin(rows, training =>
        {
            training.TryPipeline(new RateByPlanTrainer("plan")).CrossValidate(2).Trials(0);
            if (weight is not null) training.Weight(weight);
        }).Deployed().Build().RunAsync(workspace);
    }

    [Test]
    public async Task Weight_ColumnThatIsNoWeight_SaysWhy()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        Assert.That(
            async () => await With(training => training.Weight("plan")).RunAsync(workspace),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'plan' is Text"));
        Assert.That(
            async () => await With(training => training.Weight("spend")).RunAsync(workspace),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'spend' of row").And.Message.Contains("is missing"));
        Assert.That(
            async () => await With(training => training.Weight("ages")).RunAsync(workspace),
            Throws.InstanceOf<MlOpsException>().With.Message.Contains("'ages'").And.Message.Contains("age"));
    }

    [Test]
    public async Task BalanceClasses_EveryTraining_WeighsTheClassesAlike()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var spy = new SpyTrainer();

        await SampleLifecycle.Begin(train: training => training.Try(spy).BalanceClasses().CrossValidate(2).Trials(0))
            .Build().RunAsync(workspace);

        foreach (var context in spy.Seen)
        {
            var labels = context.Labels.ToArray();
            var byClass = context.Weights.ToArray().Index().GroupBy(entry => labels[entry.Index]).Select(c => c.Sum(entry => entry.Item));
            Assert.That(byClass, Is.All.EqualTo(labels.Length / 2.0).Within(1e-6));
        }
    }

    [Test]
    public async Task Split_ByAKey_TellsEveryTrainingWhichRowsBelongTogether()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var (spy, stops) = (new SpyTrainer(), new SpyTrainer(
            "stops", new([TaskKind.BinaryClassification], HandlesMissing: true) { ValidationRows = true }));

        await Keyed(Subscriber.Draw(1_000, seed: 1), "age", training => training.Try(spy).Try(stops).StopEarly(0.2))
            .RunAsync(workspace);

        Assert.That(spy.Seen.Count + stops.Seen.Count, Is.AtLeast(5));
        foreach (var context in spy.Seen.Concat(stops.Seen))
        {
            var ages = context.Features.Column(context.Features.Slots.Index().First(slot => slot.Item.Column == "age").Index).ToArray();
            var groups = context.Groups.ToArray();
            Assert.That(groups, Has.Length.EqualTo(ages.Length));
            Assert.That(
                groups.Zip(ages).Distinct().Count(),
                Is.EqualTo(groups.Distinct().Count()).And.EqualTo(ages.Distinct().Count()).And.LessThan(ages.Length));
        }
    }

    [Test]
    public async Task Split_WithoutAKeyAndRowsThatDiffer_HasNoGroups()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var spy = new SpyTrainer();

        var rows = Subscriber.Draw(200, seed: 1).DistinctBy(row => (row.Age, row.Plan, row.Spend, row.Abroad)).ToArray();
        await Keyed(rows, null, training => training.Try(spy)).RunAsync(workspace);

        Assert.That(spy.Seen.Select(context => context.Groups.Length), Is.All.Zero);
    }

    [Test]
    public async Task StopEarly_TrainersThatTakeRows_GetThemAndOthersLearnFromAll()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var stops = new SpyTrainer("stops", new([TaskKind.BinaryClassification], HandlesMissing: true) { ValidationRows = true });
        var all = new SpyTrainer("all");

        await SampleLifecycle.Begin(train: training => training.Try(stops).Try(all).StopEarly(0.2).CrossValidate(2).Trials(0))
            .Build().RunAsync(workspace);

        Assert.That(all.Seen.Select(context => context.Validation), Is.All.Null);
        Assert.That(
            stops.Seen.Select(context => context.Labels.Length + context.Validation!.Labels.Length).Distinct(),
            Is.SubsetOf(all.Seen.Select(context => context.Labels.Length).Distinct()));
        Assert.That(
            stops.Seen.Select(context => context.Validation!.Labels.Length / (double)context.Labels.Length),
            Is.All.EqualTo(0.25).Within(0.02));
        Assert.That(stops.Seen.Select(context => context.Validation!.Features.RowCount), Is.All.GreaterThan(50));
    }

    [Test]
    public async Task TrainAsync_GradientBoostingWithValidationRows_KeepsTheBestRounds()
    {
        var trainer = Trainers.GradientBoosting(options =>
        {
            options.Trees = 400;
            options.LearningRate = 0.3;
            options.Patience = 5;
        });
        foreach (var task in trainer.Capabilities.Tasks)
        {
            var rows = TrainingData.Make(trainer, task, rows: 600);
            var other = TrainingData.Make(trainer, task, rows: 300, seed: 2);
            var validation = new ValidationRows(other.Features, other.Labels, default);

            using var stopped = await trainer.TrainAsync(Context(rows, validation));
            using var long400 = await trainer.TrainAsync(Context(rows, null));

            var trees = ((GradientBoostingModel)stopped).Trees.Roots.Length / stopped.Signature.Outputs;
            Assert.That(trees, Is.InRange(1, 200), $"{task}");
            // Squared error hardly suffers from too many trees; probabilities do.
            if (task != TaskKind.Regression) Assert.That(Loss(stopped, other), Is.LessThan(Loss(long400, other)), $"{task}");
        }
    }

    [Test]
    public async Task TimeBudget_TrainingThatTakesLonger_FailsItsSettingAndTheOthersGoOn()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var endless = new FailingTrainer(cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken), "endless");

        var run = await SampleLifecycle.Begin(train: training => training
                .Try(endless).Try(Trainers.Baseline()).TimeBudget(TimeSpan.FromMilliseconds(50)).CrossValidate(2).Trials(0))
            .Build().RunAsync(workspace);

        Assert.That(run.Training!.Trainer, Is.EqualTo("baseline"));
        Assert.That(run.Training.Leaderboard.Trials[^1].Error, Does.Contain("time budget of 00:00:00.05"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task TimeBudget_TrainingThatWaits_CountsItsOwnTimeOnly(bool pauses)
    {
        using var folder = new TempFolder();
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var workspace = await Workspace.OpenAsync(folder.Path, options => options.Time = time);
        var ended = new ConcurrentQueue<bool>();

        // One thread: the others' trainings share the time, and would be charged for this wait.
        void Wait(TrainingRequest request)
        {
            using (pauses ? request.PauseTimeBudget() : null) time.Advance(TimeSpan.FromSeconds(6));
            ended.Enqueue(request.Clock!.Token.IsCancellationRequested);
        }

        await SampleLifecycle.Begin(train: training => training
                .Try(new SpyTrainer(act: Wait)).TryPipeline(new RateByPlanTrainer("plan", Wait)).Try(Trainers.Baseline())
                .TimeBudget(TimeSpan.FromSeconds(5)).CrossValidate(2).Trials(0).Threads(1))
            .Build().RunAsync(workspace);

        Assert.That(ended, Has.Count.GreaterThanOrEqualTo(2).And.All.EqualTo(!pauses));
    }

    [Test]
    public void Build_WhatATrainerCannotDo_IsListed()
    {
        var other = new TrainerCapabilities([TaskKind.BinaryClassification])
        {
            Weights = false,
            RuntimeIdentifiers = ["linux-riscv64", "win-x86"],
        };
        var mistakes = new List<string>();

        new TrainingBuilder().Try(new SpyTrainer("far", other)).BalanceClasses().Build(TaskKind.BinaryClassification, mistakes);

        Assert.That(mistakes, Has.Some.Contains("'far' does not support weights"));
        Assert.That(
            mistakes,
            Has.Some.Contains($"'far' has no library for {TrainerCapabilities.ThisMachine}, only for linux-riscv64, win-x86"));
    }

    [Test]
    public void Build_BalanceClassesOfARegression_IsAMistake()
    {
        var mistakes = new List<string>();

        new TrainingBuilder().Try(Trainers.Baseline()).BalanceClasses().Build(TaskKind.Regression, mistakes);

        Assert.That(mistakes, Has.One.Contains("BalanceClasses() is for classification"));
    }

    [Test]
    public void Verbs_ImpossibleValues_AreRefused()
    {
        var builder = new TrainingBuilder();

        Assert.That(() => builder.StopEarly(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.StopEarly(0.6), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.StopEarly(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.TimeBudget(TimeSpan.Zero), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => builder.Weight(" "), Throws.ArgumentException);
        Assert.That(() => builder.TryPipeline(null!), Throws.ArgumentNullException);
    }

    [Test]
    public async Task RunAsync_TrainerOfOneThread_GetsOne()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var spy = new SpyTrainer("one", new([TaskKind.BinaryClassification], HandlesMissing: true) { Determinism = Determinism.OneThread });

        await SampleLifecycle.Begin(train: training => training.Try(spy).Threads(8).CrossValidate(2).Trials(0)).Build().RunAsync(workspace);

        Assert.That(spy.Seen.Select(context => context.Threads), Is.All.EqualTo(1));
    }

    private static Lifecycle Keyed(Subscriber[] rows, string? key, Action<TrainingBuilder> train) => LifecycleBuilder.Create("keyed")
        .DefineProblem(problem => problem.BinaryClassification("left", positive: "Yes"))
        .CollectData(data => data.FromObjects(rows))
        .ProcessData(data => { if (key is null) data.Split(test: 0.2); else data.Split(test: 0.2, key: key); })
        .EngineerFeatures(features => features.Auto())
        .TrainModel(training => { train(training); training.CrossValidate(2).Trials(0); })
        .Build();

    private static Lifecycle With(Action<TrainingBuilder> configure) => SampleLifecycle.Begin(train: training =>
    {
        training.Try(Trainers.Baseline()).CrossValidate(2).Trials(0);
        configure(training);
    }).Build();

    private static TrainingContext Context(TrainingContext rows, ValidationRows? validation) => new()
    {
        Task = rows.Task,
        Features = rows.Features,
        Labels = rows.Labels,
        ClassCount = rows.ClassCount,
        Seed = 3,
        Validation = validation,
    };

    private static double Loss(IModel model, TrainingContext rows)
    {
        var predicted = TrainingData.Predict(model, rows.Features);
        var labels = rows.Labels.ToArray();
        return rows.Task switch
        {
            TaskKind.Regression => labels.Zip(predicted, (label, value) => (label - value) * (label - value)).Average(),
            TaskKind.BinaryClassification => labels.Zip(predicted, (label, p) => -Math.Log(label == 1 ? p : 1 - p)).Average(),
            _ => labels.Select((label, row) => -Math.Log(predicted[row * model.Signature.Outputs + (int)label])).Average(),
        };
    }

    /// <summary>A baseline that remembers what it was given.</summary>
    private sealed class SpyTrainer(
        string name = "spy", TrainerCapabilities? capabilities = null, Action<TrainingContext>? act = null) : ITrainer
    {
        private readonly ITrainer _inner = Trainers.Baseline();
        private readonly Lock _lock = new();

        public List<TrainingContext> Seen { get; } = [];

        public string Name => name;

        public string Version => "1";

        public TrainerCapabilities Capabilities => capabilities ?? _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => [];

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            lock (_lock) Seen.Add(context);
            act?.Invoke(context);
            return _inner.TrainAsync(context, cancellationToken);
        }
    }
}
