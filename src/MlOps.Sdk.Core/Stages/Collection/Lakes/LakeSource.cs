using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>The objects below a prefix of a store, in the ordinal order of their keys, as one table. Thread-safe.</summary>
internal sealed class LakeSource : IDataSource
{
    // As many are looked at together: each waits for the network most of the time.
    private const int Together = 8;
    private const int MostNotes = 20;
    private readonly IObjectStore _store;
    private readonly LakeListing _listing;

    /// <exception cref="ArgumentException">The prefix is no folder of keys.</exception>
    /// <exception cref="MlOpsException">An option is not valid.</exception>
    public LakeSource(IObjectStore store, string prefix, ObjectSourceOptions options)
    {
        options.Validate();
        _store = store;
        var folder = ObjectKey.Folder(prefix, nameof(prefix));
        Name = options.Name ?? (folder.Length == 0 ? store.Name : $"{store.Name}/{folder[..^1]}");
        _listing = new LakeListing(store, folder, Name, options, TimeProvider.System);
    }

    public string Name { get; }

    public async ValueTask<IDataScan> OpenAsync(ReadRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.BatchSize);
        var earlier = request.After is { } after ? LakeWatermark.Parse(after, Name) : null;
        var (objects, notes) = await _listing.ListAsync(cancellationToken).ConfigureAwait(false);
        var folders = objects.SelectMany(one => one.Partition);
        if (folders.FirstOrDefault(folder => request.Personal.Contains(folder.Column)).Column is { } personal)
        {
            throw new MlOpsException(
                "A personal column is part of the keys of the objects, which are stored in names and in the watermark.",
                "Write the values into the objects instead of the keys, or name the folders by a hash of the values.")
            {
                DataSource = Name,
                Column = personal,
            };
        }
        if (objects.Count == 0 && earlier is null)
        {
            throw new MlOpsException(
                "No object below the prefix matches the pattern and has an extension that is read.",
                "Check the prefix, the pattern and the extensions: .csv, .jsonl, .ndjson, .arrow, and .parquet with its package.")
            {
                DataSource = Name,
            };
        }

        var fresh = objects.Where(one => earlier?.Knows(one.Key, one.Version) != true).ToArray();
        var gone = GoneOf(objects, earlier);
        if (earlier is not null && request.KeepsEarlierRows) CheckKept(fresh, earlier);
        var parts = await InspectAsync(fresh, request with { Columns = null, After = null }, cancellationToken).ConfigureAwait(false);
        if (earlier is null && parts.Sum(part => part.Records) == 0)
        {
            throw new MlOpsException("The objects have no rows.", "Give at least one row.") { DataSource = Name };
        }
        var table = FolderTable.Join(
            parts, request.Columns, Name, earlier is null ? null : (earlier.Files, earlier.Partition));
        return new FolderScan(
            table,
            parts,
            LakeWatermark.Of(
                table.AllFiles,
                table.Partition,
                objects.Select(one => (one.Key, one.Version)),
                parts.Where(part => part.Records == 0).Select(part => part.Name).ToHashSet(StringComparer.Ordinal),
                earlier),
            VersionOf(objects, parts),
            [.. notes, .. gone, .. NotesOf(parts)]);
    }

    private async Task<IReadOnlyList<FolderPart>> InspectAsync(
        LakeObject[] objects, ReadRequest request, CancellationToken cancellationToken)
    {
        var parts = new FolderPart[objects.Length];
        var failures = new Exception?[objects.Length];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Parallel.ForAsync(
            0,
            objects.Length,
            new ParallelOptions { MaxDegreeOfParallelism = Together, CancellationToken = CancellationToken.None },
            async (i, _) =>
            {
                if (stop.IsCancellationRequested) return;
                try
                {
                    var part = await objects[i].Open(_store).InspectAsync(request, stop.Token).ConfigureAwait(false);
                    parts[i] = part with { Partition = objects[i].Partition };
                }
                catch (Exception e)
                {
                    failures[i] = e;
                    await stop.CancelAsync().ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        // Those that were stopped say nothing of what went wrong.
        if ((failures.FirstOrDefault(failure => failure is not (null or OperationCanceledException)) ?? failures.FirstOrDefault(
            failure => failure is not null)) is { } first)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        }
        return parts;
    }

    // The rows of an object that was read before are there already.
    private void CheckKept(LakeObject[] fresh, LakeWatermark earlier)
    {
        if (fresh.FirstOrDefault(one => earlier.Knows(one.Key) || LakeFile.Of(one.Key) is { } file && earlier.KnowsTable(file.Table))
            is not { } changed)
        {
            return;
        }
        throw new MlOpsException(
            "The object was read before and has changed since: its earlier rows are kept, and would appear beside the new ones.",
            "Write new rows into new objects, or run once without OnlyNew and KeepEarlierRows to read everything again.")
        {
            DataSource = changed.Key,
        };
    }

    private IEnumerable<string> GoneOf(IReadOnlyList<LakeObject> objects, LakeWatermark? earlier) =>
        earlier?.CountGone(objects.Select(one => one.Key)) is > 0 and var gone
            ? [FormattableString.Invariant($"{Name}: {gone:N0} objects that were read before are gone.")]
            : [];

    private IEnumerable<string> NotesOf(IReadOnlyList<FolderPart> parts)
    {
        if (parts.Count == 0) return [];
        string[] notes =
        [
            .. FileInspection.NotesOf(parts[0].Absent.Where(column => parts.All(part => part.Absent.Contains(column))), Name),
            .. parts.SelectMany(part => part.Notes),
        ];
        return notes.Length <= MostNotes
            ? notes
            : [.. notes.Take(MostNotes), FormattableString.Invariant($"{Name}: {notes.Length - MostNotes} more of this kind.")];
    }

    // What was looked at says how it is read, too.
    private static ContentVersion VersionOf(IReadOnlyList<LakeObject> objects, IReadOnlyList<FolderPart> parts)
    {
        var versions = parts.ToDictionary(part => part.Name, part => part.Version.Value, StringComparer.Ordinal);
        return ContentVersion.Of(string.Join(
            '\n', objects.Select(one => $"{Uri.EscapeDataString(one.Key)} {versions.GetValueOrDefault(one.Key, one.Version)}")));
    }
}
