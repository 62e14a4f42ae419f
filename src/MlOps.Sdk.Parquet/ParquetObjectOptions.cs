namespace MlOps.Sdk.Collection;

/// <summary>How tables are written to an object store as Parquet.</summary>
public sealed class ParquetObjectOptions : ParquetSinkOptions
{
    /// <summary>
    /// How old files of a table without a manifest are before they count as left by a process that was killed, and are removed by the next
    /// writing: longer than the storing of a table takes. From zero to 30 days. Default: 1 day. What is left of an earlier attempt at the
    /// same table is removed at once.
    /// </summary>
    public TimeSpan UnfinishedAge { get; set; } = TimeSpan.FromDays(1);

    private protected override void ValidateMore()
    {
        if (UnfinishedAge < TimeSpan.Zero || UnfinishedAge > TimeSpan.FromDays(30))
        {
            throw new MlOpsException("The age of unfinished files is out of range.", "Set UnfinishedAge to a time from zero to 30 days.");
        }
    }
}
