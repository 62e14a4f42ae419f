namespace MlOps.Sdk.Monitoring;

/// <summary>From what on a comparison of two tables finds a change. Immutable.</summary>
/// <param name="Material">From which effect a change is material.</param>
/// <param name="SignificanceLevel">From which corrected p-value a change is significant.</param>
/// <param name="MinimumRows">How many rows a side needs for a verdict on a distribution.</param>
internal sealed record ComparisonThresholds(double Material, double SignificanceLevel, int MinimumRows)
{
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
    public static ComparisonThresholds Of(double material, double significanceLevel, int minimumRows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumRows, 2);
        MonitoringBuilder.RequireLevel(significanceLevel);
        return new ComparisonThresholds(MonitoringExtensions.Positive(material), significanceLevel, minimumRows);
    }
}
