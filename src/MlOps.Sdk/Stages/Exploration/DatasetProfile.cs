using System.Globalization;
using System.Text.Json.Serialization;
using MlOps.Sdk.Data;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk.Exploration;

/// <summary>A table in numbers: each column's summary, and what is noteworthy. Immutable.</summary>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Columns">The summaries, in the order of the columns.</param>
/// <param name="Findings">What is noteworthy, in the order of the columns.</param>
public sealed record DatasetProfile(long RowCount, IReadOnlyList<ColumnSummary> Columns, IReadOnlyList<Finding> Findings)
{
    /// <summary>From this share of missing values a column is noteworthy.</summary>
    public const double NoteworthyMissingShare = 0.2;

    /// <summary>The mergeable profile of each column by its name; empty when the profile was read from JSON.</summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, ColumnProfile> ColumnProfiles { get; init; } = new Dictionary<string, ColumnProfile>();

    /// <summary>Profiles a table.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="ct">Cancels the profiling.</param>
    public static DatasetProfile Of(Dataset rows, CancellationToken ct = default)
    {
        var profiles = new Dictionary<string, ColumnProfile>(StringComparer.Ordinal);
        var summaries = new List<ColumnSummary>();
        var findings = new List<Finding>();
        foreach (var field in rows.Schema)
        {
            ct.ThrowIfCancellationRequested();
            var profile = ColumnProfile.Of(rows[field.Name]);
            var summary = ColumnSummary.Of(field.Name, profile);
            profiles.Add(field.Name, profile);
            summaries.Add(summary);
            findings.AddRange(FindingsOf(summary));
        }

        return new DatasetProfile(rows.RowCount, summaries, findings) { ColumnProfiles = profiles };
    }

    /// <summary>The size of the table and the findings, a line each.</summary>
    public override string ToString() => string.Join('\n', [FormattableString.Invariant($"{RowCount} rows, {Columns.Count} columns, {Findings.Count} findings"), .. Findings.Select(finding => $"- {finding.Sentence}")]);

    /// <summary>Whether nearly every row has a value of its own, in a type that identifiers have.</summary>
    internal static bool IsIdentifier(ColumnSummary column)
    {
        var values = column.Count - column.Missing;

        // The count of distinct values is an estimate with a standard error of 1.6 %.
        return column.Type is ColumnType.Text or ColumnType.Integer && values >= 50 && column.Distinct >= 0.95 * values
            && (column.Type == ColumnType.Text || column.Maximum - column.Minimum >= values - 1);
    }

    private static IEnumerable<Finding> FindingsOf(ColumnSummary column)
    {
        var values = column.Count - column.Missing;
        if (column.Count > 0 && values == 0)
        {
            yield return new Finding(column.Name, FindingKind.Empty, $"{column.Name} has no value in any row.");
            yield break;
        }

        var share = (double)column.Missing / column.Count;
        if (share >= NoteworthyMissingShare)
            yield return new Finding(column.Name, FindingKind.ManyMissing, string.Create(CultureInfo.InvariantCulture, $"{column.Name} has no value in {100 * share:F1} % of the rows."));
        if (values > 1 && column.Distinct == 1) yield return new Finding(column.Name, FindingKind.Constant, $"{column.Name} has the same value in every row.");
        if (column.Infinite > 0) yield return new Finding(column.Name, FindingKind.Infinite, $"{column.Name} is infinite in {column.Infinite} rows.");
        if (column.Type is ColumnType.Number or ColumnType.Integer && Math.Abs(column.Skewness) > 3)
            yield return new Finding(column.Name, FindingKind.Skewed, string.Create(CultureInfo.InvariantCulture, $"{column.Name} is skewed ({column.Skewness:F1}); a logarithm may help linear models."));
        if (IsIdentifier(column)) yield return new Finding(column.Name, FindingKind.Identifier, $"{column.Name} has a value of its own in nearly every row, as an identifier has.");
    }
}
