using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MlOps.Sdk.Data;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk.Collection;

/// <summary>
/// The files of one table on their way into an object store. They wait in temporary files, are stored under names of this attempt alone,
/// and show when the manifest of the attempt is stored: readers take the files of the last attempt that has one. Then the files of earlier
/// attempts are removed, and those that killed processes have left. Not thread-safe.
/// </summary>
internal sealed class LakeCommit : ITableCommit
{
    private const int MostLists = 3;
    private readonly IObjectStore _store;
    private readonly string _folder;
    private readonly string _table;
    private readonly IReadOnlyList<Field> _partition;
    private readonly LakeFile _file;
    private readonly ParquetObjectOptions _options;
    private readonly TimeProvider _time;
    private readonly List<(string Target, FileStream File)> _files = [];
    private readonly List<LakeManifest.File> _stored = [];
    private string? _manifest;
    private bool _completed;

    private LakeCommit(
        IObjectStore store,
        string folder,
        IReadOnlyList<Field> partition,
        string table,
        LakeFile file,
        ParquetObjectOptions options,
        TimeProvider time)
    {
        (_store, _folder, _partition, _table, _file, _options, _time) = (store, folder, partition, table, file, options, time);
    }

    /// <param name="store">The store.</param>
    /// <param name="folder">What the keys of all tables begin with.</param>
    /// <param name="partition">The columns that the folders below are named after.</param>
    /// <param name="table">The name of the table.</param>
    /// <param name="options">Valid options.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The table has a manifest of a time that cannot be.</exception>
    public static async Task<LakeCommit> BeginAsync(
        IObjectStore store,
        string folder,
        IReadOnlyList<Field> partition,
        string table,
        ParquetObjectOptions options,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(table)).AsSpan(0, 16));

        // Later than any other attempt, also than one of a machine whose clock is somewhat ahead.
        var now = time.GetUtcNow();
        var ticks = now.UtcTicks;
        await foreach (var stored in store.AllAsync($"{folder}{LakeFile.ManifestFolder}{hash}.", cancellationToken).ConfigureAwait(false))
        {
            if (LakeFile.ManifestFrom(stored.Key[folder.Length..]) is not var (_, known, _)) continue;
            if (known.IsAhead(now)) throw LakeProblem.Ahead(stored.Key, store.Name);
            ticks = Math.Max(ticks, known.Ticks + 1);
        }

        var attempt = string.Create(CultureInfo.InvariantCulture, $"{ticks:x16}{Guid.NewGuid().ToString("N")[..16]}");
        return new LakeCommit(store, folder, partition, table, new LakeFile(hash, attempt), options, time);
    }

    public string NameOf(int number) => _file.NameOf(number);

    public bool CanKeep(string target) => _store.CanKeep(_folder + target);

    public FileStream Create(string target)
    {
        _files.Add((target, TemporaryFile.Create()));
        return _files[^1].File;
    }

    public async ValueTask CompleteAsync(long rows, CancellationToken cancellationToken)
    {
        foreach (var (target, file) in _files)
        {
            file.Position = 0;
            var stored = await _store.PutAsync(_folder + target, file, cancellationToken).ConfigureAwait(false);
            _stored.Add(new LakeManifest.File(target, stored.Size, stored.ETag));
        }

        var columns = _partition.Select(field => new LakeManifest.Column(field.Name, field.Type)).ToArray();
        var manifest = new LakeManifest(1, _table, _file.Attempt, rows, _time.GetUtcNow(), columns, _stored);
        using var content = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, LakeJson.Default.LakeManifest));
        _manifest = _folder + _file.ManifestOf(_files.Count);
        StoredObject written;
        try
        {
            written = await _store.PutAsync(_manifest, content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            throw new MlOpsException(
                $"Whether the table '{PrintableText.Shorten(_table)}' shows is not known: the store did not say whether it has the " +
                    $"manifest '{_manifest}'. {e.Message}",
                "Write the table again under its name: then it is there once, whatever became of this one. The manifest is deleted if " +
                    "the store answers now; without a name, check that it is gone before you write the rows again.",
                e) { DataSource = _store.Name };
        }

        _completed = true;
        await CleanAsync(written, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, file) in _files) await file.DisposeAsync().ConfigureAwait(false);
        if (_completed) return;
        try
        {
            // A store that did not answer may have the manifest all the same, or have it later: without its files, it would make the table
            // one that lacks some. They are removed when they are old, or with the next attempt.
            if (_manifest is not null) await _store.DeleteAsync(_manifest).ConfigureAwait(false);
            else foreach (var stored in _stored) await _store.DeleteAsync(_folder + stored.Key).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // What does not show is removed by a later writing.
        }
    }

    private async Task CleanAsync(StoredObject manifest, CancellationToken cancellationToken)
    {
        List<StoredObject> listed;
        LakeAttempts attempts;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                listed = [];
                await foreach (var stored in _store.AllAsync(_folder, cancellationToken).ConfigureAwait(false)) listed.Add(stored);
                attempts = new LakeAttempts(listed.Select(stored => stored.Key[_folder.Length..]));
            }
            catch (Exception)
            {
                // The table shows; what is left of others does not, and the next writing removes it.
                return;
            }

            if (attempts.AttemptOf("", _file.Table) != _file.Attempt)
            {
                await RemoveAsync(manifest.Key).ConfigureAwait(false);
                throw new MlOpsException(
                    $"The table '{PrintableText.Shorten(_table)}' was written by another attempt at the same time, which shows. Nothing " +
                        "of this one is kept.",
                    "Let one process write a table at a time; write the table again if the rows of this one are those that it should have.")
                {
                    DataSource = _store.Name,
                };
            }
            var files = listed.Count(stored => LakeFile.Of(stored.Key) == _file);
            if (files == _files.Count) break;

            // A list is not of one moment: a later attempt may have become complete and removed the files while it was made.
            if (attempt < MostLists) continue;
            await _store.DeleteAsync(manifest.Key, CancellationToken.None).ConfigureAwait(false);
            throw new IOException(
                $"{_files.Count - files} of {_files.Count} files were removed by others while they were stored; nothing is kept");
        }

        try
        {
            var oldest = manifest.StoredAt - _options.UnfinishedAge;
            var superseded = await SupersededAsync(listed, attempts, cancellationToken).ConfigureAwait(false);
            var leftovers = listed.Where(stored => superseded.Contains(stored.Key) || IsLeftover(stored, attempts, oldest));

            // A manifest says which files are left over: it is the last to go.
            foreach (var stored in leftovers.OrderBy(stored => LakeFile.ManifestFrom(stored.Key) is not null))
            {
                await _store.DeleteAsync(stored.Key, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception)
        {
            // The next writing removes the rest.
        }
    }

    private async Task RemoveAsync(string manifest)
    {
        try
        {
            foreach (var stored in _stored) await _store.DeleteAsync(_folder + stored.Key, CancellationToken.None).ConfigureAwait(false);
            await _store.DeleteAsync(manifest, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The attempt does not show, and the next writing removes it.
        }
    }

    // The files of earlier attempts at the table that were partitioned by other columns: only their manifests say that they are not of
    // another lake, whose folder is named like one of a partition.
    private async Task<HashSet<string>> SupersededAsync(
        List<StoredObject> listed, LakeAttempts attempts, CancellationToken cancellationToken)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var stored in listed)
        {
            var path = stored.Key[_folder.Length..];
            if (LakeFile.ManifestFrom(path) is not ("", var file, > 0) || file.Table != _file.Table) continue;
            if (string.CompareOrdinal(file.Attempt, attempts.AttemptOf("", file.Table)) >= 0) continue;
            var content = await _store.OpenAsync(stored, 0, stored.Size, cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                var manifest = await JsonSerializer.DeserializeAsync(content, LakeJson.Default.LakeManifest, cancellationToken)
                    .ConfigureAwait(false);
                keys.UnionWith(manifest!.Files.Where(one => LakeFile.Of(one.Key) == file).Select(one => _folder + one.Key));
            }
        }

        return keys;
    }

    // What is older than the last complete attempt is superseded. What is later may be written just now. What another sink writes below
    // the folder has other folders, or manifests of its own, unless it is not complete after a long time.
    private bool IsLeftover(StoredObject stored, LakeAttempts attempts, DateTimeOffset oldest)
    {
        var path = stored.Key[_folder.Length..];
        var manifest = LakeFile.ManifestFrom(path);
        if ((LakeFile.Of(path) ?? manifest?.File) is not { } file) return false;
        var isOld = stored.StoredAt < oldest;
        if (manifest is null ? attempts.FolderOf(path) is not { Length: 0 } || !isOld && !IsOwn(path) : manifest.Value.Folder.Length > 0)
        {
            return false;
        }
        var shown = attempts.AttemptOf("", file.Table);
        var order = shown is null ? 1 : string.CompareOrdinal(file.Attempt, shown);
        return order < 0 || order > 0 && isOld;
    }

    private bool IsOwn(string path) => path.Count(c => c == '/') == _partition.Count
        && FolderSource.PartitionOf(path).Select(folder => folder.Column).SequenceEqual(
            _partition.Select(field => field.Name), StringComparer.Ordinal);
}
