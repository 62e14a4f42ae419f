using MlOps.Sdk.Reporting;

namespace MlOps.Sdk.Audit;

/// <summary>Which entries of the audit log are meant: those that meet all that is set.</summary>
public sealed record AuditFilter
{
    /// <summary>
    /// Only entries about this subject or what is below it: <c>model:churn</c> also finds <c>model:churn/3</c>. <see langword="null"/> for
    /// any.
    /// </summary>
    public string? Subject { get; init; }

    /// <summary>Only what this actor did; <see langword="null"/> for any.</summary>
    public string? Actor { get; init; }

    /// <summary>Only this action, for example <c>model.promoted</c>; <see langword="null"/> for any.</summary>
    public string? Action { get; init; }

    /// <summary>Only entries of this time or later; <see langword="null"/> for any.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only entries before this time; <see langword="null"/> for any.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The record in a line, whatever the culture.</summary>
    public override string ToString() => RecordText.Of(this);
}
