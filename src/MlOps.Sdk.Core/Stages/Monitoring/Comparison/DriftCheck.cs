using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk;

/// <summary>Compares two tables for drift, without a model or a lifecycle. Thread-safe.</summary>
public static class DriftCheck
{
    /// <summary>
    /// Compares every column of the reference with the current rows. Numbers: significance by the exact Kolmogorov–Smirnov test and by χ²
    /// of missing values, effect by PSI on the reference's deciles. Text and booleans: significance by χ², effect by PSI on the levels. A
    /// column has changed when both its corrected p-value (Benjamini–Hochberg) and its effect say so.
    /// </summary>
    /// <param name="reference">The rows to compare with.</param>
    /// <param name="current">The rows to judge; they have the reference's columns.</param>
    /// <param name="material">From which PSI a change is material. Default: 0.1.</param>
    /// <param name="significanceLevel">From which corrected p-value a change is significant. Default: 0.05.</param>
    /// <param name="minimumRows">How many rows a side needs for a verdict. Default: 200.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <returns>A finding per column, in the order of the reference; vectors are left out.</returns>
    /// <exception cref="MlOpsException">A column is missing or has another type.</exception>
    public static async Task<IReadOnlyList<MonitoringFinding>> CompareAsync(
        Dataset reference,
        Dataset current,
        double material = 0.1,
        double significanceLevel = 0.05,
        int minimumRows = 200,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var monitor = new DistributionMonitor(
            "data drift",
            Signal.DataDrift,
            MonitoringExtensions.Positive(material),
            column => KolmogorovSmirnov(reference[column], current[column]));
        var builder = new MonitoringBuilder().Watch(monitor).SignificanceLevel(significanceLevel).MinimumRows(minimumRows);
        var columns = new Schema(reference.Schema.Where(field => field.Type != ColumnType.Vector));
        string[] missing = [.. columns.Select(field => field.Name).Where(column => !current.Schema.Contains(column))];
        if (missing.Length > 0)
        {
            throw new MlOpsException(
                $"The current table lacks {string.Join(", ", missing.Select(column => $"'{column}'"))}, which the reference has.",
                NearestName.MissingColumn(missing[0], "The comparison", current.Schema).Remedy) { Column = missing[0] };
        }

        foreach (var field in columns)
        {
            if (current.Schema[field.Name].Type != field.Type)
            {
                throw new MlOpsException(
                    $"The column '{field.Name}' is {field.Type} in the reference and {current.Schema[field.Name].Type} now.",
                    "Read both with one schema.") { Column = field.Name };
            }
        }

        var baseline = new PackageBaseline(
            reference.RowCount, [.. columns.Select(field => ColumnBaseline.Of(field.Name, reference[field.Name]))], []);
        var window = MonitoringWindow.OfInputs("comparison", baseline, minimumRows);
        foreach (var batch in current.ToBatches()) window.Add(batch);
        var (findings, failures) = await new MonitoringPolicy(builder.Build([]), null).JudgeAsync(
            window, PluginServices.None, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        return failures.Count == 0 ? findings : throw new MlOpsException($"The tables could not be compared: {failures[0].Message}");
    }

    private static TestResult? KolmogorovSmirnov(Column reference, Column current)
    {
        var (a, b) = (Values(reference), Values(current));
        return a.Length == 0 || b.Length == 0 ? null : TwoSample.KolmogorovSmirnov(a, b);
    }

    private static double[] Values(Column column) =>
        [.. Enumerable.Range(0, column.Length).Where(row => !column.IsNull(row)).Select(column.GetNumber).Where(double.IsFinite)];
}
