using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk;

/// <summary>Compares two tables for drift, without a model or a lifecycle. Thread-safe.</summary>
public static class DriftCheck
{
    /// <summary>
    /// Compares every column of the reference with the current rows. Numbers: whether they moved (Wilcoxon), spread (Mood) or changed their
    /// shape (exact Kolmogorov–Smirnov). Texts and booleans: whether the share of a level (Fisher) or the table of levels (χ²) changed, and
    /// whether levels are new. All: whether more or fewer values are missing or infinite (Fisher). A column has changed when its p-value,
    /// corrected for all that was asked (Bonferroni within the column, Benjamini–Hochberg over columns), and the lower bound of its effect
    /// say so; or when it changed its type. Where the rows of the reference depend on each other in their order, tests allow for it.
    /// </summary>
    /// <param name="reference">The rows to compare with.</param>
    /// <param name="current">The rows to judge; they have the reference's columns.</param>
    /// <param name="material">
    /// From which effect a change is material, in standard deviations of numbers and Cohen's h of shares (0.1 is five points near one half,
    /// 0.25 points near zero). Default: 0.1.
    /// </param>
    /// <param name="significanceLevel">From which corrected p-value a change is significant. Default: 0.05.</param>
    /// <param name="minimumRows">
    /// How many rows a side needs for a verdict on a distribution, at least 2; missing, infinite and new values are judged from any number.
    /// Default: 200.
    /// </param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <returns>A finding per column, in the order of the reference; vectors are left out.</returns>
    /// <exception cref="MlOpsException">A column is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A threshold is out of its range.</exception>
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
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumRows, 2);
        MonitoringBuilder.RequireLevel(significanceLevel);
        var columns = new Schema(reference.Schema.Where(field => field.Type != ColumnType.Vector));
        string[] missing = [.. columns.Select(field => field.Name).Where(column => !current.Schema.Contains(column))];
        if (missing.Length > 0)
        {
            throw new MlOpsException(
                $"The current table lacks {string.Join(", ", missing.Select(column => $"'{column}'"))}, which the reference has.",
                NearestName.MissingColumn(missing[0], "The comparison", current.Schema).Remedy) { Column = missing[0] };
        }

        var pairs = columns.Select(field => ColumnPair.Of(field.Name, reference[field.Name], current[field.Name])).ToArray();
        var compared = pairs.Where(pair => pair.IsComparable).ToDictionary(pair => pair.Name);
        var monitor = new DistributionMonitor(
            "data drift",
            Signal.DataDrift,
            MonitoringExtensions.Positive(material),
            column => KolmogorovSmirnov(compared[column].Reference, compared[column].Current));
        var retyped = new RetypedColumns(
            [
                .. pairs.Where(pair => !pair.IsComparable)
                    .Select(pair => new SchemaChange(pair.Name, columns[pair.Name], current.Schema[pair.Name])),
            ],
            material);
        var plan = new MonitoringBuilder()
            .Watch(monitor).Watch(retyped).SignificanceLevel(significanceLevel).MinimumRows(minimumRows).Build(new BuildContext());
        var baseline = new PackageBaseline(
            reference.RowCount, [.. compared.Values.Select(pair => ColumnBaseline.Of(pair.Name, pair.Reference))], []);
        var window = MonitoringWindow.OfInputs("comparison", baseline, minimumRows);
        window.Add([.. compared.Values.Select(pair => pair.Current)], current.RowCount);
        var (findings, failures) = await new MonitoringPolicy(plan, null).JudgeAsync(
            window, PluginServices.None, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        if (failures.Count > 0) throw new MlOpsException($"The tables could not be compared: {failures[0].Message}");
        var byColumn = findings.ToDictionary(finding => finding.Measurement.Subject);
        return [.. columns.Select(field => byColumn[field.Name])];
    }

    private static TestResult? KolmogorovSmirnov(Column reference, Column current)
    {
        var (a, b) = (Values(reference), Values(current));
        return a.Length == 0 || b.Length == 0 ? null : TwoSample.KolmogorovSmirnov(a, b);
    }

    private static double[] Values(Column column) =>
        [.. Enumerable.Range(0, column.Length).Where(row => !column.IsNull(row)).Select(column.GetNumber).Where(double.IsFinite)];
}
