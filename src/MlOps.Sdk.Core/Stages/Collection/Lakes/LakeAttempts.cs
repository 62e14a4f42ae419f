namespace MlOps.Sdk.Collection;

/// <summary>The tables that a list of a lake shows: of each the last attempt that is complete.</summary>
internal sealed class LakeAttempts
{
    private readonly Dictionary<string, (string Attempt, int Count)> _complete = new(StringComparer.Ordinal);

    /// <param name="keys">All keys below the folder of the tables.</param>
    public LakeAttempts(IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            if (LakeFile.ManifestFrom(key) is not var (file, count)) continue;
            if (!_complete.TryGetValue(file.Table, out var known) || string.CompareOrdinal(file.Attempt, known.Attempt) > 0)
            {
                _complete[file.Table] = (file.Attempt, count);
            }
        }
    }

    /// <summary>The last complete attempt of a table; <see langword="null"/> where there is none.</summary>
    public string? AttemptOf(string table) => _complete.TryGetValue(table, out var known) ? known.Attempt : null;

    /// <summary>Whether a file shows: no file of a lake, or one of the last complete attempt.</summary>
    public bool Shows(string key) => LakeFile.Of(key) is not { } file || AttemptOf(file.Table) == file.Attempt;

    /// <summary>Whether all files are there that manifests say.</summary>
    public bool IsWhole(IEnumerable<string> keys)
    {
        var found = keys
            .Select(LakeFile.Of)
            .Where(file => file is not null && AttemptOf(file.Table) == file.Attempt)
            .CountBy(file => file!.Table)
            .ToDictionary(StringComparer.Ordinal);
        return _complete.All(table => found.GetValueOrDefault(table.Key) == table.Value.Count);
    }
}
