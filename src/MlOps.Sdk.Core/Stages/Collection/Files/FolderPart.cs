using MlOps.Sdk.Data;

namespace MlOps.Sdk.Collection;

/// <summary>A file of a folder that has been inspected.</summary>
/// <param name="Name">Its path in the folder.</param>
/// <param name="Schema">All its columns.</param>
/// <param name="Version">What identifies its content.</param>
/// <param name="Records">Its rows, malformed ones included.</param>
/// <param name="Read">Opens a scan of columns with types that all files together have.</param>
internal sealed record FolderPart(string Name, Schema Schema, ContentVersion Version, long Records, Func<Schema, IDataScan> Read)
{
    /// <summary>The types of the columns as far as values were seen; <see langword="null"/> where the file or a schema says them.</summary>
    public IReadOnlyList<ColumnType?>? FoundTypes { get; init; }

    /// <summary>Whether a column that the file does not have is one without values.</summary>
    public bool MayLackColumns { get; init; }

    /// <summary>What somebody should look at, as sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The columns of a given schema that no record of the file had.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    /// <summary>What the path says of every row of the file, in the order of the folders.</summary>
    public IReadOnlyList<(string Column, string? Value)> Partition { get; init; } = [];

    /// <summary>
    /// The types that the file says the columns of its path had when it was written; those of other columns are inferred from all paths.
    /// </summary>
    public IReadOnlyDictionary<string, ColumnType> PartitionTypes { get; init; } = new Dictionary<string, ColumnType>();
}
