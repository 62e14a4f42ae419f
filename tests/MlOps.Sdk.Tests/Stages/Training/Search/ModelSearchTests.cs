using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests.Training;

public class ModelSearchTests
{
    [Test]
    public async Task RunAsync_OneAndSeveralThreads_SameResult()
    {
        var results = new List<SearchResult>();
        foreach (var threads in new[] { 1, 2, 4 })
        {
            var boosting = Trainers.GradientBoosting();
            results.Add(await new ModelSearch(Request(threads: threads, trials: 6, candidates:
            [
                new("baseline", Trainers.Baseline()),
                new(
                    "logistic-regression",
                    Trainers.LogisticRegression(),
                    new SearchSpace(Trainers.LogisticRegression()).LogUniform("l2", 0.01, 10)),
                new("gradient-boosting", boosting, new SearchSpace(boosting).Fix("trees", 10).Uniform("learningRate", 0.05, 0.5)),
            ])).RunAsync());
        }

        Assert.That(results[0].Winner.Candidate, Is.EqualTo("gradient-boosting"));
        Assert.That(results[0].Leaderboard.Trials, Has.Count.EqualTo(3 + 6));
        foreach (var other in results.Skip(1))
        {
            Assert.That(Json(other), Is.EqualTo(Json(results[0])));
            Assert.That(other.OutOfFoldScores, Is.EqualTo(results[0].OutOfFoldScores));
            Assert.That(TrainingData.Save(other.Model.Model!), Is.EqualTo(TrainingData.Save(results[0].Model.Model!)));
        }
    }

    [Test]
    public async Task RunAsync_Winner_ScoresEveryRowByAModelThatDidNotSeeIt()
    {
        var request = Request(candidates: [new("boost", Trainers.GradientBoosting())]);

        var result = await new ModelSearch(request).RunAsync();

        foreach (var fold in request.Folds)
        {
            var trainer = Trainers.GradientBoosting();
            using var model = await trainer.TrainAsync(
                TrainingData.Context(trainer, request.Task, fold.Train.Features!, fold.Train.Labels.ToArray()));
            var expected = TrainingData.Predict(model, fold.Validation.Features!);
            Assert.That(fold.ValidationRows.Select(row => result.OutOfFoldScores[row]), Is.EqualTo(expected));
        }

        Assert.That(result.Threshold, Is.EqualTo(DecisionThreshold.Choose(request.All.Labels.Span, result.OutOfFoldScores)));
        Assert.That(result.Winner.FoldMetrics["accuracy"], Has.Count.EqualTo(request.Folds.Count));
        Assert.That(result.Model.Signature.Features, Is.EqualTo(request.All.Features!.Width));
    }

    [Test]
    public async Task RunAsync_FailingTrial_IsRecordedAndTheOthersGoOn()
    {
        var result = await new ModelSearch(Request(
            candidates: [new("bad", new FailingTrainer(_ => Task.CompletedTask)), new("baseline", Trainers.Baseline())])).RunAsync();

        Assert.That(result.Winner.Candidate, Is.EqualTo("baseline"));
        Assert.That(result.Leaderboard.Trials[^1].Candidate, Is.EqualTo("bad"));
        Assert.That(result.Leaderboard.Trials[^1].Error, Does.Contain("The disk is full."));
        Assert.That(result.Leaderboard.ToString(), Does.Contain("The disk is full."));
    }

    [Test]
    public void RunAsync_AllTrialsFail_ListsTheReasons() =>
        Assert.That(
            async () => await new ModelSearch(Request(candidates: [
                new("bad", new FailingTrainer(_ => Task.CompletedTask)),
                new("line", Trainers.LinearRegression())
            ])).RunAsync(),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("The disk is full.")
                .And.Message.Contains("does not solve the task")
                .And.Property("Stage")
                .EqualTo(LifecycleStage.Training));

    [Test]
    public void RunAsync_NoTrialKeepsAGuard_SaysWhichAndByHowMuch() =>
        Assert.That(
            async () => await new ModelSearch(Request(guards: [new(new Accuracy("strict"), AtLeast: 1.5)])).RunAsync(),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Match(@"strict is 0\.\d+, \d\.\d+ below the limit 1\.5")
                .And.Property("Remedy")
                .Contains("guard"));

    [Test]
    public async Task RunAsync_BestBreaksAGuard_TheNextWins()
    {
        // The baseline's score is the same for all rows, so its squared error is worse and its spread is none.
        var guard = new MetricRequirement(new Spread(), AtMost: 0.1);

        var result = await new ModelSearch(Request(
            guards: [guard],
            candidates: [new("boost", Trainers.GradientBoosting()), new("baseline", Trainers.Baseline())])).RunAsync();

        Assert.That(result.Winner.Candidate, Is.EqualTo("baseline"));
        Assert.That(result.Leaderboard.Trials.Select(trial => trial.PassedGuards), Is.EqualTo(new[] { true, false }));
        Assert.That(result.Leaderboard.Trials[1].Guards[0].Reason, Does.Contain("above the limit 0.1"));
    }

    [Test]
    public async Task RunAsync_UndefinedGuard_DoesNotApply()
    {
        var result = await new ModelSearch(Request(guards: [new(new Accuracy("rare", isUndefined: true), AtLeast: 0.9)])).RunAsync();

        Assert.That(result.Winner.PassedGuards, Is.True);
        Assert.That(result.Winner.Guards[0].Passed, Is.Null);
        Assert.That(result.Winner.Guards[0].Reason, Does.Contain("No rows of the kind."));
    }

    [Test]
    public void RunAsync_UndefinedPrimary_Fails() =>
        Assert.That(
            async () => await new ModelSearch(Request() with { Primary = new Accuracy(isUndefined: true) }).RunAsync(),
            Throws.TypeOf<MlOpsException>().With.Message.Contains("undefined for every trial"));

    [Test]
    public async Task RunAsync_ErrorCosts_MoveTheThreshold()
    {
        var request = Request(candidates: [new("boost", Trainers.GradientBoosting())]);

        var misses = await new ModelSearch(request with { Costs = new ErrorCosts(1, 10) }).RunAsync();
        var alarms = await new ModelSearch(request with { Costs = new ErrorCosts(10, 1) }).RunAsync();

        Assert.That(misses.Threshold, Is.LessThan(alarms.Threshold));
    }

    [TestCase(TaskKind.Regression), TestCase(TaskKind.MulticlassClassification)]
    public async Task RunAsync_OtherTasks_FindTheBetterTrainer(TaskKind task)
    {
        IMetric primary = task == TaskKind.Regression ? new SquaredError() : new Accuracy();
        var request = Request(task, candidates: [new("baseline", Trainers.Baseline()), new("boost", Trainers.GradientBoosting())]) with
        {
            Primary = primary
        };

        var result = await new ModelSearch(request).RunAsync();

        Assert.That(result.Winner.Candidate, Is.EqualTo("boost"));
        Assert.That(result.OutOfFoldScores, Has.Length.EqualTo(request.All.Labels.Length * (task == TaskKind.Regression ? 1 : 3)));
    }

    [TestCase(TaskKind.BinaryClassification)]
    [TestCase(TaskKind.MulticlassClassification)]
    [TestCase(TaskKind.Regression)]
    public async Task RunAsync_RowsThatNoFoldPredicts_HaveNoPartInThresholdAndMetrics(TaskKind task)
    {
        var request = Request(task);
        var folds = request.Folds.Skip(1).ToArray();
        int[] predicted = [.. folds.SelectMany(fold => fold.ValidationRows).Order()];

        var result = await new ModelSearch(request with { Folds = folds, Primary = new RowCounter() }).RunAsync();

        var outputs = result.OutOfFoldScores.Length / request.All.Labels.Length;
        Assert.That(
            Enumerable.Range(0, request.All.Labels.Length).Where(row => !double.IsNaN(result.OutOfFoldScores[row * outputs])),
            Is.EqualTo(predicted));
        Assert.That(result.Winner.Metrics["rows"].Value, Is.EqualTo(predicted.Length));
        Assert.That(
            result.Winner.FoldMetrics["rows"].Select(value => value.Value),
            Is.EqualTo(folds.Select(fold => fold.ValidationRows.Length)));
        if (task != TaskKind.BinaryClassification) return;
        Assert.That(result.Threshold, Is.EqualTo(DecisionThreshold.Choose(
            predicted.Select(row => request.All.Labels.Span[row]).ToArray(),
            predicted.Select(row => result.OutOfFoldScores[row]).ToArray())));
    }

    [Test]
    public void RunAsync_FoldWithoutRows_IsRefused()
    {
        var request = Request();
        var empty = request.Folds[0] with { ValidationRows = [] };

        Assert.That(
            async () => await new ModelSearch(request with { Folds = [empty, .. request.Folds.Skip(1)] }).RunAsync(),
            Throws.TypeOf<ArgumentException>().With.Message.Contains("no row"));
    }

    [Test]
    public async Task RunAsync_SmallSpace_TriesNoSettingTwice()
    {
        var trainer = Trainers.LogisticRegression();

        var result = await new ModelSearch(Request(
            trials: 30,
            candidates: [new("logistic", trainer, new SearchSpace(trainer).Choice("l2", 0.5, 1, 2))])).RunAsync();

        Assert.That(result.Leaderboard.Trials.Select(trial => trial.Parameters["l2"].AsNumber()), Is.EquivalentTo(new[] { 0.5, 1, 2 }));
    }

    [Test]
    public void RunAsync_CancelledWhileTraining_StopsAtOnce()
    {
        using var source = new CancellationTokenSource();
        var waits = new FailingTrainer(async cancellationToken =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });

        Assert.That(
            async () => await new ModelSearch(Request(threads: 2, candidates: [new("waits", waits)])).RunAsync(source.Token),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task RunAsync_TrialOverItsBudget_IsCancelledAndTheOthersGoOn()
    {
        var time = new FakeTimeProvider();
        var trainings = 0;
        var slow = new FailingTrainer(async cancellationToken =>
        {
            trainings++;
            time.Advance(TimeSpan.FromSeconds(61));
            await Task.Delay(Timeout.Infinite, cancellationToken);
        });

        var result = await new ModelSearch(Request(candidates: [new("slow", slow), new("baseline", Trainers.Baseline())]) with
        {
            TrialBudget = TimeSpan.FromMinutes(1), Time = time,
        }).RunAsync();

        // The other two folds are not begun.
        Assert.That(trainings, Is.EqualTo(1));
        Assert.That(result.Winner.Candidate, Is.EqualTo("baseline"));
        Assert.That(result.Leaderboard.Trials[^1].IsOverBudget, Is.True);
        Assert.That(result.Leaderboard.Trials[^1].Error, Does.Contain("budget of 00:01:00"));
        Assert.That(result.Leaderboard.ToString(), Does.Contain("over budget"));
    }

    [Test]
    public async Task RunAsync_TrainerIgnoresItsCancellation_CountsAsOverBudget()
    {
        var time = new FakeTimeProvider();
        var deaf = new LateTrainer(() => time.Advance(TimeSpan.FromSeconds(25)));

        var result = await new ModelSearch(Request(candidates: [new("deaf", deaf), new("baseline", Trainers.Baseline())]) with
        {
            TrialBudget = TimeSpan.FromMinutes(1), Time = time,
        }).RunAsync();

        Assert.That(result.Winner.Candidate, Is.EqualTo("baseline"));
        Assert.That(result.Leaderboard.Trials[^1].IsOverBudget, Is.True);
    }

    [Test]
    public void RunAsync_EveryTrialOverBudget_SaysSo()
    {
        var time = new FakeTimeProvider();
        Assert.That(
            async () => await new ModelSearch(
                Request(candidates: [new("deaf", new LateTrainer(() => time.Advance(TimeSpan.FromMinutes(2))))]) with
                {
                    TrialBudget = TimeSpan.FromMinutes(1), Time = time,
                }).RunAsync(),
            Throws.TypeOf<MlOpsException>()
                .With.Message.Contains("took longer than it may")
                .And.Property("Remedy").Contains("TrialBudget")
                .And.Property("Stage").EqualTo(LifecycleStage.Training));
    }

    [Test]
    public async Task RunAsync_Progress_RisesToOne()
    {
        var fractions = new List<double>();
        await new ModelSearch(Request(threads: 2) with { Progress = new Recorder(fractions) }).RunAsync();

        Assert.That(fractions, Is.Ordered);
        Assert.That(fractions[^1], Is.EqualTo(1));
    }

    [Test]
    public async Task Leaderboard_AsJson_ReadsBackTheSame()
    {
        var board = (await new ModelSearch(Request(
            guards: [new(new Accuracy("rare", isUndefined: true), AtLeast: 0.9)])).RunAsync()).Leaderboard;
        var json = JsonSerializer.Serialize(board, TrainingJson.Default.Leaderboard);

        var read = JsonSerializer.Deserialize(json, TrainingJson.Default.Leaderboard)!;

        Assert.That(JsonSerializer.Serialize(read, TrainingJson.Default.Leaderboard), Is.EqualTo(json));
        Assert.That(read.Trials[0].Metrics["accuracy"], Is.EqualTo(board.Trials[0].Metrics["accuracy"]));
        Assert.That(read.ToString(), Is.EqualTo(board.ToString()));
    }

    private sealed class LateTrainer(Action act) : ITrainer
    {
        private readonly ITrainer _inner = Trainers.LogisticRegression();

        public string Name => "late";

        public string Version => "1";

        public TrainerCapabilities Capabilities { get; } =
            new([TaskKind.BinaryClassification]) { Cancellation = CancellationSpeed.BetweenPhases };

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default)
        {
            act();
            return _inner.TrainAsync(context, CancellationToken.None);
        }
    }

    private static string Json(SearchResult result) => string.Join("\n", result.Leaderboard.Trials.Select(
        trial => JsonSerializer.Serialize(trial with { Elapsed = default }, TrainingJson.Default.TrialResult)));

    private static SearchRequest Request(
        TaskKind task = TaskKind.BinaryClassification,
        int threads = 1,
        int trials = 0,
        IReadOnlyList<MetricRequirement>? guards = null,
        params SearchCandidate[] candidates)
    {
        var data = TrainingData.Make(Trainers.Baseline(), task, rows: 360, width: 4);
        var labels = data.Labels.ToArray();
        var assigned = StratifiedFolds.Assign(labels, 3, seed: 1, stratify: task != TaskKind.Regression);
        return new SearchRequest
        {
            Task = task,
            ClassCount = data.ClassCount,
            Folds = [.. Enumerable.Range(0, 3).Select(fold => MakeFold(data.Features, labels, assigned, fold))],
            All = new LearningRows(data.Features, null, labels, default, []),
            Candidates = candidates.Length > 0 ? candidates : [new SearchCandidate("baseline", Trainers.Baseline())],
            Trials = trials,
            Primary = new Accuracy(),
            Guards = guards ?? [],
            Threads = threads,
            Seed = 11,
        };
    }

    private static Fold MakeFold(FeatureMatrix features, double[] labels, int[] assigned, int fold)
    {
        var train = Enumerable.Range(0, labels.Length).Where(row => assigned[row] != fold).ToArray();
        var validation = Enumerable.Range(0, labels.Length).Where(row => assigned[row] == fold).ToArray();
        return new Fold(
            new LearningRows(features.Take(train), null, train.Select(row => labels[row]).ToArray(), default, []),
            new LearningRows(features.Take(validation), null, validation.Select(row => labels[row]).ToArray(), default, []),
            validation);
    }

    private sealed class Recorder(List<double> fractions) : IProgress<(double Fraction, string Message)>
    {
        public void Report((double Fraction, string Message) value) => fractions.Add(value.Fraction);
    }

    /// <summary>The number of rows.</summary>
    private sealed class RowCounter : IMetric
    {
        public string Name => "rows";

        public Direction Direction => Direction.Up;

        public MetricNeeds Needs => MetricNeeds.Scores;

        public MetricValue Compute(Evaluation evaluation) => new(evaluation.RowCount);
    }

    /// <summary>The largest score less the smallest.</summary>
    private sealed class Spread : IMetric
    {
        public string Name => "spread";

        public Direction Direction => Direction.Down;

        public MetricNeeds Needs => MetricNeeds.Scores;

        public MetricValue Compute(Evaluation evaluation) => new(evaluation.Scores.ToArray().Max() - evaluation.Scores.ToArray().Min());
    }
}
