using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>What was scored, by what, and where to. The audit log has the same.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Version">The version that scored all rows.</param>
/// <param name="ContentHash">The SHA-256 of the package, in hexadecimal.</param>
/// <param name="Source">The name of the source.</param>
/// <param name="SourceVersion">What identifies the source's content; <see langword="null"/> where it cannot tell.</param>
/// <param name="Sink">The name of the sink.</param>
/// <param name="Rows">The rows that were scored and written.</param>
/// <param name="RecordedRows">
/// The rows that were handed to monitoring; all of them when they are recorded, except for those with a text of more than 16 MB.
/// </param>
/// <param name="MalformedRows">The rows that the source could not read as they stand; 0 unless <see cref="ScoringOptions.Malformed"/> lets
/// them pass.</param>
/// <param name="At">When the scoring began.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="AuditSequence">The place of its entry in the audit log.</param>
public sealed record ScoringReport(
    string Model,
    int Version,
    string ContentHash,
    string Source,
    string? SourceVersion,
    string Sink,
    long Rows,
    long RecordedRows,
    long MalformedRows,
    DateTimeOffset At,
    TimeSpan Duration,
    long AuditSequence)
{
    /// <summary>
    /// The rows that the input contract rejected: they were not scored. 0 unless <see cref="ScoringOptions.SkipRejected"/> is set.
    /// </summary>
    public long RejectedRows { get; init; }

    /// <summary>Why rows were rejected, in the order of the rows: the first 10,000 problems. Rows count from 0.</summary>
    public IReadOnlyList<InputProblem> Rejected { get; init; } = [];

    /// <summary>The rows that were scored although the input contract flagged a value.</summary>
    public long FlaggedRows { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);
}
