using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Registry;
using MlOps.Sdk.Storage;
using MlOps.Sdk.Tracking;

namespace MlOps.Sdk;

/// <summary>
/// Writes an archive: a zip whose entries are stored and not compressed, so that it unpacks to what it weighs. Used once.
/// </summary>
internal sealed class ArchiveWriter(Workspace workspace, ArchiveSelection selection, IProgress<TransferProgress>? progress)
{
    private static readonly DateTimeOffset s_entryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<ArchiveEntry> _entries = [];
    private readonly HashSet<ArtifactId> _artifacts = [];
    private readonly List<string> _inProgress = [];
    private int _runs;
    private int _versions;
    private int _deleted;
    private int _released;
    private long _audit;

    /// <summary>Writes a file, which appears when it is whole.</summary>
    public async Task<ArchiveReport> WriteAsync(string path, CancellationToken cancellationToken)
    {
        var target = Path.GetFullPath(path);
        if (File.Exists(target) || Directory.Exists(target))
        {
            throw new MlOpsException(
                "The file of the archive exists already.", "Choose another name, or move the old one away.") { DataSource = target };
        }
        var partial = PartialFolder.NameFor(target);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            RemoveLeftovers(target);
            var file = PrivateFiles.CreateFile(partial);
            ArchiveReport report;
            await using (file.ConfigureAwait(false))
            {
                report = await WriteAsync(file, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }
            File.Move(partial, target, overwrite: false);
            return report;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The archive cannot be written: {e.Message}",
                "Check the free space and the permissions of the folder.",
                e) { DataSource = target };
        }
        finally
        {
            TryRemove(partial);
        }
    }

    // What a killed export left may hold rows of customers. That of one that still writes is locked.
    private static void RemoveLeftovers(string target)
    {
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(target)!))
        {
            if (!PartialFolder.IsNameFor(Path.GetFileName(file), Path.GetFileName(target))) continue;
            try
            {
                new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                TryRemove(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody writes there.
            }
        }
    }

    // Why the export failed is what the caller must hear of.
    private static void TryRemove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next export to the same place removes it.
        }
    }

    /// <summary>Writes into a stream.</summary>
    public async Task<ArchiveReport> WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        var hold = await GarbageHold.TakeAsync(workspace.Store, cancellationToken).ConfigureAwait(false);
        await using (hold.ConfigureAwait(false))
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hold.Lost);
            try
            {
                return await WriteHeldAsync(stream, end.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new MlOpsException(
                    "The export was given up: the database could not be written for a minute, so that artifacts may have been deleted.",
                    "Look for what kept the database from being written, then export again.",
                    e);
            }
        }
    }

    private async Task<ArchiveReport> WriteHeldAsync(Stream stream, CancellationToken cancellationToken)
    {
        var versions = await SelectVersionsAsync(cancellationToken).ConfigureAwait(false);
        var runs = await SelectRunsAsync(versions, cancellationToken).ConfigureAwait(false);
        var zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Create, leaveOpen: true, null, cancellationToken)
            .ConfigureAwait(false);
        string manifest;
        await using (zip.ConfigureAwait(false))
        {
            await AddAsync(zip, ArchiveManifest.Runs, lines => AddRunsAsync(lines, runs, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            await AddAsync(zip, ArchiveManifest.Versions, lines => AddVersionsAsync(lines, versions, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            await AddAsync(zip, ArchiveManifest.Catalog, lines => AddCatalogAsync(lines, versions, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            await AddAsync(zip, ArchiveManifest.Audit, lines => AddAuditAsync(lines, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            await AddArtifactsAsync(zip, cancellationToken).ConfigureAwait(false);
            manifest = await AddManifestAsync(zip, cancellationToken).ConfigureAwait(false);
        }

        return new ArchiveReport
        {
            Runs = _runs,
            Versions = _versions,
            DeletedVersions = _deleted,
            AuditEntries = _audit,
            Artifacts = _artifacts.Count - _released,
            ReleasedArtifacts = _released,
            InProgress = _inProgress,
            ManifestHash = manifest,
        };
    }

    private async Task<IReadOnlyList<ModelVersion>> SelectVersionsAsync(CancellationToken cancellationToken)
    {
        var models = await workspace.Models.ModelsAsync(cancellationToken).ConfigureAwait(false);
        var named = selection.IsEverything ? models : selection.Models;
        if (named.FirstOrDefault(model => !models.Contains(model)) is { } unknown)
        {
            throw new MlOpsException($"There is no model '{unknown}'.", "List the models of the workspace to find its name.");
        }
        var versions = new Dictionary<(string, int), ModelVersion>();
        foreach (var model in named)
        {
            foreach (var version in await workspace.Models.ListAllAsync(model, cancellationToken).ConfigureAwait(false))
            {
                versions[(version.Model, version.Version)] = version;
            }
        }
        foreach (var (model, number) in selection.Versions.Select(version => (version.Model, version.Version)))
        {
            versions[(model, number)] = await workspace.Models.GetAsync(model, number, cancellationToken).ConfigureAwait(false);
        }

        return [.. versions.Values.OrderBy(version => version.Model, StringComparer.Ordinal).ThenBy(version => version.Version)];
    }

    private async Task<IReadOnlyList<string>> SelectRunsAsync(
        IReadOnlyList<ModelVersion> versions, CancellationToken cancellationToken)
    {
        if (selection.IsEverything) return await workspace.Store.ReadAsync(RunTransferTable.All, cancellationToken).ConfigureAwait(false);
        HashSet<string> ids = new(selection.RunIds, StringComparer.Ordinal);
        foreach (var id in ids) await workspace.Runs.GetAsync(id, cancellationToken).ConfigureAwait(false);
        if (selection.Runs is { } filter)
        {
            var query = new RunQuery { Filter = filter, Limit = RunQuery.LargestLimit };
            while (true)
            {
                var page = await workspace.Runs.SearchAsync(query, cancellationToken).ConfigureAwait(false);
                ids.UnionWith(page.Runs.Select(run => run.Id));
                if (page.Next is null) break;
                query = query with { After = page.Next };
            }
        }

        // A run that was never here, of a version that was imported, does not come.
        ids.UnionWith(versions.Select(version => version.RunId).OfType<string>());
        return await workspace.Store.ReadAsync(
            connection => RunTransferTable.WithSearches(connection, ids), cancellationToken).ConfigureAwait(false);
    }

    private async Task AddRunsAsync(ArchiveLines lines, IReadOnlyList<string> runs, CancellationToken cancellationToken)
    {
        foreach (var id in runs)
        {
            var read = await workspace.Store.ReadAsync(
                connection => RunArchiving.Read(connection, id, workspace.Time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
            if (read is not var (run, metrics))
            {
                _inProgress.Add(id);
                continue;
            }
            await lines.AddAsync(new ArchiveLine { Run = run }, ArchiveJson.Default.ArchiveLine, cancellationToken).ConfigureAwait(false);
            foreach (var points in RunArchiving.Points(metrics))
            {
                await lines.AddAsync(new ArchiveLine { Points = points }, ArchiveJson.Default.ArchiveLine, cancellationToken)
                    .ConfigureAwait(false);
            }
            var record = await workspace.Store.ReadAsync(
                connection => RunArchiving.Record(connection, id), cancellationToken).ConfigureAwait(false);
            foreach (var line in record)
            {
                await lines.AddAsync(line, ArchiveJson.Default.ArchiveLine, cancellationToken).ConfigureAwait(false);
            }
            _artifacts.UnionWith(RunArchiving.Artifacts(run));
            _runs++;
            progress?.Report(new TransferProgress(lines.Length, lines.Length, _runs, runs.Count));
        }
    }

    private async Task AddVersionsAsync(ArchiveLines lines, IReadOnlyList<ModelVersion> versions, CancellationToken cancellationToken)
    {
        foreach (var version in versions)
        {
            var archived = await workspace.Store.ReadAsync(
                connection => ArchivedVersions.Read(connection, version), cancellationToken).ConfigureAwait(false);
            await lines.AddAsync(archived, ArchiveJson.Default.ArchivedVersion, cancellationToken).ConfigureAwait(false);
            _versions++;
            if (version.Deletion is null) _artifacts.Add(version.PackageId);
            else _deleted++;
        }
    }

    private async Task AddCatalogAsync(ArchiveLines lines, IReadOnlyList<ModelVersion> versions, CancellationToken cancellationToken)
    {
        foreach (var model in versions.GroupBy(version => version.Model, StringComparer.Ordinal))
        {
            var said = model.Where(version => version.Deletion is null).Select(version => version.Version).ToHashSet();
            if (selection.IsEverything || selection.Models.Contains(model.Key)) said.Add(0);
            var entries = await workspace.Store.ReadAsync(
                connection => ArchivedVersions.Catalog(connection, model.Key, said), cancellationToken).ConfigureAwait(false);
            foreach (var entry in entries)
            {
                await lines.AddAsync(entry, ArchiveJson.Default.ArchivedCatalogEntry, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task AddAuditAsync(ArchiveLines lines, CancellationToken cancellationToken)
    {
        var entries = selection.IsEverything
            ? workspace.Store.ReadChainAsync(cancellationToken)
            : workspace.Store.ReadAboutAsync(
                [
                    .. selection.Models.Select(model => $"model:{model}/"),
                    .. selection.Versions.Select(version => RegistryRecords.SubjectOf(version.Model, version.Version)),
                ],
                cancellationToken);
        await foreach (var (entry, previous) in entries.ConfigureAwait(false))
        {
            await lines.AddAsync(
                new ArchivedAudit(
                    entry.Sequence, entry.At, entry.Actor, entry.Action, entry.Subject, entry.Details, entry.Hash, previous),
                ArchiveJson.Default.ArchivedAudit,
                cancellationToken).ConfigureAwait(false);
            _audit++;
        }
    }

    private async Task AddArtifactsAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        // They are to be collected, even where the runs that made them name them.
        var deleted = await workspace.Store.ReadAsync(ModelVersionTable.DeletedPackages, cancellationToken).ConfigureAwait(false);
        var withheld = deleted.ToHashSet();
        var found = new List<(ArtifactId Id, long Size)>();
        foreach (var id in _artifacts.OrderBy(id => id.Hex, StringComparer.Ordinal))
        {
            var info = withheld.Contains(id) ? null : await workspace.Files.FindAsync(id, cancellationToken).ConfigureAwait(false);
            if (info is not null) found.Add((id, info.Size));
            else _released++;
        }

        var count = new TransferCount(progress, found.Sum(each => each.Size), found.Count);
        foreach (var (id, _) in found)
        {
            var from = await workspace.Files.OpenAsync(id, cancellationToken).ConfigureAwait(false);
            await using (from.ConfigureAwait(false))
            {
                var name = ArchiveManifest.ArtifactFolder + id.Hex;
                var to = await OpenAsync(zip, name, cancellationToken).ConfigureAwait(false);
                await using (to.ConfigureAwait(false))
                {
                    var (length, sha) = await HashedCopy.CopyAsync(from, to, bytes => count.Add(bytes), cancellationToken)
                        .ConfigureAwait(false);
                    if (sha != id.Hex) throw VerifyingStream.Damaged(id, name);
                    _entries.Add(new ArchiveEntry(name, length, sha));
                    count.Add(0, 1);
                }
            }
        }
    }

    private async Task<string> AddManifestAsync(ZipArchive zip, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(
            new ArchiveManifest
            {
                Format = ArchiveManifest.CurrentFormat,
                Workspace = workspace.Id,
                CreatedAt = workspace.Time.GetUtcNow(),
                Library = LibraryVersion.Current,
                IsWholeAudit = selection.IsEverything,
                Entries = _entries,
            },
            ArchiveJson.Default.ArchiveManifest);
        var to = await OpenAsync(zip, ArchiveManifest.Name, cancellationToken).ConfigureAwait(false);
        await using (to.ConfigureAwait(false))
        {
            await to.WriteAsync(json, cancellationToken).ConfigureAwait(false);
        }

        return Convert.ToHexStringLower(SHA256.HashData(json));
    }

    private async Task AddAsync(ZipArchive zip, string name, Func<ArchiveLines, Task> write, CancellationToken cancellationToken)
    {
        var to = await OpenAsync(zip, name, cancellationToken).ConfigureAwait(false);
        await using (to.ConfigureAwait(false))
        {
            using var lines = new ArchiveLines(to);
            await write(lines).ConfigureAwait(false);
            _entries.Add(new ArchiveEntry(name, lines.Length, lines.Hash()));
        }
    }

    private static async Task<Stream> OpenAsync(ZipArchive zip, string name, CancellationToken cancellationToken)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = s_entryTime;
        return await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
    }
}
