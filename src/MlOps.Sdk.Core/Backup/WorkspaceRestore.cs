using MlOps.Sdk.Audit;
using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>Verifies backups, and makes workspaces of them.</summary>
internal static class WorkspaceRestore
{
    public static async Task<BackupReport> VerifyAsync(
        string backup, string? knownAuditHead, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        _ = AuditLog.RequireHash(knownAuditHead);
        var reader = await BackupReader.OpenAsync(backup, cancellationToken).ConfigureAwait(false);

        // To check a database, SQLite writes beside it: nothing is written into a backup.
        var temporary = Directory.CreateTempSubdirectory("mlops-verify-").FullName;
        try
        {
            var database = Path.Combine(temporary, BackupManifest.DatabaseName);
            await reader.ReadAsync(
                (from, copied) => HashedCopy.CopyToFileAsync(from, () => PrivateFiles.CreateFile(database), copied, cancellationToken),
                (_, from, copied) => HashedCopy.CopyAsync(from, Stream.Null, copied, cancellationToken),
                progress,
                cancellationToken).ConfigureAwait(false);
            await reader.CheckDatabaseAsync(database, knownAuditHead, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            return reader.Manifest.ToReport(Path.GetFullPath(backup));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The backup cannot be verified: {e.Message}",
                "Provide room for a copy of its database in the temporary folder.",
                e) { DataSource = temporary };
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    public static async Task<BackupReport> RestoreAsync(
        string backup, string path, RestoreOptions options, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _ = AuditLog.RequireHash(options.KnownAuditHead);
        var target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var reader = await BackupReader.OpenAsync(backup, cancellationToken).ConfigureAwait(false);
        using var partial = PartialFolder.Create(target, "workspace");
        try
        {
            var database = Path.Combine(partial.Path, BackupManifest.DatabaseName);
            await reader.ReadAsync(
                (from, copied) => HashedCopy.CopyToFileAsync(from, () => PrivateFiles.CreateFile(database), copied, cancellationToken),
                (id, from, copied) => PutAsync(partial.Path, options.Artifacts, id, from, copied, cancellationToken),
                progress,
                cancellationToken).ConfigureAwait(false);
            await reader.CheckDatabaseAsync(database, options.KnownAuditHead, TimeProvider.System, cancellationToken)
                .ConfigureAwait(false);
            partial.Publish();
            return reader.Manifest.ToReport(target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The workspace cannot be restored: {e.Message}",
                "Check the free space and the permissions of the folder, then restore again. " +
                    (options.Artifacts is null
                        ? "Nothing is left of it."
                        : "Nothing is left of it in the folder; what was put into RestoreOptions.Artifacts stays there, and is whole."),
                e) { DataSource = target };
        }
    }

    private static async Task<(long Length, string Sha256)> PutAsync(
        string folder, IArtifactStore? store, ArtifactId id, Stream from, Action<long> copied, CancellationToken cancellationToken)
    {
        if (store is not null)
        {
            // A store keeps what it is given, under the hash that it has: what is damaged must not get there.
            var (length, sha) = await HashedCopy.CopyAsync(from, Stream.Null, _ => { }, cancellationToken).ConfigureAwait(false);
            if (sha != id.Hex) return (length, sha);
            from.Position = 0;
            var put = await store.PutAsync(from, cancellationToken).ConfigureAwait(false);
            copied(put.Size);
            return (put.Size, put.Id.Hex);
        }
        var path = BackupManifest.PathOf(folder, id);
        PrivateFiles.CreateFolder(Path.Combine(folder, BackupManifest.ArtifactsName));
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        return await HashedCopy.CopyToFileAsync(from, () => PrivateFiles.CreateFile(path), copied, cancellationToken)
            .ConfigureAwait(false);
    }
}
