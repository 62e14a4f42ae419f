using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Monitoring;
using MlOps.Sdk.Packaging;
using MlOps.Sdk.Plugins;
using MlOps.Sdk.Problem;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tracking;

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

    /// <summary>
    /// When the tables were compared, in UTC; <see langword="null"/> when the comparison was read from JSON, which depends on the tables
    /// alone.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public DateTimeOffset? ComparedAt { get; init; }

    /// <summary>The run that collected the reference; <see langword="null"/> where the tables are not those of two runs.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public RunOrigin? ReferenceOrigin { get; init; }

    /// <summary>The run that collected the current table; <see langword="null"/> where the tables are not those of two runs.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public RunOrigin? CurrentOrigin { get; init; }

    /// <summary>Rows of the reference.</summary>
    public required long ReferenceRows { get; init; }

    /// <summary>Rows of the current table.</summary>
    public required long CurrentRows { get; init; }

    /// <summary>
    /// Columns that only one of the two has, or that have another type. Whole numbers and fractions are both numbers, and a column without
    /// a value has no type.
    /// </summary>
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
    /// Numbers are tested on quantile sketches, whose error is not evidence (see <see cref="SketchedSamples"/>); for tables in memory,
    /// <see cref="DriftCheck"/> tests them exactly.
    /// </summary>
    /// <param name="reference">The table to compare with; it must be repeatable.</param>
    /// <param name="current">The table to judge.</param>
    /// <param name="material">From which effect a change is material (see <see cref="DriftCheck"/>). Default: 0.1.</param>
    /// <param name="significanceLevel">From which corrected p-value (Benjamini–Hochberg) a change is significant. Default: 0.05.</param>
    /// <param name="minimumRows">How many rows a side needs for a verdict on a distribution, at least 2. Default: 200.</param>
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
        var thresholds = ComparisonThresholds.Of(material, significanceLevel, minimumRows);
        var before = await ResilientReader.OpenAsync(reference, ReadRequest.All, cancellationToken).ConfigureAwait(false);
        await using (before.ConfigureAwait(false))
        {
            if (!before.IsRepeatable)
            {
                throw new MlOpsException(
                    "The reference can be read only once, but a comparison reads it twice.",
                    "Collect it first, and compare with the snapshot.") { DataSource = reference.Name };
            }
            var after = await ResilientReader.OpenAsync(current, ReadRequest.All, cancellationToken).ConfigureAwait(false);
            await using (after.ConfigureAwait(false))
            {
                Field[] common = [.. before.Schema.Where(field => field.Type != ColumnType.Vector && after.Schema.Contains(field.Name))];
                var baseline = await BaselineAsync(before, common, after.Schema, cancellationToken).ConfigureAwait(false);
                var window = MonitoringWindow.OfInputs("comparison", baseline, thresholds.MinimumRows);
                var retyped = await AddAsync(window, after, cancellationToken).ConfigureAwait(false);
                window.Leave(retyped);
                SchemaChange[] changes = [.. Changes(before.Schema, after.Schema, retyped)];
                return await JudgeAsync(
                    (reference.Name, current.Name),
                    window,
                    changes,
                    retyped,
                    common.Select(field => field.Name),
                    thresholds,
                    cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Judges a window of columns, and what changed in their types.</summary>
    internal static async Task<TableComparison> JudgeAsync(
        (string Reference, string Current) names,
        MonitoringWindow window,
        SchemaChange[] changes,
        IReadOnlySet<string> retyped,
        IEnumerable<string> columns,
        ComparisonThresholds thresholds,
        CancellationToken cancellationToken)
    {
        var builder = new MonitoringBuilder()
            .Watch(new DistributionMonitor("data drift", Signal.DataDrift, thresholds.Material))
            .SignificanceLevel(thresholds.SignificanceLevel)
            .MinimumRows(thresholds.MinimumRows)
            .Watch(new RetypedColumns([.. changes.Where(change => retyped.Contains(change.Column))], thresholds.Material));
        var (findings, failures) = await new MonitoringPolicy(builder.Build(new BuildContext()), null).JudgeAsync(
            window, PluginServices.None, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        if (failures.Count > 0) throw new MlOpsException($"The comparison failed: {failures[0].Message}");
        var byColumn = findings.ToDictionary(finding => finding.Measurement.Subject);
        return new TableComparison
        {
            Reference = names.Reference,
            Current = names.Current,
            ComparedAt = TimeProvider.System.GetUtcNow(),
            ReferenceRows = window.ReferenceRows,
            CurrentRows = window.RowCount,
            SchemaChanges = changes,
            Findings = [.. columns.Select(column => byColumn[column])],
            Columns = [.. window.Inputs.Select(Show)],
        };
    }

    /// <summary>The comparison as a page: self-contained HTML whose size depends on the number of columns, not of rows.</summary>
    /// <param name="title">The page's title; by default the two tables, or the lifecycle of two runs. Both stand below it.</param>
    public string ToHtml(string? title = null) => ComparisonPage.Write(this, title);

    /// <summary>The comparison as JSON (UTF-8); numbers that are undefined are written as <c>"NaN"</c>.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, MonitoringJson.Default.TableComparison);

    /// <summary>What the reference looks like, its columns in the types in which they can be compared with the current table's.</summary>
    private static async Task<PackageBaseline> BaselineAsync(
        ResilientReader reader, Field[] columns, Schema current, CancellationToken cancellationToken)
    {
        var rows = 0L;
        ColumnType[] types = [.. columns.Select(field => ColumnPair.CommonType(field.Type, current[field.Name].Type))];
        ColumnProfile[] profiles = [.. types.Select(type => new ColumnProfile(type))];
        LevelChoice[] levels = [.. columns.Select(_ => new LevelChoice())];
        await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows += batch.RowCount;
            for (var i = 0; i < profiles.Length; i++)
            {
                var column = Typed(batch, columns[i].Name, types[i]);
                profiles[i].Add(column);
                if (column is TextColumn texts) levels[i].Add(texts);
            }
        }

        // A column without a value has no type: it takes that of the current table.
        for (var i = 0; i < types.Length; i++)
        {
            var now = current[columns[i].Name].Type;
            if (profiles[i].Missing < rows || now == types[i] || now == ColumnType.Vector) continue;
            (types[i], profiles[i]) = (now, new ColumnProfile(now));
        }

        ReferenceCounter[] counters =
        [
            .. profiles.Select((profile, i) => new ReferenceCounter(
                profile.Type == ColumnType.Text ? ReferenceBins.Empty(levels[i]) : ReferenceBins.Empty(profile), rows)),
        ];
        await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < counters.Length; i++)
            {
                var column = Typed(batch, columns[i].Name, types[i]);
                counters[i].Add(column);
                if (profiles[i].Count < rows) profiles[i].Add(column);
            }
        }

        return new PackageBaseline(
            rows, [.. columns.Select((field, i) => new ColumnBaseline(field.Name, profiles[i], counters[i].Build()))], []);
    }

    private static Column Typed(RecordBatch batch, string column, ColumnType type) => ColumnPair.As(batch[column], type)
        ?? throw new MlOpsException("The reference changed while it was read.", "Collect it first, and compare with the snapshot.")
        {
            Column = column,
        };

    /// <returns>The columns with values of another type.</returns>
    private static async Task<HashSet<string>> AddAsync(
        MonitoringWindow window, ResilientReader current, CancellationToken cancellationToken)
    {
        var retyped = new HashSet<string>(StringComparer.Ordinal);
        var columns = new Column[window.Inputs.Count];
        await foreach (var batch in current.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < columns.Length; i++)
            {
                var (name, type) = (window.Inputs[i].Name, window.Inputs[i].Current.Type);
                if (ColumnPair.As(batch[name], type) is not { } column)
                {
                    retyped.Add(name);
                    column = ColumnPair.Empty(type, batch.RowCount);
                }

                columns[i] = column;
            }

            window.Add(columns, batch.RowCount);
        }

        return retyped;
    }

    internal static IEnumerable<SchemaChange> Changes(Schema before, Schema after, HashSet<string> retyped)
    {
        foreach (var field in before)
        {
            var now = after.Contains(field.Name) ? after[field.Name] : null;
            if (now is null || retyped.Contains(field.Name) || (field.Type == ColumnType.Vector && now != field))
            {
                yield return new SchemaChange(field.Name, field, now);
            }
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

    /// <summary>The tables, and every change of the schema and finding in a line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Current} ({Prose.Count(CurrentRows, "row")}) against {Reference} ({Prose.Count(ReferenceRows, "row")})") +
        string.Concat(SchemaChanges.Select(change => $"{Environment.NewLine}  {change}")) +
        string.Concat(Findings.Select(finding => $"{Environment.NewLine}  {finding}"));
}
