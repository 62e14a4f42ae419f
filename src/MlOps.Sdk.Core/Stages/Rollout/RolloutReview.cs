using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Rollout;

/// <summary>Answers the latest recorded requests with the candidate, and asks the strategy.</summary>
internal sealed class RolloutReview : IReleaseReview
{
    public const int MaxRequests = 100_000;

    private readonly IRolloutStrategy _strategy;

    public RolloutReview(IRolloutStrategy strategy)
    {
        Check(strategy);
        _strategy = strategy;
    }

    public IRolloutStrategy Strategy => _strategy;

    public static void Check(IRolloutStrategy strategy)
    {
        if (strategy.Needs is null)
        {
            throw new MlOpsException(
                $"The rollout strategy '{strategy.Name}' does not say what it needs.", "Return RolloutNeeds from Needs.");
        }
        if (strategy.Needs.Requests is < 0 or > MaxRequests)
        {
            throw new MlOpsException(
                $"The rollout strategy '{strategy.Name}' requires {strategy.Needs.Requests} requests.",
                $"It may require 0 to {MaxRequests}.");
        }
        if (strategy.Needs.LargestError is { } largest && !(largest > 0 && double.IsFinite(largest)))
        {
            throw new MlOpsException(
                FormattableString.Invariant($"The rollout strategy '{strategy.Name}' counts errors up to {largest}."),
                "RolloutNeeds.LargestError is a finite number above 0.");
        }
    }

    // Once enough is recorded, more of it does not run the stage again.
    public async ValueTask DescribeAsync(
        FingerprintBuilder fingerprint, ModelVersion? live, DeploymentServices services, CancellationToken cancellationToken)
    {
        fingerprint.AddObject("rollout", _strategy).Add("live version", live?.ContentHash ?? "none");
        var isReady = live is not null && await FindMissingAsync(live, services, cancellationToken).ConfigureAwait(false) is null;
        fingerprint.Add("requests that the rollout looks at", isReady ? "enough" : "too few");

        // A candidate that was kept back for this is tried again when there is room.
        if (live is not null && await services.Rollouts.FindMisfitAsync(
            live.Model, candidate: 0, LargestShare(0), cancellationToken).ConfigureAwait(false) is not null)
        {
            fingerprint.Add("room for the candidate", "none");
        }
    }

    public async Task<string?> FindMissingAsync(ModelVersion live, DeploymentServices services, CancellationToken cancellationToken)
    {
        if (_strategy.Needs.Requests == 0) return null;
        var recorded = await services.Predictions.CountAsync(
            live.Model, live.Version, _strategy.Needs.Requests, cancellationToken).ConfigureAwait(false);
        return recorded >= _strategy.Needs.Requests
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the rollout '{_strategy.Name}' needs {_strategy.Needs.Requests} requests to version {live.Version}, " +
                    $"of which {recorded} are recorded");
    }

    public async Task<ReviewOutcome> DecideAsync(
        StageContext context,
        ModelVersion live,
        ModelVersion candidate,
        ModelPackage package,
        DeploymentServices services,
        CancellationToken cancellationToken)
    {
        if (await FindMissingAsync(live, services, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            return ReviewOutcome.KeptBack($"{missing}; run the lifecycle again when there are enough");
        }
        if (await services.Rollouts.FindOfAsync(
            candidate.Model, candidate.Version, cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            var rollout = ModelRollout.Of(earlier);
            if (rollout.State == RolloutState.Running) return ReviewOutcome.RollingOut("its rollout is in progress");
            if (rollout.State == RolloutState.RolledBack)
            {
                return ReviewOutcome.KeptBack(
                    $"it was rolled back before, because {rollout.Reason.TrimEnd('.')}; call RollOutAsync to try it again");
            }
        }

        // A store that cannot be read fails the run: only what the packages themselves cannot do keeps the candidate back.
        var (bytes, loss) = await context.Artifacts.TryReadAllAsync(live.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null)
        {
            return ReviewOutcome.KeptBack(
                $"the package of version {live.Version} is lost, so the rollout '{_strategy.Name}' cannot compare the answers; " +
                    "remove Roll to let it go live");
        }
        RolloutComparison? replay = null;
        double largestError;
        try
        {
            using var incumbent = PackageFile.Read(bytes, context.Run.Readers);
            if (!IsComparable(incumbent, package))
            {
                return ReviewOutcome.KeptBack(
                    $"version {live.Version} has another task, so the rollout '{_strategy.Name}' cannot compare the answers; " +
                        "remove Roll to let it go live");
            }
            largestError = RolloutEvidence.LargestErrorOf(incumbent, package);
            if (_strategy.Needs.Requests > 0)
            {
                replay = await ReplayAsync(live, candidate, incumbent, package, services, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (MlOpsException e)
        {
            return ReviewOutcome.KeptBack(
                $"the rollout '{_strategy.Name}' cannot replay the requests to version {live.Version}: {e.Message.TrimEnd('.')}");
        }

        RolloutEvidence.Require(_strategy.Needs, package);
        var decision = await DecideAsync(
            ContextOf(live, candidate, package.Decision.Labels) with { Replay = replay }, services, cancellationToken)
            .ConfigureAwait(false);
        var said = $"the rollout '{_strategy.Name}' says: {decision.Reason.TrimEnd('.')}";
        if (decision.Action != RolloutAction.Divide)
        {
            return decision.Action == RolloutAction.GoLive ? ReviewOutcome.Live(said) : ReviewOutcome.KeptBack(said);
        }
        if (!services.Acting.May(ReleaseAction.Divide, candidate.Model))
        {
            return ReviewOutcome.KeptBack(services.Acting.Refusal(ReleaseAction.Divide, candidate.Model));
        }
        var largest = LargestShare(decision.Share);
        if (await services.Rollouts.FindMisfitAsync(
            candidate.Model, candidate.Version, largest, cancellationToken).ConfigureAwait(false) is { } misfit)
        {
            return ReviewOutcome.KeptBack($"{misfit}; make room with Workspace.Traffic.DivideAsync, and run the lifecycle again");
        }
        await services.Rollouts.StartAsync(
            live, candidate, _strategy.Name, decision.Share, largest, largestError, decision.Reason, cancellationToken)
            .ConfigureAwait(false);
        return ReviewOutcome.RollingOut(said);
    }

    /// <summary>The largest share that a candidate gets, as far as it is known; at least that of the first decision.</summary>
    public double LargestShare(double first) => _strategy is CanaryStrategy canary ? Math.Max(first, canary.LargestShare) : first;

    /// <summary>Asks the strategy, and waits for neither it nor its guards longer than they may take.</summary>
    /// <exception cref="MlOpsException">It returned nothing, or nothing in time.</exception>
    public async Task<RolloutDecision> DecideAsync(RolloutContext context, DeploymentServices services, CancellationToken cancellationToken)
    {
        var calls = new RolloutCalls(context.Model, services);
        try
        {
            return _strategy is CanaryStrategy canary
                ? await canary.DecideAsync(context, calls, cancellationToken).ConfigureAwait(false)
                : await calls.CallAsync(
                    _strategy, "rollout strategy", _strategy.Name, () => _strategy.Decide(context), cancellationToken)
                    .ConfigureAwait(false)
                ?? throw new MlOpsException(
                    $"The rollout strategy '{_strategy.Name}' returned no decision.", "Return a RolloutDecision from Decide.");
        }
        catch (TimeoutException e)
        {
            throw new MlOpsException(
                $"The rollout strategy '{_strategy.Name}' of '{context.Model}' decided nothing: {e.Message}.",
                "Let Decide return soon, and fetch what takes its time elsewhere.",
                e);
        }
    }

    /// <summary>What a strategy is told of both versions.</summary>
    public static RolloutContext ContextOf(ModelVersion live, ModelVersion candidate, LabelEncoding labels) => new()
    {
        Model = candidate.Model,
        LiveVersion = live.Version,
        CandidateVersion = candidate.Version,
        Task = labels.Task,
        Classes = labels.Classes,
    };

    /// <summary>Whether two versions answer the same question.</summary>
    public static bool IsComparable(ModelPackage live, ModelPackage candidate) =>
        live.Decision.Labels.Task == candidate.Decision.Labels.Task
        && live.Problem.Label == candidate.Problem.Label
        && live.Decision.Labels.Classes.SequenceEqual(candidate.Decision.Labels.Classes);

    private async Task<RolloutComparison> ReplayAsync(
        ModelVersion live,
        ModelVersion candidate,
        ModelPackage incumbent,
        ModelPackage package,
        DeploymentServices services,
        CancellationToken cancellationToken)
    {
        var recorded = await services.Predictions.ReadLatestAsync(
            live.Model, live.Version, _strategy.Needs.Requests, cancellationToken).ConfigureAwait(false);
        var inputs = incumbent.Graph.Input;
        ColumnBuilder[] columns = [.. inputs.Select(field => ColumnBuilder.Create(field.Type, field.Length, recorded.Count))];
        foreach (var prediction in recorded) RowCodec.Read(prediction.Row.Span, inputs, columns);
        var scores = package.Score(new Dataset(inputs, Array.ConvertAll(columns, column => column.Build())), cancellationToken);
        var labels = package.Decision.Labels;
        var outputs = labels.Outputs;
        return new RolloutComparison
        {
            Model = candidate.Model,
            LiveVersion = live.Version,
            CandidateVersion = candidate.Version,
            Task = labels.Task,
            Classes = labels.Classes,
            Requests = recorded.Count,
            LiveScores = recorded.SelectMany(prediction => MemoryMarshal.Cast<byte, double>(prediction.Scores.Span).ToArray()).ToArray(),
            CandidateScores = scores,
            LiveDecisions = recorded.Select(prediction => prediction.Decision ?? 0).ToArray(),
            CandidateDecisions = Enumerable.Range(0, recorded.Count)
                .Select(i => package.Decision.Decide(scores.AsSpan(i * outputs, outputs)))
                .ToArray(),
        };
    }
}
