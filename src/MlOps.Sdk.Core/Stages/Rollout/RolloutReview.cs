using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Rollout;

/// <summary>Answers the latest recorded requests with the candidate, and asks the strategy.</summary>
[Experimental(RolloutExtensions.Diagnostic)]
internal sealed class RolloutReview : IReleaseReview
{
    public const int MaxRequests = 100_000;

    private readonly IRolloutStrategy _strategy;

    public RolloutReview(IRolloutStrategy strategy)
    {
        Check(strategy);
        _strategy = strategy;
    }

    public static void Check(IRolloutStrategy strategy)
    {
        if (strategy.Requests is < 1 or > MaxRequests)
        {
            throw new MlOpsException(
                $"The rollout strategy '{strategy.Name}' requires {strategy.Requests} requests.",
                $"It must require 1 to {MaxRequests}.");
        }
    }

    // Once enough is recorded, more of it does not run the stage again.
    public async ValueTask DescribeAsync(
        FingerprintBuilder fingerprint, ModelVersion? live, DeploymentServices services, CancellationToken cancellationToken)
    {
        fingerprint.AddObject("rollout", _strategy).Add("live version", live?.ContentHash ?? "none");
        var isReady = live is not null && await FindMissingAsync(live, services, cancellationToken).ConfigureAwait(false) is null;
        fingerprint.Add("requests that the rollout looks at", isReady ? "enough" : "too few");
    }

    public async Task<string?> FindMissingAsync(ModelVersion live, DeploymentServices services, CancellationToken cancellationToken)
    {
        var recorded = await services.Predictions.CountAsync(
            live.Model, live.Version, _strategy.Requests, cancellationToken).ConfigureAwait(false);
        return recorded >= _strategy.Requests
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"the rollout '{_strategy.Name}' needs {_strategy.Requests} requests to version {live.Version}, " +
                    $"of which {recorded} are recorded");
    }

    public async Task<(bool GoesLive, string Reason)> DecideAsync(
        StageContext context,
        ModelVersion live,
        ModelVersion candidate,
        ModelPackage package,
        DeploymentServices services,
        CancellationToken cancellationToken)
    {
        if (await FindMissingAsync(live, services, cancellationToken).ConfigureAwait(false) is { } missing)
        {
            return (false, $"{missing}; run the lifecycle again when there are enough");
        }
        var recorded = await services.Predictions.ReadLatestAsync(
            live.Model, live.Version, _strategy.Requests, cancellationToken).ConfigureAwait(false);
        var labels = package.Decision.Labels;

        // A store that cannot be read fails the run: only what the packages themselves cannot do keeps the candidate back.
        var (bytes, loss) = await context.Artifacts.TryReadAllAsync(live.PackageId, cancellationToken).ConfigureAwait(false);
        if (loss is not null)
        {
            return (
                false,
                $"the package of version {live.Version} is lost, so the rollout '{_strategy.Name}' cannot compare the answers; " +
                    "remove Roll to let it go live");
        }
        double[] scores;
        try
        {
            using var incumbent = PackageFile.Read(bytes, context.Run.Readers);
            var theirs = incumbent.Decision.Labels;
            if (theirs.Task != labels.Task
                || incumbent.Problem.Label != package.Problem.Label
                || !theirs.Classes.SequenceEqual(labels.Classes))
            {
                return (
                    false,
                    $"version {live.Version} has another task, so the rollout '{_strategy.Name}' cannot compare the answers; " +
                    "remove Roll to let it go live");
            }
            var inputs = incumbent.Graph.Input;
            ColumnBuilder[] columns = [.. inputs.Select(field => ColumnBuilder.Create(field.Type, field.Length, recorded.Count))];
            foreach (var prediction in recorded) RowCodec.Read(prediction.Row.Span, inputs, columns);
            scores = package.Score(new Dataset(inputs, Array.ConvertAll(columns, column => column.Build())), cancellationToken);
        }
        catch (MlOpsException e)
        {
            return (
                false,
                $"the rollout '{_strategy.Name}' cannot replay the requests to version {live.Version}: {e.Message.TrimEnd('.')}");
        }

        var outputs = labels.Outputs;
        var decision = _strategy.Decide(new RolloutComparison
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
        })
            ?? throw new MlOpsException(
                $"The rollout strategy '{_strategy.Name}' returned no decision.",
                "Return a RolloutDecision from Decide.");
        return (decision.GoesLive, $"the rollout '{_strategy.Name}' says: {decision.Reason.TrimEnd('.')}");
    }
}
