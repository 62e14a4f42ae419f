namespace MlOps.Sdk.Storage;

/// <summary>
/// A file on its way into a folder: written beside under another name, and renamed when it is whole. Disposed of before, nothing of it is
/// left. Not thread-safe.
/// </summary>
internal sealed class FolderObjectFile : IAsyncDisposable
{
    private const string Prefix = ".mlops-put-";
    private const string Extension = ".tmp";

    // A file that is closed and not yet renamed is locked by nobody.
    private static readonly TimeSpan LeftoverAge = TimeSpan.FromHours(1);

    // File systems keep times to the microsecond or better, or, as FAT does, to two seconds.
    private static readonly TimeSpan[] s_steps = [TimeSpan.FromMicroseconds(1), TimeSpan.FromSeconds(2)];
    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private bool _completed;

    private FolderObjectFile(string path, string temporary)
    {
        _path = path;
        _temporary = temporary;
        _file = PrivateFiles.CreateFile(temporary);
    }

    /// <summary>Whether a file of this name is one on its way, or was left behind by a process that was killed.</summary>
    public static bool IsTemporary(ReadOnlySpan<char> name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal);

    public static FolderObjectFile Begin(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        RemoveLeftovers(folder);
        return new FolderObjectFile(path, Path.Combine(folder, $"{Prefix}{Guid.NewGuid():N}{Extension}"));
    }

    public async Task<StoredObject> WriteAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        await content.CopyToAsync(_file, cancellationToken).ConfigureAwait(false);
        await _file.FlushAsync(cancellationToken).ConfigureAwait(false);
        _file.Flush(flushToDisk: true);
        var size = _file.Length;
        var time = MarkTime(size);
        await _file.DisposeAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        File.Move(_temporary, _path, overwrite: true);
        _completed = true;
        return new StoredObject(key, size, FolderObjectStore.ETagOf(size, time), time);
    }

    // The clock of a file system stands still for milliseconds, and may be set back: a file that takes the place of one of its size gets a
    // later time, which tells the two apart.
    private DateTime MarkTime(long size)
    {
        var replaced = new FileInfo(_path);
        var time = File.GetLastWriteTimeUtc(_file.SafeFileHandle);
        if (!replaced.Exists || replaced.Length != size || replaced.LastWriteTimeUtc < time) return time;
        foreach (var step in s_steps)
        {
            File.SetLastWriteTimeUtc(_file.SafeFileHandle, replaced.LastWriteTimeUtc + step);
            time = File.GetLastWriteTimeUtc(_file.SafeFileHandle);
            if (time > replaced.LastWriteTimeUtc) break;
        }

        return time;
    }

    public async ValueTask DisposeAsync()
    {
        await _file.DisposeAsync().ConfigureAwait(false);
        if (!_completed) File.Delete(_temporary);
    }

    private static void RemoveLeftovers(string folder)
    {
        var newest = TimeProvider.System.GetUtcNow().UtcDateTime - LeftoverAge;
        foreach (var file in Directory.EnumerateFiles(folder, $"{Prefix}*{Extension}"))
        {
            try
            {
                if (File.GetLastWriteTimeUtc(file) > newest) continue;

                // Whoever lives and writes it shares it with nobody.
                using (new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None))
                {
                    File.Delete(file);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody writes it, or it is gone by now.
            }
        }
    }
}
