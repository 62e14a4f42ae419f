using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// Copies a workspace that is in use: first the database as of one moment, then the artifacts that this copy refers to, which nobody
/// deletes meanwhile. Used once.
/// </summary>
internal sealed class WorkspaceBackup(
    RelationalStore store, WorkspaceArtifacts artifacts, string workspacePath, ILogger logger)
{
    // One reads while another writes, and one waits for a store that is far away.
    private const int Copies = 4;

    private readonly ConcurrentBag<BackedUpArtifact> _copied = [];
    private readonly ConcurrentBag<LostArtifact> _lost = [];

    /// <summary>Makes the files of the backup.</summary>
    public Func<string, FileStream> CreateFile { get; init; } = PrivateFiles.CreateFile;

    /// <summary>How many bytes have room below a folder; <see langword="null"/> where it is not known.</summary>
    public Func<string, long?> FreeSpace { get; init; } = FreeSpaceOf;

    /// <summary>Called when the database was copied, and before the artifacts are.</summary>
    public Func<Task>? DatabaseCopied { get; init; }

    public async Task<BackupReport> WriteAsync(
        string destination, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(destination);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(destination));
        RequireElsewhere(target);

        // Of a database that was moved away nothing can be written any more, so that nothing is deleted either.
        var hold = store.IsInPlace ? await GarbageHold.TakeAsync(store, cancellationToken).ConfigureAwait(false) : null;
        try
        {
            using var partial = PartialFolder.Create(target, "backup");
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, hold?.Lost ?? CancellationToken.None);
            var manifest = await FillAsync(partial.Path, progress, end.Token).ConfigureAwait(false);
            partial.Publish();
            BackupLog.BackedUp(logger, target, manifest.Artifacts.Count, manifest.TotalSize);
            if (manifest.Lost.Count > 0) BackupLog.BackedUpWithLosses(logger, target, manifest.Lost.Count, manifest.Lost[0].Problem);
            return manifest.ToReport(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The backup cannot be written: {e.Message}",
                "Check the free space and the permissions of the folder, then back up again. The workspace is as it was, and nothing is " +
                    "left of the backup.",
                e) { DataSource = target };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MlOpsException(
                "The backup was given up: the database could not be written for a minute, so that artifacts may have been deleted.",
                "Look for what kept the database from being written, then back up again.",
                e) { DataSource = target };
        }
        finally
        {
            if (hold is not null) await hold.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void RequireElsewhere(string target)
    {
        var workspace = Path.TrimEndingDirectorySeparator(Path.GetFullPath(workspacePath));
        var comparison = OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        if ((target + Path.DirectorySeparatorChar).StartsWith(workspace + Path.DirectorySeparatorChar, comparison))
        {
            throw new MlOpsException(
                "The backup cannot be inside of its workspace.",
                "Choose a folder elsewhere, best on another disk.") { DataSource = target };
        }
    }

    private async Task<BackupManifest> FillAsync(string folder, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var createdAt = store.Clock.GetUtcNow();
        var database = Path.Combine(folder, BackupManifest.DatabaseName);
        var live = new FileInfo(store.Path);
        RequireSpace(folder, live.Exists ? live.Length : 0);
        await store.BackupAsync(database, cancellationToken).ConfigureAwait(false);
        var facts = await Task.Run(() => DatabaseCopy.Settle(database), cancellationToken).ConfigureAwait(false);
        if (DatabaseCopied is { } copied) await copied().ConfigureAwait(false);

        var sizes = await SizesAsync(facts.Artifacts, cancellationToken).ConfigureAwait(false);
        RequireSpace(folder, sizes.Values.Sum());
        var file = new FileInfo(database);
        var count = new TransferCount(progress, file.Length + sizes.Values.Sum(), facts.Artifacts.Count + 1);
        var sha = await HashAsync(database, count, cancellationToken).ConfigureAwait(false);
        await Parallel.ForEachAsync(
            facts.Artifacts,
            new ParallelOptions { MaxDegreeOfParallelism = Copies, CancellationToken = cancellationToken },
            async (artifact, end) =>
            {
                await CopyAsync(folder, artifact.Key, artifact.Value, count, end).ConfigureAwait(false);
                count.Add(0, 1);
            }).ConfigureAwait(false);
        await RequireReferencedAsync(cancellationToken).ConfigureAwait(false);

        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            Workspace = facts.WorkspaceId,
            CreatedAt = createdAt,
            Library = LibraryVersion.Current,
            Database = new BackedUpFile(file.Length, sha),
            AuditEntries = facts.AuditEntries,
            AuditHead = facts.AuditHead,
            Artifacts = [.. _copied.OrderBy(artifact => artifact.Id.Hex, StringComparer.Ordinal)],
            Lost = [.. _lost.OrderBy(artifact => artifact.Id.Hex, StringComparer.Ordinal)],
        };
        var json = CreateFile(Path.Combine(folder, BackupManifest.FileName));
        await using (json.ConfigureAwait(false))
        {
            await JsonSerializer.SerializeAsync(json, manifest, BackupJson.Default.BackupManifest, cancellationToken)
                .ConfigureAwait(false);
            json.Flush(flushToDisk: true);
        }

        return manifest;
    }

    private async Task<Dictionary<ArtifactId, long>> SizesAsync(
        IReadOnlyDictionary<ArtifactId, bool> needed, CancellationToken cancellationToken)
    {
        var sizes = new Dictionary<ArtifactId, long>();
        await foreach (var artifact in artifacts.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            if (needed.ContainsKey(artifact.Id)) sizes[artifact.Id] = artifact.Size;
        }

        return sizes;
    }

    private async Task CopyAsync(string folder, ArtifactId id, bool isKept, TransferCount count, CancellationToken cancellationToken)
    {
        if (await artifacts.FindAsync(id, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            // What a run was about to put is put again when it is resumed.
            if (isKept) _lost.Add(new LostArtifact(id, $"The artifact {id} is missing."));
            return;
        }

        var path = BackupManifest.PathOf(folder, id);
        PrivateFiles.CreateFolder(Path.Combine(folder, BackupManifest.ArtifactsName));
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        var read = 0L;
        string? damage = null;
        try
        {
            var from = await artifacts.OpenAsync(id, cancellationToken).ConfigureAwait(false);
            await using (from.ConfigureAwait(false))
            {
                var (_, sha) = await HashedCopy.CopyToFileAsync(
                    from,
                    () => CreateFile(path),
                    bytes =>
                    {
                        read += bytes;
                        count.Add(bytes);
                    },
                    cancellationToken).ConfigureAwait(false);
                if (sha != id.Hex) damage = VerifyingStream.Damaged(id, path).Problem;
            }
        }
        catch (MlOpsException e) when (read >= found.Size)
        {
            // Every byte was read, and they are not those that were put. A store that cannot be reached has lost nothing.
            damage = e.Problem;
        }

        if (damage is null)
        {
            _copied.Add(new BackedUpArtifact(id, read));
            return;
        }
        File.Delete(path);
        if (isKept) _lost.Add(new LostArtifact(id, damage));
    }

    // Versions of before 0.2 collect garbage without asking whether somebody copies it.
    private async Task RequireReferencedAsync(CancellationToken cancellationToken)
    {
        if (_lost.IsEmpty || !store.IsInPlace) return;
        var referenced = await store.ReadAsync(ArtifactRefTable.All, cancellationToken).ConfigureAwait(false);
        if (_lost.FirstOrDefault(artifact => !referenced.ContainsKey(artifact.Id)) is { } deleted)
        {
            throw new MlOpsException(
                $"The artifact {deleted.Id} was deleted while the workspace was backed up.",
                "Back up again. Processes with an earlier version of the library must not collect garbage meanwhile.");
        }
    }

    private static async Task<string> HashAsync(string path, TransferCount count, CancellationToken cancellationToken)
    {
        var file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            var (_, sha) = await HashedCopy.CopyAsync(file, Stream.Null, bytes => count.Add(bytes), cancellationToken)
                .ConfigureAwait(false);
            count.Add(0, 1);
            return sha;
        }
    }

    private void RequireSpace(string folder, long bytes)
    {
        if (FreeSpace(folder) is { } free && free < bytes)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"{bytes:N0} bytes are needed, and the disk has room for {free:N0}."));
        }
    }

    private static long? FreeSpaceOf(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
