using System.Text.Json.Serialization;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Rollout;

/// <summary>What a strategy or a guard looks at. What nobody looks at is not read.</summary>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record RolloutNeeds
{
    /// <summary>
    /// How many of the latest recorded requests to the live version the candidate answers before the first decision: 0 to 100,000.
    /// While fewer are recorded, the live version stays. Default: 0.
    /// </summary>
    public int Requests { get; init; }

    /// <summary>The attributes whose groups are counted in <see cref="ArmEvidence.Groups"/>. Default: none.</summary>
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>Whether labels are joined with the predictions. Default: no.</summary>
    public bool Labels { get; init; }

    /// <summary>
    /// The largest absolute error of a regression that counts, in units of the label: larger ones count as it in
    /// <see cref="ArmEvidence.MeanAbsoluteError"/>. Above 0, and finite. Default: <see langword="null"/>, ten times the mean absolute error
    /// on the holdout, of the version that has the larger one.
    /// </summary>
    public double? LargestError { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
