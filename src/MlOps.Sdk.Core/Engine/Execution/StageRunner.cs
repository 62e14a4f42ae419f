using System.Diagnostics;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Execution;

/// <summary>
/// Runs stages in order. A stage whose fingerprint is known is not run again: its saved result is taken. Every result is kept as soon as it
/// is there, so that a run that failed or was killed continues where it stopped. A plug-in that does not end when the run is cancelled is
/// left behind: what it still makes is not kept.
/// </summary>
internal sealed class StageRunner(
    StageResults results, RunTracker tracker, RunContext run, TimeSpan grace, IProgress<LifecycleProgress>? progress)
{
    private const string Finished = "finished before this run was resumed";

    private readonly Dictionary<LifecycleStage, IReadOnlyDictionary<string, ArtifactId>> _results = [];
    private readonly long _began = run.Time.GetTimestamp();
    private readonly PluginCalls _calls = new();
    private readonly HashSet<LifecycleStage> _passed = [];
    private bool _begun;
    private bool _progressFailed;
    private string _step = "";
    private Task _atWork = Task.CompletedTask;
    private StageWork? _work;
    private StageFacts _facts = new();

    /// <summary>What the stages saved, by stage and name.</summary>
    public IReadOnlyDictionary<LifecycleStage, IReadOnlyDictionary<string, ArtifactId>> Results => _results;

    /// <summary>Whether a stage was computed, or its result found to be up to date: not what was taken as it was recorded.</summary>
    public bool HasPassed(LifecycleStage stage) => _passed.Contains(stage);

    /// <summary>Runs the stages, or takes what is recorded of them.</summary>
    /// <param name="stages">The stages of the lifecycle.</param>
    /// <param name="scope">Which of them are computed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task RunAsync(IReadOnlyList<IStage> stages, StageScope scope, CancellationToken cancellationToken)
    {
        _calls.Follow();
        foreach (var stage in stages.Where(stage => scope.Last is null || stage.Kind <= scope.Last))
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Log?.Stage = stage.Kind;
            using var budget = run.Budgets.TryGetValue(stage.Kind, out var longest)
                ? new StageBudget(stage.Kind, longest, run.Time, run.Logger, cancellationToken)
                : null;
            using var activity = Telemetry.Source.StartActivity($"stage {stage.Kind}");
            activity?.SetTag("mlops.lifecycle", run.Lifecycle).SetTag("mlops.run", run.RunId);
            var began = run.Time.GetTimestamp();
            try
            {
                var reused = await PassAsync(stage, scope, budget?.Token ?? cancellationToken).ConfigureAwait(false);
                activity?.SetTag("mlops.reused", reused);
                Telemetry.StageDuration.Record(
                    run.Time.GetElapsedTime(began).TotalSeconds, new("stage", stage.Kind.ToString()), new("reused", reused));
            }
            catch (Exception e)
            {
                var cause = AsCancelled(e, budget?.Token ?? cancellationToken);
                var isCancelled = cancellationToken.IsCancellationRequested
                    && cause is OperationCanceledException or ObjectDisposedException;
                var isLate = !cancellationToken.IsCancellationRequested
                    && budget is { IsExceeded: true }
                    && cause is OperationCanceledException or ObjectDisposedException;
                var failure = isCancelled ? cause : isLate ? budget!.Failure(cause) : PluginFailure.Of(e, stage.Kind);
                var error = Secrets.Blank(failure.Message);
                activity?.SetStatus(ActivityStatusCode.Error, error);
                var state = isCancelled && cause is OperationCanceledException ? StageState.Cancelled
                    : e is NothingNewException ? StageState.Skipped
                    : StageState.Failed;
                try
                {
                    await EndAsync(stage.Kind, state, error).ConfigureAwait(false);
                }
                catch (Exception unrecorded)
                {
                    // What went wrong first is what the caller must hear of.
                    ExecutionLog.NotRecorded(run.Logger, run.Lifecycle, run.RunId, Secrets.Blank(unrecorded));
                }

                if (ReferenceEquals(e, failure)) throw;
                throw failure;
            }
            finally
            {
                await DisposeWorkAsync().ConfigureAwait(false);
            }
        }

        run.Log?.Stage = null;
    }

    /// <summary>
    /// Calls what may not listen to its cancellation. Once it is cancelled and the grace period is over, it is left to itself.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task CallAsync(Func<CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        // On its own thread: it may keep the one that it is called on.
        _atWork = Task.Run(() => call(cancellationToken), CancellationToken.None);
        if (await PluginPatience.EndsAsync(_atWork, grace, cancellationToken).ConfigureAwait(false))
        {
            try
            {
                await _atWork.ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (AsCancelled(e, cancellationToken) is var cause && !ReferenceEquals(cause, PluginFailure.CauseOf(e)))
            {
                throw cause;
            }
        }

        var running = _calls.Running;
        ExecutionLog.LeftBehind(
            run.Logger, run.Lifecycle, run.RunId, running.Count > 0 ? string.Join(", ", running) : $"step '{_step}'", grace);
        throw new OperationCanceledException(cancellationToken);
    }

    // A plug-in that is cancelled may throw what its driver throws then, such as a SqlException: what the token says counts.
    private Exception AsCancelled(Exception e, CancellationToken token)
    {
        var cause = PluginFailure.CauseOf(e);
        if (!token.IsCancellationRequested
            || tracker.OwnershipLost.IsCancellationRequested
            || cause is OperationCanceledException or ObjectDisposedException or NothingNewException)
        {
            return cause;
        }
        return new OperationCanceledException(
            $"The work was cancelled, and ended with {cause.GetType().Name}: {Secrets.Blank(cause.Message)}", e, token);
    }

    // What is still at work keeps what it works with, until it ends.
    private async Task DisposeWorkAsync()
    {
        if (_atWork.IsCompleted) await DisposeAsync().ConfigureAwait(false);
        else _ = DisposeLaterAsync();

        async Task DisposeLaterAsync()
        {
            await _atWork.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await DisposeAsync().ConfigureAwait(false);
        }

        async Task DisposeAsync()
        {
            if (_work is not { } work) return;
            _work = null;
            await work.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> PassAsync(IStage stage, StageScope scope, CancellationToken cancellationToken)
    {
        if (scope.Skipped.TryGetValue(stage.Kind, out var skipped))
        {
            await tracker.StagePassedAsync(
                stage.Kind, StageState.Skipped, null, skipped, cancellationToken: cancellationToken).ConfigureAwait(false);
            Report(stage.Kind, "skipped", 1, skipped);
            return true;
        }
        if (scope.Taken.TryGetValue(stage.Kind, out var taken))
        {
            await TakeAsync(stage, taken, cancellationToken).ConfigureAwait(false);
            return true;
        }

        var reused = await RunAsync(stage, scope, cancellationToken).ConfigureAwait(false);
        _passed.Add(stage.Kind);
        return reused;
    }

    // The result is used as it is. Whoever reads the record learns what would make another one of it now.
    private async Task TakeAsync(IStage stage, TakenStage taken, CancellationToken cancellationToken)
    {
        Report(stage.Kind, "checking", 0, null);
        var isOwn = taken.RunId == run.RunId;
        var source = isOwn ? Finished : $"taken from run {taken.RunId}";
        var difference = await FindDifferenceAsync(stage, taken, cancellationToken).ConfigureAwait(false);
        var reason = difference is null ? source : $"{source} as it is, although {difference}";
        await ReplayAsync(taken.Outputs, cancellationToken).ConfigureAwait(false);
        var note = difference is null ? null : $"kept as it is when the run was resumed, although {difference}";
        if (!isOwn || !await tracker.StageKeptAsync(stage.Kind, taken.Fingerprint, note, cancellationToken).ConfigureAwait(false))
        {
            await tracker.StagePassedAsync(
                stage.Kind, StageState.Reused, taken.Fingerprint, reason, taken.Outputs, cancellationToken).ConfigureAwait(false);
        }
        _results[stage.Kind] = taken.Outputs;
        ExecutionLog.Reused(run.Logger, run.Lifecycle, stage.Kind, reason);
        Report(stage.Kind, "reused", 1, reason);
    }

    private async Task<string?> FindDifferenceAsync(IStage stage, TakenStage taken, CancellationToken cancellationToken)
    {
        // What it would read now is not what matters, and sources may be away.
        if (stage.Kind == LifecycleStage.Collection) return null;
        FingerprintBuilder now;
        try
        {
            (now, _) = await DescribeAsync(stage, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return $"it could not be compared with what would be computed now: {Secrets.Blank(PluginFailure.CauseOf(e).Message)}";
        }
        if (now.Compute() == taken.Fingerprint) return null;
        if (now.Opaque is { } opaque) return $"it may differ now: {opaque}";
        var before = taken.Fingerprint is { } fingerprint
            ? await results.FindStageResultAsync(run.Lifecycle, stage.Kind, fingerprint, cancellationToken).ConfigureAwait(false)
            : null;
        return before is null
            ? "it would be computed from other inputs now"
            : now.Differences(before.Inputs, "changed since") ?? "it would be computed from other inputs now";
    }

    private async Task<(FingerprintBuilder Fingerprint, StageContext Context)> DescribeAsync(
        IStage stage, CancellationToken cancellationToken)
    {
        var inputs = Inputs(stage);
        _facts = new StageFacts();
        var context = new StageContext(
            run with
            {
                LogMetric = LogMetric,
                LogParameter = _facts.AddParameter,
                ExplainAsync = (reason, token) => tracker.StageExplainedAsync(stage.Kind, reason, token),
            },
            stage.Kind,
            inputs,
            (step, fraction, message) => Report(stage.Kind, step, fraction, message));
        var fingerprint = new FingerprintBuilder();
        fingerprint.Add("seed", run.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
        fingerprint.Add("code of the stage", $"{CodeOrigins.VersionOf(stage.GetType().Assembly)} revision {stage.Revision}");
        foreach (var (from, outputs) in inputs)
        {
            foreach (var (name, id) in outputs) fingerprint.Add($"{name} of {from}", id.ToString());
        }

        await CallAsync(
            async token => _work = await stage.PrepareAsync(fingerprint, context, token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        return (fingerprint, context);
    }

    private async Task<bool> RunAsync(IStage stage, StageScope scope, CancellationToken cancellationToken)
    {
        Report(stage.Kind, "checking", 0, null);
        var (fingerprint, context) = await DescribeAsync(stage, cancellationToken).ConfigureAwait(false);
        var hash = fingerprint.Compute();
        var reuse = !scope.IsForced(stage.Kind);
        if (reuse && fingerprint.Opaque is null && await FindAsync(stage.Kind, hash, cancellationToken).ConfigureAwait(false) is { } known)
        {
            var isOwn = known.RunId == run.RunId;
            var reason = isOwn ? Finished : $"nothing that determines it changed since run {known.RunId}";
            await ReplayAsync(known.Outputs, cancellationToken).ConfigureAwait(false);
            if (!isOwn || !await tracker.StageKeptAsync(stage.Kind, hash, null, cancellationToken).ConfigureAwait(false))
            {
                await tracker.StagePassedAsync(
                    stage.Kind, StageState.Reused, hash, reason, known.Outputs, cancellationToken).ConfigureAwait(false);
            }
            _results[stage.Kind] = known.Outputs;
            ExecutionLog.Reused(run.Logger, run.Lifecycle, stage.Kind, reason);
            Report(stage.Kind, "reused", 1, reason);
            return true;
        }

        var why = await ExplainAsync(stage.Kind, fingerprint, scope, cancellationToken).ConfigureAwait(false);
        await tracker.StageStartedAsync(stage.Kind, hash, why, cancellationToken).ConfigureAwait(false);
        _begun = true;
        ExecutionLog.Running(run.Logger, run.Lifecycle, stage.Kind, why);
        Report(stage.Kind, "running", 0, why);
        await CallAsync(_work!.ExecuteAsync, cancellationToken).ConfigureAwait(false);
        if (_facts.Parameters.Count + _facts.Metrics.Count > 0)
        {
            await context.SaveAsync(StageFacts.Name, _facts, ExecutionJson.Default.StageFacts, cancellationToken).ConfigureAwait(false);
        }
        await tracker.LogParametersAsync(_facts.Parameters, cancellationToken).ConfigureAwait(false);
        await context.PutLostAgainAsync(cancellationToken).ConfigureAwait(false);
        await tracker.StageEndedAsync(
            stage.Kind,
            StageState.Succeeded,
            context.Outputs,
            null,
            fingerprint.Opaque is null ? fingerprint.Parts : null,
            run.IsStored,
            cancellationToken).ConfigureAwait(false);
        _begun = false;
        _results[stage.Kind] = context.Outputs;
        Report(stage.Kind, "done", 1, null);
        return false;
    }

    private void LogMetric(string name, double value)
    {
        tracker.LogMetric(name, value);
        _facts.AddMetric(name, value);
    }

    // A run that reuses a result has the parameters and metrics that came with it.
    private async Task ReplayAsync(IReadOnlyDictionary<string, ArtifactId> known, CancellationToken cancellationToken)
    {
        if (!known.TryGetValue(StageFacts.Name, out var id)) return;
        var facts = StoredRecord.ReadJson(
            $"what a stage logged ('{StageFacts.Name}')",
            await run.Artifacts.ReadAllAsync(id, cancellationToken).ConfigureAwait(false),
            ExecutionJson.Default.StageFacts);
        foreach (var (name, value) in facts.Metrics) tracker.LogMetric(name, value);
        await tracker.LogParametersAsync(facts.Parameters, cancellationToken).ConfigureAwait(false);
    }

    private Dictionary<LifecycleStage, IReadOnlyDictionary<string, ArtifactId>> Inputs(IStage stage) => stage.Inputs
        .Where(input => _results.TryGetValue(input.Stage, out var outputs) && outputs.ContainsKey(input.Name))
        .GroupBy(input => input.Stage)
        .ToDictionary(inputs => inputs.Key, IReadOnlyDictionary<string, ArtifactId> (inputs) => inputs.ToDictionary(
            input => input.Name,
            input => _results[input.Stage][input.Name]));

    // The stage may have failed before it began, while it was described.
    private async Task EndAsync(LifecycleStage stage, StageState state, string error)
    {
        if (!_begun)
        {
            await tracker.StageStartedAsync(stage, "", "its inputs were being checked", CancellationToken.None).ConfigureAwait(false);
        }
        _begun = false;
        await tracker.LogParametersAsync(_facts.Parameters, CancellationToken.None).ConfigureAwait(false);
        await tracker.StageEndedAsync(stage, state, null, error, cancellationToken: CancellationToken.None).ConfigureAwait(false);
    }

    // A result of which an artifact was collected or is damaged is not a result: the stage makes it again.
    private async Task<StageResult?> FindAsync(LifecycleStage stage, string hash, CancellationToken cancellationToken)
    {
        if (await results.FindStageResultAsync(run.Lifecycle, stage, hash, cancellationToken).ConfigureAwait(false) is not { } known)
        {
            return null;
        }
        foreach (var (name, id) in known.Outputs)
        {
            if (await run.Artifacts.FindLossAsync(id, cancellationToken).ConfigureAwait(false) is not { } loss) continue;
            ExecutionLog.Lost(run.Logger, run.Lifecycle, stage, name, loss);
            return null;
        }

        return known;
    }

    private async Task<string> ExplainAsync(
        LifecycleStage stage, FingerprintBuilder fingerprint, StageScope scope, CancellationToken cancellationToken)
    {
        if (stage >= scope.From) return scope.Reason;
        if (!scope.Reuse) return "reuse is turned off for this run";
        if (fingerprint.Opaque is { } opaque) return $"it is never reused: {opaque}";
        if (await results.PreviousStageInputsAsync(
            run.Lifecycle, stage, run.RunId, cancellationToken).ConfigureAwait(false) is not { } before)
        {
            return "it has no result yet";
        }
        return fingerprint.Differences(before, "changed") ?? "its saved result is gone or damaged";
    }

    private void Report(LifecycleStage stage, string step, double fraction, string? message)
    {
        _step = step;
        try
        {
            progress?.Report(new LifecycleProgress(stage, step, Math.Clamp(fraction, 0, 1), run.Time.GetElapsedTime(_began), message));
        }
        catch (Exception e)
        {
            // Who watches must not end what is watched.
            if (!_progressFailed) ExecutionLog.ProgressFailed(run.Logger, run.Lifecycle, run.RunId, Secrets.Blank(e));
            _progressFailed = true;
        }
    }
}
