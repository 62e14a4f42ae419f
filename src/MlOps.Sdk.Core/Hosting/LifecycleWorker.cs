using Microsoft.Extensions.Logging;
using MlOps.Sdk.Diagnostics;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// Looks after one lifecycle of a host: checks its monitors in intervals, and puts its runs and retrainings in the queue. Checks wait for
/// no run, neither of this lifecycle nor of others.
/// </summary>
internal sealed class LifecycleWorker(
    Workspace workspace,
    Lifecycle lifecycle,
    IServiceProvider services,
    MlOpsOptions options,
    RunQueue queue,
    TimeProvider time,
    ILogger logger)
{
    // A time may be changed in the workspace, or the clock set, while the host waits.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromSeconds(1);

    private Task _retraining = Task.CompletedTask;
    private Task _goingOn = Task.CompletedTask;
    private string? _waitsFor;

    // Nobody requests its wait handle, so there is nothing to dispose of.
    private SemaphoreSlim Answering { get; } = new(1, 1);

    /// <summary>
    /// Works until it is cancelled, or nothing is left to do. When it returns, its run at start has its place in the queue.
    /// </summary>
    public async Task WorkAsync(CancellationToken cancellationToken)
    {
        // Before anything runs: what is predicted meanwhile is watched, too.
        var isWatched = options.CheckInterval is not null && lifecycle.IsMonitored;
        if (isWatched) lifecycle.Watch(workspace, services);
        var run = options.RunAtStart ? RunAsync(cancellationToken) : Task.CompletedTask;
        var rollouts = lifecycle.Deploys ? RepeatAsync(options.RolloutInterval, RollOutAsync, cancellationToken) : Task.CompletedTask;
        var approvals = lifecycle.Deploys
            ? RepeatAsync(options.PromotionInterval, FollowApprovalsAsync, cancellationToken)
            : Task.CompletedTask;
        var targets = lifecycle.DeploysElsewhere ? ReconcileForeverAsync(cancellationToken) : Task.CompletedTask;
        var schedules = lifecycle.IsMonitored ? FollowSchedulesAsync(cancellationToken) : Task.CompletedTask;
        if (isWatched) await RepeatAsync(options.CheckInterval!.Value, CheckAsync, cancellationToken).ConfigureAwait(false);
        await rollouts.ConfigureAwait(false);
        await approvals.ConfigureAwait(false);
        await targets.ConfigureAwait(false);
        await schedules.ConfigureAwait(false);
        await run.ConfigureAwait(false);
        await _retraining.ConfigureAwait(false);
        await _goingOn.ConfigureAwait(false);
    }

    private Task RunAsync(CancellationToken cancellationToken) => InTurnAsync(
        "",
        () => lifecycle.RunAsync(workspace, OptionsOf("host start"), null, cancellationToken),
        cancellationToken);

    private RunOptions OptionsOf(string cause) =>
        new() { Cause = cause, Services = services, Concurrency = options.RunConcurrency };

    private Task InTurnAsync(string next, Func<Task> run, CancellationToken cancellationToken)
    {
        var turn = queue.EnterAsync(cancellationToken);
        return TryAsync(
            next,
            async () =>
            {
                using (await turn.ConfigureAwait(false)) await run().ConfigureAwait(false);
            },
            cancellationToken);
    }

    private Task RollOutAsync(CancellationToken cancellationToken) =>
        lifecycle.CheckRolloutAsync(workspace, services, cancellationToken);

    // A run that goes on has its turn among others; a look meanwhile does not put it in the queue once more.
    private async Task FollowApprovalsAsync(CancellationToken cancellationToken)
    {
        var ready = await lifecycle.FollowApprovalsAsync(workspace, services, cancellationToken).ConfigureAwait(false);
        if (!_goingOn.IsCompleted || ready.Count == 0) return;
        _goingOn = InTurnAsync(
            "",
            async () =>
            {
                // One that cannot go on keeps no other one from it.
                foreach (var run in ready)
                {
                    if (cancellationToken.IsCancellationRequested) return;
                    await TryAsync(
                        "",
                        () => lifecycle.TryGoOnAsync(workspace, run, OptionsOf("approval"), cancellationToken),
                        cancellationToken).ConfigureAwait(false);
                }
            },
            cancellationToken);
    }

    // The process before may have been killed while it deployed.
    private async Task ReconcileForeverAsync(CancellationToken cancellationToken)
    {
        await TryAsync(" It is tried again at the next interval.", () => ReconcileAsync(cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        await RepeatAsync(options.ReconcileInterval, ReconcileAsync, cancellationToken).ConfigureAwait(false);
    }

    private Task ReconcileAsync(CancellationToken cancellationToken) =>
        lifecycle.ReconcileAsync(workspace, dryRun: false, services, cancellationToken);

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        await workspace.Monitor(lifecycle.Name).CheckAsync(cancellationToken).ConfigureAwait(false);
        await AnswerAsync(cancellationToken).ConfigureAwait(false);
    }

    // A lifecycle that has none any more looks once, so that one that comes back later does not make up for what was before.
    private async Task FollowSchedulesAsync(CancellationToken cancellationToken)
    {
        try
        {
            for (var isFirst = true; isFirst || lifecycle.HasSchedules; isFirst = false)
            {
                var pause = s_longestPause;
                await TryAsync(
                    " It is tried again in a minute.",
                    async () =>
                    {
                        var schedules = await lifecycle.CheckScheduleAsync(workspace, cancellationToken).ConfigureAwait(false);
                        if (schedules.Count == 0) return;
                        if (schedules.Min(schedule => schedule.NextDue) is { } next) pause = PauseUntil(next);
                        await AnswerAsync(cancellationToken).ConfigureAwait(false);
                    },
                    cancellationToken).ConfigureAwait(false);
                if (lifecycle.HasSchedules) await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private TimeSpan PauseUntil(DateTimeOffset next)
    {
        var left = next - time.GetUtcNow();
        return left > s_longestPause ? s_longestPause : left < s_shortestPause ? s_shortestPause : left;
    }

    private async Task RepeatAsync(TimeSpan interval, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await TryAsync(
                    " It is tried again at the next interval.", () => work(cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    // What a monitor or a schedule requested, here or in another process.
    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        // Checks and schedules both look: one of them answers.
        if (!lifecycle.Retrains || !await Answering.WaitAsync(TimeSpan.Zero, cancellationToken).ConfigureAwait(false)) return;
        try
        {
            if (_retraining.IsCompleted) await TakeUpAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Answering.Release();
        }
    }

    private async Task TakeUpAsync(CancellationToken cancellationToken)
    {
        if (!await lifecycle.IsRetrainingAskedAsync(workspace, cancellationToken).ConfigureAwait(false)) return;
        if (await lifecycle.FindMissingAsync(workspace, services, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            // It may wait for weeks, and is looked at every minute.
            if (missing != _waitsFor) HostLog.Waits(logger, lifecycle.Name, missing);
            _waitsFor = missing;
            return;
        }

        _waitsFor = null;

        _retraining = InTurnAsync(
            " It is tried again at the next interval.",
            () => lifecycle.RetrainAsync(workspace, OptionsOf("retraining"), null, cancellationToken),
            cancellationToken);
    }

    // One lifecycle that fails must not keep the others from being looked after.
    private async Task TryAsync(string next, Func<Task> work, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Run(work, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops. What failed because of it is in the record of its run.
        }
        catch (RunInProgressException e)
        {
            HostLog.NotStarted(logger, e.Problem, next);
        }
        catch (Exception e)
        {
            // What a run logged already, with all there is to know, needs no second stack trace.
            HostLog.Failed(logger, lifecycle.Name, Secrets.Blank(e.Message), next, e is MlOpsException ? null : Secrets.Blank(e));
        }
    }
}
