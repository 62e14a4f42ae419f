using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace MlOps.Sdk.Storage;

/// <summary>
/// Artifacts as files: <c>ab/cdef…</c> below one folder. Thread-safe, and safe against other processes on the same folder.
/// </summary>
internal sealed class FileArtifactStore : IArtifactStore
{
    private const int BufferSize = 128 * 1024;

    // Longer than any put takes; younger files may belong to a living process.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromDays(1);

    private readonly string _root;
    private readonly string _incoming;
    private readonly TimeProvider _clock;

    /// <summary>Opens the folder, creating it where missing, and removes what killed processes left unfinished.</summary>
    /// <exception cref="MlOpsException">The folder cannot be created.</exception>
    public FileArtifactStore(string root, TimeProvider clock, ILogger logger)
    {
        _root = Path.GetFullPath(root);
        _incoming = Path.Combine(_root, ".incoming");
        _clock = clock;
        Guard(_root, () =>
        {
            PrivateFiles.CreateFolder(_root);
            PrivateFiles.CreateFolder(_incoming);
        });
        RemoveLeftovers(logger);
    }

    public Task<ArtifactInfo> PutAsync(Stream content, CancellationToken cancellationToken = default) =>
        PutAsync(content, static (_, _) => Task.CompletedTask, cancellationToken);

    /// <summary>Stores what is left of a stream.</summary>
    /// <param name="content">Read to its end, not disposed.</param>
    /// <param name="keep">Writes down who needs the artifact, before it is there for others.</param>
    /// <param name="cancellationToken">Cancels; then nothing is stored.</param>
    public async Task<ArtifactInfo> PutAsync(
        Stream content, Func<ArtifactId, CancellationToken, Task> keep, CancellationToken cancellationToken)
    {
        var partial = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
        try
        {
            var (id, size) = await WriteAsync(content, partial, cancellationToken).ConfigureAwait(false);
            await keep(id, cancellationToken).ConfigureAwait(false);
            var now = _clock.GetUtcNow();
            File.SetLastWriteTimeUtc(partial, now.UtcDateTime);
            Publish(partial, PathOf(id));
            return new ArtifactInfo(id, size, now);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The artifact cannot be stored: {e.Message}",
                "Check the free space and the permissions of the folder.",
                e) { DataSource = _root };
        }
        finally
        {
            TryDelete(partial);
        }
    }

    public async Task<ArtifactInfo> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        using var stream = new ReadOnlyMemoryStream(content);
        return await PutAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    public Task<Stream> OpenAsync(ArtifactId id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult<Stream>(new VerifyingStream(OpenFile(id), id, PathOf(id)));
    }

    public async Task<byte[]> ReadAllAsync(ArtifactId id, CancellationToken cancellationToken = default)
    {
        using var file = OpenFile(id);
        if (file.Length > Array.MaxLength)
        {
            throw new MlOpsException("The artifact is too large to be read at once.", "Open it as a stream.") { DataSource = PathOf(id) };
        }
        var bytes = new byte[file.Length];
        var read = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return read == bytes.Length && ArtifactId.Of(bytes) == id ? bytes : throw VerifyingStream.Damaged(id, PathOf(id));
    }

    public Task<ArtifactInfo?> FindAsync(ArtifactId id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Find(id));
    }

    /// <summary>Looks an artifact up; <see langword="null"/> where there is none.</summary>
    public ArtifactInfo? Find(ArtifactId id) => Describe(new FileInfo(PathOf(id)), id);

    public Task<bool> DeleteAsync(ArtifactId id, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Delete(id));
    }

    /// <summary>Removes an artifact.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Delete(ArtifactId id)
    {
        var path = PathOf(id);
        var exists = File.Exists(path);
        if (exists) Guard(path, () => File.Delete(path));
        return exists;
    }

    public async IAsyncEnumerable<ArtifactInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        foreach (var folder in new DirectoryInfo(_root).EnumerateDirectories("??"))
        {
            foreach (var file in folder.EnumerateFiles())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (ArtifactId.TryParse(folder.Name + file.Name, out var id) && Describe(file, id) is { } found) yield return found;
            }
        }
    }

    /// <summary>The file of an artifact. An id holds nothing but hexadecimal digits, so no path leaves the folder.</summary>
    internal string PathOf(ArtifactId id) => Path.Combine(_root, id.Hex[..2], id.Hex[2..]);

    private static async Task<(ArtifactId Id, long Size)> WriteAsync(Stream content, string path, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var file = PrivateFiles.CreateFile(path);
            await using (file.ConfigureAwait(false))
            {
                long size = 0;
                int read;
                while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                {
                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    size += read;
                }

                file.Flush(flushToDisk: true);
                return (ArtifactId.FromHash(hash.GetHashAndReset()), size);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// Puts a finished file in its place in one step, over one of the same name: that heals a damaged one and renews its time.
    /// </summary>
    private static void Publish(string partial, string path)
    {
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        try
        {
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && OperatingSystem.IsWindows() && File.Exists(path))
        {
            // Windows does not replace a file that somebody reads; the same bytes are there already.
        }
    }

    private static ArtifactInfo? Describe(FileInfo file, ArtifactId id)
    {
        try
        {
            return new ArtifactInfo(id, file.Length, new DateTimeOffset(file.LastWriteTimeUtc));
        }
        catch (IOException)
        {
            return null;
        }
    }

    private FileStream OpenFile(ArtifactId id)
    {
        var path = PathOf(id);
        try
        {
            return new FileStream(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.Read | FileShare.Delete,
                BufferSize,
                FileOptions.Asynchronous | FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new MlOpsException(
                $"The artifact {id} is missing.",
                "Restore the artifacts folder from a backup, or run the stage that created it again.",
                e) { DataSource = path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The artifact {id} cannot be read: {e.Message}", "Check the permissions of the file.", e) { DataSource = path };
        }
    }

    private void RemoveLeftovers(ILogger logger)
    {
        var oldest = Ticks.Subtract(_clock.GetUtcNow(), LeftoverAge).UtcDateTime;
        var removed = new DirectoryInfo(_incoming)
            .EnumerateFiles()
            .Count(file => file.LastWriteTimeUtc < oldest && TryDelete(file.FullName));
        if (removed > 0) StorageLog.RemovedLeftovers(logger, removed);
    }

    private static bool TryDelete(string path)
    {
        try
        {
            File.Delete(path);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next opening tries again.
            return false;
        }
    }

    private static void Guard(string path, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The artifact folder cannot be written: {e.Message}",
                "Choose a folder that this account may write to.",
                e) { DataSource = path };
        }
    }
}
