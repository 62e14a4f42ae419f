using System.Text.Json;
using System.Text.Json.Serialization;
using MlOps.Sdk.Statistics;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk.Exploration;

/// <summary>What exploring the training rows gave. Immutable; can be written as JSON and read again.</summary>
/// <param name="Label">The column with the truth.</param>
/// <param name="Profile">The rows in numbers.</param>
/// <param name="Associations">How much each column tells about the label, the strongest first.</param>
/// <param name="LeakageSuspects">Columns that may leak the label.</param>
/// <param name="Hypotheses">The results of the hypotheses, in the order they were written.</param>
/// <param name="Correction">
/// How p-values were corrected for the number of hypotheses, and apart from them for the number of columns.
/// </param>
/// <param name="Alpha">The level that adjusted p-values of hypotheses were held to.</param>
[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
public sealed record ExplorationReport(
    string Label,
    DatasetProfile Profile,
    IReadOnlyList<LabelAssociation> Associations,
    IReadOnlyList<LeakageSuspect> LeakageSuspects,
    IReadOnlyList<HypothesisResult> Hypotheses,
    Correction Correction,
    double Alpha)
{
    /// <summary>What a second pass over a sample of the rows gave; <see langword="null"/> in reports of versions that made none.</summary>
    public SampleAnalysis? Sample { get; init; }

    /// <summary>
    /// The column with the moment of the prediction, with which all other times were compared; <see langword="null"/> when none was named.
    /// </summary>
    public string? PredictedAt { get; init; }

    /// <summary>
    /// The lifecycle, the run and the sources; <see langword="null"/> where the report does not come from a <see cref="LifecycleRun"/>.
    /// </summary>
    public RunOrigin? Origin { get; init; }

    /// <summary>The report as a page: self-contained HTML whose size depends on the number of columns, not of rows.</summary>
    /// <param name="title">The page's title; by default the lifecycle. The run, its date and its sources stand below it.</param>
    public string ToHtml(string? title = null) => ExplorationPage.Write(this, title);

    /// <summary>The report as JSON (UTF-8); numbers that are undefined are written as <c>"NaN"</c>.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ExplorationJson.Default.ExplorationReport);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <exception cref="MlOpsException">
    /// The bytes are not such a report, or hold what no report has, such as a negative count or a share above
    /// 1; the message names the member.
    /// </exception>
    public static ExplorationReport FromJson(ReadOnlySpan<byte> utf8)
    {
        const string remedy = "Run the exploration again.";
        try
        {
            var report = JsonSerializer.Deserialize(utf8, ExplorationJson.Default.ExplorationReport)
                ?? throw new MlOpsException("The exploration report is empty.", remedy);
            new ReportValidator("The exploration report", remedy).Require(report);
            return report;
        }
        catch (JsonException e)
        {
            throw new MlOpsException("The exploration report is damaged.", remedy, e);
        }
    }

    /// <summary>The profile, and every hypothesis and suspect of leakage in a line.</summary>
    public override string ToString() => Profile +
        string.Concat(LeakageSuspects.Select(suspect => $"{Environment.NewLine}{suspect}")) +
        string.Concat(Hypotheses.Select(hypothesis => $"{Environment.NewLine}{hypothesis}"));
}
