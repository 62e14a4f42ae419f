namespace MlOps.Sdk.Collection;

/// <summary>Chooses and opens the files of a folder. Thread-safe.</summary>
internal sealed class ParquetFolderFiles(string path, PartitionRanges ranges)
{
    public IDataSource FileOf(string file) => new ParquetSource(
        file, ranges.OfFiles(FolderSource.PartitionOf(Path.GetRelativePath(path, file).Replace(Path.DirectorySeparatorChar, '/'))));

    /// <summary>The files that are completely written, and whose folders do not say that all rows are out of range.</summary>
    public IReadOnlyList<string> Choose(Func<IReadOnlyList<string>> list)
    {
        var names = list();
        while (true)
        {
            // A table that was being completed during the first list is still pending now, or the second list has more of it.
            var pending = FolderCommit.PendingIn(path);
            var manifests = Manifests();
            var again = list();
            if (again.SequenceEqual(names, StringComparer.Ordinal))
            {
                var tables = new LakeAttempts(manifests);
                return
                [
                    .. names.Where(name =>
                        !pending.Contains(name) && tables.Shows(name) && ranges.MayMatch(FolderSource.PartitionOf(name))),
                ];
            }
            names = again;
        }
    }

    // Of tables that were written through FolderObjectStore.
    private IEnumerable<string> Manifests()
    {
        var folder = Path.Combine(path, LakeFile.ManifestFolder.TrimEnd('/'));
        return Directory.Exists(folder)
            ? Directory.GetFiles(folder).Select(file => LakeFile.ManifestFolder + Path.GetFileName(file))
            : [];
    }
}
