using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;

namespace MlOps.Sdk;

/// <summary>Comparisons of rows that stay in their warehouse.</summary>
public static class WarehouseMonitoringExtensions
{
    /// <summary>
    /// Compares a table with another for drift, both where they are: the verdicts of <see cref="TableComparison.OfAsync"/>, from counts
    /// that are exact and quantiles within the stated rank error. The tables may be in different warehouses. Rows are taken for
    /// independent, as a table has no order.
    /// </summary>
    /// <param name="table">The table to judge.</param>
    /// <param name="reference">The table to compare with.</param>
    /// <param name="material">From which effect a change is material (see <see cref="DriftCheck"/>). Default: 0.1.</param>
    /// <param name="significanceLevel">From which corrected p-value (Benjamini–Hochberg) a change is significant. Default: 0.05.</param>
    /// <param name="minimumRows">How many rows a side needs for a verdict on a distribution, at least 2. Default: 200.</param>
    /// <param name="cancellationToken">Cancels the statement that runs, and those that would follow.</param>
    /// <exception cref="MlOpsException">A table cannot be read, or rows changed meanwhile.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
    public static Task<TableComparison> CompareAsync(
        this WarehouseTable table,
        WarehouseTable reference,
        double material = 0.1,
        double significanceLevel = 0.05,
        int minimumRows = 200,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(reference);
        return WarehouseComparison.OfAsync(
            reference, table, ComparisonThresholds.Of(material, significanceLevel, minimumRows), cancellationToken);
    }

    /// <summary>Compares a table with the rows that a model was trained on, by the baseline of its package.</summary>
    /// <param name="table">The table to judge; it has the columns of the baseline.</param>
    /// <param name="baseline">The baseline.</param>
    /// <param name="material">From which effect a change is material (see <see cref="DriftCheck"/>). Default: 0.1.</param>
    /// <param name="significanceLevel">From which corrected p-value (Benjamini–Hochberg) a change is significant. Default: 0.05.</param>
    /// <param name="minimumRows">How many rows a side needs for a verdict on a distribution, at least 2. Default: 200.</param>
    /// <param name="cancellationToken">Cancels the statement that runs, and those that would follow.</param>
    /// <exception cref="MlOpsException">The table cannot be read or lacks a column, or rows changed meanwhile.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
    public static Task<TableComparison> CompareAsync(
        this WarehouseTable table,
        PackageBaseline baseline,
        double material = 0.1,
        double significanceLevel = 0.05,
        int minimumRows = 200,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(baseline);
        return WarehouseComparison.OfAsync(
            baseline, table, ComparisonThresholds.Of(material, significanceLevel, minimumRows), cancellationToken);
    }
}
