namespace MlOps.Sdk.Collection;

/// <summary>
/// The tables that a list of lakes shows: of each the last attempt that is complete. A manifest is one for the files below the folder of
/// its tables, with nothing but folders of a partition between; the folder of another lake in between has its own manifests.
/// </summary>
internal sealed class LakeAttempts
{
    private readonly Dictionary<(string Folder, string Table), (string Attempt, int Count)> _complete = [];
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    /// <param name="keys">All keys that were listed, or those of manifests.</param>
    public LakeAttempts(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (LakeFile.ManifestFrom(key) is not var (folder, file, count)) continue;
            _folders.Add(folder);
            if (AttemptOf(folder, file.Table) is not { } known || string.CompareOrdinal(file.Attempt, known) > 0)
            {
                _complete[(folder, file.Table)] = (file.Attempt, count);
            }
        }
    }

    /// <summary>The last complete attempt of a table; <see langword="null"/> where there is none.</summary>
    public string? AttemptOf(string folder, string table) => _complete.TryGetValue((folder, table), out var known) ? known.Attempt : null;

    /// <summary>The folder of the lake that a file belongs to; <see langword="null"/> where none that was listed has a manifest.</summary>
    public string? FolderOf(string key)
    {
        var folder = key[..(key.LastIndexOf('/') + 1)];
        while (!_folders.Contains(folder))
        {
            if (!LakeFile.IsPartition(folder)) return null;
            folder = folder[..(folder.AsSpan(0, folder.Length - 1).LastIndexOf('/') + 1)];
        }

        return folder;
    }

    /// <summary>Whether a file shows: no file of a lake, or one of the last complete attempt.</summary>
    public bool Shows(string key) => LakeFile.Of(key) is not { } file
        || FolderOf(key) is { } folder && AttemptOf(folder, file.Table) == file.Attempt;

    /// <summary>Whether all files are there that manifests say.</summary>
    public bool IsWhole(IEnumerable<string> keys)
    {
        var found = keys
            .Where(key => LakeFile.Of(key) is not null && Shows(key))
            .CountBy(key => (FolderOf(key)!, LakeFile.Of(key)!.Table))
            .ToDictionary();
        return _complete.All(table => found.GetValueOrDefault(table.Key) == table.Value.Count);
    }
}
