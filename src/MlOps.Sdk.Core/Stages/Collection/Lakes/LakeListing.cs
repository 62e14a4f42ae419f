using System.Text.RegularExpressions;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>Lists the objects below a prefix that are read, in the ordinal order of their keys. Thread-safe.</summary>
internal sealed class LakeListing(IObjectStore store, string prefix, string name, ObjectSourceOptions options, TimeProvider time)
{
    private const int MostAttempts = 3;
    private const int MostNames = 3;
    private readonly Regex _pattern = FolderSource.PatternOf(options.Pattern);

    /// <summary>Lists the objects.</summary>
    /// <returns>The objects, and what somebody should look at, as sentences.</returns>
    /// <exception cref="MlOpsException">A table of the lake lacks files, or an object cannot be read without another package.</exception>
    public async Task<(IReadOnlyList<LakeObject> Objects, IReadOnlyList<string> Notes)> ListAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var listed = new List<StoredObject>();
            await foreach (var stored in store.AllAsync(prefix, cancellationToken).ConfigureAwait(false)) listed.Add(stored);
            listed.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
            var paths = listed.Select(stored => stored.Key[prefix.Length..]).Where(IsRead).ToArray();
            if (paths.FirstOrDefault(path => LakeFile.ManifestFrom(path)?.File.IsAhead(time.GetUtcNow()) == true) is { } ahead)
            {
                throw LakeProblem.Ahead(prefix + ahead, name);
            }
            var tables = new LakeAttempts(paths);
            if (tables.IsWhole(paths))
            {
                var chosen = Choose(listed, tables);
                await LoggedTable.RejectAboveAsync(store, prefix, chosen.Objects.Select(one => one.Key), name, cancellationToken)
                    .ConfigureAwait(false);
                return chosen;
            }

            // A list is not of one moment: a table may have been written again while it was made.
            if (attempt == MostAttempts) throw LakeProblem.Lacking(prefix, name);
        }
    }

    private (IReadOnlyList<LakeObject> Objects, IReadOnlyList<string> Notes) Choose(List<StoredObject> listed, LakeAttempts tables)
    {
        var objects = new List<LakeObject>();
        var others = new List<string>();
        var unfinished = 0;
        foreach (var stored in listed)
        {
            var path = stored.Key[prefix.Length..];
            if (IsHidden(path) || !_pattern.IsMatch(path)) continue;
            if (!tables.Shows(path))
            {
                // Without folders of a partition in the prefix, the manifest would be listed if there was one.
                if (LakeFile.IsPartition(prefix) && tables.FolderOf(path) is null) throw LakeProblem.Part(stored.Key, name);
                unfinished++;
                continue;
            }
            if (options.FormatOf(path) is not { } format)
            {
                if (path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase)) throw NeedsParquet(stored);
                others.Add(stored.Key);
                continue;
            }
            var partition = FolderSource.PartitionOf(path);
            if (format.MayMatch(partition)) objects.Add(new LakeObject(stored, format, partition));
        }

        var logged = listed.Select(stored => LoggedTable.Of(stored.Key[prefix.Length..])).OfType<LoggedTable>().ToHashSet();
        LoggedTable.Reject(logged, objects.Select(one => one.Key[prefix.Length..]), name);
        return (objects, NotesOf(others, unfinished));
    }

    private static bool IsHidden(string path) => path.Split('/').Any(part => part is "" or ['_' or '.', ..]);

    // A manifest is in a hidden folder itself.
    private static bool IsRead(string path) => !IsHidden(LakeFile.ManifestFrom(path) is { } manifest ? $"{manifest.Folder}x" : path);

    private List<string> NotesOf(List<string> others, int unfinished)
    {
        var notes = new List<string>();
        if (others.Count > 0)
        {
            notes.Add(FormattableString.Invariant(
                $"{name}: {others.Count:N0} objects have extensions that are not read: {Names(others)}"));
        }
        if (unfinished > 0)
        {
            notes.Add(LakeProblem.LeftOut(name, unfinished));
        }
        return notes;
    }

    /// <summary>The first names of a list, as the end of a sentence.</summary>
    public static string Names(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostNames).Select(text => $"'{PrintableText.Shorten(text)}'"))
            + (names.Count > MostNames ? ", …" : ".");

    private static MlOpsException NeedsParquet(StoredObject stored) => new(
        "The object is a Parquet file, and nothing was said that reads those.",
        "Add the package MlOps.Sdk.Parquet, and call objects => objects.Parquet(); or choose other objects with Pattern.")
    {
        DataSource = stored.Key,
    };
}
