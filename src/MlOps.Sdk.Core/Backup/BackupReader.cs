using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Reads a backup, and believes nothing of it: every file is held to its hash, and the database to itself. Used once.</summary>
internal sealed class BackupReader
{
    private const string Remedy =
        "Take another backup. Keep this one if there is none: what is whole in it can be read, but do not trust the rest.";

    // A line for each artifact: far more than any workspace has.
    private const long LongestManifest = 1L << 30;

    private readonly string _folder;

    private BackupReader(string folder, BackupManifest manifest) => (_folder, Manifest) = (folder, manifest);

    public BackupManifest Manifest { get; }

    /// <summary>Opens a backup by its manifest.</summary>
    /// <exception cref="MlOpsException">It is none, is not whole, or is of a newer version of the library.</exception>
    public static async Task<BackupReader> OpenAsync(string backup, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(backup);
        var folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(backup));
        var path = Path.Combine(folder, BackupManifest.FileName);
        if (!File.Exists(path))
        {
            throw new MlOpsException(
                $"The folder is not a whole backup: it has no '{BackupManifest.FileName}'.",
                "Name the folder that BackupAsync made. One whose name ends with '.partial-…' was never finished.")
            {
                DataSource = folder,
            };
        }
        try
        {
            if (new FileInfo(path).Length == 0) throw Bad(path, "it is empty");
            var file = File.OpenRead(path);
            await using (file.ConfigureAwait(false))
            {
                if (file.Length > LongestManifest) throw Bad(path, "it is longer than any manifest is");
                var manifest = await JsonSerializer.DeserializeAsync(file, BackupJson.Default.BackupManifest, cancellationToken)
                    .ConfigureAwait(false);
                Require(manifest, path);
                return new BackupReader(folder, manifest!);
            }
        }
        catch (JsonException e)
        {
            throw Bad(path, e.Message.TrimEnd('.'), e);
        }
        catch (MlOpsException e) when (e.DataSource is null)
        {
            throw Bad(path, e.Problem.TrimEnd('.'), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e);
        }
    }

    /// <summary>Reads every file of the backup, and hands each on as it is read.</summary>
    /// <param name="database">Takes the database.</param>
    /// <param name="artifact">Takes an artifact; <see langword="null"/> to verify it alone.</param>
    /// <param name="progress">Hears how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">A file is missing or is not the one that was written; the first one is named.</exception>
    public async Task ReadAsync(
        Func<Stream, Action<long>, Task<(long Length, string Sha256)>> database,
        Func<ArtifactId, Stream, Action<long>, Task<(long Length, string Sha256)>> artifact,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var count = new TransferCount(progress, Manifest.TotalSize, Manifest.Artifacts.Count + 1);
        await ReadAsync(Path.Combine(_folder, BackupManifest.DatabaseName), Manifest.Database, database).ConfigureAwait(false);
        foreach (var (id, size) in Manifest.Artifacts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ReadAsync(
                BackupManifest.PathOf(_folder, id),
                new BackedUpFile(size, id.Hex),
                (from, copied) => artifact(id, from, copied)).ConfigureAwait(false);
        }

        async Task ReadAsync(string path, BackedUpFile expected, Func<Stream, Action<long>, Task<(long Length, string Sha256)>> read)
        {
            Stream file;
            long length;
            try
            {
                // Asked before it is opened: a pipe has no length, and to open one waits until somebody writes into it.
                length = new FileInfo(path).Length;
                file = length == expected.Size && length > 0
                    ? new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.Asynchronous)
                    : Stream.Null;
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw Damaged(path, "it is missing", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unreadable(path, e);
            }
            await using (file.ConfigureAwait(false))
            {
                if (length != expected.Size)
                {
                    throw Damaged(path, FormattableString.Invariant($"it has {length:N0} bytes where {expected.Size:N0} were written"));
                }
                var (_, sha) = await read(file, bytes => count.Add(bytes)).ConfigureAwait(false);
                if (sha != expected.Sha256) throw Damaged(path, "its content is not what was written");
                count.Add(0, 1);
            }
        }
    }

    /// <summary>Holds the database to the manifest and to its own audit log.</summary>
    /// <param name="database">A copy of it that may be written, which no other process uses.</param>
    /// <param name="knownAuditHead">A hash that the log must have.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MlOpsException">The database is damaged, is not the one of the manifest, or its audit log was changed.</exception>
    public async Task CheckDatabaseAsync(
        string database, string? knownAuditHead, TimeProvider time, CancellationToken cancellationToken)
    {
        var named = Path.Combine(_folder, BackupManifest.DatabaseName);
        var facts = await Task.Run(() => DatabaseCopy.Settle(database), cancellationToken).ConfigureAwait(false);
        if (facts.WorkspaceId != Manifest.Workspace) throw Bad(named, "it is of another workspace than the manifest says");
        if (facts.AuditEntries != Manifest.AuditEntries || facts.AuditHead != Manifest.AuditHead)
        {
            throw Bad(named, "its audit log is not the one of the manifest");
        }
        HashSet<ArtifactId> known = [.. Manifest.Artifacts.Select(each => each.Id), .. Manifest.Lost.Select(each => each.Id)];
        foreach (var (id, isKept) in facts.Artifacts)
        {
            if (isKept && !known.Contains(id)) throw Damaged(BackupManifest.PathOf(_folder, id), "the manifest does not have it");
        }

        var store = await RelationalStore.OpenAsync(database, time, NullLogger.Instance, cancellationToken).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            var log = new AuditLog(store);
            var audit = await log.VerifyAsync(null, cancellationToken).ConfigureAwait(false);
            if (!audit.IsIntact) throw Bad(named, $"its audit log was changed: {audit.Problem!.TrimEnd('.')}");
            if (string.IsNullOrEmpty(knownAuditHead)) return;
            if ((await log.VerifyAsync(knownAuditHead, cancellationToken).ConfigureAwait(false)).IsIntact) return;
            throw new MlOpsException(
                "The audit log of the backup does not have the head that was given.",
                "Give a head of this workspace, from before the backup ended. If it is one, the log was rewritten: use another backup.")
            {
                DataSource = named,
            };
        }
    }

    private static void Require(BackupManifest? manifest, string path)
    {
        if (manifest is null) throw Bad(path, "it is empty");
        if (manifest.Format > BackupManifest.CurrentFormat)
        {
            throw new MlOpsException(
                $"The backup has format {manifest.Format}, and this version of the library reads up to {BackupManifest.CurrentFormat}.",
                "Update the MlOps.Sdk package.") { DataSource = path };
        }
        if (manifest.Format < 1 || manifest.Workspace is null || manifest.Database?.Sha256 is null || manifest.AuditHead is null
            || manifest.Artifacts?.All(each => each is { Size: >= 0 } && each.Id.ToString().Length > 0) != true
            || manifest.Lost?.All(each => each is not null && each.Id.ToString().Length > 0) != true)
        {
            throw Bad(path, "it is not the manifest of a backup");
        }
        var seen = new HashSet<ArtifactId>();
        foreach (var id in manifest.Artifacts.Select(each => each.Id).Concat(manifest.Lost.Select(each => each.Id)))
        {
            if (!seen.Add(id)) throw Bad(path, $"it names the artifact {id.Hex} twice");
        }
    }

    private static MlOpsException Bad(string path, string how, Exception? inner = null) => Bad(Path.GetFileName(path), path, how, inner);

    // An artifact is known by its folder and its name together.
    private MlOpsException Damaged(string path, string how, Exception? inner = null) =>
        Bad(Path.GetRelativePath(_folder, path).Replace('\\', '/'), path, how, inner);

    private static MlOpsException Bad(string name, string path, string how, Exception? inner) =>
        new($"The backup is damaged at '{name}': {how}.", Remedy, inner) { DataSource = path };

    private static MlOpsException Unreadable(string path, Exception e) =>
        new($"The backup cannot be read: {e.Message}", "Check the permissions of the file.", e) { DataSource = path };
}
