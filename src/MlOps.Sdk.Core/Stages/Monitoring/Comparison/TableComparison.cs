using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Statistics;

namespace MlOps.Sdk;

/// <summary>
/// Two tables side by side: what changed in their columns, their number of rows, and how far each column drifted. Immutable.
/// </summary>
public sealed record TableComparison
{
    /// <summary>The name of the reference.</summary>
    public required string Reference { get; init; }

    /// <summary>The name of the current table.</summary>
    public required string Current { get; init; }

    /// <summary>Rows of the reference.</summary>
    public required long ReferenceRows { get; init; }

    /// <summary>Rows of the current table.</summary>
    public required long CurrentRows { get; init; }

    /// <summary>Columns that only one of the two has, or that have another type.</summary>
    public required IReadOnlyList<SchemaChange> SchemaChanges { get; init; }

    /// <summary>What was measured of each column that both have, and what it means. Vectors are left out.</summary>
    public required IReadOnlyList<MonitoringFinding> Findings { get; init; }

    /// <summary>The columns that both have, in the bins of the reference.</summary>
    public required IReadOnlyList<ComparedColumn> Columns { get; init; }

    /// <summary>Whether a column came, went, changed its type, or drifted.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool HasChanged => SchemaChanges.Count > 0 || Findings.Any(finding => finding.Verdict == MonitoringVerdict.Changed);

    /// <summary>
    /// Compares two tables of any size: the reference is read twice, the current one once, in memory that does not grow with their rows.
    /// Numbers are tested on quantile sketches, whose error is no evidence (see <see cref="SketchedSamples"/>); for tables in memory,
    /// <see cref="DriftCheck"/> tests them exactly.
    /// </summary>
    /// <param name="reference">The table to compare with; it must be repeatable.</param>
    /// <param name="current">The table to judge.</param>
    /// <param name="material">From which PSI a change is material. Default: 0.1.</param>
    /// <param name="significanceLevel">From which corrected p-value (Benjamini–Hochberg) a change is significant. Default: 0.05.</param>
    /// <param name="minimumRows">How many rows a side needs for a verdict. Default: 200.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <exception cref="MlOpsException">A table cannot be read.</exception>
    public static async Task<TableComparison> OfAsync(
        IDataSource reference,
        IDataSource current,
        double material = 0.1,
        double significanceLevel = 0.05,
        int minimumRows = 200,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(current);
        var monitor = new DistributionMonitor("data drift", Signal.DataDrift, MonitoringExtensions.Positive(material));
        var plan = new MonitoringBuilder().Watch(monitor).SignificanceLevel(significanceLevel).MinimumRows(minimumRows).Build([]);
        var before = await ResilientReader.OpenAsync(reference, ReadRequest.All, cancellationToken).ConfigureAwait(false);
        await using (before.ConfigureAwait(false))
        {
            if (!before.IsRepeatable)
            {
                throw new MlOpsException(
                    "The reference can be read once, and a comparison reads it twice.",
                    "Collect it first, and compare with the snapshot.") { DataSource = reference.Name };
            }
            var after = await ResilientReader.OpenAsync(current, ReadRequest.All, cancellationToken).ConfigureAwait(false);
            await using (after.ConfigureAwait(false))
            {
                Field[] common = [.. before.Schema.Where(
                    field => field.Type != ColumnType.Vector && after.Schema.Contains(field.Name) && after.Schema[field.Name] == field)];
                var baseline = await BaselineAsync(before, common, cancellationToken).ConfigureAwait(false);
                var window = MonitoringWindow.OfInputs("comparison", baseline, minimumRows);
                await foreach (var batch in after.ReadAsync(cancellationToken).ConfigureAwait(false)) window.Add(batch);
                var (findings, failures) = await new MonitoringPolicy(plan, null).JudgeAsync(
                    window, PluginServices.None, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
                return new TableComparison
                {
                    Reference = reference.Name,
                    Current = current.Name,
                    ReferenceRows = baseline.RowCount,
                    CurrentRows = window.RowCount,
                    SchemaChanges = [.. Changes(before.Schema, after.Schema)],
                    Findings = failures.Count == 0 ? findings : throw new MlOpsException($"The comparison failed: {failures[0].Message}"),
                    Columns = [.. window.Inputs.Select(Show)],
                };
            }
        }
    }

    /// <summary>The comparison as a page: self-contained HTML whose size depends on the number of columns, not of rows.</summary>
    /// <param name="title">The page's title.</param>
    public string ToHtml(string title = "Comparison") => ComparisonPage.Write(this, title);

    /// <summary>The comparison as JSON (UTF-8); numbers that are undefined are written as <c>"NaN"</c>.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, MonitoringJson.Default.TableComparison);

    private static async Task<PackageBaseline> BaselineAsync(ResilientReader reader, Field[] columns, CancellationToken cancellationToken)
    {
        var rows = 0L;
        ColumnProfile[] profiles = [.. columns.Select(field => new ColumnProfile(field.Type))];
        await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows += batch.RowCount;
            for (var i = 0; i < profiles.Length; i++) profiles[i].Add(batch[columns[i].Name]);
        }

        var bins = Array.ConvertAll(profiles, ReferenceBins.Empty);
        var counts = Array.ConvertAll(bins, empty => new long[empty.BinCount]);
        await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < bins.Length; i++)
            {
                var ofBatch = bins[i].Count(batch[columns[i].Name]);
                for (var bin = 0; bin < ofBatch.Length; bin++) counts[i][bin] += ofBatch[bin];
            }
        }

        return new PackageBaseline(
            rows, [.. columns.Select((field, i) => new ColumnBaseline(field.Name, profiles[i], bins[i].WithCounts(counts[i])))], []);
    }

    private static IEnumerable<SchemaChange> Changes(Schema before, Schema after)
    {
        foreach (var field in before)
        {
            var now = after.Contains(field.Name) ? after[field.Name] : null;
            if (now != field) yield return new SchemaChange(field.Name, field, now);
        }

        foreach (var field in after)
        {
            if (!before.Contains(field.Name)) yield return new SchemaChange(field.Name, null, field);
        }
    }

    private static ComparedColumn Show(ColumnWindow column)
    {
        var bins = column.Reference.Bins;
        return new ComparedColumn(
            column.Name,
            bins.HasLevels,
            [.. Enumerable.Range(0, bins.BinCount).Select(bins.Describe)],
            bins.Counts.ToArray(),
            column.Counts);
    }
}
