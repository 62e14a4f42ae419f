using MlOps.Sdk.Features;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;
using NUnit.Framework;

namespace MlOps.Sdk.Tests;

/// <summary>The split of a lifecycle decides the folds that its models are tried on.</summary>
[TestFixture]
public sealed class SplitFoldsTests
{
    private static readonly DateTime Begin = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Test]
    public async Task Run_SplitByTime_ValidatesEachFoldOnlyOnLaterRows()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var trainer = new WatchingTrainer();

        var run = await Build(data => data.SplitByTime("at", 0.2, TimeSpan.FromDays(3)), trainer, feature: "at").RunAsync(workspace);

        var folds = trainer.Folds.OrderBy(fold => fold.Latest).ToArray();
        Assert.That(folds, Has.Length.EqualTo(4));
        foreach (var fold in folds)
        {
            Assert.That(fold.Earliest - fold.Latest, Is.GreaterThan(3 * 86_400 - 100), "seconds in float32 are known to about a hundred");
        }
        Assert.That(
            folds.Zip(folds.Skip(1)),
            Has.All.Matches<((float Latest, float Earliest, int), (float Latest, float, int))>(
                pair => pair.Item1.Latest < pair.Item2.Latest),
            "the window expands");
        Assert.That(run.Processing!.GapRows, Is.GreaterThan(0));
        Assert.That(
            folds.Sum(fold => fold.Validated),
            Is.InRange(0.7 * run.Processing.TrainRows, 0.9 * run.Processing.TrainRows),
            "four of five blocks");
    }

    [Test]
    public async Task Run_SplitByTimeAndDeploy_TakesTheBaselineFromTheRowsWithScores()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);

        var run = await Build(data => data.SplitByTime("at", 0.2), Trainers.LogisticRegression(), feature: "x", deploy: true)
            .RunAsync(workspace);

        using var package = await workspace.ReadPackageAsync(await workspace.Models.GetAsync("folds", 1));
        Assert.That(run.Deployment!.Gates, Is.Not.Empty);
        Assert.That(package.Baseline.RowCount, Is.EqualTo(run.Processing!.TrainRows));
        Assert.That(
            package.Baseline.Predictions[0].Profile.Count,
            Is.InRange(0.7 * run.Processing.TrainRows, 0.9 * run.Processing.TrainRows));
    }

    [Test]
    public async Task Run_SplitByGroup_ValidatesNoFoldOnGroupsThatItKnows()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var trainer = new WatchingTrainer();

        var run = await Build(data => data.SplitByGroup("customer"), trainer, feature: "customer").RunAsync(workspace);

        Assert.That(trainer.Folds, Has.Count.EqualTo(4));
        Assert.That(trainer.Shared, Is.Empty);
        Assert.That(trainer.Folds.Sum(fold => fold.Validated), Is.EqualTo(run.Processing!.TrainRows));
    }

    [Test]
    public async Task Run_OtherKindOfSplit_TrainsAnew()
    {
        using var folder = new TempFolder();
        await using var workspace = await Workspace.OpenAsync(folder.Path);
        var byKey = await Build(data => data.Split(0.2, "customer"), Trainers.LogisticRegression(), feature: "x").RunAsync(workspace);

        var byGroup = await Build(data => data.SplitByGroup("customer"), Trainers.LogisticRegression(), feature: "x").RunAsync(workspace);

        Assert.That(byGroup.Processing!.TrainRows, Is.EqualTo(byKey.Processing!.TrainRows), "the sides are the same");
        Assert.That(byGroup.Record.Stages.Single(stage => stage.Stage == LifecycleStage.Training).State, Is.Not.EqualTo(StageState.Reused));
    }

    private static Lifecycle Build(Action<ProcessingBuilder> process, ITrainer trainer, string feature, bool deploy = false)
    {
        var random = new Random(4);
        var rows = Enumerable.Range(0, 900)
            .Select(i => i * 7 % 900)
            .Select(i => new { Customer = i % 60, At = Begin.AddHours(i * 3), X = random.NextDouble() })
            .ToArray();
        var labelled = rows.Select(row => new { row.Customer, row.At, row.X, Left = row.X + random.NextDouble() > 1 ? "Yes" : "No" });
        var builder = LifecycleBuilder.Create("folds")
            .DefineProblem(problem => problem.BinaryClassification("left", "Yes"))
            .CollectData(data => data.FromObjects(labelled, "rows"))
            .ProcessData(process)
            .DefineMetrics(metrics => metrics.Optimize(Metric.RocAuc))
            .EngineerFeatures(features => features.Numeric([feature], standardize: false))
            .TrainModel(training => training.Try(trainer).CrossValidate(4).Trials(0).Threads(1));
        return (deploy ? builder.DeployModel(deployment => deployment.ToProcess()) : builder).Build();
    }

    /// <summary>Remembers of each fold which values it learned from and which it was asked for.</summary>
    private sealed class WatchingTrainer : ITrainer
    {
        private readonly ITrainer _inner = Trainers.Baseline();

        public List<(float Latest, float Earliest, int Validated)> Folds { get; } = [];

        public List<float> Shared { get; } = [];

        public string Name => _inner.Name;

        public string Version => _inner.Version;

        public TrainerCapabilities Capabilities => _inner.Capabilities;

        public IReadOnlyList<Hyperparameter> Hyperparameters => _inner.Hyperparameters;

        public async ValueTask<IModel> TrainAsync(TrainingContext context, CancellationToken cancellationToken = default) =>
            new WatchedModel(this, await _inner.TrainAsync(context, cancellationToken), [.. context.Features.Column(0).ToArray()]);

        private sealed class WatchedModel(WatchingTrainer trainer, IModel inner, HashSet<float> learned) : IModel
        {
            public ModelSignature Signature => inner.Signature;

            public string FormatId => inner.FormatId;

            public void Predict(in FeatureBlock rows, Span<double> output, PredictScratch scratch)
            {
                var asked = new float[rows.RowCount];
                for (var row = 0; row < asked.Length; row++) asked[row] = rows.Row(row)[0];
                trainer.Folds.Add((learned.Max(), asked.Min(), asked.Length));
                trainer.Shared.AddRange(asked.Where(learned.Contains));
                inner.Predict(rows, output, scratch);
            }

            public void Save(System.Buffers.IBufferWriter<byte> to) => inner.Save(to);

            public void Dispose() => inner.Dispose();
        }
    }
}
