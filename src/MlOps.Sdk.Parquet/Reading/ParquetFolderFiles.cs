namespace MlOps.Sdk.Collection;

/// <summary>Chooses and opens the files of a folder. Thread-safe.</summary>
internal sealed class ParquetFolderFiles(string path, PartitionRanges ranges, TimeProvider time)
{
    private const int MostAttempts = 3;
    private readonly string _name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));

    public IDataSource FileOf(string file) => new ParquetSource(file, ranges.OfFiles(FolderSource.PartitionOf(PathOf(file))));

    /// <summary>The files that are completely written, and whose folders do not say that all rows are out of range; with notes.</summary>
    /// <exception cref="MlOpsException">A table of a lake lacks files, or is read without its manifest.</exception>
    public (IReadOnlyList<string> Names, IReadOnlyList<string> Notes) Choose(Func<IReadOnlyList<string>> list)
    {
        var names = list();
        for (var attempt = 1; ;)
        {
            // A table that was being completed during the first list is still pending now, or the second list has more of it.
            var pending = FolderCommit.PendingIn(path);
            var files = LakeFiles();
            if (files.FirstOrDefault(file => LakeFile.ManifestFrom(file)?.File.IsAhead(time.GetUtcNow()) == true) is { } ahead)
            {
                throw LakeProblem.Ahead(ahead, _name);
            }
            var again = list();
            if (again.SequenceEqual(names, StringComparer.Ordinal))
            {
                var tables = new LakeAttempts(files);
                if (tables.IsWhole(files)) return Choose(names, pending, tables);

                // A list is not of one moment: a table may have been written again while it was made.
                if (attempt++ == MostAttempts) throw LakeProblem.Lacking(path, _name);
            }
            names = again;
        }
    }

    private (IReadOnlyList<string> Names, IReadOnlyList<string> Notes) Choose(
        IReadOnlyList<string> names, IReadOnlySet<string> pending, LakeAttempts tables)
    {
        var shown = names.Where(tables.Shows).ToArray();
        if (LakeFile.IsPartition(_name) && names.FirstOrDefault(name => !tables.Shows(name) && tables.FolderOf(name) is null) is { } part)
        {
            throw LakeProblem.Part(part, _name);
        }
        return (
            [.. shown.Where(name => !pending.Contains(name) && ranges.MayMatch(FolderSource.PartitionOf(name)))],
            shown.Length == names.Count ? [] : [LakeProblem.LeftOut(_name, names.Count - shown.Length)]);
    }

    // Of tables that were written through FolderObjectStore, with the files that the pattern leaves out.
    private string[] LakeFiles()
    {
        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = false,
        };
        return
        [
            .. Directory.EnumerateFiles(path, "*", options)
                .Select(PathOf)
                .Where(file => LakeFile.Of(file) is not null || LakeFile.ManifestFrom(file) is not null),
        ];
    }

    private string PathOf(string file) => Path.GetRelativePath(path, file).Replace(Path.DirectorySeparatorChar, '/');
}
