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
        if (options.Resume is { } resumed) await CheckResumableAsync(resumed, cancellationToken).ConfigureAwait(false);
        var stages = CreateStages();
        var tracker = options.Resume is { } runId
            ? await RunTracker.ResumeAsync(workspace.Store, workspace.Logger, runId, cancellationToken).ConfigureAwait(false)
            : await RunTracker.StartAsync(
                workspace.Store, workspace.Logger, StartOf(stages, options.Cause), cancellationToken).ConfigureAwait(false);
        return await RunAsync(tracker, stages, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs the plan of a retraining that is requested.</summary>
    /// <param name="asked">What requests it.</param>
    /// <param name="attempts">After how many attempts it is given up.</param>
    /// <param name="progress">Receives how far the run is.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>The run; <see langword="null"/> when another process answers the retraining.</returns>
    public async Task<LifecycleRun?> TryRetrainAsync(
        RetrainingTrigger asked, int attempts, IProgress<LifecycleProgress>? progress, CancellationToken cancellationToken)
    {
        var retrainings = workspace.MonitoringServices.Retrainings;
        var stages = CreateStages();
        var start = StartOf(stages, $"retraining: {asked.Signal}") with { Trigger = asked.No };
        if (await RunTracker.TryStartAsync(
            workspace.Store, workspace.Logger, start, cancellationToken).ConfigureAwait(false) is not { } tracker)
        {
            return null;
        }
        LifecycleRun run;
        try
        {
            run = await RunAsync(tracker, stages, progress, cancellationToken).ConfigureAwait(false);
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
        new(plan.Name, [.. stages.Select(stage => stage.Kind)], plan.Seed, cause, plan.RetrainedFrom);

    // Before the run is taken: who takes it writes over what became of it.
    private async Task CheckResumableAsync(string runId, CancellationToken cancellationToken)
    {
        var run = await workspace.Runs.GetAsync(runId, cancellationToken).ConfigureAwait(false);
        if (run.Lifecycle != plan.Name)
        {
            throw new MlOpsException(
                $"The run '{runId}' is one of '{run.Lifecycle}', not of '{plan.Name}'.",
                "Resume it with its own lifecycle.");
        }
        if (run.Kind != RunKind.Lifecycle)
        {
            throw new MlOpsException(
                $"The run '{runId}' is of kind {run.Kind}, and cannot be resumed.",
                run.ParentRun is { } parent ? $"Resume the run that it belongs to, '{parent}'." : "Start it again.");
        }
        if (run.ParentRun is not null)
        {
            throw new MlOpsException($"The run '{runId}' is a retraining.", "Call RetrainAsync again: finished stages are reused.");
        }
    }

    private async Task<LifecycleRun> RunAsync(
        RunTracker tracker, IReadOnlyList<IStage> stages, IProgress<LifecycleProgress>? progress, CancellationToken cancellationToken)
    {
        await using (tracker.ConfigureAwait(false))
        {
            workspace.Enter(tracker);
            using var activity = Telemetry.Source.StartActivity($"run {plan.Name}");
            activity?.SetTag("mlops.lifecycle", plan.Name).SetTag("mlops.run", tracker.RunId);
            using var limit = new CancellationTokenSource(options.Timeout ?? Timeout.InfiniteTimeSpan, workspace.Time);
            using var owned = new PluginCancellation(
                workspace.Logger, cancellationToken, tracker.OwnershipLost, workspace.Closing, limit.Token);
            var artifacts = new RunArtifacts(workspace.Store, workspace.Files, tracker.RunId);
            using var trials = new TrialRecords(workspace.Store, tracker, artifacts, workspace.Logger) { Reuse = options.Reuse };
            var context = new RunContext
            {
                Lifecycle = plan.Name,
                RunId = tracker.RunId,
                Seed = plan.Seed,
                Artifacts = artifacts,
                IsStored = workspace.Files.ExistsAsync,
                Readers = workspace.Readers,
                Time = workspace.Time,
                Logger = workspace.Logger,
                Services = scoped,
                CancellationGrace = options.CancellationGrace,
                Trials = trials,
            };
            MlOpsException? failedAfterwards = null;
            var runner = new StageRunner(workspace.StageResults, tracker, context, options.CancellationGrace, progress);
            try
            {
                await runner.RunAsync(stages, options.Reuse, owned.Token).ConfigureAwait(false);
                await runner.CallAsync(token => BringToLifeAsync(runner, token), owned.Token).ConfigureAwait(false);
                await EndAsync(tracker, RunState.Succeeded, null).ConfigureAwait(false);
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
            catch (Exception e) when (runner.Results.ContainsKey(LifecycleStage.Deployment))
            {
                // What the run was for is done: its version is live, or was judged and is not.
                failedAfterwards = PluginFailure.Of(e, null);
                ExecutionLog.FailedAfterwards(workspace.Logger, plan.Name, tracker.RunId, Secrets.Blank(failedAfterwards));
                await EndAsync(tracker, RunState.Succeeded, Secrets.Blank(failedAfterwards.Message)).ConfigureAwait(false);
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
            var record = await workspace.Runs.GetAsync(tracker.RunId, CancellationToken.None).ConfigureAwait(false);
            return await LifecycleRun.ReadAsync(
                record, workspace.Runs, workspace.Artifacts, failedAfterwards, CancellationToken.None).ConfigureAwait(false);
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
}
