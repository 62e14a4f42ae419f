using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>What a rollout strategy decides from. Immutable and thread-safe.</summary>
public sealed record RolloutContext
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>The version that is live.</summary>
    public required int LiveVersion { get; init; }

    /// <summary>The version that would take its place.</summary>
    public required int CandidateVersion { get; init; }

    /// <summary>The kind of task, the same for both.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The classes, the same for both; empty for regression.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>
    /// The edges between the bins of <see cref="ArmEvidence.ScoreCounts"/>, ascending: the distinct deciles of what the live version
    /// predicted out of fold when it was trained. They stay the same for a whole rollout. Empty for classification, and before the
    /// candidate has answered a call.
    /// </summary>
    public IReadOnlyList<double> ScoreEdges { get; init; } = [];

    /// <summary>
    /// What both answer to recorded requests, where <see cref="RolloutNeeds.Requests"/> asks for it; <see langword="null"/> otherwise, and
    /// once calls are divided.
    /// </summary>
    public RolloutComparison? Replay { get; init; }

    /// <summary>How far the rollout is; <see langword="null"/> before the candidate has answered a call.</summary>
    public RolloutProgress? Progress { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
