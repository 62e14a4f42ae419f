using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Rollout;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Leads the rollout of one lifecycle's model: asks its strategy, and does what it decides.</summary>
internal sealed class RolloutControl(Workspace workspace, LifecyclePlan plan, IServiceProvider scoped)
{
    private readonly DeploymentServices _services = workspace.CreateDeploymentServices(scoped);

    private readonly List<Func<AlertSender, CancellationToken, Task>> _untold = [];
    private Func<CancellationToken, Task> _elsewhere = _ => Task.CompletedTask;

    private string Model => plan.Name;

    /// <summary>
    /// Brings targets elsewhere to a version that went live, also when the caller is cancelled, and then hands the alerts of what was
    /// decided to the sinks of the lifecycle. They may take their time: nobody may wait for them to decide.
    /// </summary>
    /// <exception cref="MlOpsException">A target cannot be brought to the version; the sinks are told all the same.</exception>
    public async Task FollowUpAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _elsewhere(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            var sender = new AlertSender(plan.Monitoring?.Sinks ?? [], workspace.Time, workspace.Logger);
            foreach (var tell in _untold) await tell(sender, cancellationToken).ConfigureAwait(false);
            _untold.Clear();
        }
    }

    /// <summary>Decides on the rollout that is in progress.</summary>
    /// <returns>The last rollout; <see langword="null"/> when there never was one.</returns>
    public async Task<ModelRollout?> CheckAsync(CancellationToken cancellationToken)
    {
        var registry = new RolloutRegistry(workspace.Store);
        if (await registry.FindAsync(Model, cancellationToken).ConfigureAwait(false) is not { } last) return null;
        var rollout = ModelRollout.Of(last);
        if (rollout.State != RolloutState.Running)
        {
            workspace.Rollouts.Forget(Model);
            return rollout;
        }
        try
        {
            return await DecideAsync(last, rollout, cancellationToken).ConfigureAwait(false);
        }
        catch (ApprovalRequiredException e)
        {
            // More people must approve it than did: it would wait for ever, and go on answering.
            return await EndAsync(
                last, RolloutState.Cancelled, e.Problem.TrimEnd('.'), [], takesOff: true, cancellationToken).ConfigureAwait(false);
        }
        catch (ConcurrencyException)
        {
            // Another process was quicker: what it decided counts.
            return ModelRollout.Of((await registry.FindAsync(Model, cancellationToken).ConfigureAwait(false))!);
        }
    }

    /// <summary>Begins the rollout of a blessed version.</summary>
    public async Task<ModelRollout> StartAsync(int version, string reason, CancellationToken cancellationToken)
    {
        workspace.Acting.Require(ReleaseAction.Divide, Model);
        var live = await RequireLiveAsync(cancellationToken).ConfigureAwait(false);
        var candidate = (await workspace.Models.GetBlessedAsync(Model, version, cancellationToken).ConfigureAwait(false)).Version;
        if (candidate.Version == live.Version)
        {
            throw new MlOpsException($"Version {version} of '{Model}' is already live.", "Name the version that is to take its place.");
        }
        var review = RequireReview();
        var (incumbent, package) = await ReadAsync(live, candidate, cancellationToken).ConfigureAwait(false);
        using (incumbent)
        using (package)
        {
            if (!RolloutReview.IsComparable(incumbent, package))
            {
                throw new MlOpsException(
                    $"Version {version} of '{Model}' has another task than version {live.Version}, so their answers cannot be compared.",
                    "Promote it without a rollout: Models.RollbackAsync makes any blessed version the live one.");
            }
            if (review.Strategy.Needs.Requests > 0)
            {
                throw new MlOpsException(
                    $"The rollout '{review.Strategy.Name}' decides from recorded requests, which only a run of the lifecycle replays.",
                    "Run the lifecycle, or use a strategy that divides calls, such as RollAsCanary.");
            }
            RolloutEvidence.Require(review.Strategy.Needs, package);
            var decision = await review.DecideAsync(
                RolloutReview.ContextOf(live, candidate, package.Decision.Labels), _services, cancellationToken).ConfigureAwait(false);
            if (decision.Action != RolloutAction.Divide)
            {
                throw new MlOpsException(
                    $"The rollout '{review.Strategy.Name}' of version {version} of '{Model}' does not begin: " +
                        $"{decision.Reason.TrimEnd('.')}.",
                    "Use a strategy that divides calls, such as RollAsCanary.");
            }
            await _services.Rollouts.StartAsync(
                live,
                candidate,
                review.Strategy.Name,
                decision.Share,
                review.LargestShare(decision.Share),
                RolloutEvidence.LargestErrorOf(incumbent, package),
                $"{reason.TrimEnd('.')}; {decision.Reason}",
                cancellationToken).ConfigureAwait(false);
        }

        return (await workspace.Rollouts.FindAsync(Model, cancellationToken).ConfigureAwait(false))!;
    }

    private async Task<ModelRollout> DecideAsync(RolloutRow last, ModelRollout rollout, CancellationToken cancellationToken)
    {
        var live = await RequireLiveAsync(cancellationToken).ConfigureAwait(false);
        var split = await workspace.Traffic.FindAsync(Model, cancellationToken).ConfigureAwait(false);
        if (FindEnd(live, rollout, split) is var (state, why))
        {
            return await EndAsync(last, state, why, [], takesOff: false, cancellationToken).ConfigureAwait(false);
        }

        if (FindReview() is not { } review)
        {
            const string none = "its lifecycle does not say any more how a version is rolled out";
            return await EndAsync(last, RolloutState.Cancelled, none, [], takesOff: true, cancellationToken).ConfigureAwait(false);
        }
        var candidate = await workspace.Models.GetAsync(Model, rollout.Version, cancellationToken).ConfigureAwait(false);
        var (steps, labels, edges) = await workspace.Rollouts.StepsAsync(
            last, review.Strategy.Needs, cancellationToken).ConfigureAwait(false);
        var context = RolloutReview.ContextOf(live, candidate, labels) with
        {
            ScoreEdges = edges,
            Progress = new RolloutProgress { StartedAt = rollout.StartedAt, Now = workspace.Time.GetUtcNow(), Steps = steps },
        };
        var decision = await review.DecideAsync(context, _services, cancellationToken).ConfigureAwait(false);
        var line = PrintableText.Line(decision.Reason);
        switch (decision.Action)
        {
            case RolloutAction.Divide when ModelRollouts.FindMisfit(split, rollout.Version, decision.Share) is { } misfit:
                LogWait(rollout, misfit, misfit);
                return rollout with { Findings = [.. decision.Findings, NoRoom(misfit)] };
            case RolloutAction.Divide when decision.Share != rollout.Share:
                var advanced = await workspace.Rollouts.AdvanceAsync(last, decision, split!, cancellationToken).ConfigureAwait(false);
                RolloutLog.Advanced(workspace.Logger, Model, rollout.Version, advanced.Share, line);
                return advanced;
            case RolloutAction.KeepBack:
                return await EndAsync(
                    last, RolloutState.RolledBack, decision.Reason, decision.Findings, takesOff: true, cancellationToken)
                    .ConfigureAwait(false);
            case RolloutAction.GoLive:
                return await GoLiveAsync(last, live, candidate, decision, cancellationToken).ConfigureAwait(false);
            default:
                LogWait(rollout, line, string.Join(' ', decision.Findings.Select(finding => $"{finding.Guard}:{finding.State}")));
                return rollout with { Findings = decision.Findings };
        }
    }

    // Checks are frequent: what did not change since the last one is for those who look closely.
    private void LogWait(ModelRollout rollout, string reason, string state)
    {
        if (workspace.Rollouts.IsNews(rollout, state)) RolloutLog.Waits(workspace.Logger, Model, rollout.Version, reason);
        else RolloutLog.StillWaits(workspace.Logger, Model, rollout.Version, reason);
    }

    private static GuardFinding NoRoom(string misfit) =>
        new("division of calls", GuardState.Open, double.NaN, double.NaN, double.NaN, double.NaN, $"it waits, because {misfit}");

    // What another call or a killed process left is brought to its end here.
    private (RolloutState State, string Why)? FindEnd(ModelVersion live, ModelRollout rollout, TrafficSplit? split)
    {
        if (live.Version == rollout.Version) return (RolloutState.Completed, $"version {rollout.Version} is live");
        if (live.Version != rollout.LiveVersion) return (RolloutState.Cancelled, $"version {live.Version} went live meanwhile");
        return split?.Arms.Any(arm => arm.Version == rollout.Version && !arm.IsShadow && arm.Share == rollout.Share) == true
            ? null
            : (RolloutState.Cancelled, $"the calls of '{Model}' were divided otherwise: {split?.Reason.TrimEnd('.')}");
    }

    private async Task<ModelRollout> GoLiveAsync(
        RolloutRow last, ModelVersion live, ModelVersion candidate, RolloutDecision decision, CancellationToken cancellationToken)
    {
        if (!workspace.Acting.May(ReleaseAction.Promote, Model))
        {
            var refusal = workspace.Acting.Refusal(ReleaseAction.Promote, Model);
            var rollout = ModelRollout.Of(last);
            LogWait(rollout, refusal, refusal);
            return rollout with { Findings = decision.Findings };
        }
        var (bytes, loss) = await workspace.Artifacts.TryReadAllAsync(candidate.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null)
        {
            var lost = $"its package is lost: {loss}";
            return await EndAsync(
                last, RolloutState.RolledBack, lost, decision.Findings, takesOff: true, cancellationToken).ConfigureAwait(false);
        }
        IDeploymentTarget[] targets = [.. (plan.Deployment?.Targets ?? []).Select(create => create(_services))];

        // One commit: whoever cancelled the rollout meanwhile, or rolled it back, keeps the version from going live.
        var (ended, also) = workspace.Rollouts.PrepareEnd(last, RolloutState.Completed, decision.Reason, decision.Findings);
        var delivery = new Delivery(_services, targets) { Also = also };
        var desired = await delivery.PromoteAsync(
            candidate,
            live,
            bytes,
            $"The rollout '{last.Strategy}' ended: {decision.Reason.TrimEnd('.')}.",
            cancellationToken).ConfigureAwait(false);
        _elsewhere = token => delivery.BringElsewhereAsync(desired, token);
        workspace.Rollouts.Forget(Model);
        await TellOfAsync(ended, cancellationToken).ConfigureAwait(false);
        return ended;
    }

    private async Task<ModelRollout> EndAsync(
        RolloutRow last,
        RolloutState state,
        string reason,
        IReadOnlyList<GuardFinding> findings,
        bool takesOff,
        CancellationToken cancellationToken)
    {
        var alert = state == RolloutState.RolledBack ? AlertOf(last, reason, findings) : null;
        if (alert is not null && await IsMutedAsync(alert, cancellationToken).ConfigureAwait(false)) alert = null;

        // One commit: whoever reads that the candidate was rolled back finds the alert, too.
        var ended = await workspace.Rollouts.EndAsync(
            last,
            state,
            reason,
            findings,
            ModelRollouts.Automatic,
            alert is null ? null : connection => workspace.MonitoringServices.Alerts.Raise(connection, alert, alert.Subjects),
            takesOff, cancellationToken)
            .ConfigureAwait(false);
        if (alert is not null) Send(alert);
        await TellOfAsync(ended, cancellationToken).ConfigureAwait(false);
        return ended;
    }

    private async Task TellOfAsync(ModelRollout ended, CancellationToken cancellationToken)
    {
        var line = PrintableText.Line(ended.Reason);
        if (ended.State == RolloutState.RolledBack)
        {
            RolloutLog.RolledBack(workspace.Logger, Model, ended.Version, line);
            return;
        }
        RolloutLog.Ended(workspace.Logger, Model, ended.Version, ended.State, line);
        if (ended.State == RolloutState.Completed) await ResolveAsync(ended, cancellationToken).ConfigureAwait(false);
    }

    private Alert AlertOf(RolloutRow last, string reason, IReadOnlyList<GuardFinding> findings)
    {
        var subject = new AlertSubject(Signal.Release, FormattableString.Invariant($"version {last.Version}"));

        // A strategy may say itself which guards made it decide.
        var violated = string.Concat(findings
            .Where(finding => finding.State == GuardState.Violated)
            .Where(finding => !reason.Contains(finding.Sentence.TrimEnd('.'), StringComparison.Ordinal))
            .Select(finding => $" {finding.Guard}: {finding.Sentence.TrimEnd('.')}."));
        return new Alert(
            PredictionId.New().ToString(),
            Model,
            last.Version,
            workspace.Time.GetUtcNow(),
            [Signal.Release],
            $"{Model} {subject.Subject} was rolled back: {reason.TrimEnd('.')}.{violated}") { Subjects = [subject] };
    }

    private async Task<bool> IsMutedAsync(Alert alert, CancellationToken cancellationToken)
    {
        var (mutes, _) = await workspace.MonitoringServices.Alerts.SilencedAsync(
            Model, alert.Version, cancellationToken).ConfigureAwait(false);
        return mutes.Any(mute => mute.Covers(alert.Subjects[0]));
    }

    private void Send(Alert alert) => _untold.Add(async (sender, token) =>
    {
        var failure = await sender.SendAsync(alert, scoped, token).ConfigureAwait(false);
        await workspace.MonitoringServices.Alerts.SetDeliveryAsync(alert.Id, failure, token).ConfigureAwait(false);
    });

    private async Task ResolveAsync(ModelRollout ended, CancellationToken cancellationToken)
    {
        var resolved = await workspace.MonitoringServices.Alerts.SettleRolloutsAsync(
            Model, ended.Version, cancellationToken).ConfigureAwait(false);
        var at = workspace.Time.GetUtcNow();
        _untold.AddRange(resolved.Select<AlertRecord, Func<AlertSender, CancellationToken, Task>>(
            alert => (sender, token) => sender.SendAsync(alert, at, scoped, token)));
    }

    private RolloutReview? FindReview() => plan.Deployment?.Review?.Invoke(scoped) as RolloutReview;

    private RolloutReview RequireReview() => FindReview()
        ?? throw new MlOpsException(
            $"The lifecycle '{Model}' does not say how a version is rolled out.",
            "Add RollAsCanary(…) or Roll(…) to DeployModel.");

    private async Task<ModelVersion> RequireLiveAsync(CancellationToken cancellationToken) =>
        await workspace.Models.FindByAliasAsync(Model, ModelRegistry.Champion, cancellationToken).ConfigureAwait(false)
            ?? throw new MlOpsException(
                $"No version of '{Model}' is live, so none can take its place.",
                "Run its lifecycle until a version is deployed.");

    private async Task<(ModelPackage Live, ModelPackage Candidate)> ReadAsync(
        ModelVersion live, ModelVersion candidate, CancellationToken cancellationToken)
    {
        var incumbent = await workspace.ReadPackageAsync(live, cancellationToken).ConfigureAwait(false);
        try
        {
            return (incumbent, await workspace.ReadPackageAsync(candidate, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            incumbent.Dispose();
            throw;
        }
    }
}
