using System.Buffers;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Plugins;
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
    public const string Graph = "graph";

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

    public ValueTask<StageWork> PrepareAsync(FingerprintBuilder fingerprint, StageContext context, CancellationToken cancellationToken)
    {
        // The winner is who is best by the primary metric and keeps the guards. What the primary must reach is for the gates to judge.
        fingerprint.AddObject("primary metric", metrics.Primary.Metric);
        foreach (var guard in metrics.Guards) fingerprint.AddObject($"guard {guard.Metric.Name}", guard);
        for (var i = 0; i < _transforms.Length; i++) fingerprint.AddObject($"transform {i + 1}", _transforms[i]);
        fingerprint.Add("observed", string.Join('\n', features.Observed));

        // The number of threads changes no bit of the result, so it is not part of the fingerprint.
        fingerprint
            .Add("weight", plan.Weight ?? "")
            .Add("balances classes", plan.BalancesClasses.ToString())
            .Add("held", FormattableString.Invariant($"{plan.HeldFraction:R}"))
            .Add("time budget", plan.TimeBudget?.ToString() ?? "");
        if (plan.TrialBudget is { } budget) fingerprint.Add("trial budget", budget.ToString());

        // So far it is what decides each trial; from here on, which of them there are.
        var keys = new TrialKeys(fingerprint, plan.Folds, _candidates);
        fingerprint.Add("search", FormattableString.Invariant($"{plan.Folds} folds, {plan.Trials} trials"));
        foreach (var candidate in _candidates)
        {
            fingerprint
                .Add($"{candidate.Name} version", candidate.Trainer.Version)
                .AddObject($"{candidate.Name} trainer", candidate.Trainer);
            fingerprint.AddObject($"{candidate.Name} search", candidate.Space?.Dimensions);
        }

        return new(new StageWork(token => ExecuteAsync(context, keys, token)));
    }

    private async Task ExecuteAsync(StageContext context, TrialKeys keys, CancellationToken cancellationToken)
    {
        var problem = await ProblemStage.ReadAsync(context, cancellationToken).ConfigureAwait(false);
        CheckTask(problem.Task);
        CheckReaders(context.Run.Readers);
        var rows = (await SplitRows.ReadAsync(context, ProcessingStage.Train, cancellationToken).ConfigureAwait(false)).Prepared;
        var encoding = LabelEncoding.Learn(problem, rows);
        var fitted = await context.ReadAsync(LifecycleStage.Features, FeatureStage.Graph, cancellationToken).ConfigureAwait(false);
        using var graph = FeatureGraph.Read(fitted, context.Run.Readers);
        var readsFeatures = _candidates.Any(candidate => !candidate.ReadsColumns);
        if (readsFeatures) FeatureScales.Warn(_candidates, graph.Transform(rows), context.Logger);
        var alike = plan.Weight is null ? [] : metrics.IgnoringWeights.Select(metric => metric.Name).ToArray();
        if (alike.Length > 0) TrainingLog.MetricsIgnoreWeights(context.Logger, string.Join(", ", alike));
        var folds = await AssembleAsync(context, problem, rows, encoding, cancellationToken).ConfigureAwait(false);
        var journal = context.Run.Trials is { } trials ? new SearchJournal(trials, keys, context.Run.ExplainAsync) : null;
        var result = await new ModelSearch(new SearchRequest
        {
            Task = problem.Task,
            ClassCount = encoding.ClassCount,
            Folds = await folds.FoldsAsync(
                readsFeatures ? train => FitAsync(context, problem, train, cancellationToken) : null,
                done => context.Report("folds", 0.05 * done)).ConfigureAwait(false),
            All = folds.All(readsFeatures ? graph.Transform(rows) : null),
            Problem = problem,
            Encoding = encoding,
            Groups = Groups.Of(rows, problem.Label),
            Candidates = _candidates,
            Trials = plan.Trials,
            Primary = metrics.Primary.Metric,
            Guards = metrics.Guards,
            Costs = problem.Costs,
            BalancesClasses = plan.BalancesClasses,
            TimeBudget = plan.TimeBudget,
            TrialBudget = plan.TrialBudget,
            Journal = journal,
            Threads = Math.Min(plan.Threads, maxThreads ?? int.MaxValue),
            Seed = SeedOf(context),
            Progress = new SearchProgress(context),
            Logger = context.Logger,
            Time = context.Run.Time,
        }).RunAsync(cancellationToken).ConfigureAwait(false);

        using var model = result.Model;
        context.Run.LogParameter("trainer", result.Winner.Candidate);
        foreach (var (name, value) in result.Winner.Parameters)
        {
            context.Run.LogParameter(name, value.ToString());
        }
        foreach (var (name, value) in result.Winner.Metrics) context.Run.LogMetric($"out_of_fold.{name}", value.Value);
        var bytes = new ArrayBufferWriter<byte>();
        model.Save(bytes);
        await context.SaveAsync(Model, bytes.WrittenMemory, cancellationToken).ConfigureAwait(false);
        var read = model.RowModel is null
            ? fitted
            : await GraphOfAsync(context, problem, model.RowModel, cancellationToken).ConfigureAwait(false);
        await context.SaveAsync(Graph, read, cancellationToken).ConfigureAwait(false);
        await context.SaveAsync(
            OutOfFold, MemoryMarshal.AsBytes<double>(result.OutOfFoldScores).ToArray(), cancellationToken).ConfigureAwait(false);
        var summary = new TrainingSummary
        {
            Trainer = result.Winner.Candidate,
            Parameters = result.Winner.Parameters,
            ModelFormat = model.FormatId,
            ReadsColumns = model.RowModel is not null,
            RefusesMissing = model.RefusesMissing,
            Labels = encoding,
            Threshold = problem.Task == TaskKind.BinaryClassification ? result.Threshold : null,
            Leaderboard = result.Leaderboard,
        };
        await context.SaveAsync(Summary, summary, TrainingJson.Default.TrainingSummary, cancellationToken).ConfigureAwait(false);
    }

    private void CheckReaders(FormatReaders readers)
    {
        foreach (var candidate in _candidates)
        {
            foreach (var formatId in candidate.Trainer.FormatIds)
            {
                if (candidate.ReadsColumns) readers.Require<IRowModel>(formatId);
                else readers.Require<IModel>(formatId);
            }
        }
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

    private async Task<FoldAssembly> AssembleAsync(
        StageContext context, ProblemDefinition problem, Dataset rows, LabelEncoding encoding, CancellationToken cancellationToken)
    {
        var keys = RowKeySet.Read(await context.ReadAsync(
            LifecycleStage.Processing, ProcessingStage.TrainKeys, cancellationToken).ConfigureAwait(false)).Keys;
        var rule = await ProcessingStage.ReadFoldsAsync(context, cancellationToken).ConfigureAwait(false);
        string[] kept = [.. features.Observed, .. features.Weight is { } weight ? [weight] : Array.Empty<string>()];
        var table = _candidates.Any(candidate => candidate.ReadsColumns) ? rows.Without(kept) : null;
        return new FoldAssembly(plan, problem, rows, table, encoding.Encode(rows), keys, rule, SeedOf(context));
    }

    private async Task<FeatureGraph> FitAsync(
        StageContext context, ProblemDefinition problem, Dataset rows, CancellationToken cancellationToken)
    {
        var (raw, steps) = await ReadServedAsync(context, cancellationToken).ConfigureAwait(false);
        return await FeatureFitting.FitAsync(
            _transforms, features, problem, raw, steps, rows, context.Run.Seed, context.Logger, cancellationToken).ConfigureAwait(false);
    }

    // The graph of a package leads to what its model reads: features, or columns.
    private async Task<ReadOnlyMemory<byte>> GraphOfAsync(
        StageContext context, ProblemDefinition problem, IRowModel model, CancellationToken cancellationToken)
    {
        var (raw, steps) = await ReadServedAsync(context, cancellationToken).ConfigureAwait(false);
        using var graph = FeatureGraph.Create(raw, problem.Label, steps, [], features.Observed, features.Recorded, model.Inputs);
        var bytes = new ArrayBufferWriter<byte>();
        graph.Save(bytes);
        return bytes.WrittenMemory;
    }

    private static async Task<(Schema Raw, IReadOnlyList<IRowProcessor> Steps)> ReadServedAsync(
        StageContext context, CancellationToken cancellationToken)
    {
        var raw = await context.Artifacts.ReadSchemaAsync(
            context.Input(LifecycleStage.Processing, ProcessingStage.ServedColumns),
            cancellationToken).ConfigureAwait(false);
        return (raw, await ProcessingStage.ReadStepsAsync(context, cancellationToken).ConfigureAwait(false));
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

    private static int SeedOf(StageContext context) => unchecked(context.Run.Seed * 486_187_739);

    private sealed class SearchProgress(StageContext context) : IProgress<(double Fraction, string Message)>
    {
        public void Report((double Fraction, string Message) value) =>
            context.Report("search", 0.05 + 0.95 * value.Fraction, value.Message);
    }
}
