namespace MlOps.Sdk.Metrics;

/// <summary>How a binary classifier treats one group. Rates are NaN where they are 0/0.</summary>
/// <param name="Group">The group, as text in the data.</param>
/// <param name="Count">The number of rows.</param>
/// <param name="Positives">The rows whose label is positive.</param>
/// <param name="Selected">The rows that were decided positive.</param>
/// <param name="TruePositives">The rows that are positive and were decided so.</param>
public sealed record GroupRates(string Group, long Count, long Positives, long Selected, long TruePositives)
{
    /// <summary>The share of the rows that were decided positive.</summary>
    public double SelectionRate => (double)Selected / Count;

    /// <summary>The share of the positive rows that were found; NaN when there are none.</summary>
    public double TruePositiveRate => (double)TruePositives / Positives;

    /// <summary>The share of the negative rows that were decided positive; NaN when there are none.</summary>
    public double FalsePositiveRate => (double)(Selected - TruePositives) / (Count - Positives);

    /// <summary>The share of the positive decisions that are right; NaN when there are none.</summary>
    public double Precision => (double)TruePositives / Selected;
}
