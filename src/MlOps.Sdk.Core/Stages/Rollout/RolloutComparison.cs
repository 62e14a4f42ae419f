using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>
/// What the live version and the candidate answer to the same requests, which were made to the live version and
/// recorded. Immutable and thread-safe.
/// </summary>
public sealed record RolloutComparison
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

    /// <summary>The number of requests.</summary>
    public required int Requests { get; init; }

    /// <summary>
    /// The scores that the live version gave, request after request from the oldest to the newest: P(positive), a probability per
    /// class, or the predicted number.
    /// </summary>
    public required ReadOnlyMemory<double> LiveScores { get; init; }

    /// <summary>The candidate's scores, in the same order.</summary>
    public required ReadOnlyMemory<double> CandidateScores { get; init; }

    /// <summary>What the live version decided: an index into <see cref="Classes"/>, one per request; zeros for regression.</summary>
    public required ReadOnlyMemory<int> LiveDecisions { get; init; }

    /// <summary>What the candidate decides, in the same order.</summary>
    public required ReadOnlyMemory<int> CandidateDecisions { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
