namespace MlOps.Sdk.Collection;

/// <summary>What is said of a table in a lake, for those who want to know what its files are. It shows that the table is whole.</summary>
/// <param name="Format">The version of this description.</param>
/// <param name="Table">The name of the table.</param>
/// <param name="Attempt">Which of the attempts to write it.</param>
/// <param name="Rows">The rows of all files.</param>
/// <param name="WrittenAt">When it was written.</param>
/// <param name="Partition">The columns of the paths, whose types paths do not say.</param>
/// <param name="Files">The files, by their keys below the folder of the tables.</param>
internal sealed record LakeManifest(
    int Format,
    string Table,
    string Attempt,
    long Rows,
    DateTimeOffset WrittenAt,
    IReadOnlyList<LakeManifest.Column> Partition,
    IReadOnlyList<LakeManifest.File> Files)
{
    /// <summary>A column of the paths.</summary>
    internal sealed record Column(string Name, ColumnType Type);

    /// <summary>A file of the table.</summary>
    internal sealed record File(string Key, long Size, string ETag);
}
