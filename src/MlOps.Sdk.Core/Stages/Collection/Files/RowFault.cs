namespace MlOps.Sdk.Collection;

/// <summary>Why a row cannot be read as its schema says.</summary>
/// <param name="Reason">What is wrong.</param>
/// <param name="Remedy">What can be done about it.</param>
/// <param name="Column">The malformed column; <see langword="null"/> where it is the whole row.</param>
/// <param name="IsOfValues">Whether only values are malformed, so that the row could be read without them.</param>
internal sealed record RowFault(string Reason, string Remedy, string? Column = null, bool IsOfValues = false)
{
    public MlOpsException ToException(string source, long line) =>
        new(Reason, Remedy) { DataSource = source, Line = line, Column = Column };

    /// <summary>This and another fault of the same row: one row is reported once.</summary>
    public RowFault And(RowFault other) => Reason.Length > 1_000
        ? this
        : this with { Reason = $"{Reason} {(other.Column is null ? "" : $"Column '{other.Column}': ")}{other.Reason}" };
}
