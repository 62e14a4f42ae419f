using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>A time during which a candidate had one share of the calls, and what both versions did in it.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RolloutStep
{
    /// <summary>The candidate's share of the calls, 0 to 1.</summary>
    public required double Share { get; init; }

    /// <summary>Since when, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>What the live version did, in all processes.</summary>
    public required ArmEvidence Live { get; init; }

    /// <summary>What the candidate did, in all processes.</summary>
    public required ArmEvidence Candidate { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
