using System.Diagnostics.CodeAnalysis;

namespace MlOps.Sdk.Collection;

/// <summary>
/// A folder for temporary files of this process: no other user may read it or guess its name, and it is removed when the process ends. A
/// process that was killed cannot do so: the next one removes its folder, which nobody holds any more. Thread-safe.
/// </summary>
internal static class TemporaryFolder
{
    private const string Prefix = "mlops-duckdb-";
    private const string Held = "held";

    private static readonly Lock s_lock = new();
    private static readonly Dictionary<string, (string Path, FileStream Hold)> s_folders = new(StringComparer.Ordinal);

    /// <summary>That within the system's folder for temporary files.</summary>
    public static string Path => Within(System.IO.Path.GetTempPath());

    /// <summary>That within a folder, which is created.</summary>
    public static string Within(string parent)
    {
        lock (s_lock)
        {
            if (s_folders.TryGetValue(parent, out var known) && Directory.Exists(known.Path)) return known.Path;
            known.Hold?.Dispose();
            Directory.CreateDirectory(parent);
            Sweep(parent);
            if (s_folders.Count == 0) AppDomain.CurrentDomain.ProcessExit += (_, _) => RemoveAll();
            s_folders[parent] = Create(parent);
            return s_folders[parent].Path;
        }
    }

    [SuppressMessage("Reliability", "CA2000", Justification = "It is held until the process ends.")]
    private static (string Path, FileStream Hold) Create(string parent)
    {
        var path = System.IO.Path.Combine(parent, $"{Prefix}{Guid.NewGuid():N}");
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return (path, Hold(path, FileMode.CreateNew));
    }

    // The system lets go of it when the process ends, however it ends.
    private static FileStream Hold(string path, FileMode mode) =>
        new(System.IO.Path.Combine(path, Held), mode, FileAccess.ReadWrite, FileShare.None);

    private static void Sweep(string parent)
    {
        foreach (var path in Directory.EnumerateDirectories(parent, $"{Prefix}*").Where(path => new DirectoryInfo(path).LinkTarget is null))
        {
            try
            {
                // A folder of which nobody says that he holds it may be about to be held.
                Hold(path, FileMode.Open).Dispose();
                Directory.Delete(path, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A process that runs holds it, or it is that of another user.
            }
        }
    }

    private static void RemoveAll()
    {
        lock (s_lock)
        {
            foreach (var (path, hold) in s_folders.Values)
            {
                try
                {
                    hold.Dispose();
                    Directory.Delete(path, recursive: true);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // A query that still runs writes there; the next process removes it.
                }
            }
        }
    }
}
