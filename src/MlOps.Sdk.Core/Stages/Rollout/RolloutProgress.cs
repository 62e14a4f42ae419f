using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>How far a rollout is.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RolloutProgress
{
    /// <summary>When the rollout began, in UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Now, in UTC.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>
    /// The steps until now, the present one last; never empty. Versions are comparable within a step, where each has the same share of the
    /// calls all the time. Labels that come late are counted for the step of their prediction.
    /// </summary>
    public required IReadOnlyList<RolloutStep> Steps { get; init; }

    /// <summary>The present step.</summary>
    public RolloutStep Step => Steps[^1];

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
