using System.Text.Json.Serialization;

namespace MlOps.Sdk.Metrics;

/// <summary>
/// How a binary classifier treats one group. Rates are NaN where they are 0/0. Where rows have weights, rates are shares of weights; counts
/// are of rows.
/// </summary>
/// <param name="Group">The group, as text in the data.</param>
/// <param name="Count">The number of rows.</param>
/// <param name="Positives">The rows whose label is positive.</param>
/// <param name="Selected">The rows that were decided positive.</param>
/// <param name="TruePositives">The rows that are positive and were decided so.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record GroupRates(string Group, long Count, long Positives, long Selected, long TruePositives)
{
    /// <summary>The sums of weights; <see langword="null"/> where all rows count alike.</summary>
    public GroupWeights? Weights { get; init; }

    /// <summary>The share of the rows that were decided positive.</summary>
    public double SelectionRate =>
        Weights is null ? (double)Selected / Count : Weights.Selected / (Weights.Positives + Weights.Negatives);

    /// <summary>The share of the positive rows that were found; NaN when there are none.</summary>
    public double TruePositiveRate =>
        Weights is null ? (double)TruePositives / Positives : Weights.TruePositives / Weights.Positives;

    /// <summary>The share of the negative rows that were decided positive; NaN when there are none.</summary>
    public double FalsePositiveRate =>
        Weights is null ? (double)(Selected - TruePositives) / (Count - Positives) : Weights.FalsePositives / Weights.Negatives;

    /// <summary>The share of the positive decisions that are right; NaN when there are none.</summary>
    public double Precision =>
        Weights is null ? (double)TruePositives / Selected : Weights.TruePositives / Weights.Selected;
}
