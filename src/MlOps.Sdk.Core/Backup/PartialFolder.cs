using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// A folder that is made beside its place and moved there when it is whole: what a killed process leaves has another name, and is removed
/// by the next one for the same place. Not thread-safe.
/// </summary>
internal sealed class PartialFolder : IDisposable
{
    private const string LockName = ".lock";

    // A folder without a lock is one that somebody begins or ends with now, unless it is old.
    private static readonly TimeSpan s_momentOfNoLock = TimeSpan.FromHours(1);

    private readonly string _target;
    private readonly FileStream _lock;
    private bool _isPublished;

    private PartialFolder(string target, string path, FileStream held) => (_target, Path, _lock) = (target, path, held);

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Makes the folder.</summary>
    /// <param name="target">The place: nothing, or an empty folder.</param>
    /// <param name="what">What will be there, for messages: <c>backup</c>.</param>
    /// <param name="time">The clock, which tells what is old.</param>
    /// <exception cref="MlOpsException">There is something at the place, or nothing may be written there.</exception>
    public static PartialFolder Create(string target, string what, TimeProvider time)
    {
        target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new MlOpsException(
                $"The place of the {what} is not empty: nothing is written over what is there.",
                "Choose another folder, or move the old one away.") { DataSource = target };
        }
        try
        {
            if (System.IO.Path.GetDirectoryName(target) is not { } parent)
            {
                throw new MlOpsException($"The {what} cannot be the root of a disk.", "Name a folder.") { DataSource = target };
            }
            Directory.CreateDirectory(parent);
            RemoveLeftovers(parent, System.IO.Path.GetFileName(target), time.GetUtcNow());
            var path = $"{target}.partial-{Guid.NewGuid():N}";
            PrivateFiles.CreateFolder(path);
            return new PartialFolder(target, path, PrivateFiles.CreateFile(System.IO.Path.Combine(path, LockName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new MlOpsException(
                $"The folder of the {what} cannot be created: {e.Message}",
                "Choose a folder that this account may write to.",
                e) { DataSource = target };
        }
    }

    /// <summary>Moves the folder to its place.</summary>
    public void Publish()
    {
        // Where an open file can be deleted, the lock is held until the end.
        if (OperatingSystem.IsWindows()) _lock.Dispose();
        File.Delete(System.IO.Path.Combine(Path, LockName));
        if (Directory.Exists(_target)) Directory.Delete(_target);
        Directory.Move(Path, _target);
        _isPublished = true;
    }

    public void Dispose()
    {
        _lock.Dispose();
        if (!_isPublished) TryRemove(Path);
    }

    private static void RemoveLeftovers(string parent, string name, DateTimeOffset now)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, $"{name}.partial-*"))
        {
            try
            {
                var held = System.IO.Path.Combine(folder, LockName);
                if (!File.Exists(held) && now.UtcDateTime - Directory.GetLastWriteTimeUtc(folder) < s_momentOfNoLock) continue;
                if (File.Exists(held)) new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
                TryRemove(folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody writes there.
            }
        }
    }

    private static void TryRemove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next one removes it.
        }
    }
}
