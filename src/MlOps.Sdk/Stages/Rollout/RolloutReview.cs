using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using MlOps.Sdk.Data;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Execution;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Registry;

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
            throw new ArgumentException($"The rollout strategy '{strategy.Name}' wants {strategy.Requests} requests; it may want 1 to {MaxRequests}.", nameof(strategy));
    }

    // Once enough is recorded, more of it does not run the stage again.
    public async ValueTask DescribeAsync(FingerprintBuilder fingerprint, ModelVersion? live, DeploymentServices services, CancellationToken ct)
    {
        fingerprint.AddObject("rollout", _strategy);
        var recorded = live is null ? 0 : await services.Predictions.CountAsync(live.Model, live.Version, _strategy.Requests, ct).ConfigureAwait(false);
        fingerprint.Add("requests that the rollout looks at", recorded >= _strategy.Requests ? "enough" : "too few");
    }

    public async Task<(bool GoesLive, string Reason)> DecideAsync(StageContext context, ModelVersion live, ModelVersion candidate, ModelPackage package, DeploymentServices services, CancellationToken ct)
    {
        var recorded = await services.Predictions.ReadLatestAsync(live.Model, live.Version, _strategy.Requests, ct).ConfigureAwait(false);
        if (recorded.Count < _strategy.Requests)
            return (false, string.Create(CultureInfo.InvariantCulture, $"the rollout '{_strategy.Name}' looks at {_strategy.Requests} requests to version {live.Version}, and {recorded.Count} are recorded; run the lifecycle again when there are enough"));

        // A store that cannot be read fails the run: only what the packages themselves cannot do keeps the candidate back.
        var bytes = await context.Artifacts.ReadAllAsync(live.PackageId, ct).ConfigureAwait(false);
        try
        {
            using var incumbent = PackageFile.Read(bytes, context.Run.Readers);
            var labels = package.Decision.Labels;
            if (incumbent.Decision.Labels.Task != labels.Task || !incumbent.Decision.Labels.Classes.SequenceEqual(labels.Classes))
                return (false, $"the answers of version {live.Version} are of another task or of other classes, so the rollout '{_strategy.Name}' cannot compare them; remove Roll to let it go live");

            var inputs = incumbent.Graph.Input;
            ColumnBuilder[] columns = [.. inputs.Select(field => ColumnBuilder.Create(field.Type, field.Length, recorded.Count))];
            foreach (var prediction in recorded) RowCodec.Read(prediction.Row.Span, inputs, columns);
            var scores = package.Score(new Dataset(inputs, Array.ConvertAll(columns, column => column.Build())), ct);
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
                CandidateDecisions = Enumerable.Range(0, recorded.Count).Select(i => package.Decision.Decide(scores.AsSpan(i * outputs, outputs))).ToArray(),
            });
            return (decision.GoesLive, $"the rollout '{_strategy.Name}' says: {decision.Reason.TrimEnd('.')}");
        }
        catch (MlOpsException e)
        {
            return (false, $"the rollout '{_strategy.Name}' cannot have it answer the requests to version {live.Version}: {e.Message}");
        }
    }
}
