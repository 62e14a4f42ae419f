using MlOps.Sdk.Deployment;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>One run of a plan: starts or resumes its record, runs the stages, and brings to life what they made.</summary>
/// <param name="workspace">Where runs, models and data are kept.</param>
/// <param name="plan">The plan; that of a retraining names the run that it starts from.</param>
/// <param name="options">How to run.</param>
/// <param name="scoped">The services of the run, which end with it.</param>
internal sealed class LifecycleExecution(Workspace workspace, LifecyclePlan plan, RunOptions options, IServiceProvider scoped)
{
    public async Task<LifecycleRun> RunAsync(IProgress<LifecycleProgress>? progress, CancellationToken cancellationToken)
    {
        var stages = CreateStages();
        var repeated = new RepeatedStages(workspace, plan.Name, stages);
        Start start;
        var turn = TurnOf(workspace, plan.Name, stages[0].Kind, options, progress);
        await using (turn.ConfigureAwait(false))
        {
            start = await turn.StartAsync(gate => BeginAsync(gate, stages, repeated, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }
        return await RunAsync(start, stages, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The turn of a start of a lifecycle.</summary>
    public static RunTurn TurnOf(
        Workspace workspace, string lifecycle, LifecycleStage first, RunOptions options, IProgress<LifecycleProgress>? progress)
    {
        var began = workspace.Time.GetTimestamp();
        return new RunTurn(workspace.Store, workspace.Logger, lifecycle, options.Concurrency, atWork =>
        {
            try
            {
                progress?.Report(new LifecycleProgress(
                    first, "waiting", 0, workspace.Time.GetElapsedTime(began), $"The start waits for {atWork}."));
            }
            catch (Exception e)
            {
                // Who watches must not end what is watched.
                ExecutionLog.WaitingNotReported(workspace.Logger, lifecycle, Secrets.Blank(e));
            }
        });
    }

    /// <summary>Runs the plan of a retraining that is requested.</summary>
    /// <param name="asked">What requests it.</param>
    /// <param name="attempts">After how many attempts it is given up.</param>
    /// <param name="turn">The turn of the run.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run; <see langword="null"/> when another process answers the retraining.</returns>
    public async Task<LifecycleRun?> TryRetrainAsync(
        RetrainingTrigger asked,
        int attempts,
        RunTurn turn,
        IProgress<LifecycleProgress>? progress,
        CancellationToken cancellationToken)
    {
        var retrainings = workspace.MonitoringServices.Retrainings;
        var stages = CreateStages();
        var start = StartOf(stages, $"retraining: {asked.Signal}") with { Trigger = asked.No };
        if (await turn.StartAsync(
            gate => RunTracker.TryStartAsync(workspace.Store, workspace.Logger, start with { Gate = gate }, cancellationToken),
            cancellationToken).ConfigureAwait(false) is not { } tracker)
        {
            return null;
        }
        LifecycleRun run;
        try
        {
            run = await RunAsync(
                new Start(tracker, new StageScope { Reuse = options.Reuse }, IsResumed: false), stages, progress, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await RecordAsync(tracker, () => retrainings.FailAsync(
                asked.No,
                tracker.RunId,
                attempts == 1 ? $"failed: {Secrets.Blank(e.Message)}" : $"failed {attempts} times: {Secrets.Blank(e.Message)}",
                isCancelled: attempts > 1 && cancellationToken.IsCancellationRequested,
                attempts,
                CancellationToken.None)).ConfigureAwait(false);
            throw;
        }

        // What succeeded is not run again because it was cancelled too late.
        await retrainings.SetOutcomeAsync(
            asked.No, run.Id, run.Deployment?.Reason ?? "trained", CancellationToken.None).ConfigureAwait(false);
        return run;
    }

    private IReadOnlyList<IStage> CreateStages()
    {
        // Before anything is trained: the version would be live here, and could not reach the targets.
        if (plan.Deployment is { Signs: true } && workspace.Options.Signer is null)
        {
            throw OutgoingReleases.Unsigned($"A version of '{plan.Name}'");
        }

        return new StageAssembly(workspace, plan, scoped).Create();
    }

    private RunStart StartOf(IReadOnlyList<IStage> stages, string cause) =>
        new(plan.Name, [.. stages.Select(stage => stage.Kind)], plan.Seed, cause, plan.RetrainedFrom) { Starter = workspace.Acting.Person };

    private async Task<Start> BeginAsync(
        RunGate gate, IReadOnlyList<IStage> stages, RepeatedStages repeated, CancellationToken cancellationToken)
    {
        var start = StartOf(stages, options.Cause) with { Gate = gate };
        if (options.StageOf is { } of)
        {
            var stage = options.From!.Value;
            var (run, only) = await repeated.OneAsync(of, stage, cancellationToken).ConfigureAwait(false);
            start = start with
            {
                Stages = [.. start.Stages.Where(each => each <= stage)],
                ResultsOf = run.Id,
                FromStage = stage,
                ParentRun = run.Id,
            };
            return await StartAsync(start, only).ConfigureAwait(false);
        }
        if (options.Resume is not { } resumed)
        {
            return await StartAsync(start, new StageScope { Reuse = options.Reuse }).ConfigureAwait(false);
        }

        // Before the run is taken: who takes it writes over what became of it.
        if (options.From is null or LifecycleStage.Deployment
            && await FindAwaitedAsync(resumed, repeated, cancellationToken).ConfigureAwait(false) is { } awaited)
        {
            StageScope asked;
            try
            {
                asked = await repeated.AwaitedAsync(resumed, options.From, options.Reuse, cancellationToken).ConfigureAwait(false);
            }
            catch (MlOpsException e)
            {
                await FailAsync(gate, resumed, e, cancellationToken).ConfigureAwait(false);
                throw;
            }
            return new Start(
                await RunTracker.ResumeAsync(
                    workspace.Store, workspace.Logger, resumed, gate, options.From, cancellationToken: cancellationToken)
                    .ConfigureAwait(false),
                asked,
                IsResumed: true)
            {
                Awaited = awaited,
            };
        }
        var (rest, goesOn, from, scope) = await repeated.RestAsync(
            resumed, options.From, options.Reuse, cancellationToken).ConfigureAwait(false);
        if (goesOn)
        {
            // What people were asked about is not what the run will make.
            Action<System.Data.Common.DbConnection>? leave = from < LifecycleStage.Deployment
                ? connection => ApprovalRecords.Leave(
                    connection, resumed, $"its run was resumed from stage {from}", workspace.Time.GetUtcNow())
                : null;
            return new Start(
                await RunTracker.ResumeAsync(
                    workspace.Store, workspace.Logger, resumed, gate, from, leave, workspace.Acting.Person, cancellationToken)
                    .ConfigureAwait(false),
                scope,
                IsResumed: true);
        }

        // One that takes the rows of another run is not what the next run reads on behind.
        return await StartAsync(
            start with { ResultsOf = rest.Id, FromStage = from, ParentRun = from > LifecycleStage.Collection ? rest.Id : null }, scope)
            .ConfigureAwait(false);

        async Task<Start> StartAsync(RunStart begun, StageScope computed) => new(
            await RunTracker.StartAsync(workspace.Store, workspace.Logger, begun, cancellationToken).ConfigureAwait(false),
            computed,
            IsResumed: false);
    }

    /// <summary>
    /// Records that a run cannot go on, so that nobody tries it for ever. When what is missing is there again, it can be resumed.
    /// </summary>
    private async Task FailAsync(RunGate gate, string runId, MlOpsException failure, CancellationToken cancellationToken)
    {
        var tracker = await RunTracker.ResumeAsync(
            workspace.Store, workspace.Logger, runId, gate, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (tracker.ConfigureAwait(false))
        {
            ExecutionLog.Failed(workspace.Logger, plan.Name, runId, Secrets.Blank(failure));
            await RecordAsync(tracker, () => EndAsync(tracker, RunState.Failed, Secrets.Blank(failure.Message))).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The version that a run made and that people were asked about; <see langword="null"/> for none that can still go live. A retraining
    /// whose version was not approved requests it again: nothing else can make the same rows again.
    /// </summary>
    /// <exception cref="MlOpsException">The request has expired, or the run is one of another lifecycle.</exception>
    private async Task<int?> FindAwaitedAsync(string runId, RepeatedStages repeated, CancellationToken cancellationToken)
    {
        var run = await repeated.GetAsync(runId, "Resume it with its own lifecycle.", cancellationToken).ConfigureAwait(false);
        if ((run.State == RunState.Succeeded && options.From is not null) || RepeatedStages.MakesAnother(run)) return null;
        var approval = await workspace.Approvals.Registry.FindOfRunAsync(runId, cancellationToken).ConfigureAwait(false);
        if (run.State == RunState.AwaitingApproval && approval is { State: ApprovalState.Expired })
        {
            approval = await workspace.Approvals.Registry.SettleAsync(approval.Id, cancellationToken).ConfigureAwait(false);
            throw new MlOpsException(
                $"The run '{runId}' has failed. {ApprovalRecords.Explain(approval)}",
                "Resume it once more, which requests the approval again, or run the lifecycle again.");
        }
        return approval is { State: ApprovalState.Pending or ApprovalState.Approved or ApprovalState.Applied }
            || (approval is not null && RepeatedStages.IsRetraining(run)) ? approval.Version : null;
    }

    private async Task<LifecycleRun> RunAsync(
        Start start, IReadOnlyList<IStage> stages, IProgress<LifecycleProgress>? progress, CancellationToken cancellationToken)
    {
        var tracker = start.Tracker;
        await using (tracker.ConfigureAwait(false))
        {
            var log = await tracker.OpenLogAsync(
                workspace.RunLogLimits, workspace.Logger.Outside, start.IsResumed, cancellationToken).ConfigureAwait(false);
            log.Follow();
            workspace.Enter(tracker);
            using var activity = Telemetry.Source.StartActivity($"run {plan.Name}");
            activity?.SetTag("mlops.lifecycle", plan.Name).SetTag("mlops.run", tracker.RunId);
            using var limit = new CancellationTokenSource(options.Timeout ?? Timeout.InfiniteTimeSpan, workspace.Time);
            using var owned = new PluginCancellation(
                workspace.Logger, cancellationToken, tracker.OwnershipLost, workspace.Closing, limit.Token);
            var artifacts = new RunArtifacts(workspace.Store, workspace.Files, tracker.RunId);
            using var trials = new TrialRecords(workspace.Store, tracker, artifacts, workspace.Logger)
            {
                Reuse = !start.Scope.IsForced(LifecycleStage.Training),
            };
            var context = new RunContext
            {
                Lifecycle = plan.Name,
                RunId = tracker.RunId,
                Seed = plan.Seed,
                Artifacts = artifacts,
                IsStored = workspace.Files.ExistsAsync,
                Readers = workspace.Readers,
                Time = workspace.Time,
                Logger = workspace.Logger.For(log),
                Log = log,
                Budgets = plan.Budgets,
                Services = scoped,
                CancellationGrace = options.CancellationGrace,
                Trials = trials,
                IsResumed = options.Resume is not null,
                AwaitedVersion = start.Awaited,
            };
            MlOpsException? failedAfterwards = null;
            var runner = new StageRunner(workspace.StageResults, tracker, context, options.CancellationGrace, progress);
            try
            {
                await runner.RunAsync(stages, start.Scope, owned.Token).ConfigureAwait(false);
                if (runner.HasPassed(LifecycleStage.Deployment) || runner.HasPassed(LifecycleStage.Monitoring))
                {
                    await runner.CallAsync(token => BringToLifeAsync(runner, token), owned.Token).ConfigureAwait(false);
                }
                await EndWellAsync(tracker, runner, start.Scope, null).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException
                && workspace.Closing.IsCancellationRequested
                && !cancellationToken.IsCancellationRequested)
            {
                // The run was recorded as interrupted when the workspace was closed.
                throw new MlOpsException(
                    $"The workspace '{workspace.Path}' was disposed of while the run '{tracker.RunId}' was in progress: it is Interrupted.",
                    "Dispose of the workspace after its runs have ended; open it again and resume the run.",
                    e);
            }
            catch (OperationCanceledException e) when (cancellationToken.IsCancellationRequested)
            {
                await RecordAsync(tracker, () => EndAsync(tracker, RunState.Cancelled, e.Message)).ConfigureAwait(false);
                throw;
            }
            catch (OperationCanceledException e) when (limit.IsCancellationRequested && !tracker.OwnershipLost.IsCancellationRequested)
            {
                var late = new MlOpsException(
                    $"The run '{tracker.RunId}' took longer than its timeout of {options.Timeout:c}.",
                    "Resume it, which reuses the finished stages, or allow more time with RunOptions.Timeout.",
                    new TimeoutException(e.Message, e));
                await RecordAsync(tracker, () => EndAsync(tracker, RunState.Cancelled, late.Message)).ConfigureAwait(false);
                throw late;
            }
            catch (NothingNewException e)
            {
                await EndAsync(tracker, RunState.NothingNew, e.Message).ConfigureAwait(false);
            }
            catch (Exception e) when (runner.HasPassed(LifecycleStage.Deployment))
            {
                // What the run was for is done: its version is live, or was judged and is not.
                failedAfterwards = PluginFailure.Of(e, null);
                ExecutionLog.FailedAfterwards(workspace.Logger, plan.Name, tracker.RunId, Secrets.Blank(failedAfterwards));
                await EndWellAsync(tracker, runner, start.Scope, Secrets.Blank(failedAfterwards.Message)).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                var failure = PluginFailure.Of(e, null);
                ExecutionLog.Failed(workspace.Logger, plan.Name, tracker.RunId, Secrets.Blank(failure));
                await RecordAsync(
                    tracker, () => EndAsync(tracker, RunState.Failed, Secrets.Blank(failure.Message))).ConfigureAwait(false);
                if (ReferenceEquals(e, failure)) throw;
                throw failure;
            }
            finally
            {
                workspace.Leave(tracker);
            }

            // A cancellation that comes after the run has succeeded comes too late.
            await log.TryFlushAsync().ConfigureAwait(false);
            var record = await workspace.Runs.GetAsync(tracker.RunId, CancellationToken.None).ConfigureAwait(false);
            return await LifecycleRun.ReadAsync(
                record, workspace.Runs, workspace.Models, workspace.Artifacts, failedAfterwards, CancellationToken.None)
                .ConfigureAwait(false);
        }
    }

    // What is brought to life outlasts the run, so it works with the container itself and not with the run's scope.
    // A reused deployment is live in the registry, perhaps in another version by now, but not yet in this process.
    private async Task BringToLifeAsync(StageRunner runner, CancellationToken cancellationToken)
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
            var policy = new MonitoringPolicy(monitoring, options.Services)
            {
                FindLabel = new LabelColumn(workspace, plan, options.Services).FindAsync,
            };
            await workspace.Monitor(plan.Name).ConfigureAsync(policy, elsewhere, cancellationToken).ConfigureAwait(false);
        }

        if (plan.Deployment is { ServesInProcess: true }
            && runner.Results.ContainsKey(LifecycleStage.Deployment)
            && await workspace.Models.FindByAliasAsync(
                plan.Name, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false) is { } live)
        {
            // The gates have said what it takes to replace it; until then this process serves what it has.
            if (await workspace.Artifacts.FindLossAsync(live.PackageId, cancellationToken).ConfigureAwait(false) is { } loss)
            {
                ExecutionLog.NotServed(workspace.Logger, plan.Name, live.Version, loss);
                return;
            }
            await workspace.ServeAsync(plan.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    // What its version waits for may be decided while the run comes to its end. A deployment that was taken from another run is none of
    // its own.
    private async Task EndWellAsync(RunTracker tracker, StageRunner runner, StageScope scope, string? error)
    {
        var isOwn = !scope.Taken.TryGetValue(LifecycleStage.Deployment, out var taken) || taken.RunId == tracker.RunId;
        if (!isOwn
            || await DeploymentStage.FindAwaitedAsync(runner.Results, workspace.Artifacts, CancellationToken.None).ConfigureAwait(false)
                is not { } approval)
        {
            await EndAsync(tracker, RunState.Succeeded, error).ConfigureAwait(false);
            return;
        }
        await workspace.Approvals.Registry.AwaitAsync(approval, tracker.RunId, CancellationToken.None).ConfigureAwait(false);
        await EndAsync(tracker, RunState.AwaitingApproval, error).ConfigureAwait(false);
        await workspace.Approvals.Registry.SettleAsync(approval, CancellationToken.None).ConfigureAwait(false);
    }

    private async Task EndAsync(RunTracker tracker, RunState state, string? error)
    {
        // Whatever ends the run must not keep its end from being recorded.
        await tracker.CompleteAsync(state, error, CancellationToken.None).ConfigureAwait(false);
        ExecutionLog.Ended(workspace.Logger, plan.Name, tracker.RunId, state);
        Telemetry.Runs.Add(1, new KeyValuePair<string, object?>("state", state.ToString()));
    }

    // What went wrong first is what the caller must hear of.
    private async Task RecordAsync(RunTracker tracker, Func<Task> record)
    {
        try
        {
            await record().ConfigureAwait(false);
        }
        catch (Exception unrecorded)
        {
            ExecutionLog.NotRecorded(workspace.Logger, plan.Name, tracker.RunId, Secrets.Blank(unrecorded));
        }
    }

    /// <summary>A run that has begun.</summary>
    /// <param name="Tracker">Its record.</param>
    /// <param name="Scope">What is computed of it.</param>
    /// <param name="IsResumed">Whether it had begun before.</param>
    private sealed record Start(RunTracker Tracker, StageScope Scope, bool IsResumed)
    {
        /// <summary>The version that it made before, and that people were asked about; <see langword="null"/> for none.</summary>
        public int? Awaited { get; init; }
    }
}
