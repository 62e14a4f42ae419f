using MlOps.Sdk.Storage;

namespace MlOps.Sdk;

/// <summary>
/// A folder that is made beside its place and moved there when it is whole: what a killed process leaves has another name, and is removed
/// by the next one for the same place. Not thread-safe.
/// </summary>
internal sealed class PartialFolder : IDisposable
{
    private const string LockName = ".lock";
    private const string Mark = ".partial-";
    private const int DigitsCount = 32;

    private readonly string _target;
    private readonly FileStream _lock;
    private bool _isPublished;

    private PartialFolder(string target, string path, FileStream held) => (_target, Path, _lock) = (target, path, held);

    /// <summary>Where to write.</summary>
    public string Path { get; }

    /// <summary>Makes the folder.</summary>
    /// <param name="target">The place: nothing, or an empty folder.</param>
    /// <param name="what">What will be there, for messages: <c>backup</c>.</param>
    /// <exception cref="MlOpsException">There is something at the place, or nothing may be written there.</exception>
    public static PartialFolder Create(string target, string what)
    {
        target = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(target));
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new MlOpsException(
                $"The folder for the {what} is not empty: nothing is written over what is there.",
                "Choose another folder, or move the old one away.") { DataSource = target };
        }
        try
        {
            if (System.IO.Path.GetDirectoryName(target) is not { } parent)
            {
                throw new MlOpsException($"The {what} cannot be the root of a disk.", "Name a folder.") { DataSource = target };
            }
            Directory.CreateDirectory(parent);
            RemoveLeftovers(parent, System.IO.Path.GetFileName(target));
            var path = NameFor(target);
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

    /// <summary>A name beside a place that nobody else has.</summary>
    public static string NameFor(string target) => $"{target}{Mark}{Guid.NewGuid():N}";

    /// <summary>Whether a name is one that <see cref="NameFor"/> made for a place.</summary>
    /// <param name="name">The name of a file or a folder beside it.</param>
    /// <param name="place">The name of the place.</param>
    public static bool IsNameFor(string name, string place) =>
        name.Length == place.Length + Mark.Length + DigitsCount
        && name.StartsWith(place, StringComparison.Ordinal)
        && name.AsSpan(place.Length).StartsWith(Mark, StringComparison.Ordinal)
        && name[^DigitsCount..].All(char.IsAsciiHexDigitLower);

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

    private static void RemoveLeftovers(string parent, string name)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent))
        {
            if (!IsNameFor(System.IO.Path.GetFileName(folder), name)) continue;
            try
            {
                // Without a lock it is somebody else's, or one that begins or ends at this moment.
                var held = System.IO.Path.Combine(folder, LockName);
                if (!File.Exists(held)) continue;
                new FileStream(held, FileMode.Open, FileAccess.ReadWrite, FileShare.None).Dispose();
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
