namespace MlOps.Sdk.Collection;

/// <summary>Which columns of a file are read, and how much it may unpack to.</summary>
/// <param name="Ranges">Which rows.</param>
/// <param name="MaxRowGroupBytes">The most memory of a row group, in bytes.</param>
internal sealed record ParquetReading(IReadOnlyList<ParquetRange> Ranges, long MaxRowGroupBytes)
{
    /// <summary>The most that all row groups together may take, in bytes. Default: without limit.</summary>
    public long MaxUnpackedBytes { get; init; } = long.MaxValue;
}
