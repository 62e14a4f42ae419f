using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>What a guard found.</summary>
/// <param name="Guard">The guard's name.</param>
/// <param name="State">What it can tell.</param>
/// <param name="Observed">What was observed, for example by how much more calls fail; NaN where nothing was.</param>
/// <param name="Lower">The lower bound of its confidence interval, which holds at every check.</param>
/// <param name="Upper">The upper bound.</param>
/// <param name="Limit">The limit.</param>
/// <param name="Sentence">The finding in a clause without a full stop.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record GuardFinding(
    string Guard, GuardState State, double Observed, double Lower, double Upper, double Limit, string Sentence)
{
    /// <summary>The record in a line.</summary>
    public override string ToString() => RecordText.Of(this);
}
