namespace MlOps.Sdk.Audit;

/// <summary>Whether the audit log is as it was written, and the records that it is about are, too.</summary>
/// <param name="Entries">How many entries were found in order before the first broken one.</param>
/// <param name="FirstBroken">
/// The first entry that was changed, removed, moved or inserted, or the one that a record does not agree with; <see langword="null"/> when
/// there is none, also for a record that was never entered.
/// </param>
/// <param name="Problem">What is wrong with it, as a sentence; <see langword="null"/> when nothing is.</param>
/// <param name="HeadHash">
/// The hash of the last good entry. Kept outside the workspace, it proves later that nobody has rewritten the log up
/// to here; empty for an empty log.
/// </param>
public sealed record AuditVerification(long Entries, long? FirstBroken, string? Problem, string HeadHash)
{
    /// <summary>What was done; <see langword="null"/> when nothing is wrong.</summary>
    public AuditProblemKind? Kind { get; init; }

    /// <summary>Whether nothing is wrong.</summary>
    public bool IsIntact => Problem is null;
}
