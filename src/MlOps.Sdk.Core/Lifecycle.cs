using System.Runtime.ExceptionServices;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>A lifecycle that was built: it runs, resumes, and retrains when its monitors request it. Immutable and thread-safe.</summary>
public sealed class Lifecycle
{
    private readonly LifecyclePlan _plan;

    internal Lifecycle(LifecyclePlan plan) => _plan = plan;

    /// <summary>The name, which is also the model's.</summary>
    public string Name => _plan.Name;

    internal bool IsMonitored => _plan.Monitoring is not null;

    internal bool ServesInProcess => _plan.Deployment is { ServesInProcess: true };

    internal bool Deploys => _plan.Deployment is not null;

    internal bool DeploysElsewhere => _plan.Deployment is { } deployment && deployment.Targets.Count > (deployment.ServesInProcess ? 1 : 0);

    internal bool Retrains => Rules.Count > 0;

    internal bool HasSchedules => Schedules.Count > 0;

    private IReadOnlyList<RetrainingRule> Rules => _plan.Monitoring is { } monitoring ? [.. monitoring.Rules] : [];

    private IReadOnlyList<SchedulePlan> Schedules => _plan.Monitoring?.Schedules ?? [];

    /// <summary>Lets the monitors of this lifecycle watch its model in this process, without a run.</summary>
    internal void Watch(Workspace workspace, IServiceProvider? services) =>
        workspace.Monitor(Name).Configure(new MonitoringPolicy(_plan.Monitoring!, services)
        {
            FindLabel = new LabelColumn(workspace, _plan, services).FindAsync,
        });

    /// <summary>Whether a retraining is requested.</summary>
    internal Task<bool> IsRetrainingAskedAsync(Workspace workspace, CancellationToken cancellationToken) =>
        new RequestedRetraining(workspace, _plan).IsAskedAsync(cancellationToken);

    /// <summary>
    /// What a retraining that is requested waits for; <see langword="null"/> when none is requested or nothing is missing.
    /// </summary>
    internal Task<string?> FindMissingAsync(Workspace workspace, IServiceProvider? services, CancellationToken cancellationToken) =>
        new RequestedRetraining(workspace, _plan).FindMissingAsync(services, cancellationToken);

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
    /// A stage failed: the exception says which, why and what to do. The run is recorded as Failed and can be resumed. Or it took longer
    /// than its timeout: then it is Cancelled.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A time of the options is out of its range.</exception>
    public async Task<LifecycleRun> RunAsync(
        Workspace workspace,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        options.RequireValid();
        var scope = PluginServices.CreateScope(options.Services);
        await using (scope.ConfigureAwait(false))
        {
            return await new LifecycleExecution(workspace, _plan, options, scope).RunAsync(
                progress, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Continues with a run that failed, was cancelled, whose process ended, or whose version was approved: the stages before are not
    /// repeated. While the approval is pending, the run awaits it again; what was approved goes live if it still passes the gates against
    /// the version that is live now.
    /// </summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run. A retraining only if people were asked about its version: a rejected one is requested again.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">There is no such run, it is running or has succeeded, or a stage failed.</exception>
    public Task<LifecycleRun> ResumeAsync(
        Workspace workspace, string runId, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        ResumeAsync(workspace, runId, new RunOptions(), progress, cancellationToken);

    /// <summary>Continues with a run that failed, was cancelled or whose process ended: the stages before are not repeated.</summary>
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
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        ArgumentNullException.ThrowIfNull(options);
        return RunAsync(workspace, options with { Resume = runId, From = null, StageOf = null }, progress, cancellationToken);
    }

    /// <summary>
    /// Continues with a run from a stage on: the recorded results of the stages before are used as they are, and that stage and those
    /// behind it run again, also where nothing changed. A run that failed, was cancelled or whose process ended goes on under its own id;
    /// of one that succeeded, a new run is made, whose record names it (<see cref="Tracking.RunRecord.ResultsFrom"/>). Where the stages
    /// before would be computed otherwise now, <see cref="LifecycleRun.Explain"/> says what changed. A request for the approval of the
    /// run's version is superseded where the stage comes before Deployment: the run makes another version.
    /// </summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="runId">The run.</param>
    /// <param name="from">The stage to begin with.</param>
    /// <param name="options">How to run; <see langword="null"/> for the defaults. A run that goes on keeps its cause.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <exception cref="MlOpsException">
    /// There is no such run, it is in progress, or one of another lifecycle; the lifecycle does not have the stage; the run has no result
    /// of an earlier stage, or it is lost; or a stage failed.
    /// </exception>
    public Task<LifecycleRun> ResumeAsync(
        Workspace workspace,
        string runId,
        LifecycleStage from,
        RunOptions? options = null,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(runId);
        return RunAsync(
            workspace, (options ?? new RunOptions()) with { Resume = runId, From = from, StageOf = null }, progress, cancellationToken);
    }

    /// <summary>
    /// Runs one stage again on what an earlier run recorded, as a new run: the results of the stages before are taken from that run as they
    /// are, and the stages behind do not run. The record of the new run names the earlier one
    /// (<see cref="Tracking.RunRecord.ResultsFrom"/>). Where the stages before would be computed otherwise now, because their options or
    /// code changed, <see cref="LifecycleRun.Explain"/> says what changed. A version that stage Deployment makes passes all gates against
    /// the version that is live now. No later run reads on behind such a run (<c>OnlyNew</c>).
    /// </summary>
    /// <param name="workspace">The workspace of the run.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="ofRun">The run whose results it works on, which has ended in whatever state.</param>
    /// <param name="options">How to run; <see langword="null"/> for the defaults. Nothing is resumed.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run: it ends as Cancelled and can be resumed.</param>
    /// <exception cref="MlOpsException">
    /// There is no such run, it is in progress, or one of another lifecycle; the lifecycle does not have the stage; the run has no result
    /// that the stage reads, or it is lost; or the stage failed.
    /// </exception>
    public Task<LifecycleRun> RunStageAsync(
        Workspace workspace,
        LifecycleStage stage,
        string ofRun,
        RunOptions? options = null,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(ofRun);
        return RunAsync(
            workspace, (options ?? new RunOptions()) with { Resume = null, From = stage, StageOf = ofRun }, progress, cancellationToken);
    }

    /// <summary>
    /// Runs a retraining that the monitors requested: trains a challenger on the rows that the rule names, compares it with the live
    /// version on rows that neither was trained on, and promotes it only when it is better.
    /// </summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run, or why there is none.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, too few labels have arrived, or too few requests for its rollout, or a stage failed: the
    /// retraining stays requested, until it failed three times.
    /// </exception>
    public Task<RetrainingResult> RetrainAsync(
        Workspace workspace, IProgress<LifecycleProgress>? progress = null, CancellationToken cancellationToken = default) =>
        RetrainAsync(workspace, new RunOptions(), progress, cancellationToken);

    /// <summary>Runs a retraining that the monitors requested, like the form without options.</summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="options">How to run. The cause is the signal that asked, and nothing is resumed.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run, or why there is none.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, too few labels have arrived, or too few requests for its rollout, or a stage failed: the
    /// retraining stays requested, until it failed three times.
    /// </exception>
    public async Task<RetrainingResult> RetrainAsync(
        Workspace workspace,
        RunOptions options,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentNullException.ThrowIfNull(options);
        options.RequireValid();
        return await new RequestedRetraining(workspace, _plan).RunAsync(options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Retrains now, although no monitor requests it, like <see cref="RetrainAsync(Workspace, IProgress{LifecycleProgress}?,
    /// CancellationToken)"/>: by the first rule of RetrainOn(…) or RetrainAt(…) or, where there is none, on the original rows and the
    /// feedback, with the winner's hyperparameters. The request is in the audit log, and counts for the rule's cooldown. It is tried once.
    /// </summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="options">How to run; <see langword="null"/> for the defaults. Nothing is resumed, and the cause is the reason.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run, or why there is none.</returns>
    /// <exception cref="ArgumentException">The reason is empty.</exception>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no MonitorModel or TrainModel, no version is live, too few labels have arrived, or too few requests for its
    /// rollout, or a stage failed.
    /// </exception>
    public async Task<RetrainingResult> RetrainNowAsync(
        Workspace workspace,
        string reason,
        RunOptions? options = null,
        IProgress<LifecycleProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        return await new RequestedRetraining(workspace, _plan)
            .RunNowAsync(reason, options ?? new RunOptions(), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Looks whether a retraining is due by <see cref="MonitoringBuilder.RetrainAt"/>, and requests it: <see cref="RetrainAsync(Workspace,
    /// IProgress{LifecycleProgress}?, CancellationToken)"/> runs it. A host looks by itself. Several processes may look: each time is
    /// answered once. Call it at least every 5 minutes where missed times are skipped.
    /// </summary>
    /// <param name="workspace">The workspace of the model.</param>
    /// <param name="cancellationToken">Cancels until something is decided.</param>
    /// <returns>The schedules, in the order in which they were added; none when the lifecycle has none.</returns>
    public Task<IReadOnlyList<RetrainingSchedule>> CheckScheduleAsync(
        Workspace workspace, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        return workspace.Schedules.RunAsync(Name, Schedules, cancellationToken);
    }

    /// <summary>
    /// Decides on the rollout that is in progress: advances it, rolls it back, lets the version go live, or waits. A host does it every
    /// <see cref="MlOpsOptions.RolloutInterval"/>. Several processes may do it: each decision is made once.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="services">Where plug-ins come from; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels until something is decided.</param>
    /// <returns>
    /// The last rollout, with what the guards found at this check; <see langword="null"/> when there never was one.
    /// </returns>
    /// <exception cref="MlOpsException">
    /// The strategy failed or looks at what is not recorded, or a version cannot be served: the calls stay divided as they are.
    /// </exception>
    public async Task<ModelRollout?> CheckRolloutAsync(
        Workspace workspace, IServiceProvider? services = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            var control = new RolloutControl(workspace, _plan, scope);
            ModelRollout? rollout;
            var turn = workspace.Rollouts.TurnOf(Name);
            await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                rollout = await control.CheckAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turn.Release();
            }
            await control.FollowUpAsync(cancellationToken).ConfigureAwait(false);
            return rollout;
        }
    }

    /// <summary>
    /// Looks after the approvals of this lifecycle's model: tells people of requests that wait, through the alert sinks of MonitorModel,
    /// ends requests that expired, and resumes the runs whose requests were approved. A host does it every
    /// <see cref="MlOpsOptions.PromotionInterval"/>. Several processes may do it: each thing is done once.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="options">How the runs go on; <see langword="null"/> for the defaults. Each keeps its cause.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The runs that went on here.</returns>
    /// <exception cref="MlOpsException">
    /// A run could not go on, for example because a stage failed: it is recorded as Failed. All others went on before this is thrown.
    /// </exception>
    public async Task<IReadOnlyList<LifecycleRun>> CheckApprovalsAsync(
        Workspace workspace, RunOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        options ??= new RunOptions();
        var ended = new List<LifecycleRun>();
        ExceptionDispatchInfo? failure = null;
        foreach (var run in await FollowApprovalsAsync(workspace, options.Services, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                if (await TryGoOnAsync(workspace, run, options, cancellationToken).ConfigureAwait(false) is { } went) ended.Add(went);
            }
            catch (MlOpsException e)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
        return ended;
    }

    /// <summary>Does what is due on approvals, except to resume runs.</summary>
    /// <returns>The runs that can go on.</returns>
    internal async Task<IReadOnlyList<string>> FollowApprovalsAsync(
        Workspace workspace, IServiceProvider? services, CancellationToken cancellationToken)
    {
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            return await new ApprovalFollowUp(workspace, _plan, scope).RunAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Resumes a run that was approved.</summary>
    /// <returns>The run; <see langword="null"/> when another process was quicker.</returns>
    internal async Task<LifecycleRun?> TryGoOnAsync(
        Workspace workspace, string runId, RunOptions options, CancellationToken cancellationToken)
    {
        var state = (await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false)).State;
        if (state is not (RunState.AwaitingApproval or RunState.Interrupted or RunState.Cancelled)) return null;
        ApprovalLog.GoesOn(workspace.Logger, runId, Name);
        try
        {
            return await ResumeAsync(workspace, runId, options, null, cancellationToken).ConfigureAwait(false);
        }
        catch (RunTakenException)
        {
            return null;
        }
    }

    /// <summary>
    /// Begins the rollout of a blessed version by the lifecycle's strategy, for example of one that was kept back or rolled back before.
    /// It ends the rollout that is in progress.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="version">The version.</param>
    /// <param name="reason">Why, for the record.</param>
    /// <param name="services">Where plug-ins come from; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels until it is recorded.</param>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no strategy that divides calls, no version is live, or the version is not blessed, live already, or cannot be
    /// served; nothing changes.
    /// </exception>
    /// <exception cref="Registry.ConcurrencyException">Another version went live, or somebody else decided meanwhile.</exception>
    public async Task<ModelRollout> RollOutAsync(
        Workspace workspace,
        int version,
        string reason,
        IServiceProvider? services = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            return await new RolloutControl(workspace, _plan, scope).StartAsync(version, reason, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Compares what the targets of this lifecycle serve with the version that is live, and brings those that differ to it: for example
    /// after a process was killed while it deployed, or a target lost its model. Each repair is logged, and entered into the audit log as
    /// <c>model.redelivered</c>. A host does it every <see cref="MlOpsOptions.ReconcileInterval"/>.
    /// </summary>
    /// <param name="workspace">The workspace.</param>
    /// <param name="dryRun">Whether to compare only.</param>
    /// <param name="services">Where plug-ins come from; <see langword="null"/> for none.</param>
    /// <param name="cancellationToken">Cancels. A target that does not listen is left behind after five seconds.</param>
    /// <returns>
    /// A state for each target, in the order in which they were added, with the problem of one that failed, did not answer within five
    /// minutes, or is busy with a call that was left behind. None when no version is live, or the lifecycle has no targets.
    /// </returns>
    /// <exception cref="MlOpsException">A target cannot be created.</exception>
    public async Task<IReadOnlyList<Deployment.TargetState>> ReconcileAsync(
        Workspace workspace, bool dryRun = false, IServiceProvider? services = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(workspace);
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            return await new Reconciler(workspace, _plan, scope).RunAsync(!dryRun, cancellationToken).ConfigureAwait(false);
        }
    }
}
