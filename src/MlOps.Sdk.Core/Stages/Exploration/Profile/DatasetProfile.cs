using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Collection;
using MlOps.Sdk.Data;
using MlOps.Sdk.Processing;
using MlOps.Sdk.Reporting;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Exploration;

/// <summary>A table in numbers: each column's summary, and what is noteworthy. Immutable.</summary>
/// <param name="RowCount">The number of rows.</param>
/// <param name="Columns">The summaries, in the order of the columns.</param>
/// <param name="Findings">What is noteworthy, in the order of the columns.</param>
public sealed record DatasetProfile(long RowCount, IReadOnlyList<ColumnSummary> Columns, IReadOnlyList<Finding> Findings)
{
    /// <summary>From this share of missing values a column is noteworthy.</summary>
    public const double NoteworthyMissingShare = 0.2;

    /// <summary>
    /// The mergeable profile of each column by its name; empty when the profile was read from JSON or made in a warehouse.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyDictionary<string, ColumnProfile> ColumnProfiles { get; init; } = new Dictionary<string, ColumnProfile>();

    /// <summary>The name of the source; <see langword="null"/> for a table in memory and for merged profiles.</summary>
    public string? Source { get; init; }

    /// <summary>
    /// When the source was read, in UTC; <see langword="null"/> for a table in memory, for merged profiles, and when the profile was read
    /// from JSON, which depends on the rows alone.
    /// </summary>
    [JsonIgnore]
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>
    /// The lifecycle, the run, its sources and its label; <see langword="null"/> where the profile does not come from a
    /// <see cref="LifecycleRun"/>, for merged profiles, and when it was read from JSON.
    /// </summary>
    [JsonIgnore]
    public RunOrigin? Origin { get; init; }

    /// <summary>Profiles a table.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels the profiling.</param>
    public static DatasetProfile Of(Dataset rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Of([.. rows.Schema.Select((field, i) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            var unique = new UniqueValues(field.Type, rows.Schema.Count);
            unique.Add(rows.Columns[i]);
            return new ProfiledColumn(field.Name, ColumnProfile.Of(rows.Columns[i]), unique.IsUnique, rows.Columns[i].NullCount);
        })], PersonalData.Detect(rows).Select(Finding));
    }

    /// <summary>Profiles a source in one pass, in memory that does not grow with its rows.</summary>
    /// <param name="source">The source.</param>
    /// <param name="cancellationToken">Cancels the profiling.</param>
    /// <exception cref="MlOpsException">The source cannot be reached or is malformed.</exception>
    public static async Task<DatasetProfile> OfAsync(IDataSource source, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        var reader = await ResilientReader.OpenAsync(source, ReadRequest.All, cancellationToken).ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            ColumnProfile[] profiles = [.. reader.Schema.Select(field => new ColumnProfile(field.Type))];
            UniqueValues[] unique = [.. reader.Schema.Select(field => new UniqueValues(field.Type, reader.Schema.Count))];
            var nulls = new long[profiles.Length];
            PersonalDetector[] detectors = [.. reader.Schema.Select(field => new PersonalDetector(field))];
            await foreach (var batch in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                for (var i = 0; i < profiles.Length; i++)
                {
                    profiles[i].Add(batch.Columns[i]);
                    unique[i].Add(batch.Columns[i]);
                    nulls[i] += batch.Columns[i].NullCount;
                    for (var row = 0; row < batch.RowCount && !detectors[i].IsFull; row++) detectors[i].Add(batch.Columns[i], row);
                }
            }

            return Of(
                [.. reader.Schema.Select((field, i) => new ProfiledColumn(field.Name, profiles[i], unique[i].IsUnique, nulls[i]))],
                detectors.SelectMany(detector => detector.Findings()).Select(Finding)) with
            {
                Source = source.Name,
                ReadAt = TimeProvider.System.GetUtcNow(),
            };
        }
    }

    /// <summary>The profile of all rows of both tables: counts and moments exactly, sketches within their error.</summary>
    /// <param name="other">The profile of other rows with the same columns.</param>
    /// <exception cref="MlOpsException">
    /// The columns differ, or a profile was read from JSON or made in a warehouse, and has no sketches.
    /// </exception>
    public DatasetProfile Merge(DatasetProfile other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (!Columns.Select(column => (column.Name, column.Type)).SequenceEqual(other.Columns.Select(column => (column.Name, column.Type))))
        {
            throw new MlOpsException(
                "The two profiles have different columns.",
                "Merge profiles of rows with the same columns, in the same order.");
        }
        if (ColumnProfiles.Count < Columns.Count || other.ColumnProfiles.Count < Columns.Count)
        {
            throw new MlOpsException(
                "A profile that was read from JSON or made in a warehouse has no sketches, so it cannot be merged.",
                "Profile the rows again; rows of a warehouse in one query.");
        }
        return Of([.. Columns.Zip(other.Columns).Select(pair =>
        {
            var column = pair.First;
            var merged = new ColumnProfile(column.Type);
            merged.Merge(ColumnProfiles[column.Name]);
            merged.Merge(other.ColumnProfiles[column.Name]);

            // A value may be once in each part.
            return new ProfiledColumn(
                column.Name,
                merged,
                column.IsUnique == false || pair.Second.IsUnique == false ? false : null,
                merged.Missing - column.NotANumber - pair.Second.NotANumber);
        })], Findings.Concat(other.Findings).Where(finding => finding.Kind == FindingKind.Personal).DistinctBy(finding => finding.Column));
    }

    /// <summary>
    /// Expectations that these rows suggest for later ones; the rows themselves meet all of them. A column has a value when none was
    /// missing. Numbers lie in the range that was seen, widened by a tenth of it at both ends (of the value, when there was only one) but
    /// not across zero, and rounded outwards to three digits of the range; integers by whole numbers, so flags stay between 0 and 1;
    /// nothing is said of the range where a value is infinite. Texts are one of those that were seen, when there were at most 10 and each
    /// was seen 5 times; otherwise their length is at most twice the longest, or what it always was. Identifiers without a missing value
    /// are unique when it is known that no value occurred twice (<see cref="ColumnSummary.IsUnique"/>). Nothing is said of times, which go
    /// on, nor of columns with fewer than 20 values, except whether values are missing.
    /// </summary>
    /// <exception cref="MlOpsException">The profile is of fewer than 20 rows.</exception>
    public SuggestedExpectations Suggest() => ExpectationSuggestions.Of(this);

    /// <summary>The profile as a page: self-contained HTML whose size depends on the number of columns, not of rows.</summary>
    /// <param name="title">The page's title; by default the source.</param>
    public string ToHtml(string? title = null) => ProfilePage.Write(this, title);

    /// <summary>The profile as JSON (UTF-8), without its sketches; numbers that are undefined are written as <c>"NaN"</c>.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ExplorationJson.Default.DatasetProfile);

    /// <summary>Reads what <see cref="ToJson"/> wrote. The profile has no sketches, so it cannot be merged.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <exception cref="MlOpsException">
    /// The bytes are not such a profile, or hold what no profile has, such as a negative count or edges that do not
    /// ascend; the message names the member.
    /// </exception>
    public static DatasetProfile FromJson(ReadOnlySpan<byte> utf8)
    {
        const string remedy = "Profile the rows again.";
        try
        {
            var profile = JsonSerializer.Deserialize(utf8, ExplorationJson.Default.DatasetProfile)
                ?? throw new MlOpsException("The profile is empty.", remedy);
            new ReportValidator("The profile", remedy).Require(profile);
            return profile;
        }
        catch (JsonException e)
        {
            throw new MlOpsException("The profile is damaged.", remedy, e);
        }
    }

    /// <summary>The size of the table and the findings, a line each.</summary>
    public override string ToString() => string.Join('\n', [
        $"{Prose.Count(RowCount, "row")}, {Prose.Count(Columns.Count, "column")}, {Prose.Count(Findings.Count, "finding")}",
        .. Findings.Select(finding => $"- {finding.Sentence}")
    ]);

    /// <summary>Whether nearly every row has a different value, in a type that identifiers have.</summary>
    internal static bool IsIdentifier(ColumnSummary column)
    {
        var values = column.Count - column.Missing;

        // The count of distinct values is an estimate with a standard error of 1.6 %.
        return column.Type is ColumnType.Text or ColumnType.Integer && values >= 50 && column.Distinct >= 0.95 * values
            && (column.Type == ColumnType.Text || column.Maximum - column.Minimum >= values - 1);
    }

    private static Finding Finding(PersonalFinding personal) => new(personal.Column, FindingKind.Personal, personal.Sentence);

    /// <summary>The profile of summaries that were made elsewhere; it has no sketches.</summary>
    internal static DatasetProfile Of(IReadOnlyList<ColumnSummary> summaries, IEnumerable<PersonalFinding> personal)
    {
        var findings = personal.Select(Finding).ToLookup(finding => finding.Column, StringComparer.Ordinal);
        return new DatasetProfile(
            summaries.Count == 0 ? 0 : summaries[0].Count,
            summaries,
            [.. summaries.SelectMany(column => FindingsOf(column).Concat(findings[column.Name]))]);
    }

    private static DatasetProfile Of(IReadOnlyList<ProfiledColumn> columns, IEnumerable<Finding> personal)
    {
        var findings = personal.ToLookup(finding => finding.Column, StringComparer.Ordinal);
        ColumnSummary[] summaries = [.. columns.Select(column => ColumnSummary.Of(column.Name, column.Profile) with
        {
            IsUnique = column.IsUnique,
            NotANumber = column.Profile.Missing - column.Nulls
        })];
        return new DatasetProfile(
            columns.Count == 0 ? 0 : columns[0].Profile.Count,
            summaries,
            [.. summaries.SelectMany(column => FindingsOf(column).Concat(findings[column.Name]))])
        {
            ColumnProfiles = columns.ToDictionary(column => column.Name, column => column.Profile, StringComparer.Ordinal),
        };
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
        {
            yield return new Finding(
                column.Name,
                FindingKind.ManyMissing,
                string.Create(Prose.Culture, $"{column.Name} has no value in {100 * share:F1} % of the rows."));
        }
        if (values > 1 && column.Distinct == 1)
        {
            yield return new Finding(column.Name, FindingKind.Constant, $"{column.Name} has the same value in every row.");
        }
        if (column.NotANumber > 0)
        {
            yield return new Finding(
                column.Name,
                FindingKind.NotANumber,
                string.Create(Prose.Culture, $"{column.Name} is NaN in {Prose.Count(column.NotANumber, "row")}, counted as missing."));
        }
        if (column.Infinite > 0)
        {
            yield return new Finding(column.Name, FindingKind.Infinite, string.Create(
                Prose.Culture, $"{column.Name} is infinite in {Prose.Count(column.Infinite, "row")}."));
        }

        // Of two values, the rarer one is all that skewness tells.
        if (column.Type is ColumnType.Number or ColumnType.Integer && Math.Abs(column.Skewness) > 3 && column.Distinct > 2)
        {
            yield return new Finding(column.Name, FindingKind.Skewed, string.Create(
                Prose.Culture,
                $"{column.Name} is skewed ({column.Skewness:F1})" +
                    $"{(column.Skewness > 0 && column.Minimum >= 0 ? "; a logarithm may help linear models" : "")}."));
        }
        if (IsIdentifier(column))
        {
            yield return new Finding(
                column.Name, FindingKind.Identifier, $"{column.Name} has a different value in nearly every row, like an identifier.");
        }
    }
}
