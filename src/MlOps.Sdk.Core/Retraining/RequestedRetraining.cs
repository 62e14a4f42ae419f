using MlOps.Sdk.Audit;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Answers the requests for a retraining of a lifecycle: those of its monitors and schedules, and those of people.</summary>
internal sealed class RequestedRetraining(Workspace workspace, LifecyclePlan plan)
{
    private IReadOnlyList<RetrainingRule> Rules => plan.Monitoring is { } monitoring ? [.. monitoring.Rules] : [];

    private IReadOnlyList<SchedulePlan> Schedules => plan.Monitoring?.Schedules ?? [];

    /// <summary>Whether a retraining is requested.</summary>
    public async Task<bool> IsAskedAsync(CancellationToken cancellationToken) =>
        await workspace.MonitoringServices.Retrainings.FindOpenAsync(plan.Name, cancellationToken).ConfigureAwait(false) is not null;

    /// <summary>
    /// What a retraining that is requested waits for; <see langword="null"/> when none is requested or nothing is missing.
    /// </summary>
    public async Task<string?> FindMissingAsync(IServiceProvider? services, CancellationToken cancellationToken)
    {
        if (Rules.Count == 0
            || await workspace.MonitoringServices.Retrainings.FindOpenAsync(
                plan.Name, cancellationToken).ConfigureAwait(false) is not { } asked)
        {
            return null;
        }
        var scope = PluginServices.CreateScope(services);
        await using (scope.ConfigureAwait(false))
        {
            return (await new Retraining(workspace, plan, RuleOf(asked), scope).FindMissingAsync(
                cancellationToken).ConfigureAwait(false))?.Problem;
        }
    }

    /// <summary>Runs a retraining that was requested.</summary>
    /// <returns>The run, or why there is none.</returns>
    /// <exception cref="MlOpsException">
    /// The lifecycle has no retraining rule, something is missing, or a stage failed.
    /// </exception>
    public async Task<RetrainingResult> RunAsync(
        RunOptions options, IProgress<LifecycleProgress>? progress, CancellationToken cancellationToken)
    {
        if (Rules.Count == 0)
        {
            throw new MlOpsException(
                $"'{plan.Name}' has no retraining rule.", "Add RetrainOn(…) or RetrainAt(…) to MonitorModel, or call RetrainNowAsync.");
        }
        var retrainings = workspace.MonitoringServices.Retrainings;
        if (await retrainings.FindOpenAsync(plan.Name, cancellationToken).ConfigureAwait(false) is not { } asked)
        {
            return await retrainings.FindGivenUpAsync(plan.Name, cancellationToken).ConfigureAwait(false) is { } last
                ? new RetrainingResult(
                    RetrainingOutcome.GivenUp, null, $"The last retraining of '{plan.Name}' was given up: {last.Outcome}")
                : new RetrainingResult(RetrainingOutcome.NotAsked, null, $"No retraining of '{plan.Name}' is requested.");
        }

        return await RunAsync(
            RuleOf(asked), options, _ => Task.FromResult(asked), RetrainingTable.MaxAttempts, progress, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Requests a retraining as the actor of the workspace, and runs it.</summary>
    /// <returns>The run, or why there is none.</returns>
    /// <exception cref="MlOpsException">The lifecycle cannot be retrained, something is missing, or a stage failed.</exception>
    public async Task<RetrainingResult> RunNowAsync(
        string reason, RunOptions options, IProgress<LifecycleProgress>? progress, CancellationToken cancellationToken)
    {
        if (plan.Monitoring is not { } monitoring || plan.Training is null)
        {
            throw new MlOpsException(
                $"'{plan.Name}' cannot be retrained: it has no {(plan.Training is null ? "TrainModel" : "MonitorModel")}.",
                "Add the stage, or run the lifecycle again.");
        }

        var rule = monitoring.Rules.FirstOrDefault() ?? new RetrainingRule(
            Signal.Custom,
            RetrainingData.Original.And(RetrainingData.Feedback),
            TimeSpan.Zero,
            SearchAgain: false,
            MonitoringBuilder.DefaultFeedback);
        return await RunAsync(rule, options, AskAsync, attempts: 1, progress, cancellationToken).ConfigureAwait(false);

        async Task<RetrainingTrigger> AskAsync(CancellationToken token) => (await workspace.MonitoringServices.Retrainings.TryAppendAsync(
            plan.Name,
            workspace.Time.GetUtcNow(),
            $"{workspace.Acting.Name}: {reason}",
            TimeSpan.Zero,
            connection => AuditLog.Append(
                connection,
                workspace.Time,
                workspace.Acting.Name,
                AuditLog.RetrainingRequested,
                AuditedLooks.Prefix + plan.Name,
                reason),
            token).ConfigureAwait(false))!;
    }

    // What asks is written with its signal or schedule in front; a rule that is gone since is answered by the first one.
    private RetrainingRule RuleOf(RetrainingTrigger asked) =>
        Schedules.FirstOrDefault(schedule => asked.Signal.StartsWith($"{schedule.Name}: ", StringComparison.Ordinal))?.Rule
            ?? Rules.FirstOrDefault(rule => asked.Signal.StartsWith($"{rule.Signal}: ", StringComparison.Ordinal))
            ?? Rules[0];

    // It is requested when nothing is missing any more.
    private async Task<RetrainingResult> RunAsync(
        RetrainingRule rule,
        RunOptions options,
        Func<CancellationToken, Task<RetrainingTrigger>> ask,
        int attempts,
        IProgress<LifecycleProgress>? progress,
        CancellationToken cancellationToken)
    {
        var scope = PluginServices.CreateScope(options.Services);
        await using (scope.ConfigureAwait(false))
        {
            var retraining = new Retraining(workspace, plan, rule, scope);
            if (await retraining.FindMissingAsync(cancellationToken).ConfigureAwait(false) is var (problem, remedy))
            {
                throw new MlOpsException(problem, remedy);
            }

            // What it is made of is decided in its turn: the run before it may have promoted another version.
            var turn = LifecycleExecution.TurnOf(workspace, plan.Name, plan.Stages.First(), options, progress);
            await using var waiting = turn.ConfigureAwait(false);
            await turn.ComeAsync(cancellationToken).ConfigureAwait(false);
            var challenger = await retraining.PlanAsync(cancellationToken).ConfigureAwait(false);
            var asked = await ask(cancellationToken).ConfigureAwait(false);
            if (await new LifecycleExecution(workspace, challenger, options, scope).TryRetrainAsync(
                asked, attempts, turn, progress, cancellationToken).ConfigureAwait(false) is { } run)
            {
                var reason = await retraining.ExplainAsync(run).ConfigureAwait(false);
                return new RetrainingResult(RetrainingOutcome.Ran, run, reason);
            }

            return await workspace.MonitoringServices.Retrainings.FindGivenUpAsync(
                plan.Name, cancellationToken).ConfigureAwait(false) is { } last && last.No == asked.No
                ? new RetrainingResult(RetrainingOutcome.GivenUp, null, $"The retraining of '{plan.Name}' was given up: {last.Outcome}")
                : new RetrainingResult(
                    RetrainingOutcome.AnsweredElsewhere, null, $"Another process or call is running the retraining of '{plan.Name}'.");
        }
    }
}
