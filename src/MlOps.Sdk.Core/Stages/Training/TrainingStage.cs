using System.Buffers;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;

namespace MlOps.Sdk.Training;

/// <summary>
/// Stage 7: tries trainers and hyperparameters in cross-validation, each fold with transforms of its own, and fits
/// the best on all training rows.
/// </summary>
internal sealed class TrainingStage(
    TrainingPlan plan, MetricPlan metrics, FeaturePlan features, int? maxThreads, IServiceProvider services) : IStage
{
    public const string Model = "model";
    public const string Summary = "summary";
    public const string OutOfFold = "out-of-fold scores";

    private readonly IReadOnlyList<SearchCandidate> _candidates = plan.Create(services);
    private readonly IFeatureTransform[] _transforms = [.. features.Transforms.Select(create => create(services))];

    public LifecycleStage Kind => LifecycleStage.Training;

    public IReadOnlyList<StageInput> Inputs { get; } =
    [
        new(LifecycleStage.Problem, ProblemStage.Task),
        new(LifecycleStage.Processing, ProcessingStage.Train),
        new(LifecycleStage.Processing, ProcessingStage.ServedColumns),
        new(LifecycleStage.Processing, ProcessingStage.Steps),
        new(LifecycleStage.Processing, ProcessingStage.TrainKeys),
        new(LifecycleStage.Processing, ProcessingStage.Folds),
        new(LifecycleStage.Features, FeatureStage.Graph),
    ];

    public ValueTask DescribeAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        foreach (var candidate in _candidates)
        {
            fingerprint
                .Add($"{candidate.Name} version", candidate.Trainer.Version)
                .AddObject($"{candidate.Name} trainer", candidate.Trainer);
            fingerprint.AddObject($"{candidate.Name} search", candidate.Space?.Dimensions);
        }

        // The winner is who is best by the primary metric and keeps the guards. What the primary must reach is for the gates to judge.
        fingerprint.AddObject("primary metric", metrics.Primary.Metric);
        foreach (var guard in metrics.Guards) fingerprint.AddObject($"guard {guard.Metric.Name}", guard);
        for (var i = 0; i < _transforms.Length; i++) fingerprint.AddObject($"transform {i + 1}", _transforms[i]);
        fingerprint.Add("observed", string.Join('\n', features.Observed));

        // The number of threads changes no bit of the result, so it is no part of the fingerprint.
        fingerprint.Add("search", FormattableString.Invariant($"{plan.Folds} folds, {plan.Trials} trials, seed {plan.Seed}"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask ExecuteAsync(StageContext context, CancellationToken cancellationToken)
    {
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        CheckTask(problem.Task);
        var rows = (await SplitRows.ReadAsync(context, ProcessingStage.Train, cancellationToken).ConfigureAwait(false)).Prepared;
        var encoding = LabelEncoding.Learn(problem, rows);
        var labels = encoding.Encode(rows);
        var graph = FeatureGraph.Read(
            await context.ReadAsync(LifecycleStage.Features, FeatureStage.Graph, cancellationToken).ConfigureAwait(false),
            context.Run.Readers);
        var result = await new ModelSearch(new SearchRequest
        {
            Task = problem.Task,
            ClassCount = encoding.ClassCount,
            Folds = await FoldsAsync(context, problem, rows, labels, cancellationToken).ConfigureAwait(false),
            AllFeatures = graph.Transform(rows),
            AllLabels = labels,
            Groups = Groups.Of(rows, problem.Label),
            Candidates = _candidates,
            Trials = plan.Trials,
            Primary = metrics.Primary.Metric,
            Guards = metrics.Guards,
            Costs = problem.Costs,
            Threads = Math.Min(plan.Threads, maxThreads ?? int.MaxValue),
            Seed = HashCode(context.Run.Seed, plan.Seed),
            Progress = new SearchProgress(context),
            Logger = context.Logger,
            Time = context.Run.Time,
        }).RunAsync(cancellationToken).ConfigureAwait(false);

        using var model = result.Model;
        context.Run.LogParameter("trainer", result.Winner.Candidate);
        foreach (var (name, value) in result.Winner.Parameters)
        {
            context.Run.LogParameter(name, value.ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        }
        foreach (var (name, value) in result.Winner.Metrics) context.Run.LogMetric($"out_of_fold.{name}", value.Value);
        var bytes = new ArrayBufferWriter<byte>();
        model.Save(bytes);
        await context.SaveAsync(Model, bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
        await context.SaveAsync(
            OutOfFold, MemoryMarshal.AsBytes<double>(result.OutOfFoldScores).ToArray(), cancellationToken).ConfigureAwait(false);
        var summary = new TrainingSummary
        {
            Trainer = result.Winner.Candidate,
            Parameters = result.Winner.Parameters,
            ModelFormat = model.FormatId,
            Labels = encoding,
            Threshold = result.Threshold,
            Leaderboard = result.Leaderboard,
        };
        await context.SaveAsync(Summary, summary, TrainingJson.Default.TrainingSummary, cancellationToken).ConfigureAwait(false);
    }

    public static Task<TrainingSummary> ReadSummaryAsync(StageContext context, CancellationToken cancellationToken) =>
        context.ReadAsync(LifecycleStage.Training, Summary, TrainingJson.Default.TrainingSummary, cancellationToken);

    /// <summary>The out-of-fold scores, row by row, of the rows that have them.</summary>
    public static async Task<double[]> ReadScoresAsync(StageContext context, CancellationToken cancellationToken) =>
        Array.FindAll(
            MemoryMarshal.Cast<byte, double>(await context.ReadAsync(
                LifecycleStage.Training, OutOfFold, cancellationToken).ConfigureAwait(false))
                .ToArray(),
            score => !double.IsNaN(score));

    // What a fold validates on, its transforms must not have seen.
    private async Task<IReadOnlyList<Fold>> FoldsAsync(
        StageContext context, ProblemDefinition problem, Dataset rows, double[] labels, CancellationToken cancellationToken)
    {
        var raw = await context.Artifacts.ReadSchemaAsync(
            context.Input(LifecycleStage.Processing, ProcessingStage.ServedColumns),
            cancellationToken).ConfigureAwait(false);
        var steps = await ProcessingStage.ReadStepsAsync(context, cancellationToken).ConfigureAwait(false);
        var keys = RowKeySet.Read(await context.ReadAsync(
            LifecycleStage.Processing, ProcessingStage.TrainKeys, cancellationToken).ConfigureAwait(false)).Keys;
        var rule = await ProcessingStage.ReadFoldsAsync(context, cancellationToken).ConfigureAwait(false);
        var seed = HashCode(context.Run.Seed, plan.Seed);
        var split = rule.Kind switch
        {
            FoldKind.Grouped => GroupFolds.Split(keys, plan.Folds, seed),
            FoldKind.Temporal => TemporalFolds.Split(Times(rows, rule.Column), plan.Folds, rule.Gap),
            _ => FoldRows.Of(AssignFolds(keys, labels, seed, problem.Task != TaskKind.Regression), plan.Folds),
        };
        var folds = new List<Fold>(plan.Folds);
        foreach (var (train, validation) in split)
        {
            context.Report("folds", 0.05 * (folds.Count + 1) / plan.Folds);
            var trainRows = rows.Take(train);
            var graph = await FeatureFitting.FitAsync(
                _transforms, features, problem, raw, steps, trainRows, context.Run.Seed, cancellationToken).ConfigureAwait(false);
            folds.Add(new Fold(
                graph.Transform(trainRows),
                Array.ConvertAll(train, row => labels[row]),
                graph.Transform(rows.Take(validation)),
                Array.ConvertAll(validation, row => labels[row]),
                validation));
        }

        return folds;
    }

    private static long[] Times(Dataset rows, string? column)
    {
        if (column is not null
            && rows.Schema.TryGetIndex(column, out var index)
            && rows.Columns[index] is TimestampColumn { NullCount: 0 } times)
        {
            return times.Values.ToArray();
        }
        throw new MlOpsException(
            "The splitter asks for folds by a column that is not there, is no Timestamp, or lacks values.",
            "Name in FoldRule a Timestamp column of the rows after the last step.") { Column = column };
    }

    // Rows of one key stay in one fold, as they stay on one side of the holdout.
    private int[] AssignFolds(RowKey[] keys, double[] labels, int seed, bool stratify)
    {
        var groups = new Dictionary<RowKey, int>(keys.Length);
        var truths = new List<double>(keys.Length);
        var groupOf = new int[keys.Length];
        for (var row = 0; row < keys.Length; row++)
        {
            if (!groups.TryGetValue(keys[row], out groupOf[row]))
            {
                groups.Add(keys[row], groupOf[row] = groups.Count);
                truths.Add(labels[row]);
            }
        }

        var folds = StratifiedFolds.Assign(truths.ToArray(), plan.Folds, seed, stratify);
        return Array.ConvertAll(groupOf, group => folds[group]);
    }

    private void CheckTask(TaskKind task)
    {
        foreach (var candidate in _candidates)
        {
            if (!candidate.Trainer.Capabilities.Tasks.Contains(task))
            {
                throw new MlOpsException(
                    $"The trainer '{candidate.Name}' does not solve {task}.",
                    $"It solves {string.Join(", ", candidate.Trainer.Capabilities.Tasks)}; remove it, or try another.");
            }
        }
    }

    // Stable across processes, which System.HashCode is not.
    private static int HashCode(int first, int second) => unchecked(first * 486_187_739 + second);

    private sealed class SearchProgress(StageContext context) : IProgress<(double Fraction, string Message)>
    {
        public void Report((double Fraction, string Message) value) =>
            context.Report("search", 0.05 + 0.95 * value.Fraction, value.Message);
    }
}
