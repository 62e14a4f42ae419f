namespace MlOps.Sdk.Audit;

/// <summary>Where the records and the log say different things.</summary>
/// <param name="Entry">The entry; <see langword="null"/> for a record that has none.</param>
/// <param name="Problem">What is different, as a sentence.</param>
internal sealed record Difference(long? Entry, string Problem)
{
    /// <summary>The error for whoever would have used the records.</summary>
    public MlOpsException ToException() => new(
        $"The records do not agree with the audit log: {Problem}",
        "Another program changed the database: restore it from a backup. Audit.VerifyAsync() compares all records.");
}
