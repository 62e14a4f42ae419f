using System.Text.Json.Serialization;
using MlOps.Sdk.Deployment;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Rollout;

/// <summary>What a version did since a rollout began, summed over all processes that serve it. Immutable and thread-safe.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ArmEvidence
{
    private readonly CallCounts? _calls;

    /// <summary>Creates evidence, for example to test a guard.</summary>
    public ArmEvidence()
    {
    }

    internal ArmEvidence(CallCounts calls)
    {
        _calls = calls;
        (Calls, Failed, Refused) = (calls.Total, calls.Failed, calls.Refused);
    }

    /// <summary>The version.</summary>
    public required int Version { get; init; }

    /// <summary>Rows that it was to predict, those among them that it failed on or refused.</summary>
    public long Calls { get; init; }

    /// <summary>Rows that it failed on, those among them whose score is not a number.</summary>
    public long Failed { get; init; }

    /// <summary>
    /// Rows that it refused for what they contain: by its input contract, or because a feature is missing or infinite. Where calls are
    /// divided at random, a difference between two versions is theirs.
    /// </summary>
    public long Refused { get; init; }

    /// <summary>
    /// Recorded predictions by class decided for, in the order of <see cref="RolloutContext.Classes"/>; empty for regression.
    /// </summary>
    public IReadOnlyList<long> Decisions { get; init; } = [];

    /// <summary>How many predictions were recorded with a score that is a number.</summary>
    public long Scored { get; init; }

    /// <summary>The mean score: P(positive), the first class's, or the predicted number; NaN without predictions.</summary>
    public double MeanScore { get; init; } = double.NaN;

    /// <summary>The sample variance of the scores; NaN for fewer than two.</summary>
    public double ScoreVariance { get; init; } = double.NaN;

    /// <summary>
    /// The scores by bin, for regression: how many are at most the first of <see cref="RolloutContext.ScoreEdges"/>, above it and at most
    /// the second, and so on; the last are above all edges. Empty for classification.
    /// </summary>
    public IReadOnlyList<long> ScoreCounts { get; init; } = [];

    /// <summary>The recorded predictions by group, for each attribute of <see cref="RolloutNeeds.Attributes"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<GroupWindow>> Groups { get; init; } =
        new Dictionary<string, IReadOnlyList<GroupWindow>>();

    /// <summary>
    /// How often each class was decided where the label is each class: rows are decisions, columns labels, in the order of
    /// <see cref="RolloutContext.Classes"/>. Empty for regression, and where nobody needs labels.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<long>> Labelled { get; init; } = [];

    /// <summary>How many predictions of a regression have a label.</summary>
    public long Errors { get; init; }

    /// <summary>
    /// What larger absolute errors count as, in units of the label: see <see cref="RolloutNeeds.LargestError"/>. Infinity where errors are
    /// counted as they are.
    /// </summary>
    public double LargestError { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// The mean absolute error of <see cref="Errors"/>, in units of the label, where errors count at most as <see cref="LargestError"/>;
    /// NaN without labels.
    /// </summary>
    public double MeanAbsoluteError { get; init; } = double.NaN;

    /// <summary>The sample variance of these absolute errors; NaN for fewer than two.</summary>
    public double AbsoluteErrorVariance { get; init; } = double.NaN;

    /// <summary>
    /// The confidence interval of a quantile of the latency of answered calls, in seconds, which holds at every check:
    /// <see cref="ConfidenceSequences.OfQuantile"/>.
    /// </summary>
    /// <param name="quantile">The quantile, for example 0.95.</param>
    /// <param name="level">The confidence.</param>
    public ConfidenceInterval LatencyQuantile(double quantile, double level) => _calls is null
        ? new ConfidenceInterval(double.NegativeInfinity, double.PositiveInfinity, level)
        : ConfidenceSequences.OfQuantile(_calls.Latencies, LatencyBins.Edges, quantile, level);

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
