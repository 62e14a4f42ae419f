using System.Text.Json.Serialization.Metadata;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>
/// A run, with what its stages found. Parts are <see langword="null"/> where the lifecycle does not have the stage, or where the run
/// ended before it. Immutable.
/// </summary>
public sealed class LifecycleRun
{
    private LifecycleRun(RunRecord record, string resultsOf)
    {
        Record = record;
        ResultsOf = resultsOf;
    }

    /// <summary>The run's id.</summary>
    public string Id => Record.Id;

    /// <summary>The run as it is recorded.</summary>
    public RunRecord Record { get; }

    /// <summary>What has become of the run.</summary>
    public RunState State => Record.State;

    /// <summary>
    /// The run whose results these are: the run itself or, where no source had new rows (<see cref="RunState.NothingNew"/>), the last one
    /// before it that succeeded.
    /// </summary>
    public string ResultsOf { get; }

    /// <summary>
    /// What failed after the version was live, in the run that this call made: monitoring could not begin, or this process could not take
    /// the version up. The run has succeeded; <see cref="RunRecord.Error"/> keeps the message, and the log has it as an error.
    /// <see langword="null"/> when nothing failed.
    /// </summary>
    public MlOpsException? FailedAfterwards { get; private init; }

    /// <summary>What is to be solved, for whom, at what risk.</summary>
    public ProblemDefinition? Problem { get; private init; }

    /// <summary>What was read of each source, and what could not be.</summary>
    public CollectionSummary? Collection { get; private init; }

    /// <summary>What became of the rows.</summary>
    public ProcessingSummary? Processing { get; private init; }

    /// <summary>The profile of the training rows and the verdicts over hypotheses.</summary>
    public ExplorationReport? Exploration { get; private init; }

    /// <summary>The features.</summary>
    public FeatureSummary? Features { get; private init; }

    /// <summary>The search and its winner.</summary>
    public TrainingSummary? Training { get; private init; }

    /// <summary>The gates and whether the version went live.</summary>
    public DeploymentReport? Deployment { get; private init; }

    /// <summary>What is watched, and how often the monitors alarm on the training rows themselves.</summary>
    public MonitoringSummary? Monitoring { get; private init; }

    /// <summary>Why each stage ran or was reused, one stage per line.</summary>
    public string Explain() => string.Join(Environment.NewLine, Record.Stages.Select(
        stage => $"{(int)stage.Stage} {stage.Stage}: {OutcomeOf(stage)}"));

    /// <summary>
    /// The run as a page: what was decided and why, the holdout in numbers and charts, fairness, the leaderboard, the rows, and why each
    /// stage ran. Self-contained HTML without scripts, whose size does not depend on the number of rows. Parts that the run does not have
    /// are left out, as are charts of a run of a version that kept none.
    /// </summary>
    /// <param name="title">The page's title; by default the lifecycle and the run.</param>
    public string ToHtml(string? title = null) => RunPage.Write(this, title);

    /// <summary>How the log of the run begins and ends, how many messages it has, and how many were dropped.</summary>
    internal (IReadOnlyList<RunLogEntry> Entries, long Count, long Dropped) Log { get; private init; } = ([], 0, 0);

    private static string OutcomeOf(StageRecord stage) => stage.State switch
    {
        StageState.Reused => $"reused, {stage.Reason}",
        StageState.Skipped => $"skipped, {stage.Reason}",
        StageState.Pending => "has not run",
        _ => $"ran, {stage.Reason}",
    };

    internal static async Task<LifecycleRun> ReadAsync(
        RunRecord record,
        RunHistory runs,
        ModelRegistry models,
        IArtifactStore artifacts,
        MlOpsException? failedAfterwards,
        CancellationToken cancellationToken)
    {
        var results = record.State == RunState.NothingNew
            ? await runs.FindLastSucceededAsync(
                record.Lifecycle, LifecycleStage.Collection, record.Id, cancellationToken).ConfigureAwait(false) ?? record
            : record;
        var (problem, collection, origin) = await OriginAsync(results, artifacts, cancellationToken).ConfigureAwait(false);
        var exploration = await ReadAsync(
            LifecycleStage.Exploration, ExplorationStage.Report, ExplorationJson.Default.ExplorationReport).ConfigureAwait(false);
        return new LifecycleRun(record, results.Id)
        {
            FailedAfterwards = failedAfterwards,
            Log = await runs.LogEdgesAsync(
                record.Id, RunPage.FirstLogged, RunPage.LastLogged, cancellationToken).ConfigureAwait(false),
            Problem = problem,
            Collection = collection,
            Processing = await ReadAsync(
                LifecycleStage.Processing, ProcessingStage.Summary, ProcessingJson.Default.ProcessingSummary).ConfigureAwait(false),
            Exploration = exploration is null ? null : exploration with
            {
                Origin = origin,
                Profile = exploration.Profile with { Origin = origin },
            },
            Features = await ReadAsync(
                LifecycleStage.Features, FeatureStage.Summary, FeatureJson.Default.FeatureSummary).ConfigureAwait(false),
            Training = await ReadAsync(
                LifecycleStage.Training, TrainingStage.Summary, TrainingJson.Default.TrainingSummary).ConfigureAwait(false),
            Deployment = await SinceAsync(
                models,
                await ReadAsync(
                    LifecycleStage.Deployment, DeploymentStage.Report, DeploymentJson.Default.DeploymentReport).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false),
            Monitoring = await ReadAsync(
                LifecycleStage.Monitoring, MonitoringStage.Summary, MonitoringJson.Default.MonitoringSummary).ConfigureAwait(false),
        };

        Task<T?> ReadAsync<T>(LifecycleStage stage, string name, JsonTypeInfo<T> type)
            where T : class => LifecycleRun.ReadAsync(results, stage, name, type, artifacts, cancellationToken);
    }

    // What went live in this run, or in the one that it reuses, may have been replaced.
    private static async Task<DeploymentReport?> SinceAsync(
        ModelRegistry models, DeploymentReport? report, CancellationToken cancellationToken)
    {
        if (report is not { IsDeployed: true }) return report;
        var live = await models.RouteAsync(report.Model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false);
        return live is null || live.Version == report.Version ? report : report with
        {
            IsReplaced = true,
            Reason = FormattableString.Invariant($"{report.Reason} Version {live.Version} is live now."),
        };
    }

    /// <summary>Where the rows of a run come from.</summary>
    internal static async Task<RunOrigin> OriginAsync(
        string runId, RunHistory runs, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var run = await runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        return (await OriginAsync(run, artifacts, cancellationToken).ConfigureAwait(false)).Origin;
    }

    private static async Task<(ProblemDefinition? Problem, CollectionSummary? Collection, RunOrigin Origin)> OriginAsync(
        RunRecord run, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var problem = await ReadAsync(
            run, LifecycleStage.Problem, ProblemStage.Definition, ProblemJson.Default.ProblemDefinition, artifacts, cancellationToken)
            .ConfigureAwait(false);
        var collection = await ReadAsync(
            run, LifecycleStage.Collection, CollectionStage.Summary, CollectionJson.Default.CollectionSummary, artifacts, cancellationToken)
            .ConfigureAwait(false);
        var sources = string.Join(", ", (collection?.Sources ?? []).Select(source => source.Name));
        return (problem, collection, new RunOrigin(run.Lifecycle, run.Id, run.StartedAt, sources) { Label = problem?.Label });
    }

    private static async Task<T?> ReadAsync<T>(
        RunRecord run,
        LifecycleStage stage,
        string name,
        JsonTypeInfo<T> type,
        IArtifactStore artifacts,
        CancellationToken cancellationToken)
        where T : class =>
        run.Stages.FirstOrDefault(each => each.Stage == stage)?.Outputs.TryGetValue(name, out var id) == true
            ? StoredRecord.ReadJson(
                $"stage {stage} of run '{run.Id}' ('{name}')",
                await artifacts.ReadAllAsync(id, cancellationToken).ConfigureAwait(false),
                type)
            : null;

    /// <summary>The run, every stage in a line, and what stages 2 and 3 noted.</summary>
    public override string ToString() => Record + string.Concat(
        (Collection?.Notes ?? []).Concat(Processing?.Notes ?? []).Select(note => $"{Environment.NewLine}  Note: {note}"));
}
