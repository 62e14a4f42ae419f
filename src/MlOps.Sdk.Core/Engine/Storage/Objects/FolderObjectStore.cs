using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using MlOps.Sdk.Data;

namespace MlOps.Sdk.Storage;

/// <summary>
/// A folder as an object store: the path of a file below it is its key. What is stored is for the account of this process alone. Symbolic
/// links are neither listed nor followed. An ETag is made of the size and the time of a file, so whoever changes files by other means must
/// write new ones and rename them. Thread-safe, and safe against other processes on the same folder.
/// </summary>
public sealed class FolderObjectStore : IObjectStore, IObjectKeys
{
    private const int DefaultPageSize = 10_000;

    // That of the file systems of Linux, Windows and macOS, of which those of Linux count bytes.
    private const int LongestName = 255;
    private readonly string _folder;

    /// <summary>Opens the store; the folder is created when something is stored.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public FolderObjectStore(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        Name = Path.GetFileName(_folder) is { Length: > 0 } name ? name : _folder;
    }

    /// <summary>The name of the folder.</summary>
    public string Name { get; }

    /// <summary>The most objects of a page of a list.</summary>
    internal int PageSize { get; init; } = DefaultPageSize;

    /// <inheritdoc/>
    public async ValueTask<ObjectPage> ListAsync(string prefix, string? page = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var files = await Task.Run(() => Files(prefix, page, cancellationToken), cancellationToken).ConfigureAwait(false);
        files.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        return files.Count <= PageSize ? new ObjectPage(files, null) : new ObjectPage(files[..PageSize], files[PageSize - 1].Key);
    }

    /// <inheritdoc/>
    public ValueTask<Stream> OpenAsync(StoredObject stored, long from, long length, CancellationToken cancellationToken = default)
    {
        ObjectKey.CheckRange(stored, from, length);
        cancellationToken.ThrowIfCancellationRequested();
        var path = PathOf(stored.Key, nameof(stored));
        FileStream? file = null;
        try
        {
            CheckLinks(stored.Key);
            file = new FileStream(path, new FileStreamOptions
            {
                Options = FileOptions.Asynchronous,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
            });
            var stream = new FolderObjectStream(file, stored, from, length, AddressOf(stored.Key));
            stream.CheckUnchanged();
            return ValueTask.FromResult<Stream>(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw ObjectChange.Gone(AddressOf(stored.Key));
        }
        catch (Exception e)
        {
            file?.Dispose();
            if (e is UnauthorizedAccessException) throw Denied(stored.Key, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredObject> PutAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        var path = PathOf(key, nameof(key));
        if (!CanKeep(key))
        {
            throw new ArgumentException(
                $"'{PrintableText.Shorten(key)}' is no key for a folder: the name of a file or a folder may have 255 bytes in UTF-8.",
                nameof(key));
        }
        ArgumentNullException.ThrowIfNull(content);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            CreateFolders(key);
            var file = FolderObjectFile.Begin(path);
            await using (file.ConfigureAwait(false)) return await file.WriteAsync(key, content, cancellationToken).ConfigureAwait(false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(key, e);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        var path = PathOf(key, nameof(key));
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            CheckLinks(key);
            if (!File.Exists(path)) return ValueTask.FromResult(false);
            File.Delete(path);
            return ValueTask.FromResult(true);
        }
        catch (DirectoryNotFoundException)
        {
            return ValueTask.FromResult(false);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(key, e);
        }
    }

    /// <summary>What identifies the content of a file: nobody keeps more of one than its size and its time.</summary>
    internal static string ETagOf(long size, DateTime modifiedUtc) =>
        string.Create(CultureInfo.InvariantCulture, $"{size:x}-{modifiedUtc.Ticks:x}");

    bool IObjectKeys.CanKeep(string key) => CanKeep(key);

    private static bool CanKeep(string key) =>
        ObjectKey.IsValid(key) && key.Split('/').All(part => Encoding.UTF8.GetByteCount(part) <= LongestName);

    private string AddressOf(string key) => $"{Name}/{key}";

    private string PathOf(string key, string name) =>
        Path.Combine(_folder, ObjectKey.Checked(key, name).Replace('/', Path.DirectorySeparatorChar));

    private List<StoredObject> Files(string prefix, string? after, CancellationToken cancellationToken)
    {
        // Only the folder that the prefix leads to is searched, and none outside.
        var folders = prefix.LastIndexOf('/') is >= 0 and var end ? prefix[..end] : "";
        if (folders.Length > 0 && !ObjectKey.IsValid(folders)) return [];
        var root = Path.Combine(_folder, folders.Replace('/', Path.DirectorySeparatorChar));
        if (!Directory.Exists(root)) return [];
        if (folders.Length > 0) CheckLinks($"{folders}/x");
        try
        {
            var options = new EnumerationOptions
            {
                RecurseSubdirectories = true,
                AttributesToSkip = FileAttributes.ReparsePoint,
                IgnoreInaccessible = false,
            };
            var files = new FileSystemEnumerable<StoredObject?>(
                root,
                (ref FileSystemEntry entry) =>
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    var key = Path.GetRelativePath(_folder, entry.ToFullPath()).Replace(Path.DirectorySeparatorChar, '/');
                    var isWanted = key.StartsWith(prefix, StringComparison.Ordinal)
                        && (after is null || string.CompareOrdinal(key, after) > 0)
                        && !FolderObjectFile.IsTemporary(entry.FileName)

                        // A file that was deleted since its name was read seems to be empty.
                        && (entry.Length > 0 || File.Exists(entry.ToFullPath()));
                    return isWanted
                        ? new StoredObject(
                            key, entry.Length, ETagOf(entry.Length, entry.LastWriteTimeUtc.UtcDateTime), entry.LastWriteTimeUtc)
                        : null;
                },
                options)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            };
            return [.. files.OfType<StoredObject>()];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (UnauthorizedAccessException e)
        {
            throw Denied(folders, e);
        }
    }

    private void CreateFolders(string key)
    {
        PrivateFiles.CreateFolder(_folder);
        foreach (var folder in FoldersOf(key))
        {
            if (!Directory.Exists(folder)) PrivateFiles.CreateFolder(folder);
            CheckLink(folder);
        }
    }

    // A link among the folders would lead what is read or written out of the store.
    private void CheckLinks(string key)
    {
        foreach (var folder in FoldersOf(key)) CheckLink(folder);
        var file = Path.Combine(_folder, key.Replace('/', Path.DirectorySeparatorChar));
        if (new FileInfo(file).LinkTarget is not null) throw Linked(file);
    }

    private IEnumerable<string> FoldersOf(string key)
    {
        var path = _folder;
        foreach (var name in key.Split('/')[..^1]) yield return path = Path.Combine(path, name);
    }

    private void CheckLink(string folder)
    {
        if (new DirectoryInfo(folder).LinkTarget is not null) throw Linked(folder);
    }

    private MlOpsException Linked(string path) => new(
        $"'{Path.GetFileName(path)}' is a symbolic link, which could lead out of the folder.",
        "Put the files themselves into the folder.") { DataSource = Name };

    private MlOpsException Denied(string key, Exception e) => new(
        "The folder or a file in it cannot be accessed.",
        "Check that this process may read and write the folder, and that the key is not the name of a folder.",
        e) { DataSource = AddressOf(key) };
}
