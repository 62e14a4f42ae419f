using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Exploration;
using MlOps.Sdk.Features;
using MlOps.Sdk.Metrics;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;
using MlOps.Sdk.Training;

namespace MlOps.Sdk;

/// <summary>A lifecycle that was built: it runs, resumes, and retrains when its monitors ask for it. Immutable and thread-safe.</summary>
public sealed class Lifecycle
{
    private readonly LifecyclePlan _plan;

    internal Lifecycle(LifecyclePlan plan) => _plan = plan;

    /// <summary>The name, which is also the model's.</summary>
    public string Name => _plan.Name;

    internal bool IsMonitored => _plan.Monitoring is not null;

    internal bool Retrains => _plan.Monitoring?.Retraining is not null;

    /// <summary>Lets the monitors of this lifecycle watch its model in this process, without a run.</summary>
    internal void Watch(Workspace workspace, IServiceProvider? services) =>
        workspace.Monitor(Name).Configure(new MonitoringPolicy(_plan.Monitoring!, services));

    /// <summary>
    /// What a retraining that is asked for waits for; <see langword="null"/> when none is asked for or nothing is missing.
    /// </summary>
    internal async Task<string?> FindMissingAsync(Workspace workspace, IServiceProvider? services, CancellationToken cancellationToken)
    {
        if (_plan.Monitoring?.Retraining is not { } rule
            || await workspace.MonitoringServices.Retrainings.FindOpenAsync(Name, cancellationToken).ConfigureAwait(false) is null)
        {
            return null;
        }
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            return (await new Retraining(workspace, _plan, rule, scope.ServiceProvider).FindMissingAsync(
                cancellationToken).ConfigureAwait(false))?.Problem;
        }
    }

    /// <summary>Runs the stages. What is up to date is reused; the run says why each stage ran or was reused.</summary>
    /// <param name="workspace">Where runs, models and data are kept.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run: it ends as Cancelled and can be resumed.</param>
    /// <exception cref="MlOpsException">
    /// A stage failed: the exception says which, why and what to do. The run is recorded as Failed and can be resumed.
    /// </exception>
    public Task<LifecycleRun> RunAsync(
        Workspace workspace, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RunAsync(workspace, new RunOptions(), progress, cancellationToken);

    /// <summary>Runs the stages.</summary>
    /// <param name="workspace">Where runs, models and data are kept.</param>
    /// <param name="options">How to run.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run: it ends as Cancelled and can be resumed.</param>
    /// <exception cref="MlOpsException">
    /// A stage failed: the exception says which, why and what to do. The run is recorded as Failed and can be resumed.
    /// </exception>
    public async Task<LifecycleRun> RunAsync(
        Workspace workspace,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        var scope = PluginServices.CreateScope(options.Services);
        await using (scope.ConfigureAwait(false))
        {
            return await RunAsync(workspace, _plan, options, scope.ServiceProvider, progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Goes on with a run that failed, was cancelled or whose process ended: the stages before are not repeated.</summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">There is no such run, it is running or has succeeded, or a stage failed.</exception>
    public Task<LifecycleRun> ResumeAsync(
        Workspace workspace, string runId, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ResumeAsync(workspace, runId, new RunOptions(), progress, cancellationToken);

    /// <summary>Goes on with a run that failed, was cancelled or whose process ended: the stages before are not repeated.</summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="options">How to run; the run keeps its cause.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">There is no such run, it is running or has succeeded, or a stage failed.</exception>
    public Task<LifecycleRun> ResumeAsync(
        Workspace workspace,
        string runId,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync(workspace, options with { Resume = runId }, progress, cancellationToken);
    }

    /// <summary>
    /// Answers a retraining that the monitors asked for: trains a challenger on the rows that the rule names, compares it with the live
    /// version on rows that neither was trained on, and promotes it only when it is better.
    /// </summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run; <see langword="null"/> when no retraining is asked for, or another process answers it.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, too few labels have arrived, or too few requests for its rollout, or a stage failed: the
    /// retraining stays asked for, until it failed three times.
    /// </exception>
    public Task<LifecycleRun?> RetrainAsync(
        Workspace workspace, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RetrainAsync(workspace, new RunOptions(), progress, cancellationToken);

    /// <summary>Answers a retraining that the monitors asked for, like the form without options.</summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="options">How to run. The cause is the signal that asked, and nothing is resumed.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run; <see langword="null"/> when no retraining is asked for, or another process answers it.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, too few labels have arrived, or too few requests for its rollout, or a stage failed: the
    /// retraining stays asked for, until it failed three times.
    /// </exception>
    public async Task<LifecycleRun?> RetrainAsync(
        Workspace workspace,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        var rule = _plan.Monitoring?.Retraining
            ?? throw new MlOpsException($"'{Name}' has no retraining rule.", "Add RetrainOn(…) to MonitorModel.");
        var retrainings = workspace.MonitoringServices.Retrainings;
        if (await retrainings.FindOpenAsync(Name, cancellationToken).ConfigureAwait(false) is not { } asked) return null;

        var scope = PluginServices.CreateScope(options.Services);
        await using (scope.ConfigureAwait(false))
        {
            var retraining = new Retraining(workspace, _plan, rule, scope.ServiceProvider);
            if (await retraining.FindMissingAsync(cancellationToken).ConfigureAwait(false) is var (problem, remedy))
            {
                throw new MlOpsException(problem, remedy);
            }
            var plan = await retraining.PlanAsync(cancellationToken).ConfigureAwait(false);
            var stages = Stages(workspace, plan, scope.ServiceProvider);
            var start = Start(plan, stages, $"retraining: {asked.Signal}") with { Trigger = asked.No };
            if (await RunTracker.TryStartAsync(
                workspace.Store, workspace.Logger, start, cancellationToken).ConfigureAwait(false) is not { } tracker)
            {
                return null;
            }
            LifecycleRun run;
            try
            {
                run = await RunAsync(
                    workspace, plan, tracker, stages, options, scope.ServiceProvider, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                await RecordAsync(workspace, plan, tracker, () => retrainings.FailAsync(
                    asked.No,
                    tracker.RunId,
                    $"failed {RetrainingTable.MaxAttempts} times: {e.Message}",
                    cancellationToken.IsCancellationRequested,
                    CancellationToken.None)).ConfigureAwait(false);
                throw;
            }

            // What succeeded is not run again because it was cancelled too late.
            await retrainings.SetOutcomeAsync(
                asked.No, run.Id, run.Deployment?.Reason ?? "trained", CancellationToken.None).ConfigureAwait(false);
            return run;
        }
    }

    private static RunStart Start(LifecyclePlan plan, List<IStage> stages, string cause) =>
        new(plan.Name, [.. stages.Select(stage => stage.Kind)], plan.Seed, cause, plan.RetrainedFrom);

    private static async Task<LifecycleRun> RunAsync(
        Workspace workspace,
        LifecyclePlan plan,
        RunOptions options,
        IServiceProvider? services,
        IProgress<LifecycleProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (options.Resume is { } run) await CheckResumableAsync(workspace, plan, run, cancellationToken).ConfigureAwait(false);
        var stages = Stages(workspace, plan, services);
        var tracker = options.Resume is { } resumed
            ? await RunTracker.ResumeAsync(workspace.Store, workspace.Logger, resumed, cancellationToken).ConfigureAwait(false)
            : await RunTracker.StartAsync(
                workspace.Store, workspace.Logger, Start(plan, stages, options.Cause), cancellationToken).ConfigureAwait(false);
        return await RunAsync(workspace, plan, tracker, stages, options, services, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<LifecycleRun> RunAsync(
        Workspace workspace,
        LifecyclePlan plan,
        RunTracker tracker,
        List<IStage> stages,
        RunOptions options,
        IServiceProvider? services,
        IProgress<LifecycleProgress>? progress,
        CancellationToken cancellationToken)
    {
        await using (tracker.ConfigureAwait(false))
        {
            using var activity = Telemetry.Source.StartActivity($"run {plan.Name}");
            activity?.SetTag("mlops.lifecycle", plan.Name).SetTag("mlops.run", tracker.RunId);
            using var owned = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, tracker.OwnershipLost);
            var context = new RunContext
            {
                Lifecycle = plan.Name,
                RunId = tracker.RunId,
                Seed = plan.Seed,
                Artifacts = workspace.Artifacts,
                Readers = workspace.Readers,
                Time = workspace.Time,
                Logger = workspace.Logger,
                Services = services,
            };
            var runner = new StageRunner(workspace.StageResults, tracker, context, progress);
            try
            {
                await runner.RunAsync(stages, options.Reuse, owned.Token).ConfigureAwait(false);
                await BringToLifeAsync(workspace, plan, runner, options.Services, owned.Token).ConfigureAwait(false);
                await EndAsync(workspace, plan, tracker, RunState.Succeeded, null).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                var state = e is OperationCanceledException && cancellationToken.IsCancellationRequested ? RunState.Cancelled
                    : e is NothingNewException ? RunState.NothingNew
                    : RunState.Failed;
                if (state == RunState.Failed) ExecutionLog.Failed(workspace.Logger, plan.Name, tracker.RunId, e);
                await RecordAsync(
                    workspace, plan, tracker, () => EndAsync(workspace, plan, tracker, state, e.Message)).ConfigureAwait(false);
                throw;
            }

            // A cancellation that comes after the run has succeeded comes too late.
            var record = await workspace.Runs.GetAsync(tracker.RunId, CancellationToken.None).ConfigureAwait(false);
            return await LifecycleRun.ReadAsync(record, workspace.Artifacts, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // What went wrong first is what the caller must hear of.
    private static async Task RecordAsync(Workspace workspace, LifecyclePlan plan, RunTracker tracker, Func<Task> record)
    {
        try
        {
            await record().ConfigureAwait(false);
        }
        catch (Exception unrecorded)
        {
            ExecutionLog.NotRecorded(workspace.Logger, plan.Name, tracker.RunId, unrecorded);
        }
    }

    // Before the run is taken: who takes it writes over what became of it.
    private static async Task CheckResumableAsync(
        Workspace workspace, LifecyclePlan plan, string runId, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        if (run.Lifecycle != plan.Name)
        {
            throw new MlOpsException(
                $"The run '{runId}' is one of '{run.Lifecycle}', not of '{plan.Name}'.",
                "Resume it with its own lifecycle.");
        }
        if (run.ParentRun is not null)
        {
            throw new MlOpsException($"The run '{runId}' is a retraining.", "Call RetrainAsync again: what it had finished is reused.");
        }
    }

    private static async Task EndAsync(Workspace workspace, LifecyclePlan plan, RunTracker tracker, RunState state, string? error)
    {
        // Whatever ends the run must not keep its end from being recorded.
        await tracker.CompleteAsync(state, error, CancellationToken.None).ConfigureAwait(false);
        ExecutionLog.Ended(workspace.Logger, plan.Name, tracker.RunId, state);
        Telemetry.Runs.Add(1, new KeyValuePair<string, object?>("state", state.ToString()));
    }

    // What is brought to life outlasts the run, so it works with the container itself and not with the run's scope.
    // A reused deployment is live in the registry, perhaps in another version by now, but not yet in this process.
    private static async Task BringToLifeAsync(
        Workspace workspace, LifecyclePlan plan, StageRunner runner, IServiceProvider? services, CancellationToken cancellationToken)
    {
        if (plan.Monitoring is { } monitoring)
        {
            var elsewhere = monitoring.Elsewhere is { } model
                ? await MonitoringStage.ReadBaselineAsync(
                    model,
                    plan.Problem!,
                    runner.Results[LifecycleStage.Monitoring],
                    workspace.Artifacts,
                    cancellationToken).ConfigureAwait(false)
                : null;
            workspace.Monitor(plan.Name).Configure(new MonitoringPolicy(monitoring, services), elsewhere);
        }

        var servesHere =
            plan.Deployment?.Targets.Any(create => ReferenceEquals(create(Services(workspace, services)), workspace.Process)) == true;
        if (servesHere && runner.Results.ContainsKey(LifecycleStage.Deployment) && await workspace.Models.FindByAliasAsync(
            plan.Name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is not null)
        {
            await workspace.ServeAsync(plan.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    internal static DeploymentServices Services(Workspace workspace, IServiceProvider? services) => new(
        workspace.Models,
        workspace.Runs,
        workspace.Holdout,
        workspace.MonitoringServices.Predictions,
        workspace.Process,
        workspace.Options.Actor,
        services);

    private static List<IStage> Stages(Workspace workspace, LifecyclePlan plan, IServiceProvider? services)
    {
        var stages = new List<IStage>();
        if (plan.Problem is { } problem) stages.Add(new ProblemStage(problem));
        if (plan.Collection is { } collection)
        {
            stages.Add(new CollectionStage(collection, cancellationToken => EarlierAsync(workspace, plan.Name, cancellationToken)));
        }
        if (plan.Processing is { } processing)
        {
            stages.Add(
                new ProcessingStage(processing, cancellationToken => SealedRowsAsync(workspace, plan.Name, cancellationToken), services));
        }
        var metrics = plan.Metrics?.Invoke(services);
        if (metrics is not null) stages.Add(new MetricsStage(metrics));
        if (plan.Exploration is { } exploration) stages.Add(new ExplorationStage(exploration, services));
        var features = plan.Features is null ? null : WithKey(plan, plan.Features, services);
        if (features is not null) stages.Add(new FeatureStage(features, services));
        if (plan.Training is { } training)
        {
            stages.Add(new TrainingStage(training, metrics!, features!, workspace.Options.TrainingThreads, services));
        }
        if (plan.Deployment is { } deployment) stages.Add(new DeploymentStage(deployment, metrics!, Services(workspace, services)));
        if (plan.Monitoring is { } monitoring) stages.Add(new MonitoringStage(monitoring, services));
        return stages;
    }

    // Retrainings collect other rows than their lifecycle does.
    private static async Task<EarlierCollection?> EarlierAsync(Workspace workspace, string lifecycle, CancellationToken cancellationToken)
    {
        RunRecord? last = null;
        for (var limit = 64; last is null; limit *= 8)
        {
            var runs = await workspace.Runs.ListAsync(lifecycle, RunState.Succeeded, limit, cancellationToken).ConfigureAwait(false);

            // One that failed and was resumed later read what came in between.
            last = runs
                .Where(run => run.ParentRun is null && run.Stages.Any(stage => stage.Stage == LifecycleStage.Collection))
                .MaxBy(run => run.EndedAt);
            if (last is null && runs.Count < limit) return null;
        }

        var outputs = last.Stages.Single(stage => stage.Stage == LifecycleStage.Collection).Outputs;
        var summary = JsonSerializer.Deserialize(
            await workspace.Artifacts.ReadAllAsync(outputs[CollectionStage.Summary], cancellationToken).ConfigureAwait(false),
            CollectionJson.Default.CollectionSummary)!;
        return new EarlierCollection(last.Id, outputs[CollectionStage.Rows], summary);
    }

    // What any run of the lifecycle was judged on: the ledger names the keys.
    private static async Task<IReadOnlyList<RowKeySet>> SealedRowsAsync(
        Workspace workspace, string lifecycle, CancellationToken cancellationToken)
    {
        var sets = new List<RowKeySet>();
        foreach (var keys in (await workspace.Holdout.ListAsync(lifecycle, cancellationToken).ConfigureAwait(false))
            .Select(look => look.RowsHash)
            .Distinct())
        {
            sets.Add(
                RowKeySet.Read(await workspace.Artifacts.ReadAllAsync(ArtifactId.Parse(keys), cancellationToken).ConfigureAwait(false)));
        }
        return sets;
    }

    // Feedback rows must keep their side of the split, so the columns that decide it are recorded with every prediction.
    private static FeaturePlan WithKey(LifecyclePlan plan, FeaturePlan features, IServiceProvider? services) =>
        plan.Monitoring?.Retraining is { Data.IncludesFeedback: true } && plan.Processing is { } processing
            ? features with { Recorded = [.. features.Recorded.Union(Deciding(processing.Splitter(services)))] }
            : features;

    private static string[] Deciding(ISplitter splitter) =>
        splitter.Folds.Column is { } time && !splitter.Key.Contains(time) ? [.. splitter.Key, time] : [.. splitter.Key];
}
