namespace MlOps.Sdk.Collection;

/// <summary>Parquet files in a store. Thread-safe.</summary>
internal sealed class ParquetObjects(PartitionRanges ranges) : ObjectFormat
{
    public override bool MayMatch(IReadOnlyList<(string Column, string? Value)> partition) => ranges.MayMatch(partition);

    public override IFileSource Open(IFileContent content, string key, IReadOnlyList<(string Column, string? Value)> partition) =>
        new ParquetSource(content, ranges.OfFiles(partition), key);
}
