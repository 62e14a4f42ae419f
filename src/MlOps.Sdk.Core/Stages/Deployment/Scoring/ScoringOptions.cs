using MlOps.Sdk.Collection;
using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Deployment;

/// <summary>How a table is scored.</summary>
public sealed record ScoringOptions
{
    /// <summary>
    /// The columns of the source to write beside the scores, in this order; <see langword="null"/> for all, none for an empty list.
    /// Default: <see langword="null"/>.
    /// </summary>
    public IReadOnlyList<string>? Keep { get; init; }

    /// <summary>
    /// What the names of the columns begin with that are added: <c>prediction_id</c>, <c>model_version</c>, <c>score</c> or
    /// <c>score_&lt;class&gt;</c>, <c>decision</c>. For sources that have columns of these names. Default: empty.
    /// </summary>
    public string Prefix { get; init; } = "";

    /// <summary>
    /// A column of the source whose values become the ids of the predictions, as <see cref="PredictionId.FromKey"/> makes them, so that a
    /// table that is scored twice is recorded once. Every row has a value, unique for the model. <see langword="null"/> for new ids.
    /// Default: <see langword="null"/>.
    /// </summary>
    public string? KeyColumn { get; init; }

    /// <summary>
    /// What stands before the values of <see cref="KeyColumn"/>, where the same ones come again with rows of another time: with
    /// <c>2026-01-31/</c> a customer gets an id for each night, and a night that is scored twice is still recorded once. Default: empty.
    /// </summary>
    public string KeyPrefix { get; init; } = "";

    /// <summary>
    /// Whether the rows are recorded for monitoring, like single predictions, but waiting for room rather than dropping any; the model must
    /// be live in this process. Rows are recorded as they are scored: those of a scoring that fails or is cancelled stay recorded, and with
    /// <see cref="KeyColumn"/> count once when it is done again. Default: <see langword="false"/>.
    /// </summary>
    public bool Record { get; init; }

    /// <summary>
    /// What happens to rows that the source cannot read. <see cref="MalformedRows.Quarantine"/> leaves them out and
    /// <see cref="ScoringReport.MalformedRows"/> counts them. Default: <see cref="MalformedRows.Fail"/>.
    /// </summary>
    public MalformedRows Malformed { get; init; }

    /// <summary>
    /// Whether rows that the input contract of the model rejects are left out; <see cref="ScoringReport.RejectedRows"/> counts them, and
    /// <see cref="ScoringReport.Rejected"/> says why. Otherwise the scoring fails with an <see cref="InputRejectedException"/>, which has
    /// the problems of all rows. Default: <see langword="false"/>.
    /// </summary>
    public bool SkipRejected { get; init; }

    /// <summary>
    /// The name of the table that is written, where the sink is an <see cref="ITableSink"/>: a table that is scored again under its name
    /// takes the place of the earlier one. <see langword="null"/> for one that the content of the source, the package and these options
    /// decide, so that the same scoring is there once; where a source cannot tell its version, each scoring adds a table. Default:
    /// <see langword="null"/>.
    /// </summary>
    public string? Table { get; init; }

    /// <summary>The record in a line; of long lists the first ten elements.</summary>
    public override string ToString() => RecordText.Of(this);

    internal void Validate()
    {
        if (Prefix is null || Prefix.Any(char.IsControl))
        {
            throw new MlOpsException(
                "ScoringOptions.Prefix cannot begin a column name.", "Leave it empty, or set a prefix such as churn_.");
        }
        if (KeyColumn is not null && string.IsNullOrWhiteSpace(KeyColumn))
        {
            throw new MlOpsException("ScoringOptions.KeyColumn is empty.", "Name a column, or leave it null for new ids.");
        }
        if (KeyPrefix is null || KeyPrefix.Length > 0 && KeyColumn is null)
        {
            throw new MlOpsException(
                "ScoringOptions.KeyPrefix is set without a key column.", "Name the column of the keys with KeyColumn, or leave " +
                    "KeyPrefix empty.");
        }
        if (Keep is not null && (Keep.Any(string.IsNullOrWhiteSpace) || Keep.Distinct(StringComparer.Ordinal).Count() < Keep.Count))
        {
            throw new MlOpsException("ScoringOptions.Keep has an empty name, or a column twice.", "Name each column once.");
        }
        if (Table is not null && string.IsNullOrWhiteSpace(Table))
        {
            throw new MlOpsException("ScoringOptions.Table is empty.", "Name the table, such as the day that it is of, or leave it null.");
        }
        if (!Enum.IsDefined(Malformed))
        {
            throw new MlOpsException($"{Malformed} is not a value of MalformedRows.", "Use a value of MalformedRows.");
        }
    }
}
